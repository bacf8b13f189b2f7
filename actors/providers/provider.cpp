#include <magna/actors/providers/provider.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/providers/probe.hpp>
#include <magna/providers/codec_registry.hpp>

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
  result.stop = !request.stop.empty() ? request.stop : !provider.stop.empty() ? provider.stop : general.stop;
  return result;
}

/// A key that is rate-limited with no word on how long rests this long.
constexpr std::chrono::seconds default_key_rest{10};

} // namespace

std::uint64_t next_attempt_serial() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

provider_actor spawn_provider(caf::actor_system& sys, const runtime_context& context,
                              const provider_settings& config) {
  return spawn_state<provider_state>(sys, context, config);
}

provider_state::provider_state(self_pointer<provider_actor> self, runtime_context context,
                               provider_settings config)
  : self_(self),
    context_(std::move(context)),
    config_(std::move(config)),
    keys_(config_.keys),
    gate_(config_.max_in_flight.value_or(context_.config->max_in_flight),
          config_.max_queued.value_or(context_.config->max_queued)),
    queue_timeout_(config_.queue_timeout.value_or(context_.config->queue_timeout)) {}

provider_state::~provider_state() {
  queue_timer_.dispose();
  for (const auto& [id, attempt] : running_)
    anon_mail(provider_stopping{}).send(attempt.handle);
}

provider_actor::behavior_type provider_state::make_behavior() {
  return {
    [this](const try_request& task) { return on_try(task); },
    [this](const withdraw_request& what) {
      const auto is_meant = [&what](const waiting& x) {
        return x.task.attempt_id == what.attempt_id && x.task.sink == what.sink;
      };
      if (std::erase_if(queue_, is_meant) > 0) {
        gate_.stop_waiting();
        if (queue_.empty())
          queue_timer_.dispose();
      }
    },
    [this](const probe&) { return start_probe(); },
    [this](const attempt_ended& outcome) { on_attempt_ended(outcome); },
    [this](const queue_tick&) { on_queue_tick(); },
  };
}

caf::result<attempt_actor> provider_state::on_try(const try_request& task) {
  if (auto refused = refuse_features(task))
    return std::move(*refused);
  switch (gate_.ask()) {
    case admission_gate::verdict::enter: {
      auto made = start_attempt(task);
      if (!made)
        return std::move(made.error());
      return *made;
    }
    case admission_gate::verdict::wait: {
      auto promise = self_->template make_response_promise<attempt_actor>();
      queue_.push_back({task, self_->clock().now(), promise});
      gate_.start_waiting();
      if (queue_.size() == 1)
        arm_queue_timer();
      return promise;
    }
    case admission_gate::verdict::refuse:
      break;
  }
  return too_busy(task, std::to_string(gate_.inside()) + " requests are under way and "
                          + std::to_string(gate_.waiting())
                          + " wait, as many as max_in_flight and max_queued allow");
}

