#include <magna/actors/providers/attempt.hpp>

#include <algorithm>
#include <utility>

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/text/redact.hpp>

namespace magna {

namespace {

/// Bytes of an answer that comes whole: most have less.
constexpr std::size_t usual_answer = 2'048;

/// How long the end of a complete answer's response is awaited.
constexpr std::chrono::seconds linger_time{1};

/// A provider that refuses one parameter may refuse the next; more than these there are not.
constexpr std::size_t max_refusals = 6;

std::string seconds_text(milliseconds value) {
  auto text = std::to_string(value.count() / 1000);
  if (const auto rest = value.count() % 1000; rest != 0) {
    auto digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.' + digits;
  }
  return text + " s";
}

std::string_view setting_of(deadline_kind kind, bool stream) {
  switch (kind) {
    case deadline_kind::response_headers:
      return "response_headers_timeout_seconds";
    case deadline_kind::first_token:
      return "LLM_TIMEOUT_SECONDS or first_token_timeout_seconds";
    case deadline_kind::idle:
      return "LLM_TIMEOUT_SECONDS or idle_timeout_seconds";
    case deadline_kind::total:
      return stream ? "attempt_timeout_seconds" : "LLM_TIMEOUT_SECONDS or attempt_timeout_seconds";
  }
  return {};
}

} // namespace

attempt_state::attempt_state(self_pointer<attempt_actor> self, attempt_config config)
  : self_(self),
    config_(std::move(config)),
    clock_(config_.deadlines, config_.task.question->stream, self->clock().now()),
    started_(self->clock().now()),
    credit_(config_.task.question->stream ? config_.task.initial_credit : std::nullopt) {}

attempt_state::~attempt_state() {
  stop_transfer();
}

attempt_actor::behavior_type attempt_state::make_behavior() {
  itself_ = attempt_actor{self_};
  self_->monitor(config_.task.sink, [this](const caf::error&) { stop(); });
  self_->mail(attempt_started{config_.provider, config_.serial}).send(config_.health_monitor);
  start_transfer();
  arm_timer();
  return {
    [this](const cancel_attempt& what) {
      // Whether the provider would have succeeded stays open: no verdict. The sink has given the attempt up
      // and ignores its end.
      if (phase_ == phase::running) {
        // Without the slow ones the figures would look ever better, and ever more attempts late.
        if (what.overtaken && !ttft_)
          ttft_ = self_->clock().now() - started_;
        report({.error = errc::cancelled, .message = "cancelled"}, errc::cancelled);
      }
      stop();
    },
    [this](const grant& more) {
      if (!credit_.limited())
        return;
      credit_.grant(more.bytes);
      if (phase_ == phase::running && !out_of_credit()) {
        clock_.resume(self_->clock().now());
        pump();
      }
    },
    [this](const transfer_ready&) {
      if (phase_ == phase::lingering) {
        inbox_->take(incoming_);
        if (incoming_.ended)
          stop();
        else if (incoming_.paused)
          config_.http->resume(*transfer_);
      } else if (phase_ == phase::running) {
        pump();
      }
    },
    [this](const deadline_tick&) { on_tick(); },
    [this](const provider_stopping&) {
      if (phase_ == phase::running) {
        // For the request this attempt failed. The provider's health it does not touch: our own actor
        // crashed, once, however many attempts it had; the supervisor judges that.
        flush();
        report(
          {.error = errc::provider_error, .message = "the provider's actor ended", .model = config_.model},
          errc::cancelled);
      }
      stop();
    },
  };
}

void attempt_state::start_transfer() {
  const auto& question = *config_.task.question;
  const auto what = call{
    .question = question,
    .where = config_.where,
    .model = config_.model,
    .stream = question.stream,
    .params = config_.params,
    .defaults = default_parameters(),
    .refused = config_.refused,
  };
  decoder_ = config_.protocol->make_decoder(question.stream);
  inbox_ =
    std::make_shared<transfer_inbox>(caf::actor_cast<caf::weak_actor_ptr>(self_),
                                     transfer_inbox::default_limit, question.stream ? 0 : usual_answer);
  http_status_ = 0;
  transfer_over_ = false;
  transfer_options options;
  options.connect_timeout = config_.deadlines.connect;
  transfer_ = config_.http->start(config_.protocol->encode(what), options, inbox_);
}

void attempt_state::stop_transfer() {
  if (transfer_)
    config_.http->cancel(*std::exchange(transfer_, std::nullopt));
}

void attempt_state::pump() {
  while (phase_ == phase::running) {
    if (out_of_credit()) {
      clock_.pause(self_->clock().now());
      // The decoder has its own copy, and the wait may be long.
      std::string{}.swap(incoming_.bytes);
      break;
    }
    const auto before = text_.size();
    switch (decoder_->next(text_)) {
      case decode_status::text: {
        clock_.on_token(self_->clock().now());
        if (!ttft_)
          ttft_ = self_->clock().now() - started_;
        // At most one of the provider's own deltas goes beyond the credit: text is never held back half.
        if (credit_.limited()) {
          credit_.spend(text_.size() - before);
          if (out_of_credit())
            flush();
        }
        break;
      }
      case decode_status::reasoning:
        clock_.on_token(self_->clock().now());
        break;
      case decode_status::activity:
        clock_.on_activity(self_->clock().now());
        break;
      case decode_status::need_more:
        flush();
        if (!refill()) {
          if (!transfer_over_) {
            arm_timer();
            return;
          }
          on_transfer_end();
        }
        break;
      case decode_status::finished:
        succeed();
        break;
      case decode_status::failed:
        fail(decoder_->error());
        break;
    }
  }
}

bool attempt_state::refill() {
  inbox_->take(incoming_);
  if (incoming_.empty())
    return false;
  if (incoming_.head) {
    http_status_ = incoming_.head->status;
    decoder_->head(*incoming_.head);
    clock_.on_head();
  }
  if (!incoming_.bytes.empty())
    decoder_->feed(incoming_.bytes);
  if (incoming_.ended) {
    transfer_.reset();
    transfer_over_ = true;
    transfer_error_ = incoming_.error;
  } else if (incoming_.paused) {
    config_.http->resume(*transfer_);
  }
  return true;
}

void attempt_state::on_transfer_end() {
  // An error status is told by its body even if the connection broke while it was read, and an answer that
  // was proven complete stays complete.
  if (transfer_error_ && http_status_ < 400 && !decoder_->complete())
    fail({.code = transfer_error_->code, .message = transfer_error_->message, .http_status = http_status_});
  else
    finish();
}

void attempt_state::finish() {
  if (decoder_->end(text_) == decode_status::finished)
    succeed();
  else
    fail(decoder_->error());
}

void attempt_state::flush() {
  if (text_.empty())
    return;
  text_sent_ = true;
  self_->mail(delta{config_.task.attempt_id, std::exchange(text_, {})}).send(config_.task.sink);
}

void attempt_state::succeed() {
  if (!ttft_)
    ttft_ = self_->clock().now() - started_;
  flush();
  const auto& info = decoder_->info();
  report({.model = info.model.empty() ? config_.model : info.model,
          .finish = info.finish.value_or(finish_reason::stop),
          .usage = info.usage,
          .tool_calls = info.tool_calls},
         std::nullopt);
  if (transfer_) {
    phase_ = phase::lingering;
    set_alarm(self_->clock().now() + linger_time);
  } else {
    stop();
  }
}

void attempt_state::fail(response_error error) {
  flush();
  stop_transfer();
  if (!error.refused_parameter.empty() && !text_sent_ && learned_.size() < max_refusals
      && config_.refused.insert(error.refused_parameter).second) {
    logger()->info("[{}] {}: model {} refuses {}; asking again without it", config_.task.question->id,
                   config_.provider, config_.model, error.refused_parameter);
    learned_.push_back(error.refused_parameter);
    start_transfer();
    return;
  }
  const auto& info = decoder_->info();
  attempt_end end{
    .error = error.code,
    .message = redact(error.message, {config_.where.key}),
    .http_status = static_cast<std::uint16_t>(error.http_status != 0 ? error.http_status : http_status_),
    .should_retry = error.should_retry,
    .another_key = config_.another_key,
    .model = info.model.empty() ? config_.model : info.model,
    .usage = info.usage,
    .unsupported = error.unsupported,
  };
  if (error.retry_after)
    end.retry_after = *error.retry_after;
  report(std::move(end), error.code);
  stop();
}

void attempt_state::report(attempt_end end, std::optional<errc> verdict) {
  end.attempt_id = config_.task.attempt_id;
  attempt_ended outcome{
    .provider = config_.provider,
    .attempt_id = config_.serial,
    .model = config_.model,
    .error = verdict,
    .message = end.message,
    .retry_after = end.retry_after,
    .key_index = config_.key_index,
    .another_key = config_.another_key,
    .refused_parameters = learned_,
    .ttft = ttft_,
    .duration = self_->clock().now() - started_,
  };
  // The provider hears first, so that a retry with another key finds this one put aside.
  self_->mail(outcome).send(config_.owner);
  self_->mail(std::move(outcome)).send(config_.health_monitor);
  self_->mail(std::move(end)).send(config_.task.sink);
  phase_ = phase::done;
}

void attempt_state::stop() {
  phase_ = phase::done;
  stop_transfer();
  alarm_.call_off();
  self_->quit();
}

void attempt_state::arm_timer() {
  if (phase_ != phase::running)
    return;
  const auto due = clock_.next();
  // One that is too early is cheaper than to move it with every token: whom it wakes sets the next.
  if (due && !(alarm_.is_set() && alarm_.when() <= *due))
    set_alarm(*due);
}

void attempt_state::set_alarm(steady_time when) {
  alarm_ = config_.alarms->set(when, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

void attempt_state::on_tick() {
  alarm_.call_off();
  if (phase_ == phase::lingering) {
    stop();
    return;
  }
  if (phase_ != phase::running)
    return;
  if (const auto hit = clock_.expired(self_->clock().now())) {
    if (decoder_->complete()) {
      // Some servers keep the connection open after the last word.
      finish();
      return;
    }
    fail({.code = errc::timeout,
          .message = "no sign of " + std::string{to_string(hit->kind)} + " within " + seconds_text(hit->limit)
                     + "; a slow model needs a higher "
                     + std::string{setting_of(hit->kind, config_.task.question->stream)}});
    return;
  }
  arm_timer();
}

} // namespace magna
