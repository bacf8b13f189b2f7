#include <magna/node/remote_attempt.hpp>

#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/typed_message_view.hpp>

namespace magna {

remote_attempt_state::remote_attempt_state(self_pointer<remote_attempt_actor> self,
                                           remote_attempt_config config)
  : self_(self), config_(std::move(config)), started_(self->clock().now()) {}

remote_attempt_actor::behavior_type remote_attempt_state::make_behavior() {
  itself_ = remote_attempt_actor{self_};
  self_->monitor(config_.task.sink, [this](const caf::error&) {
    // The attempt over there watches this actor and ends with it.
    over_ = true;
    self_->quit();
  });
  self_->mail(attempt_started{config_.provider, config_.serial}).send(config_.health_monitor);
  auto task = config_.task;
  task.sink = attempt_sink_actor{self_};
  self_->mail(std::move(task))
    .request(config_.there, caf::infinite)
    .then(
      [this](const attempt_actor& attempt) {
        attempt_ = attempt;
        self_->monitor(attempt_, [this](const caf::error& reason) {
          // When the node is lost, the provider says so.
          if (is_crash(reason) && reason != caf::exit_reason::remote_link_unreachable)
            finish({.error = errc::provider_error,
                    .message = "the attempt's actor on node " + config_.node + " ended: " + to_string(reason),
                    .model = config_.model},
                   errc::provider_error);
        });
        if (pending_grant_ > 0)
          self_->mail(grant{std::exchange(pending_grant_, 0)}).send(attempt_);
      },
      [this](const caf::error& reason) {
        attempt_end end{.error = errc::provider_unavailable,
                        .message = "node " + config_.node + ": " + to_string(reason),
                        .model = config_.model};
        if (const auto known = caf::make_const_typed_message_view<attempt_end>(reason.context()))
          end = caf::get<0>(known);
        const auto verdict = end.error;
        finish(std::move(end), verdict);
      });
  return {
    [this](const cancel_attempt& what) {
      if (attempt_)
        self_->mail(what).send(attempt_);
      else
        self_->mail(withdraw_request{config_.task.attempt_id, attempt_sink_actor{self_}}).send(config_.there);
      if (what.overtaken && !ttft_)
        ttft_ = self_->clock().now() - started_;
      finish({.error = errc::cancelled, .message = "cancelled", .model = config_.model}, errc::cancelled);
    },
    [this](const grant& more) {
      if (attempt_)
        self_->mail(more).send(attempt_);
      else
        pending_grant_ += more.bytes;
    },
    [](const transfer_ready&) {},
    [](const deadline_tick&) {},
    [this](const provider_stopping&) {
      finish({.error = errc::provider_unavailable,
              .message = "node " + config_.node + " is lost",
              .model = config_.model},
             errc::provider_unavailable);
    },
    [this](const delta& what) {
      if (!ttft_)
        ttft_ = self_->clock().now() - started_;
      self_->mail(what).send(config_.task.sink);
    },
    [this](const attempt_end& what) { finish(what, what.error); },
  };
}

void remote_attempt_state::finish(attempt_end end, std::optional<errc> verdict) {
  if (std::exchange(over_, true))
    return;
  end.attempt_id = config_.task.attempt_id;
  attempt_ended outcome{
    .provider = config_.provider,
    .attempt_id = config_.serial,
    .model = end.model,
    .error = verdict,
    .message = end.message,
    .retry_after = end.retry_after,
    .another_key = end.another_key,
    .ttft = ttft_,
    .duration = self_->clock().now() - started_,
  };
  self_->mail(outcome).send(config_.owner);
  self_->mail(std::move(outcome)).send(config_.health_monitor);
  self_->mail(std::move(end)).send(config_.task.sink);
  self_->quit();
}

} // namespace magna
