#include "provider_tap.hpp"

#include <utility>

#include <caf/actor_cast.hpp>

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
      [this](const try_request& task) -> caf::result<attempt_actor> {
        notes->note(caf::actor_cast<generation_actor>(task.sink));
        auto promise = self->template make_response_promise<attempt_actor>();
        self->mail(task)
          .request(real, caf::infinite)
          .then(
            [promise, to = notes](const attempt_actor& made) mutable {
              to->note(made);
              promise.deliver(made);
            },
            [promise](const caf::error& reason) mutable { promise.deliver(reason); });
        return promise;
      },
      [this](const withdraw_request& what) { self->mail(what).send(real); },
      [](const queue_tick&) {},
      [this](const probe& what) -> caf::result<probe_report> { return self->mail(what).delegate(real); },
      [this](const attempt_ended& what) { self->mail(what).send(real); },
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

void tapped::note(const attempt_actor& attempt) {
  const std::lock_guard guard{mutex_};
  attempt_ = attempt;
}

generation_actor tapped::generation() const {
  const std::lock_guard guard{mutex_};
  return generation_;
}

attempt_actor tapped::attempt() const {
  const std::lock_guard guard{mutex_};
  return attempt_;
}

provider_actor spawn_tap(caf::actor_system& sys, provider_actor real, std::shared_ptr<tapped> notes) {
  return spawn_state<tap_state>(sys, std::move(real), std::move(notes));
}

} // namespace magna::test
