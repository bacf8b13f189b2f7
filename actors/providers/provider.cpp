#include <magna/actors/providers/provider.hpp>

#include <algorithm>
#include <utility>

#include <caf/actor_cast.hpp>

#include <magna/actors/providers/http_lease.hpp>
#include <magna/actors/providers/probe.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/keys/google_account.hpp>
#include <magna/providers/protocols/model_traits.hpp>
#include <magna/text/duration.hpp>

namespace magna {

namespace {

/// The strongest word on each parameter: the request's, then the provider's settings, then the general ones.
parameters merge(const parameters& request, const parameters& provider, const parameters& general) {
  parameters result;
  const auto pick = [](const auto& a, const auto& b, const auto& c) { return a ? a : b ? b : c; };
  result.temperature = pick(request.temperature, provider.temperature, general.temperature);
  result.top_p = pick(request.top_p, provider.top_p, general.top_p);
  result.max_tokens = pick(request.max_tokens, provider.max_tokens, general.max_tokens);
  result.seed = pick(request.seed, provider.seed, general.seed);
  result.effort = pick(request.effort, provider.effort, general.effort);
  result.top_k = pick(request.top_k, provider.top_k, general.top_k);
  result.parallel_tool_calls =
    pick(request.parallel_tool_calls, provider.parallel_tool_calls, general.parallel_tool_calls);
  result.prompt_cache = pick(request.prompt_cache, provider.prompt_cache, general.prompt_cache);
  const auto first = [](const auto& a, const auto& b, const auto& c) {
    return !a.empty() ? a : !b.empty() ? b : c;
  };
  result.prompt_cache_key =
    first(request.prompt_cache_key, provider.prompt_cache_key, general.prompt_cache_key);
  // Not one for another: each adds its own.
  result.extra_body = merge_objects({general.extra_body, provider.extra_body, request.extra_body});
  result.stop = first(request.stop, provider.stop, general.stop);
  return result;
}

/// A key that is rate-limited with no word on how long rests this long.
constexpr std::chrono::seconds default_key_rest{10};

/// A key that was put aside is probed as often as this while requests want one.
constexpr std::chrono::minutes key_probe_interval{1};

/// A probe loads no model: what a cold one is granted says nothing of it.
attempt_deadlines probe_deadlines(const settings& all, provider_settings provider) {
  if (!provider.timeout && !provider.timeouts.total) {
    provider.timeouts.total = all.timeouts.total.value_or(all.timeout);
    if (!provider.timeouts.response_headers)
      provider.timeouts.response_headers = all.timeouts.response_headers;
  }
  return deadlines_for(all, provider, false);
}

/// How long the end of a complete answer's response is awaited.
constexpr std::chrono::seconds linger_time{1};

} // namespace

provider_actor spawn_provider(caf::actor_system& sys, const runtime_context& context,
                              const provider_settings& config) {
  return spawn_state<provider_state>(sys, context, config);
}

provider_state::provider_state(self_pointer<provider_actor> self, runtime_context context,
                               provider_settings config)
  : self_(self),
    context_(std::move(context)),
    config_(std::move(config)),
    meter_(context_.table->meter(config_.name)),
    keys_(config_.keys),
    gate_(config_.max_in_flight.value_or(context_.config->max_in_flight),
          config_.max_queued.value_or(context_.config->max_queued)),
    queue_timeout_(config_.queue_timeout.value_or(context_.config->queue_timeout)) {
  auto source = config_.source;
  if (source == nullptr && !config_.google_credentials.empty())
    source = make_google_source(parse_google_account(config_.google_credentials));
  if (source != nullptr)
    issued_keys_.emplace(std::move(source), context_.http,
                         [whom = caf::actor_cast<caf::weak_actor_ptr>(self_)] {
                           if (const auto provider = whom.lock())
                             anon_mail(deadline_tick{}).send(caf::actor_cast<alarm_clock::sleeper>(provider));
                         });
}

provider_state::~provider_state() {
  queue_timer_.dispose();
  for (const auto& [when, transfer] : lingering_)
    context_.http->cancel(transfer);
  for (const auto& [serial, attempt] : running_)
    anon_mail(provider_stopping{.serial = serial, .message = "the provider's actor ended"})
      .send(attempt.holder);
}

provider_actor::behavior_type provider_state::make_behavior() {
  return {
    [this](const lease_request& what) { return on_request(what); },
    [this](const withdraw_request& what) {
      const auto is_meant = [&what](const waiting& x) {
        return x.what.attempt_id == what.attempt_id && x.what.holder == what.holder;
      };
      for (auto left = std::erase_if(queue_, is_meant); left > 0; --left)
        gate_.stop_waiting();
      std::erase_if(keyless_, is_meant);
      if (queue_.empty())
        queue_timer_.dispose();
    },
    [this](const probe&) { return start_probe(); },
    [this](const lease_return& what) {
      judge_issued_key(what);
      on_return(what);
    },
    [this](const queue_tick&) { on_queue_tick(); },
    [this](const deadline_tick&) {
      end_lingering();
      on_key_news();
    },
  };
}

caf::result<granted_lease> provider_state::on_request(const lease_request& what) {
  if (auto refused = refuse_features(what))
    return std::move(*refused);
  if (auto keyless = wait_for_key(what))
    return std::move(*keyless);
  switch (gate_.ask()) {
    case admission_gate::verdict::enter: {
      auto granted = grant(what);
      if (!granted)
        return std::move(granted.error());
      return std::move(*granted);
    }
    case admission_gate::verdict::wait: {
      auto promise = self_->make_response_promise<granted_lease>();
      queue_.push_back({what, self_->clock().now(), promise});
      gate_.start_waiting();
      if (queue_.size() == 1)
        arm_queue_timer();
      return promise;
    }
    case admission_gate::verdict::refuse:
      break;
  }
  return too_busy(what, std::to_string(gate_.inside()) + " requests are under way and "
                          + std::to_string(gate_.waiting())
                          + " wait, as many as max_in_flight and max_queued allow");
}

void provider_state::admit_waiting() {
  const auto has_key = [this] {
    return !issued_keys_ || issued_keys_->find(self_->clock().now()) != nullptr;
  };
  while (!queue_.empty() && gate_.has_place() && has_key()) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    gate_.stop_waiting();
    next.what.time_left -= self_->clock().now() - next.since;
    if (auto granted = grant(next.what))
      next.promise.deliver(std::move(*granted));
    else
      next.promise.deliver(std::move(granted.error()));
  }
  if (queue_.empty())
    queue_timer_.dispose();
}

