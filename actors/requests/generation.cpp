#include <magna/actors/requests/generation.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/text/utf8.hpp>

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
    case errc::node_lost:
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
                                     : steady_duration{config_.known->config->request_deadline})),
    credit_(question().initial_credit) {}

generation_state::~generation_state() {
  retry_timer_.dispose();
  hedge_timer_.dispose();
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
    [this](const open_stream&) -> caf::result<accepted> {
      // Before all else: `begin` may find at once that nobody can be asked.
      auto promise = self_->template make_response_promise<accepted>();
      promise.deliver(accepted{question().id, stream_control_actor{self_}});
      begin();
      return promise;
    },
    [this](const collect_answer&) -> caf::result<completion> {
      promise_ = self_->template make_response_promise<completion>();
      auto promise = *promise_;
      begin();
      return promise;
    },
    [this](const retry_tick&) {
      if (next_ && !over_)
        start(*std::exchange(next_, std::nullopt));
    },
    [this](const hedge_tick&) { on_hedge_tick(); },
    [this](const deadline_tick&) {
      if (self_->clock().now() < deadline_) {
        arm_deadline();
        return;
      }
      const auto message = "the request's deadline of " + seconds(deadline_ - arrived_) + " has passed";
      abandon(errc::deadline_exceeded, message);
      fail(errc::deadline_exceeded, message, std::nullopt);
    },
  };
}

void generation_state::begin() {
  const auto now = self_->clock().now();
  plan_.emplace(candidates(),
                request_plan_config{.max_attempts = config().max_attempts,
                                    .fallback_on_content_filter = config().fallback_on_content_filter,
                                    .deadline = deadline_,
                                    .jitter = jitter,
                                    .may_retry =
                                      [this](const candidate& who) {
                                        const auto at = self_->clock().now();
                                        if (config_.table->take_retry(who.name, at))
                                          return true;
                                        logger()->info("[{}] no retry at {}: its retry budget is used up",
                                                       question().id, who.name);
                                        return false;
                                      }},
                now);
  arm_deadline();
  carry_out(plan_->first(now));
}

