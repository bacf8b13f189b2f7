#include <magna/actors/runtime.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/observers/all_observers.hpp>
#include <magna/actors/observers/observer_thread.hpp>
#include <magna/actors/requests/front_door.hpp>
#include <magna/actors/require_threads.hpp>
#include <magna/actors/supervision/supervisor.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/messages/future_types.hpp>
#include <magna/messages/types.hpp>
#include <magna/providers/transport/curl_transport.hpp>

namespace magna {

settings_error::settings_error(std::vector<setting_error> errors)
  : runtime_error([&] {
      std::string all;
      for (const auto& error : errors)
        all += (all.empty() ? "" : "\n") + error.to_string();
      return all;
    }()),
    errors_(std::move(errors)) {}

namespace {

/// Beside those that work on messages: CAF's clock, its pool and its network, the transport, the client's notifier,
/// a look-up of a name, and two to spare.
constexpr std::size_t other_threads = 8;

settings checked(settings config) {
  if (auto errors = validate(config); !errors.empty())
    throw settings_error{std::move(errors)};
  return config;
}

runtime_context make_context(settings wanted, transport_ptr http, provider_spawner spawn,
                             const std::vector<std::shared_ptr<observer_thread>>& observers) {
  const auto config = std::make_shared<const settings>(checked(std::move(wanted)));
  if (!http)
    http = std::make_shared<curl_transport>(curl_transport::settings{.threads = config->transport_threads});
  const auto table = std::make_shared<routing_table>();
  return {.config = config,
          .table = table,
          .http = std::move(http),
          .watchers = all_observers(table, observers),
          .spawn = std::move(spawn)};
}

std::vector<std::shared_ptr<observer_thread>> with_threads(std::vector<std::shared_ptr<observer>> observers) {
  std::vector<std::shared_ptr<observer_thread>> result;
  for (auto& x : observers)
    if (x)
      result.push_back(std::make_shared<observer_thread>(std::move(x)));
  return result;
}

} // namespace

void init_types() {
  static std::once_flag announced;
  std::call_once(announced, [] {
    caf::init_global_meta_objects<caf::id_block::magna>();
    announce_future_types();
    caf::core::init_global_meta_objects();
  });
}

void configure(caf::actor_system_config& config) {
  init_types();
  // What an actor does for another one stays on its thread: with the policy "sharing" each message wakes the
  // next idle thread, which costs more than the message.
  config.set("caf.scheduler.policy", "stealing");
  // Between looking for work and waiting to be woken for it CAF would sleep 50 us at a time, 100 times, which
  // a single request feels.
  config.set("caf.work-stealing.moderate-poll-attempts", std::size_t{0});
  // Many requests at once are taken through their actors in such portions. CAF's own way, each actor as long
  // as it has messages, takes all of them from one actor to the next: by the time one comes to its second
  // actor, what the first one knew of it has left the processor's cache.
  config.set("caf.scheduler.max-throughput", std::size_t{128});
  // One core is for the thread that talks to the providers. CAF's own least is four: on fewer cores they are
  // in each other's way.
  const auto workers = std::size_t{std::max(std::thread::hardware_concurrency(), 2U) - 1};
  config.set("caf.scheduler.max-threads", workers);
  require_threads(workers + other_threads);
}

class runtime::impl {
public:
  impl(caf::actor_system& sys, settings config, transport_ptr http, provider_spawner spawn,
       std::vector<std::shared_ptr<observer>> observers)
    : sys_(sys),
      observers_(with_threads(std::move(observers))),
      context_(make_context(std::move(config), std::move(http), std::move(spawn), observers_)),
      supervisor_(spawn_state<supervisor_state>(sys, context_)),
      door_(spawn_state<front_door_state>(sys, context_.table)) {
    // The handles that this object gives out are there from its first moment on.
    caf::scoped_actor self{sys_};
    blocking_request(self, supervisor_, caf::infinite, await_start{})
      .receive([] {},
               [](const caf::error& reason) {
                 throw std::runtime_error{"magna's supervisor could not start: " + error_text(reason)};
               });
  }

  ~impl() {
    try {
      shutdown(milliseconds{0});
    } catch (const std::exception& what) {
      logger()->error("shutdown failed: {}", what.what());
    }
    // Actors may still be about to end, and refer to them: what the application gave must not be used any more.
    for (const auto& x : observers_)
      x->stop();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  const runtime_context& context() const noexcept { return context_; }

  const service_actor& door() const noexcept { return door_; }

  std::vector<setting_error> reload(settings config) {
    if (auto errors = validate(config); !errors.empty())
      return errors;
    const std::lock_guard guard{mutex_};
    if (result_)
      return {};
    caf::scoped_actor self{sys_};
    blocking_request(self, supervisor_, caf::infinite,
                     magna::reload{std::make_shared<const settings>(std::move(config))})
      .receive(
        [] {},
        [](const caf::error& reason) { logger()->error("the supervisor is gone: {}", error_text(reason)); });
    return {};
  }

  drained shutdown(milliseconds deadline) {
    const std::lock_guard guard{mutex_};
    if (result_)
      return *result_;
    caf::scoped_actor self{sys_};
    blocking_request(self, supervisor_, caf::infinite, drain{bounded(deadline)})
      .receive([this](const drained& result) { result_ = result; },
               [this](const caf::error& reason) {
                 logger()->error("the supervisor is gone: {}", error_text(reason));
                 result_ = drained{};
               });
    supervisor_ = nullptr;
    // Somebody may hold it for longer: a network that published it, for instance.
    caf::anon_send_exit(door_, caf::exit_reason::user_shutdown);
    return *result_;
  }

private:
  caf::actor_system& sys_;
  /// The application's.
  const std::vector<std::shared_ptr<observer_thread>> observers_;
  runtime_context context_;
  std::mutex mutex_;
  supervisor_actor supervisor_;
  service_actor door_;
  std::optional<drained> result_;
};

runtime::runtime(caf::actor_system& sys, settings config, transport_ptr http, provider_spawner spawn,
                 std::vector<std::shared_ptr<observer>> observers)
  : impl_(std::make_unique<impl>(sys, std::move(config), std::move(http), std::move(spawn),
                                 std::move(observers))) {}

runtime::~runtime() = default;

service_actor runtime::service() const {
  return impl_->door();
}

orchestrator_actor runtime::orchestrator() const {
  return impl_->context().table->orchestrator();
}

const runtime_context& runtime::context() const {
  return impl_->context();
}

provider_actor runtime::provider(std::string_view name) const {
  return impl_->context().table->provider(name);
}

std::vector<setting_error> runtime::reload(settings config) {
  return impl_->reload(std::move(config));
}

drained runtime::shutdown(milliseconds deadline) {
  return impl_->shutdown(deadline);
}

} // namespace magna