void provider_state::on_queue_tick() {
  const auto now = self_->clock().now();
  while (!queue_.empty() && queue_.front().since + queue_timeout_ <= now) {
    auto late = std::move(queue_.front());
    queue_.pop_front();
    gate_.stop_waiting();
    late.promise.deliver(too_busy(late.what, std::to_string(gate_.inside())
                                               + " requests are under way, and no place came free within "
                                                 "queue_timeout_seconds"));
  }
  arm_queue_timer();
}

void provider_state::arm_queue_timer() {
  queue_timer_.dispose();
  if (queue_.empty())
    return;
  const auto left = queue_.front().since + queue_timeout_ - self_->clock().now();
  queue_timer_ =
    self_->mail(queue_tick{}).delay(std::max(left, steady_duration::zero())).send(provider_actor{self_});
}

caf::expected<granted_lease> provider_state::grant(const lease_request& what) {
  const auto now = self_->clock().now();
  const auto key = keys_.next(now);
  if (!key)
    return no_key(what, now);
  auto deadlines = deadlines_for(*context_.config, config_, what.question->stream);
  const auto time_left = std::chrono::duration_cast<milliseconds>(what.time_left);
  if (deadlines.connect > time_left)
    deadlines.connect = std::max(time_left, milliseconds{1});
  const auto another_key = keys_.usable(now, key->index) > 0;
  const auto* issued = issued_keys_ ? issued_keys_->find(now) : nullptr;
  if (issued_keys_ && issued == nullptr)
    return no_issued_key(what, now);
  http_exchange_config config{
    .provider = config_.name,
    .protocol = &codec_for(config_.kind, config_.base_url),
    .where = endpoint_of(config_, issued != nullptr ? *issued : key->key),
    .model = what.model,
    .params = merge(what.question->params, config_.params, context_.config->params),
    .refused = refused_[what.model],
    .deadlines = deadlines,
    .another_key = another_key,
    .http = context_.http,
  };
  const auto serial = next_lease_serial();
  auto place = std::make_shared<http_lease>(serial, provider_actor{self_}, meter_, std::move(config));
  running_.emplace(serial, running{what.holder, now, what.model, key->index, another_key,
                                   issued != nullptr ? *issued : std::string{}});
  gate_.enter();
  return granted_lease{std::move(place)};
}