void provider_state::admit_waiting() {
  while (!queue_.empty() && gate_.has_place()) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    gate_.stop_waiting();
    next.task.time_left -= self_->clock().now() - next.since;
    if (auto made = start_attempt(next.task))
      next.promise.deliver(std::move(*made));
    else
      next.promise.deliver(std::move(made.error()));
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
    late.promise.deliver(too_busy(late.task, std::to_string(gate_.inside())
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

caf::expected<attempt_actor> provider_state::start_attempt(const try_request& task) {
  const auto now = self_->clock().now();
  const auto key = keys_.next(now);
  if (!key)
    return no_key(task, now);
  const auto& question = *task.question;
  const auto model = question.model.empty() ? config_.model : question.model;
  auto deadlines = deadlines_for(*context_.config, config_, question.stream);
  const auto time_left = std::chrono::duration_cast<milliseconds>(task.time_left);
  if (deadlines.connect > time_left)
    deadlines.connect = std::max(time_left, milliseconds{1});
  const auto serial = next_attempt_serial();
  attempt_config config{
    .task = task,
    .serial = serial,
    .provider = config_.name,
    .protocol = &codec_for(config_.kind),
    .where = {config_.base_url, key->key, config_.extra_headers},
    .model = model,
    .params = merge(question.params, config_.params, context_.config->params),
    .refused = refused_[model],
    .deadlines = deadlines,
    .key_index = key->index,
    .another_key = keys_.usable(now, key->index) > 0,
    .http = context_.http,
    .alarms = context_.alarms,
    .health_monitor = context_.table->health_monitor(),
    .owner = provider_actor{self_},
  };
  auto attempt = spawn_state<attempt_state>(*self_, std::move(config));
  running_.emplace(serial, running{attempt, now});
  gate_.enter();
  self_->monitor(attempt, [this, id = serial](const caf::error& reason) {
    if (!forget(id) || !is_crash(reason))
      return;
    logger()->error("{}: an attempt crashed: {}", config_.name, to_string(reason));
    const attempt_ended crashed{.provider = config_.name,
                                .attempt_id = id,
                                .model = config_.model,
                                .error = errc::provider_error,
                                .message = "the attempt's actor crashed"};
    self_->mail(crashed).send(context_.table->health_monitor());
  });
  return attempt;
}

std::optional<caf::error> provider_state::refuse_features(const try_request& task) const {
  const auto& about = codec_for(config_.kind).about();
  const auto missing = missing_feature(*task.question, about.can);
  if (!missing)
    return std::nullopt;
  const attempt_end end{.attempt_id = task.attempt_id,
                        .error = errc::invalid_request,
                        .message = "not asked: " + about.title + " does not support "
                                   + std::string{to_string(*missing)},
                        .model = config_.model,
                        .unsupported = true};
  return caf::make_error(errc::invalid_request, end);
}

caf::error provider_state::too_busy(const try_request& task, const std::string& why) const {
  const attempt_end end{.attempt_id = task.attempt_id,
                        .error = errc::overloaded,
                        .message = why,
                        .retry_after = gate_.retry_after(),
                        .model = config_.model};
  return caf::make_error(errc::overloaded, end);
}

caf::error provider_state::no_key(const try_request& task, steady_time now) const {
  attempt_end end{.attempt_id = task.attempt_id, .model = config_.model};
  if (const auto rested = keys_.next_rested(now)) {
    end.error = errc::rate_limited;
    end.message = "every key is resting";
    end.retry_after = *rested - now;
  } else {
    end.error = errc::authentication_failed;
    end.message = "every key was refused before; correct the key and start again";
  }
  return caf::make_error(*end.error, end);
}

bool provider_state::forget(std::uint64_t serial) {
  const auto found = running_.find(serial);
  if (found == running_.end())
    return false;
  gate_.leave(self_->clock().now() - found->second.since);
  running_.erase(found);
  admit_waiting();
  return true;
}

void provider_state::on_attempt_ended(const attempt_ended& outcome) {
  for (const auto& parameter : outcome.refused_parameters)
    refused_[outcome.model].insert(parameter);
  const auto now = self_->clock().now();
  if (outcome.error == errc::authentication_failed)
    keys_.refuse(outcome.key_index);
  else if (outcome.error == errc::rate_limited && outcome.another_key)
    keys_.rest(
      outcome.key_index,
      now + std::chrono::duration_cast<steady_duration>(outcome.retry_after.value_or(default_key_rest)));
  // Last: who waited is to find the keys as this attempt left them.
  forget(outcome.attempt_id);
}

caf::result<probe_report> provider_state::start_probe() {
  auto key = keys_.next(self_->clock().now());
  probe_config config{
    .provider = config_.name,
    .model = config_.model,
    .protocol = &codec_for(config_.kind),
    // A refused key is worth probing: the answer says what is wrong with it.
    .where = {config_.base_url,
              key                    ? key->key
              : config_.keys.empty() ? ""
                                     : config_.keys.front(),
              config_.extra_headers},
    .deadlines = deadlines_for(*context_.config, config_, false),
    .http = context_.http,
  };
  return self_->mail(probe{}).delegate(spawn_state<probe_state>(*self_, std::move(config)));
}

} // namespace magna
