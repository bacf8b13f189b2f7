#include <magna/actors/generation.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/messages/utf8.hpp>

namespace magna {

namespace {

/// A factor from 0.8 to 1.2: retries of requests that failed together must not come back together.
double jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.8, 1.2}(engine);
}

std::string seconds(steady_duration value) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(value).count() / 100;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

bool worth_retrying(errc error) {
  switch (error) {
    case errc::rate_limited:
    case errc::timeout:
    case errc::provider_unavailable:
    case errc::provider_error:
    case errc::stream_truncated:
    case errc::deadline_exceeded:
    case errc::overloaded:
      return true;
    default:
      return false;
  }
}

} // namespace

generation_state::generation_state(self_pointer<generation_actor> self, generation_config config)
  : self_(self),
    config_(std::move(config)),
    arrived_(self->clock().now()),
    deadline_(arrived_
              + (question().deadline ? std::chrono::duration_cast<steady_duration>(*question().deadline)
                                     : steady_duration{config_.context.config->request_deadline})),
    credit_(question().initial_credit) {}

generation_state::~generation_state() {
  retry_timer_.dispose();
  deadline_timer_.dispose();
}

generation_actor::behavior_type generation_state::make_behavior() {
  itself_ = generation_actor{self_};
  return {
    [this](const cancel&) {
      abandon(errc::cancelled, "cancelled");
      fail(errc::cancelled, "the request was cancelled", std::nullopt);
    },
    [this](const credit& more) { on_credit(more.bytes); },
    [this](const delta& what) { on_delta(what); },
    [this](const attempt_end& what) { on_attempt_end(what); },
    [this](const open_stream&) {
      begin();
      return accepted{question().id, stream_control_actor{self_}};
    },
    [this](const collect_answer&) -> caf::result<completion> {
      promise_ = self_->template make_response_promise<completion>();
      auto promise = *promise_;
      begin();
      return promise;
    },
    [this](const retry_tick&) { start_attempt_now(); },
    [this](const deadline_tick&) {
      const auto message = "the request's deadline of " + seconds(deadline_ - arrived_) + " has passed";
      abandon(errc::deadline_exceeded, message);
      fail(errc::deadline_exceeded, message, std::nullopt);
    },
  };
}

void generation_state::begin() {
  const auto now = self_->clock().now();
  plan_.emplace(
    candidates(),
    request_plan_config{.max_attempts = config_.context.config->max_attempts,
                        .fallback_on_content_filter = config_.context.config->fallback_on_content_filter,
                        .deadline = deadline_,
                        .jitter = jitter},
    now);
  deadline_timer_ = self_->mail(deadline_tick{}).delay(deadline_ - arrived_).send(itself_);
  carry_out(plan_->first(now));
}

std::vector<candidate> generation_state::candidates() const {
  const auto& all = *config_.context.config;
  const auto table = config_.context.table->providers();
  std::vector<std::string> names = question().providers;
  if (names.empty())
    for (const auto& provider : all.providers)
      names.push_back(provider.name);
  std::vector<candidate> result;
  for (const auto& wanted : names) {
    const auto has_name = [&wanted](const auto& x) { return x.name == wanted; };
    const auto provider = std::find_if(all.providers.begin(), all.providers.end(), has_name);
    const auto entry = std::find_if(table.begin(), table.end(), has_name);
    if (provider == all.providers.end() || std::any_of(result.begin(), result.end(), has_name))
      continue;
    candidate made{.name = wanted, .model = question().model.empty() ? provider->model : question().model};
    if (entry != table.end()) {
      made.unavailable = entry->state == health_state::unavailable;
      made.rest_until = entry->rest_until;
    }
    made.max_attempts = std::max(provider->max_retries.value_or(all.max_retries), std::uint32_t{1});
    made.retry_delay = provider->retry_delay.value_or(all.retry_delay);
    result.push_back(std::move(made));
  }
  return result;
}

