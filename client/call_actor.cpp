#include <magna/client/call_actor.hpp>

#include <utility>

#include <caf/actor_cast.hpp>

#include <magna/client/client_call.hpp>
#include <magna/client/expected.hpp>

namespace magna {

namespace {

/// How long after a cancel the request's own end, which says more than ours, is waited for.
constexpr std::chrono::seconds grace{1};

} // namespace

call_state::call_state(self_pointer<call_actor> self, service_actor service, shared_request question,
                       std::shared_ptr<client_call> target, std::chrono::nanoseconds patience,
                       std::shared_ptr<alarm_clock> alarms)
  : self_(self),
    service_(std::move(service)),
    question_(std::move(question)),
    target_(std::move(target)),
    give_up_at_(self->clock().now() + std::chrono::duration_cast<steady::duration>(patience)),
    last_message_("no end came in time, neither an answer nor an error"),
    alarms_(std::move(alarms)) {}

call_state::~call_state() {
  target_->end(target_->make_failure(errc::cancelled, "the request's actor was ended"));
}

call_actor::behavior_type call_state::make_behavior() {
  arm();
  send_request();
  return {
    [this](const started& what) { target_->begin_attempt(what); },
    [this](chunk& what) {
      if (target_->deliver(std::move(what)))
        return;
      self_->mail(cancel{target_->id()}).send(service_);
      end(target_->make_failure(errc::provider_error, "the answer is longer than 32 MiB"));
    },
    [this](const completion& what) { end(what); },
    [this](const failure& what) { end(what); },
    [this](const cancel& what) {
      if (control_)
        self_->mail(what).send(control_);
      else
        self_->mail(what).send(service_);
      hurry(errc::cancelled, "the request was cancelled");
    },
    [this](const credit& what) {
      if (control_)
        self_->mail(what).send(control_);
      else
        self_->mail(what).send(service_);
    },
    [this](const node_down& what) { hurry(errc::node_lost, what.reason); },
    [this](const deadline_tick&) { on_tick(); },
  };
}

void call_state::send_request() {
  const auto refused = [this](const caf::error& reason) { end(to_failure(reason)); };
  if (target_->streams())
    self_->mail(*question_, requester_actor{self_})
      .request(service_, caf::infinite)
      .then([this](const accepted& what) { control_ = what.control; }, refused);
  else
    self_->mail(*question_)
      .request(service_, caf::infinite)
      .then([this](const completion& what) { end(what); }, refused);
}

void call_state::end(completion what) {
  target_->end(std::move(what));
  self_->quit();
}

void call_state::end(failure what) {
  if (what.request_id.empty())
    what.request_id = target_->id();
  target_->end(std::move(what));
  self_->quit();
}

void call_state::hurry(errc error, std::string message) {
  const auto soon = self_->clock().now() + grace;
  if (give_up_at_ <= soon)
    return;
  give_up_at_ = soon;
  last_error_ = error;
  last_message_ = std::move(message);
  arm();
}

void call_state::arm() {
  alarm_ = alarms_->set(give_up_at_, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

void call_state::on_tick() {
  self_->mail(cancel{target_->id()}).send(service_);
  end(target_->make_failure(last_error_, last_message_));
}

} // namespace magna
