#include <magna/actors/requests/generation.hpp>

#include <algorithm>
#include <utility>

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/requests/candidates.hpp>
#include <magna/actors/requests/failure_text.hpp>
#include <magna/text/duration.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace {

constexpr std::string_view unreadable = "the answer could not be read";

} // namespace

generation_state::generation_state(self_pointer<generation_actor> self, generation_config config)
  : self_(self),
    config_(std::move(config)),
    arrived_(self->clock().now()),
    deadline_(arrived_
              + (question().deadline ? std::chrono::duration_cast<steady_duration>(*question().deadline)
                                     : steady_duration{config_.known->config->request_deadline})),
    credit_(streams() ? question().initial_credit : std::nullopt),
    delivery_(config_.known->config->commit_on_reasoning) {}

generation_state::~generation_state() {
  retry_timer_.dispose();
  hedge_timer_.dispose();
  if (over_)
    return;
  // A crash: this actor's last act is the request's one end. Without memory for it the leases still go back.
  try {
    logger()->error("[{}] the request's actor crashed", question().id);
    abandon(errc::cancelled, "the request's actor crashed");
    break_off(errc::provider_error, "the request's actor crashed", std::nullopt);
  } catch (...) {
    over_ = true;
  }
}

generation_actor::behavior_type generation_state::make_behavior() {
  itself_ = generation_actor{self_};
  return {
    [this](started& what) { on_word(std::move(what)); },
    [this](chunk& what) { on_word(std::move(what)); },
    [this](completion& what) { on_word(std::move(what)); },
    [this](failure& what) { on_word(std::move(what)); },
    [this](const cancel&) {
      abandon(errc::cancelled, "cancelled");
      fail(errc::cancelled, "the request was cancelled", std::nullopt);
    },
    [this](const credit& more) { on_credit(more.bytes); },
    [this](const open_stream&) -> caf::result<accepted> {
      // Before all else: `begin` may find at once that no provider can be asked.
      auto promise = self_->make_response_promise<accepted>();
      promise.deliver(accepted{question().id, stream_control_actor{self_}});
      begin();
      return promise;
    },
    [this](const collect_answer&) -> caf::result<completion> {
      promise_ = self_->make_response_promise<completion>();
      auto promise = *promise_;
      begin();
      return promise;
    },
    [this](const transfer_ready&) { advance(); },
    [this](const provider_stopping& what) { on_provider_stopping(what); },
    [this](const retry_tick&) {
      if (next_ && !over_)
        start(*std::exchange(next_, std::nullopt));
    },
    [this](const hedge_tick&) { on_hedge_tick(); },
    [this](const deadline_tick&) { on_alarm(); },
  };
}

// -- routing ------------------------------------------------------------------------------------------------

void generation_state::begin() {
  config_.watchers->tell(request_event{config_.question});
  const auto now = self_->clock().now();
  const auto may_retry = [this](const candidate& x) {
    const auto* provider = config_.known->find(x.name);
    if (provider == nullptr || provider->meter->take_retry(config().retry_budget, self_->clock().now()))
      return true;
    logger()->info("[{}] no retry at {}: its retry budget is used up", question().id, x.name);
    return false;
  };
  plan_.emplace(candidates_for(question(), *config_.known, now),
                request_plan_config{.max_attempts = question().max_attempts.value_or(config().max_attempts),
                                    .fallback_on_invalid_request = config().fallback_on_invalid_request,
                                    .fallback_on_content_filter = config().fallback_on_content_filter,
                                    .deadline = deadline_,
                                    .jitter = retry_jitter,
                                    .may_retry = may_retry},
                now);
  arm_alarm();
  carry_out(plan_->first(now));
}

void generation_state::carry_out(request_plan::step step) {
  if (const auto* stop = std::get_if<give_up>(&step)) {
    // Providers that gave a place are not full: a limit of this process or its host kept them from being asked.
    const auto is_told = stop->message.empty() || (stop->error == errc::overloaded && hit_own_limit_);
    auto message =
      is_told ? failure_text(stop->error, trail_, last_.message, delivery_.chars()) : stop->message;
    fail(stop->error, std::move(message), stop->retry_after);
    return;
  }
  const auto* next = std::get_if<start_attempt>(&step);
  if (next == nullptr)
    return;
  if (next->wait > steady_duration::zero()) {
    logger()->info("[{}] next attempt at {} in {}", question().id, plan_->at(next->candidate).name,
                   readable_duration(next->wait));
    next_ = *next;
    retry_timer_ = self_->mail(retry_tick{}).delay(next->wait).send(itself_);
  } else {
    start(*next);
  }
}