void generation_state::carry_out(request_plan::step step) {
  if (const auto* stop = std::get_if<give_up>(&step)) {
    fail(stop->error, stop->message.empty() ? explain(stop->error) : stop->message, stop->retry_after);
    return;
  }
  const auto next = std::get<start_attempt>(step);
  attempt_ = running_attempt{.id = attempt_.id + 1, .candidate = next.candidate, .wait = next.wait};
  if (next.wait > steady_duration::zero()) {
    spdlog::info("[{}] next attempt at {} in {}", question().id, plan_->at(next.candidate).name,
                 seconds(next.wait));
    retry_timer_ = self_->mail(retry_tick{}).delay(next.wait).send(itself_);
  } else {
    start_attempt_now();
  }
}

void generation_state::start_attempt_now() {
  const auto& who = plan_->at(attempt_.candidate);
  attempt_.started = true;
  attempt_.started_at = self_->clock().now();
  attempt_.started_on = caf::make_timestamp();
  text_.clear();
  if (next_seq_ == 0)
    ttft_.reset();
  spdlog::debug("[{}] attempt {} at {}, model {}", question().id, attempt_.id, who.name, who.model);
  try_request task{.attempt_id = attempt_.id,
                   .question = config_.question,
                   .time_left = deadline_ - attempt_.started_at,
                   .initial_credit = streams() ? credit_ : std::nullopt,
                   .sink = attempt_sink_actor{self_}};
  self_->mail(std::move(task))
    .request(config_.context.table->provider(who.name), caf::infinite)
    .then([this, id = attempt_.id](const attempt_actor& handle) { on_attempt_handle(id, handle); },
          [this, id = attempt_.id](const caf::error& reason) {
            // The provider says itself why it starts nothing, or it is not there to say anything.
            attempt_end end{.attempt_id = id,
                            .error = errc::provider_error,
                            .message = "the provider's actor is not there: " + to_string(reason)};
            if (const auto context = caf::make_const_typed_message_view<attempt_end>(reason.context()))
              end = caf::get<0>(context);
            on_attempt_end(end);
          });
}

void generation_state::on_attempt_handle(std::uint64_t id, const attempt_actor& handle) {
  if (id != attempt_.id || over_)
    return;
  attempt_.handle = handle;
  self_->monitor(handle, [this, id](const caf::error& reason) {
    // After a normal end the attempt's own report is on its way.
    if (is_crash(reason))
      on_attempt_end({.attempt_id = id,
                      .error = errc::provider_error,
                      .message = "the attempt's actor ended: " + to_string(reason)});
  });
  // Credit that came while the provider was choosing a key was counted after the attempt's share was sent.
  if (pending_grant_ > 0)
    self_->mail(grant{std::exchange(pending_grant_, 0)}).send(handle);
}

void generation_state::on_delta(const delta& what) {
  if (what.attempt_id != attempt_.id || !attempt_.started || over_)
    return;
  if (!ttft_)
    ttft_ = self_->clock().now() - arrived_;
  if (!streams()) {
    text_ += what.text;
    return;
  }
  delivered_chars_ += count_characters(what.text);
  if (credit_)
    *credit_ -= std::min<std::uint64_t>(*credit_, what.text.size());
  const auto& who = plan_->at(attempt_.candidate);
  self_->mail(chunk{question().id, next_seq_++, who.name, who.model, what.text}).send(config_.requester);
}

void generation_state::on_credit(std::uint64_t bytes) {
  if (!credit_ || over_)
    return;
  *credit_ += bytes;
  if (attempt_.handle)
    self_->mail(grant{bytes}).send(attempt_.handle);
  else if (attempt_.started)
    pending_grant_ += bytes;
}

void generation_state::on_attempt_end(const attempt_end& what) {
  if (what.attempt_id != attempt_.id || !attempt_.started || over_)
    return;
  record(what);
  attempt_.started = false;
  attempt_.handle = nullptr;
  pending_grant_ = 0;
  if (!what.error) {
    complete(what);
    return;
  }
  const auto& who = plan_->at(attempt_.candidate);
  spdlog::warn("[{}] attempt {} at {} failed: {}: {}", question().id, attempt_.id, who.name,
               to_string(*what.error), what.message);
  carry_out(plan_->next(what, delivered_chars_ > 0, self_->clock().now()));
}

