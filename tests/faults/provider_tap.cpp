#include "provider_tap.hpp"

#include <utility>

#include <magna/messages/caf.hpp>

namespace magna::test {

namespace {

struct tap_state {
  using handle_type = provider_actor;
  static constexpr const char* name = "test.tap";

  tap_state(self_pointer<provider_actor> owner, provider_actor behind, std::shared_ptr<tapped> to)
    : self(owner), real(std::move(behind)), notes(std::move(to)) {}

  provider_actor::behavior_type make_behavior() {
    return {
      [this](const lease_request& what) -> caf::result<granted_lease> {
        notes->note(what.holder);
        return self->mail(what).delegate(real);
      },
      [this](const withdraw_request& what) { self->mail(what).send(real); },
      [](const queue_tick&) {},
      [this](const probe& what) -> caf::result<probe_report> { return self->mail(what).delegate(real); },
      [this](const lease_return& what) { self->mail(what).send(real); },
      [](const deadline_tick&) {},
    };
  }

  self_pointer<provider_actor> self;
  provider_actor real;
  std::shared_ptr<tapped> notes;
};

} // namespace

void tapped::note(const generation_actor& generation) {
  const std::lock_guard guard{mutex_};
  generation_ = generation;
}

generation_actor tapped::generation() const {
  const std::lock_guard guard{mutex_};
  return generation_;
}

provider_actor spawn_tap(caf::actor_system& sys, provider_actor real, std::shared_ptr<tapped> notes) {
  return spawn_state<tap_state>(sys, std::move(real), std::move(notes));
}

} // namespace magna::test
