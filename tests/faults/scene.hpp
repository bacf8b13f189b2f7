#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/simulator/server.hpp>

#include <magna/tests/faults/client.hpp>
#include <magna/tests/faults/row.hpp>
#include <magna/tests/faults/watched_transport.hpp>

namespace magna::test {

/// What the backup answers.
inline constexpr std::string_view backup_text = "From the backup.";

simulator::protocol protocol_of(provider_kind kind);

/// An actor system on threads and time of its own.
struct real_system {
  real_system();

  caf::actor_system_config cfg;
  caf::actor_system sys;
};

/// A provider of the settings, asked at an origin ("http://127.0.0.1:4711").
provider_settings provider_at(std::string name, provider_kind kind, const std::string& origin);

/// A question that any provider can answer.
request make_question(bool stream);

/// The whole of magna over real HTTP: threads, sockets and time are the system's. Two providers, "main" and
/// "backup"; the backup speaks another protocol. Deadlines are long unless a row sets them, so that a slow
/// machine changes nothing.
class scene {
public:
  using clock = std::chrono::steady_clock;

  scene(provider_kind kind, const row& what);

  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  [[nodiscard]] provider_kind kind() const noexcept { return kind_; }
  [[nodiscard]] orchestrator_actor orchestrator() const { return llm_->orchestrator(); }
  [[nodiscard]] provider_actor provider(std::string_view name) const { return llm_->provider(name); }
  caf::actor_system& system() { return system_.sys; }
  [[nodiscard]] test::client& client() { return *client_; }

  /// What the simulator got for main, oldest first.
  [[nodiscard]] std::vector<simulator::request_log> requests_to_main() const;

  /// Waits until no transfer is open and no request is being answered.
  bool calms_down();

  /// Ends the runtime, and with it what owns the transport's thread. Nothing runs afterwards.
  void destroy();

private:
  provider_kind kind_;
  place elsewhere_;
  simulator::server sim_;
  real_system system_;
  std::shared_ptr<const std::atomic<int>> open_transfers_;
  std::unique_ptr<runtime> llm_;
  std::unique_ptr<test::client> client_;
};

} // namespace magna::test