std::optional<caf::error> provider_state::refuse_features(const lease_request& what) const {
  const auto& about = codec_for(config_.kind, config_.base_url).about();
  const auto missing = missing_feature(*what.question, features_of(about, what.model));
  if (!missing)
    return std::nullopt;
  const auto who = about.can.contains(*missing) ? "the model " + what.model : about.title;
  const attempt_end end{.attempt_id = what.attempt_id,
                        .error = errc::invalid_request,
                        .message =
                          "not asked: " + who + " does not support " + std::string{to_string(*missing)},
                        .model = what.model,
                        .unsupported = true};
  return caf::make_error(errc::invalid_request, end);
}

caf::error provider_state::too_busy(const lease_request& what, const std::string& why) const {
  const attempt_end end{.attempt_id = what.attempt_id,
                        .error = errc::overloaded,
                        .message = why,
                        .retry_after = gate_.retry_after(),
                        .model = what.model};
  return caf::make_error(errc::overloaded, end);
}

caf::error provider_state::no_key(const lease_request& what, steady_time now) {
  attempt_end end{.attempt_id = what.attempt_id, .model = what.model};
  if (const auto rested = keys_.next_rested(now)) {
    end.error = errc::rate_limited;
    end.message = "every key is resting";
    end.retry_after = *rested - now;
  } else {
    const auto back = keys_.next_forgiven(now).value_or(now) - now;
    end.error = errc::authentication_failed;
    end.message = "every key was refused before; the first is tried again in " + readable_duration(back)
                  + "; correct the key and reload or restart";
    end.retry_after = back;
    probe_keys(now);
  }
  return caf::make_error(*end.error, end);
}

void provider_state::on_return(const lease_return& what) {
  const auto found = running_.find(what.serial);
  // One of the actor before this one, which has crashed.
  if (found == running_.end())
    return;
  const auto& ended = found->second;
  const auto now = self_->clock().now();
  if (!what.refused_parameters.empty())
    refused_[ended.model].insert(what.refused_parameters.begin(), what.refused_parameters.end());
  if (!what.error)
    keys_.accept(ended.key_index, true);
  else if (what.error == errc::authentication_failed && what.key_refused)
    keys_.refuse(ended.key_index, now);
  else if (what.error == errc::rate_limited && ended.another_key)
    keys_.rest(ended.key_index,
               now
                 + std::chrono::duration_cast<steady_duration>(what.retry_after.value_or(default_key_rest)));
  if (what.key_rest || !what.error) {
    const auto rest = what.key_rest.value_or(caf::timespan::zero());
    keys_.spare(ended.key_index, now + std::chrono::duration_cast<steady_duration>(rest));
    meter_->spare(keys_.spared_until(now).value_or(now));
  }
  if (what.unfinished_transfer)
    linger(*what.unfinished_transfer);
  gate_.leave(now - ended.since);
  running_.erase(found);
  // Last: those that wait are to find the keys as this attempt left them.
  admit_waiting();
}