void generation_state::start(const start_attempt& next) {
  const auto& candidate = plan_->at(next.candidate);
  const auto now = self_->clock().now();
  if (const auto* provider = config_.known->find(candidate.name); provider != nullptr && !next.again)
    provider->meter->count_first_attempt(now);
  const auto& begun =
    running_.emplace_back(attempt{.id = ++last_id_,
                                  .candidate = next.candidate,
                                  .wait = next.wait,
                                  .started_at = now,
                                  .started_on = caf::make_timestamp(),
                                  .provider = provider_for(candidate.name, *config_.known, *config_.table),
                                  .lease = nullptr,
                                  .exchange = nullptr,
                                  .ttft = {}});
  if (running_.size() == 1) {
    text_.clear();
    if (!delivery_.committed())
      ttft_.reset();
    arm_hedge();
  }
  config_.watchers->tell(
    attempt_start_event{config_.question, begun.id, candidate.name, candidate.model, next.wait});
  self_
    ->mail(lease_request{.attempt_id = begun.id,
                         .question = config_.question,
                         .model = candidate.model,
                         .time_left = deadline_ - now,
                         .holder = itself_})
    .request(begun.provider, caf::infinite)
    .then([this, id = begun.id](const granted_lease& granted) { on_lease(id, granted.place); },
          [this, id = begun.id](const caf::error& reason) { on_attempt_end(id, refusal_end(reason)); });
}

void generation_state::arm_hedge() {
  if (!question().hedge.value_or(config().hedge))
    return;
  const auto* provider = config_.known->find(plan_->at(running_.front().candidate).name);
  const auto usual = provider != nullptr ? provider->meter->late_after() : std::nullopt;
  hedge_timer_.dispose();
  hedge_timer_ = self_->mail(hedge_tick{}).delay(usual.value_or(config().hedge_delay)).send(itself_);
}

void generation_state::on_hedge_tick() {
  if (over_ || winner_ || running_.size() != 1)
    return;
  const auto now = self_->clock().now();
  const auto& late = plan_->at(running_.front().candidate).name;
  const auto* provider = config_.known->find(late);
  // A hedge is traffic that an outage must not multiply, as a retry is.
  if (!plan_->can_hedge(now)
      || (provider != nullptr && !provider->meter->take_retry(config().retry_budget, now)))
    return;
  if (const auto next = plan_->hedge(now)) {
    logger()->info("[{}] {} is late; asking {} as well", question().id, late,
                   plan_->at(next->candidate).name);
    start(*next);
  }
}

// -- attempts -----------------------------------------------------------------------------------------------

generation_state::attempts::iterator generation_state::find(std::uint64_t id) {
  return over_ ? running_.end() : std::ranges::find(running_, id, &attempt::id);
}

void generation_state::on_lease(std::uint64_t id, const std::shared_ptr<lease>& granted) {
  const auto found = find(id);
  // Given up meanwhile. The lease goes back by itself.
  if (found == running_.end())
    return;
  found->lease = granted;
  found->granted_at = self_->clock().now();
  auto problem = guarded("the provider could not be asked", [&]() -> std::optional<exchange_news> {
    found->exchange = granted->open({self_, config_.question, deadline_, credit_});
    found->exchange->start(found->granted_at);
    return std::nullopt;
  });
  if (problem) {
    // The request could not be written, which is not the provider's fault.
    problem->end->counts = false;
    take_in(id, std::move(*problem));
    return;
  }
  advance(id);
  arm_alarm();
}

void generation_state::on_word(exchange::word what) {
  for (auto& x : running_) {
    if (x.exchange && x.exchange->hear(what, self_->current_sender())) {
      advance(x.id);
      arm_alarm();
      return;
    }
  }
}

void generation_state::on_provider_stopping(const provider_stopping& what) {
  const auto found = std::ranges::find_if(
    running_, [&what](const attempt& x) { return x.lease && x.lease->serial() == what.serial; });
  if (over_ || found == running_.end())
    return;
  // What has arrived is the requester's.
  const auto id = found->id;
  advance(id);
  if (find(id) != running_.end())
    on_attempt_end(id, {.result = {.error = what.error, .message = what.message}, .counts = what.counts});
}

