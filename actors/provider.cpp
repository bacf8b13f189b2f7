#include <magna/actors/provider.hpp>

#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/probe.hpp>

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
  result.stop = !request.stop.empty() ? request.stop : !provider.stop.empty() ? provider.stop : general.stop;
  return result;
}

/// A key that is rate-limited with no word on how long rests this long.
constexpr std::chrono::seconds default_key_rest{10};

} // namespace

provider_state::provider_state(self_pointer<provider_actor> self, runtime_context context,
                               provider_settings config)
  : self_(self), context_(std::move(context)), config_(std::move(config)), keys_(config_.keys) {}

provider_state::~provider_state() {
  for (const auto& [id, attempt] : running_)
    anon_mail(provider_stopping{}).send(attempt);
}

provider_actor::behavior_type provider_state::make_behavior() {
  return {
    [this](const try_request& task) { return start_attempt(task); },
    [this](const probe&) { return start_probe(); },
    [this](const attempt_ended& outcome) { on_attempt_ended(outcome); },
  };
}

caf::result<attempt_actor> provider_state::start_attempt(const try_request& task) {
  const auto now = self_->clock().now();
  const auto key = keys_.next(now);
  if (!key)
    return refuse(task, now);
  const auto& question = *task.question;
  const auto model = question.model.empty() ? config_.model : question.model;
  auto deadlines = deadlines_for(*context_.config, config_, question.stream);
  const auto time_left = std::chrono::duration_cast<milliseconds>(task.time_left);
  if (deadlines.connect > time_left)
    deadlines.connect = std::max(time_left, milliseconds{1});
  const auto serial = ++serial_;
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
    .health_monitor = context_.table->health_monitor(),
    .owner = provider_actor{self_},
  };
  const auto attempt = spawn_state<attempt_state>(*self_, std::move(config));
  running_.emplace(serial, attempt);
  self_->monitor(attempt, [this, id = serial](const caf::error& reason) {
    if (running_.erase(id) == 0 || !is_crash(reason))
      return;
    spdlog::error("{}: an attempt crashed: {}", config_.name, to_string(reason));
    const attempt_ended crashed{.provider = config_.name,
                                .attempt_id = id,
                                .model = config_.model,
                                .error = errc::provider_error,
                                .message = "the attempt's actor crashed"};
    self_->mail(crashed).send(context_.table->health_monitor());
  });
  return attempt;
}

caf::error provider_state::refuse(const try_request& task, steady_time now) const {
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

void provider_state::on_attempt_ended(const attempt_ended& outcome) {
  running_.erase(outcome.attempt_id);
  for (const auto& parameter : outcome.refused_parameters)
    refused_[outcome.model].insert(parameter);
  const auto now = self_->clock().now();
  if (outcome.error == errc::authentication_failed)
    keys_.refuse(outcome.key_index);
  else if (outcome.error == errc::rate_limited && outcome.another_key)
    keys_.rest(
      outcome.key_index,
      now + std::chrono::duration_cast<steady_duration>(outcome.retry_after.value_or(default_key_rest)));
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