void provider_state::linger(transfer_id transfer) {
  lingering_.emplace_back(self_->clock().now() + linger_time, transfer);
  if (!linger_alarm_.is_set())
    linger_alarm_ =
      context_.alarms->set(lingering_.front().first, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

void provider_state::end_lingering() {
  linger_alarm_.call_off();
  const auto now = self_->clock().now();
  while (!lingering_.empty() && lingering_.front().first <= now) {
    // No effect on those that have ended by themselves, which is nearly all.
    context_.http->cancel(lingering_.front().second);
    lingering_.pop_front();
  }
  if (!lingering_.empty())
    linger_alarm_ =
      context_.alarms->set(lingering_.front().first, caf::actor_cast<caf::weak_actor_ptr>(self_));
}

caf::result<probe_report> provider_state::start_probe() {
  auto promise = self_->make_response_promise<probe_report>();
  if (issued_keys_) {
    keyless_probes_.push_back(promise);
    on_key_news();
  } else {
    probe_ring([promise](probe_report report) mutable { promise.deliver(std::move(report)); });
  }
  return promise;
}

void provider_state::probe_keys(steady_time now) {
  if (next_key_probe_ > now)
    return;
  next_key_probe_ = now + key_probe_interval;
  probe_ring([](const probe_report&) {});
}

void provider_state::probe_ring(std::function<void(probe_report)> done) {
  // A refused key is worth probing: the answer says what is wrong with it, or that it is fine again.
  auto key = keys_.for_probe(self_->clock().now());
  probe_with(std::move(key.key), [this, done = std::move(done), index = key.index](probe_report report) {
    if (report.usable)
      keys_.accept(index, false);
    done(std::move(report));
  });
}

void provider_state::probe_with(std::string key, const std::function<void(probe_report)>& done) {
  probe_config config{
    .provider = config_.name,
    .model = config_.model,
    .protocol = &codec_for(config_.kind, config_.base_url),
    .where = endpoint_of(config_, std::move(key)),
    .deadlines = probe_deadlines(*context_.config, config_),
    .http = context_.http,
  };
  const auto failed = [done, name = config_.name, model = config_.model](const caf::error& reason) {
    done({.provider = name,
          .model = model,
          .error = errc::provider_error,
          .message = "the probe has ended: " + error_text(reason)});
  };
  self_->mail(probe{})
    .request(spawn_state<probe_state>(*self_, std::move(config)), caf::infinite)
    .then([done](probe_report& report) { done(std::move(report)); }, failed);
}

// -- keys of a source ---------------------------------------------------------------------------------------

std::optional<caf::result<granted_lease>> provider_state::wait_for_key(const lease_request& what) {
  const auto now = self_->clock().now();
  if (!issued_keys_ || issued_keys_->find(now) != nullptr)
    return std::nullopt;
  if (issued_keys_->failure() != nullptr)
    return no_issued_key(what, now);
  const auto limit = config_.max_queued.value_or(context_.config->max_queued);
  if (keyless_.size() >= std::max<std::size_t>(limit, 1))
    return too_busy(what, std::to_string(keyless_.size())
                            + " requests wait for a key, as many as max_queued allows");
  auto promise = self_->make_response_promise<granted_lease>();
  keyless_.push_back({what, now, promise});
  if (!key_alarm_.is_set() && issued_keys_->alarm())
    key_alarm_ = context_.alarms->set(*issued_keys_->alarm(), caf::actor_cast<caf::weak_actor_ptr>(self_));
  return promise;
}

caf::error provider_state::no_issued_key(const lease_request& what, steady_time now) const {
  const auto* why = issued_keys_->failure();
  attempt_end end{.attempt_id = what.attempt_id,
                  .error = why != nullptr ? why->code : errc::provider_unavailable,
                  .message =
                    why != nullptr ? why->message : "its key has expired, and the next one is awaited",
                  .model = what.model};
  if (end.error != errc::authentication_failed)
    end.retry_after = issued_keys_->pause_left(now);
  return caf::make_error(*end.error, end);
}

void provider_state::on_key_news() {
  if (!issued_keys_)
    return;
  key_alarm_.call_off();
  const auto now = self_->clock().now();
  issued_keys_->take(now);
  if (keyless_.empty() && keyless_probes_.empty() && queue_.empty())
    return;
  const auto* key = issued_keys_->find(now);
  if (key == nullptr && issued_keys_->failure() == nullptr) {
    if (const auto when = issued_keys_->alarm())
      key_alarm_ = context_.alarms->set(*when, caf::actor_cast<caf::weak_actor_ptr>(self_));
    return;
  }
  for (auto& promise : std::exchange(keyless_probes_, {})) {
    if (key != nullptr) {
      probe_with(*key, [promise](probe_report report) mutable { promise.deliver(std::move(report)); });
      continue;
    }
    const auto& why = *issued_keys_->failure();
    promise.deliver(probe_report{.provider = config_.name,
                                 .model = config_.model,
                                 .usable = false,
                                 .error = why.code,
                                 .message = why.message});
  }
  for (auto& each : std::exchange(keyless_, {})) {
    each.what.time_left -= now - each.since;
    each.since = now;
    if (key == nullptr) {
      each.promise.deliver(no_issued_key(each.what, now));
    } else if (gate_.ask() == admission_gate::verdict::refuse) {
      each.promise.deliver(too_busy(each.what, "all places were taken while it waited for a key"));
    } else {
      queue_.push_back(std::move(each));
      gate_.start_waiting();
    }
  }
  admit_waiting();
  arm_queue_timer();
}

void provider_state::judge_issued_key(const lease_return& what) {
  const auto found = running_.find(what.serial);
  if (issued_keys_ && found != running_.end() && what.error == errc::authentication_failed)
    issued_keys_->refuse(found->second.issued_key, self_->clock().now());
}

} // namespace magna