void generation_state::advance() {
  for (std::size_t i = 0; i < running_.size();) {
    const auto id = running_[i].id;
    advance(id);
    // An end may take attempts out, and start others.
    if (i < running_.size() && running_[i].id == id)
      ++i;
  }
  arm_alarm();
}

void generation_state::advance(std::uint64_t id) {
  for (;;) {
    const auto found = find(id);
    if (found == running_.end() || !found->exchange)
      return;
    auto news = guarded(unreadable, [&] { return found->exchange->next(self_->clock().now()); });
    if (!news || !take_in(id, std::move(*news)))
      return;
  }
}

bool generation_state::take_in(std::uint64_t id, exchange_news news) {
  // Text of an answer that is collected, and has failed, is nothing that anybody gets.
  const bool is_lost = !streams() && news.end && news.end->result.error;
  if (!news.parts.empty() && !is_lost) {
    win(id);
    deliver(*find(id), std::move(news.parts));
  }
  if (!news.end)
    return true;
  on_attempt_end(id, std::move(*news.end));
  return false;
}

void generation_state::win(std::uint64_t id) {
  if (winner_ == id)
    return;
  winner_ = id;
  hedge_timer_.dispose();
  abandon(errc::cancelled, "another provider was faster", id);
}

void generation_state::deliver(attempt& which, std::vector<part> parts) {
  const auto now = self_->clock().now();
  if (!which.ttft)
    which.ttft = now - which.granted_at;
  if (!ttft_ && has_text(parts))
    ttft_ = now - arrived_;
  if (!streams()) {
    for (const auto& x : parts)
      text_ += x.bytes;
    return;
  }
  if (delivery_.begins(which.id))
    self_->mail(announcement(which)).send(config_.requester);
  self_->mail(delivery_.take(std::move(parts))).send(config_.requester);
}

started generation_state::announcement(const attempt& which) const {
  const auto& candidate = plan_->at(which.candidate);
  started result{question().id, static_cast<std::uint32_t>(which.id), candidate.name, {}};
  if (which.exchange)
    result.model = which.exchange->model();
  if (result.model.empty())
    result.model = candidate.model;
  return result;
}

void generation_state::on_credit(std::uint64_t bytes) {
  if (!credit_.limited() || over_)
    return;
  credit_.grant(bytes);
  const auto now = self_->clock().now();
  for (auto& x : running_)
    if (x.exchange)
      x.exchange->on_credit(bytes, now);
  advance();
}

