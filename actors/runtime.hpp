#pragma once

#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/fwd.hpp>

#include <magna/actors/observers/observer.hpp>
#include <magna/actors/providers/provider_spawner.hpp>
#include <magna/actors/settings.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/attempt.hpp>
#include <magna/messages/export.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// Announces magna's message types to CAF, before the first actor system is made. Thread-safe; further calls
/// do nothing.
MAGNA_EXPORT void init_types();

/// Prepares a configuration for an actor system that magna runs in: announces the message types, and sets
/// what magna has found to matter. What is set afterwards stands above it. An actor system that listens or
/// connects to nodes needs `enable_network` as well. Throws std::system_error where the process can't have the
/// threads that it takes: the actor system would abort, or never start.
MAGNA_EXPORT void configure(caf::actor_system_config& config);

/// Settings that can't be used. No message holds a key.
class MAGNA_EXPORT settings_error : public std::runtime_error {
public:
  /// At least one.
  explicit settings_error(std::vector<setting_error> errors);

  /// All that is wrong, not just the first.
  const std::vector<setting_error>& errors() const noexcept { return errors_; }

private:
  std::vector<setting_error> errors_;
};

/// Starts magna's actors in an actor system of the application's and owns their life.
///
///     caf::actor_system_config cfg;
///     magna::configure(cfg);
///     caf::actor_system sys{cfg};
///     magna::runtime llm{sys, settings};
///     self->mail(question, requester).request(llm.service(), caf::infinite)...
///
/// Thread-safe. The destructor stops everything at once; `shutdown` lets running requests finish.
class MAGNA_EXPORT runtime {
public:
  /// Throws `settings_error` if the settings are not valid. Without a transport of its own it makes one on
  /// libcurl; without a spawner every provider is asked from this process. The observers see what happens,
  /// each on a thread of its own.
  runtime(caf::actor_system& sys, settings config, std::shared_ptr<transport> http = nullptr,
          provider_spawner spawn = {}, std::vector<std::shared_ptr<observer>> observers = {});
  ~runtime();

  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Where requests go. The handle is good as long as this object lives.
  service_actor service() const;

  /// The actor that takes the requests at present: an error that says it is gone means that it was restarted.
  /// For those who want no hop between; others use `service`.
  orchestrator_actor orchestrator() const;

  /// What the runtime's actors share, for those who build on them.
  const runtime_context& context() const;

  /// The actor of a configured provider, or a null handle while it is being restarted or if none has that
  /// name.
  provider_actor provider(std::string_view name) const;

  /// Goes over to another configuration: new requests go by it when this returns, running ones finish on the
  /// old one. Returns what is wrong with it (see validate); then nothing has changed. Blocks for
  /// milliseconds.
  std::vector<setting_error> reload(settings config);

  /// Takes no new requests, waits until the running ones end or `deadline` has passed, and stops everything.
  /// Any value will do: a negative one is 0, `milliseconds::max()` waits for as long as it takes. Blocks.
  /// Later calls return at once.
  drained shutdown(milliseconds deadline);

private:
  class MAGNA_HIDDEN impl;
  std::unique_ptr<impl> impl_;
};

} // namespace magna