void generation_state::abandon(errc error, const std::string& message) {
  if (over_ || !attempt_.started)
    return;
  if (attempt_.handle)
    self_->mail(cancel_attempt{}).send(attempt_.handle);
  record({.attempt_id = attempt_.id, .error = error, .message = message});
  attempt_.started = false;
}

void generation_state::record(const attempt_end& what) {
  const auto& who = plan_->at(attempt_.candidate);
  last_ = what;
  trail_.push_back({.provider = who.name,
                    .model = what.model.empty() ? who.model : what.model,
                    .error = what.error,
                    .message = what.message,
                    .http_status = what.http_status,
                    .started = attempt_.started_on,
                    .wait = attempt_.wait,
                    .duration = self_->clock().now() - attempt_.started_at});
}

void generation_state::complete(const attempt_end& what) {
  const auto& who = plan_->at(attempt_.candidate);
  const auto total = self_->clock().now() - arrived_;
  completion end{.request_id = question().id,
                 .provider = who.name,
                 .model = what.model,
                 .finish = what.finish,
                 .text = std::move(text_),
                 .usage = what.usage,
                 .ttft = ttft_.value_or(total),
                 .total = total,
                 .attempts = std::move(trail_)};
  spdlog::info("[{}] completed by {}, model {}, after {} attempt(s) and {}", end.request_id, end.provider,
               end.model, end.attempts.size(), seconds(total));
  if (promise_)
    promise_->deliver(std::move(end));
  else
    self_->mail(std::move(end)).send(config_.requester);
  leave();
}

void generation_state::fail(errc error, std::string message, std::optional<steady_duration> retry_after) {
  if (over_)
    return;
  failure end{.request_id = question().id,
              .error = error,
              .message = std::move(message),
              .provider = trail_.empty() ? std::string{} : trail_.back().provider,
              .http_status = last_.http_status,
              .retryable = worth_retrying(error),
              .delivered_chars = delivered_chars_,
              .usage = last_.usage};
  if (error == errc::all_providers_failed)
    end.retryable = std::any_of(trail_.begin(), trail_.end(),
                                [](const attempt_record& x) { return x.error && worth_retrying(*x.error); });
  if (retry_after)
    end.retry_after = *retry_after;
  end.attempts = std::move(trail_);
  spdlog::log(error == errc::cancelled ? spdlog::level::info : spdlog::level::warn, "[{}] failed: {}: {}",
              end.request_id, to_string(error), end.message);
  if (promise_)
    promise_->deliver(caf::make_error(error, std::move(end)));
  else
    self_->mail(std::move(end)).send(config_.requester);
  leave();
}

std::string generation_state::explain(errc error) const {
  if (delivered_chars_ > 0)
    return "the answer of " + trail_.back().provider + " broke off after " + std::to_string(delivered_chars_)
           + " characters: " + last_.message;
  if (error != errc::all_providers_failed)
    return (trail_.empty() ? std::string{} : trail_.back().provider + ": ") + last_.message;
  // The last word of each provider, in the order of the chain.
  std::vector<const attempt_record*> last_words;
  for (const auto& record : trail_) {
    const auto same = std::find_if(last_words.begin(), last_words.end(),
                                   [&record](const auto* x) { return x->provider == record.provider; });
    if (same != last_words.end())
      *same = &record;
    else
      last_words.push_back(&record);
  }
  auto text = "all " + std::to_string(last_words.size()) + " providers failed:";
  for (const auto* record : last_words)
    text += (record == last_words.front() ? " " : "; ") + record->provider + ": "
            + to_string(record->error.value_or(errc::provider_error)) + " (" + record->message + ")";
  return text;
}

void generation_state::leave() {
  over_ = true;
  retry_timer_.dispose();
  deadline_timer_.dispose();
  self_->mail(generation_ended{question().id}).send(config_.owner);
  self_->quit();
}

} // namespace magna