void generation_state::arm_alarm() {
  if (over_)
    return;
  auto due = deadline_;
  for (const auto& x : running_)
    if (x.exchange)
      due = std::min(due, x.exchange->alarm().value_or(deadline_));
  // The alarm may go off too early and is then set again. That costs less than moving it with every token.
  if (!alarm_.is_set() || alarm_.when() > due)
    alarm_ = config_.alarms->set(due, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

void generation_state::on_alarm() {
  if (over_)
    return;
  alarm_.call_off();
  const auto now = self_->clock().now();
  if (now >= deadline_) {
    const auto message =
      "the request's deadline of " + readable_duration(deadline_ - arrived_) + " has passed";
    abandon(errc::deadline_exceeded, message);
    fail(errc::deadline_exceeded, message, std::nullopt);
    return;
  }
  for (std::size_t i = 0; i < running_.size();) {
    const auto id = running_[i].id;
    if (running_[i].exchange)
      if (auto news = guarded(unreadable, [&] { return running_[i].exchange->on_alarm(now); }))
        take_in(id, std::move(*news));
    if (i < running_.size() && running_[i].id == id)
      ++i;
  }
  arm_alarm();
}

void generation_state::on_attempt_end(std::uint64_t id, exchange_end end) {
  const auto found = find(id);
  if (found == running_.end())
    return;
  auto ended = std::move(*found);
  running_.erase(found);
  if (!end.result.error) {
    win(ended.id);
    record(ended, end);
    complete(ended, std::move(end));
    return;
  }
  record(ended, end);
  winner_.reset();
  carry_out(plan_->next(ended.candidate, end.result, delivery_.committed(), self_->clock().now()));
}

void generation_state::abandon(errc error, const std::string& message, std::optional<std::uint64_t> except) {
  for (std::size_t i = 0; i < running_.size();) {
    if (running_[i].id == except) {
      ++i;
      continue;
    }
    auto given_up = std::move(running_[i]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!given_up.lease && given_up.provider)
      anon_mail(withdraw_request{given_up.id, itself_}).send(given_up.provider);
    // Overtaken by another one: that it took so long is worth knowing.
    if (except && given_up.lease && !given_up.ttft)
      given_up.ttft = self_->clock().now() - given_up.granted_at;
    plan_->withdraw(given_up.candidate);
    record(given_up, {.result = {.error = error, .message = message}, .counts = false});
  }
}

void generation_state::record(attempt& which, const exchange_end& end) {
  const auto& candidate = plan_->at(which.candidate);
  const auto& result = end.result;
  const auto now = self_->clock().now();
  last_ = result;
  hit_own_limit_ = hit_own_limit_ || (which.lease && result.error == errc::overloaded);
  which.exchange.reset();
  const bool is_current = !which.lease || which.lease->is_current();
  auto settled = false;
  if (!result.error && !which.ttft)
    which.ttft = now - which.granted_at;
  if (which.lease) {
    auto& meter = which.lease->meter();
    if (!result.error && is_current)
      settled = meter.add_success(which.ttft, now - which.granted_at, now);
    else if (!end.counts && which.ttft && is_current)
      meter.add_ttft(*which.ttft);
    // Before a retry asks for the next lease: it finds the keys as this attempt left them.
    which.lease->give_back(outcome_of(end));
  }
  auto& record = trail_.emplace_back(record_of(result));
  record.provider = candidate.name;
  if (!candidate.model.empty())
    record.model = candidate.model;
  record.started = which.started_on;
  record.wait = which.wait;
  record.duration = now - which.started_at;
  config_.watchers->tell(attempt_event{.question = config_.question,
                                       .attempt_id = which.id,
                                       .record = trail_.back(),
                                       .usage = result.usage,
                                       .ttft = which.ttft,
                                       .asked = which.lease != nullptr,
                                       .counts = end.counts && is_current,
                                       .settled = settled});
}

// -- the end ------------------------------------------------------------------------------------------------

void generation_state::complete(const attempt& which, exchange_end end) {
  const auto total = self_->clock().now() - arrived_;
  finish(completion{.request_id = question().id,
                    .provider = plan_->at(which.candidate).name,
                    .model = std::move(end.result.model),
                    .finish = end.result.finish,
                    .text = std::move(text_),
                    .usage = end.result.usage,
                    .ttft = ttft_.value_or(total),
                    .total = total,
                    .attempts = std::move(trail_),
                    .tool_calls = std::move(end.result.tool_calls),
                    .reasoning = std::move(end.result.reasoning),
                    .items = std::move(end.result.items),
                    .embeddings = std::move(end.result.embeddings)});
  self_->quit();
}

void generation_state::fail(errc error, std::string message, std::optional<steady_duration> retry_after) {
  if (over_)
    return;
  break_off(error, std::move(message), retry_after);
  self_->quit();
}

void generation_state::break_off(errc error, std::string message,
                                 std::optional<steady_duration> retry_after) {
  // An attempt that still runs beside the one that decided says nothing about the failure.
  const auto last = last_;
  const auto* told = told_attempt(error, trail_);
  auto provider = told != nullptr ? told->provider : std::string{};
  const auto status = told != nullptr ? told->http_status : last.http_status;
  abandon(errc::cancelled, "another provider's failure ended the request");
  failure end{.request_id = question().id,
              .error = error,
              .message = std::move(message),
              .provider = std::move(provider),
              .http_status = status,
              .retryable = is_retryable(error, trail_),
              .delivered_chars = delivery_.chars(),
              .usage = last.usage,
              .attempts = std::move(trail_)};
  if (retry_after)
    end.retry_after = *retry_after;
  finish(std::move(end));
}

void generation_state::finish(std::variant<completion, failure> end) {
  config_.watchers->tell(end_event{config_.question, end});
  if (auto* whole = std::get_if<completion>(&end)) {
    if (promise_)
      promise_->deliver(std::move(*whole));
    else
      self_->mail(std::move(*whole)).send(config_.requester);
  } else {
    auto& broken = std::get<failure>(end);
    const auto error = broken.error;
    if (promise_)
      promise_->deliver(caf::make_error(error, std::move(broken)));
    else if (config_.requester)
      self_->mail(std::move(broken)).send(config_.requester);
  }
  over_ = true;
  retry_timer_.dispose();
  hedge_timer_.dispose();
  alarm_.call_off();
}

} // namespace magna