void generation_state::arm_deadline() {
  deadline_alarm_ = config_.alarms->set(deadline_, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

std::vector<candidate> generation_state::candidates() {
  const auto& all = config();
  std::vector<candidate> result;
  result.reserve(all.providers.size());
  const auto add = [&](std::size_t index) {
    const auto& provider = all.providers[index];
    candidate made{.name = provider.name,
                   .model = question().model.empty() ? provider.model : question().model};
    if (const auto* entry = config_.known->find(provider.name, index)) {
      made.unavailable = entry->state == health_state::unavailable;
      made.rest_until = entry->rest_until;
    }
    made.max_attempts = std::max(provider.max_retries.value_or(all.max_retries), std::uint32_t{1});
    made.retry_delay = provider.retry_delay.value_or(all.retry_delay);
    result.push_back(std::move(made));
  };
  if (question().providers.empty()) {
    for (std::size_t i = 0; i < all.providers.size(); ++i)
      add(i);
    return result;
  }
  for (const auto& wanted : question().providers) {
    const auto found = std::ranges::find(all.providers, wanted, &provider_settings::name);
    if (found != all.providers.end() && std::ranges::find(result, wanted, &candidate::name) == result.end())
      add(static_cast<std::size_t>(found - all.providers.begin()));
  }
  return result;
}

provider_actor generation_state::provider_of(std::size_t candidate) const {
  const auto& who = plan_->at(candidate).name;
  const auto now = config_.table->now();
  const auto* then = config_.known->find(who);
  // A restarted provider has a new actor. After a reload, though, the table is not about the providers that
  // this request was checked against.
  if (now->config != config_.known->config && then != nullptr && then->handle)
    return then->handle;
  const auto* found = now->find(who);
  return found != nullptr ? found->handle : provider_actor{};
}

void generation_state::carry_out(request_plan::step step) {
  if (const auto* stop = std::get_if<give_up>(&step)) {
    fail(stop->error, stop->message.empty() ? explain(stop->error) : stop->message, stop->retry_after);
    return;
  }
  const auto* next = std::get_if<start_attempt>(&step);
  if (next == nullptr)
    return;
  if (next->wait > steady_duration::zero()) {
    logger()->info("[{}] next attempt at {} in {}", question().id, plan_->at(next->candidate).name,
                   seconds(next->wait));
    next_ = *next;
    retry_timer_ = self_->mail(retry_tick{}).delay(next->wait).send(itself_);
  } else {
    start(*next);
  }
}

void generation_state::start(const start_attempt& next) {
  const auto& who = plan_->at(next.candidate);
  const auto now = self_->clock().now();
  if (!next.again)
    config_.table->count_first_attempt(who.name, now);
  const auto& made = running_.emplace_back(attempt{.id = ++last_id_,
                                                   .candidate = next.candidate,
                                                   .wait = next.wait,
                                                   .started_at = now,
                                                   .started_on = caf::make_timestamp(),
                                                   .provider = provider_of(next.candidate),
                                                   .handle = {}});
  if (running_.size() == 1) {
    text_.clear();
    if (next_seq_ == 0)
      ttft_.reset();
    arm_hedge();
  }
  logger()->debug("[{}] attempt {} at {}, model {}", question().id, made.id, who.name, who.model);
  try_request task{.attempt_id = made.id,
                   .question = config_.question,
                   .time_left = deadline_ - now,
                   .initial_credit = streams() ? credit_.left() : std::nullopt,
                   .sink = attempt_sink_actor{self_}};
  self_->mail(std::move(task))
    .request(made.provider, caf::infinite)
    .then([this, id = made.id](const attempt_actor& handle) { on_attempt_handle(id, handle); },
          [this, id = made.id](const caf::error& reason) {
            // The provider says itself why it starts nothing, or it is not there to say anything.
            attempt_end end{.attempt_id = id,
                            .error = errc::provider_error,
                            .message = "the provider's actor is not there: " + to_string(reason)};
            if (const auto context = caf::make_const_typed_message_view<attempt_end>(reason.context()))
              end = caf::get<0>(context);
            on_attempt_end(end);
          });
}

void generation_state::arm_hedge() {
  if (!question().hedge.value_or(config().hedge))
    return;
  const auto known = config_.table->late_after(plan_->at(running_.front().candidate).name);
  hedge_timer_.dispose();
  hedge_timer_ = self_->mail(hedge_tick{}).delay(known.value_or(config().hedge_delay)).send(itself_);
}

void generation_state::on_hedge_tick() {
  if (over_ || winner_ || running_.size() != 1)
    return;
  const auto now = self_->clock().now();
  const auto& late = plan_->at(running_.front().candidate).name;
  // A hedge is traffic that an outage must not multiply, as a retry is.
  if (!plan_->can_hedge(now) || !config_.table->take_retry(late, now))
    return;
  if (const auto next = plan_->hedge(now)) {
    logger()->info("[{}] {} is late; asking {} as well", question().id, late,
                   plan_->at(next->candidate).name);
    start(*next);
  }
}

generation_state::attempts::iterator generation_state::find(std::uint64_t id) {
  return over_ ? running_.end() : std::ranges::find(running_, id, &attempt::id);
}

void generation_state::on_attempt_handle(std::uint64_t id, const attempt_actor& handle) {
  const auto found = find(id);
  if (found == running_.end()) {
    // Given up while it was being started. Its sink is still there, so it would not notice by itself.
    self_->mail(cancel_attempt{}).send(handle);
    return;
  }
  found->handle = handle;
  self_->monitor(handle, [this, id](const caf::error& reason) {
    // After a normal end the attempt's own report is on its way.
    if (is_crash(reason))
      on_attempt_end({.attempt_id = id,
                      .error = errc::provider_error,
                      .message = "the attempt's actor ended: " + to_string(reason)});
  });
  // Credit that came while the provider was choosing a key was counted after the attempt's share was sent.
  if (found->pending_grant > 0)
    self_->mail(grant{std::exchange(found->pending_grant, 0)}).send(handle);
}

void generation_state::win(std::uint64_t id) {
  if (winner_ == id)
    return;
  winner_ = id;
  hedge_timer_.dispose();
  abandon(errc::cancelled, "another provider was faster", id);
}

void generation_state::on_delta(const delta& what) {
  const auto found = find(what.attempt_id);
  if (found == running_.end())
    return;
  const auto candidate = found->candidate;
  win(what.attempt_id);
  if (!ttft_)
    ttft_ = self_->clock().now() - arrived_;
  if (!streams()) {
    text_ += what.text;
    return;
  }
  delivered_chars_ += count_characters(what.text);
  config_.delivered_chars->store(delivered_chars_);
  credit_.spend(what.text.size());
  const auto& who = plan_->at(candidate);
  self_->mail(chunk{question().id, next_seq_++, who.name, who.model, what.text}).send(config_.requester);
}

void generation_state::on_credit(std::uint64_t bytes) {
  if (!credit_.limited() || over_)
    return;
  credit_.grant(bytes);
  for (auto& x : running_) {
    if (x.handle)
      self_->mail(grant{bytes}).send(x.handle);
    else
      x.pending_grant += bytes;
  }
}

void generation_state::on_attempt_end(const attempt_end& what) {
  const auto found = find(what.attempt_id);
  if (found == running_.end())
    return;
  const auto ended = std::move(*found);
  running_.erase(found);
  if (!what.error) {
    win(ended.id);
    record(ended, what);
    complete(ended, what);
    return;
  }
  record(ended, what);
  winner_.reset();
  const auto& who = plan_->at(ended.candidate);
  logger()->warn("[{}] attempt {} at {} failed: {}: {}", question().id, ended.id, who.name,
                 to_string(*what.error), what.message);
  carry_out(plan_->next(ended.candidate, what, delivered_chars_ > 0, self_->clock().now()));
}

void generation_state::abandon(errc error, const std::string& message, std::optional<std::uint64_t> except) {
  for (auto i = running_.begin(); i != running_.end();) {
    if (i->id == except) {
      ++i;
      continue;
    }
    if (i->handle)
      self_->mail(cancel_attempt{.overtaken = except.has_value()}).send(i->handle);
    else if (i->provider)
      self_->mail(withdraw_request{i->id, attempt_sink_actor{self_}}).send(i->provider);
    plan_->withdraw(i->candidate);
    record(*i, {.attempt_id = i->id, .error = error, .message = message});
    i = running_.erase(i);
  }
}

void generation_state::record(const attempt& which, const attempt_end& what) {
  const auto& who = plan_->at(which.candidate);
  last_ = what;
  trail_.push_back({.provider = who.name,
                    .model = what.model.empty() ? who.model : what.model,
                    .error = what.error,
                    .message = what.message,
                    .http_status = what.http_status,
                    .started = which.started_on,
                    .wait = which.wait,
                    .duration = self_->clock().now() - which.started_at});
}

void generation_state::complete(const attempt& which, const attempt_end& what) {
  const auto& who = plan_->at(which.candidate);
  const auto total = self_->clock().now() - arrived_;
  completion end{.request_id = question().id,
                 .provider = who.name,
                 .model = what.model,
                 .finish = what.finish,
                 .text = std::move(text_),
                 .usage = what.usage,
                 .ttft = ttft_.value_or(total),
                 .total = total,
                 .attempts = std::move(trail_),
                 .tool_calls = what.tool_calls};
  logger()->info("[{}] completed by {}, model {}, after {} attempt(s) and {}", end.request_id, end.provider,
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
  // An attempt that still runs beside the one that decided says nothing about the failure.
  const auto last = last_;
  auto provider = trail_.empty() ? std::string{} : trail_.back().provider;
  abandon(errc::cancelled, "another provider's failure ended the request");
  failure end{.request_id = question().id,
              .error = error,
              .message = std::move(message),
              .provider = std::move(provider),
              .http_status = last.http_status,
              .retryable = worth_retrying(error),
              .delivered_chars = delivered_chars_,
              .usage = last.usage};
  if (error == errc::all_providers_failed)
    end.retryable = std::any_of(trail_.begin(), trail_.end(),
                                [](const attempt_record& x) { return x.error && worth_retrying(*x.error); });
  if (retry_after)
    end.retry_after = *retry_after;
  end.attempts = std::move(trail_);
  logger()->log(error == errc::cancelled ? spdlog::level::info : spdlog::level::warn, "[{}] failed: {}: {}",
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
  const auto one_provider = std::ranges::all_of(
    trail_, [this](const attempt_record& x) { return x.provider == trail_.front().provider; });
  if (error != errc::all_providers_failed && (error != errc::invalid_request || one_provider))
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
  auto text = error == errc::invalid_request
                ? std::string{"no provider can do what is asked:"}
                : "all " + std::to_string(last_words.size()) + " providers failed:";
  for (const auto* record : last_words)
    text += (record == last_words.front() ? " " : "; ") + record->provider + ": "
            + to_string(record->error.value_or(errc::provider_error)) + " (" + record->message + ")";
  return text;
}

void generation_state::leave() {
  over_ = true;
  retry_timer_.dispose();
  hedge_timer_.dispose();
  deadline_alarm_.call_off();
  self_->quit();
}

} // namespace magna
