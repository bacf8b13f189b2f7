#include <magna/actors/providers/probe.hpp>

#include <utility>

#include <caf/actor_cast.hpp>

#include <magna/providers/auth.hpp>
#include <magna/providers/known_hosts.hpp>
#include <magna/text/redact.hpp>

namespace magna {

namespace {

/// A model list is long at times, never this long.
constexpr std::size_t max_probe_bytes = std::size_t{8} << 20;

} // namespace

probe_state::probe_state(self_pointer<probe_actor> self, probe_config config)
  : self_(self), config_(std::move(config)), started_(self->clock().now()) {}

probe_state::~probe_state() {
  timer_.dispose();
  if (transfer_)
    config_.http->cancel(*transfer_);
}

probe_actor::behavior_type probe_state::make_behavior() {
  itself_ = probe_actor{self_};
  return {
    [this](const probe&) -> caf::result<probe_report> {
      promise_ = self_->make_response_promise<probe_report>();
      inbox_ = std::make_shared<transfer_inbox>(caf::actor_cast<caf::weak_actor_ptr>(self_));
      transfer_options options;
      options.connect_timeout = config_.deadlines.connect;
      options.max_response_bytes = max_probe_bytes;
      transfer_ =
        config_.http->start(config_.protocol->encode_probe(config_.where, config_.model), options, inbox_);
      timer_ = self_->mail(deadline_tick{})
                 .delay(config_.deadlines.total.value_or(config_.deadlines.first_token))
                 .send(itself_);
      return promise_;
    },
    [this](const transfer_ready&) { on_ready(); },
    [this](const deadline_tick&) {
      finish(response_error{.code = errc::timeout, .message = "no answer to the probe in time"});
    },
  };
}

void probe_state::on_ready() {
  inbox_->take(incoming_);
  if (incoming_.head)
    head_ = std::move(*incoming_.head);
  body_ += incoming_.bytes;
  if (incoming_.ended) {
    transfer_.reset();
    if (incoming_.error)
      finish(response_error{.code = incoming_.error->code, .message = incoming_.error->message});
    else
      judge();
  } else if (incoming_.paused) {
    config_.http->resume(*transfer_);
  }
}

void probe_state::judge() {
  auto error = config_.protocol->judge_probe(head_, body_, config_.model);
  // There a page or a model that the probe does not find says that the server lives, and nothing of the model. Not even
  // a word is due.
  if (error && (error->code == errc::model_not_found || head_.status == 404)
      && !lists_all_models(config_.where.base_url, config_.protocol->about().kind))
    error.reset();
  finish(std::move(error));
}

void probe_state::finish(std::optional<response_error> error) {
  probe_report report{.provider = config_.provider,
                      .model = config_.model,
                      .usable = !error || error->unproven,
                      .latency = self_->clock().now() - started_};
  if (error) {
    report.error = error->code;
    report.message = redact(error->message, secrets_of(config_.where));
  }
  promise_.deliver(std::move(report));
  self_->quit();
}

} // namespace magna
