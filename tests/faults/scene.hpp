#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/actors/supervision/supervisor.hpp>
#include <magna/simulator/server.hpp>

#include <magna/tests/faults/client.hpp>
#include <magna/tests/faults/provider_tap.hpp>
#include <magna/tests/faults/row.hpp>
#include <magna/tests/faults/watched_transport.hpp>

namespace magna::test {

/// What the others answer.
inline constexpr std::string_view backup_text = "From the backup.";

/// Nothing stands between us and the servers, whatever the environment says; and failures that are meant to
/// happen are not logged.
void prepare_process();

simulator::protocol protocol_of(provider_kind kind);

/// The next of them all, and from the last the first again.
provider_kind another(provider_kind kind);

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

/// Waits until `holds()`, and says whether it came true in time.
template <class Predicate>
bool comes_true(Predicate holds, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

/// The whole of magna over real HTTP: threads, sockets and time are the system's. Two providers, "main" and
/// "backup", perhaps a "third"; each speaks another protocol. Deadlines are long unless a row sets them, so
/// that a slow machine changes nothing.
///
/// The actors are the runtime's, or started as it starts them where the row's scene is `open`: then main's
/// provider has a tap, and every actor can be reached.
class scene {
public:
  using clock = std::chrono::steady_clock;

  scene(provider_kind kind, const row& what);
  ~scene();

  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  [[nodiscard]] provider_kind kind() const noexcept { return kind_; }
  [[nodiscard]] orchestrator_actor orchestrator() const;
  [[nodiscard]] provider_actor provider(std::string_view name) const;
  caf::actor_system& system() { return system_.sys; }
  [[nodiscard]] test::client& client() { return *client_; }

  /// Of an open scene; null before main was asked.
  [[nodiscard]] health_monitor_actor health_monitor() const { return table_->health_monitor(); }
  [[nodiscard]] generation_actor generation() const { return tapped_->generation(); }

  // The phases of a request to main that stalls: each returns when it is reached, or fails the test.

  void until_connecting();
  void until_requested();
  void until_headers();
  void until_text(std::size_t characters);
  /// Main's first attempt has failed, and the next one is waited for.
  void until_backoff();

  /// The requester dies.
  void requester_leaves();
  [[nodiscard]] clock::time_point left_at() const noexcept { return left_at_; }

  /// What the simulator got for main, oldest first.
  [[nodiscard]] std::vector<simulator::request_log> requests_to_main() const;

  /// Waits until no transfer is open and no request is being answered.
  bool calms_down();

  /// Lets running requests end, for ten seconds at most. Returns how many did not.
  std::uint64_t drain();

  /// Ends all actors, and with them the owner of the transport's thread. Nothing runs afterwards.
  void destroy();

private:
  void start_open(settings config, transport_ptr http);
  [[nodiscard]] status_report status();

  provider_kind kind_;
  place elsewhere_;
  simulator::server sim_;
  real_system system_;
  std::shared_ptr<const std::atomic<int>> open_transfers_;
  std::unique_ptr<runtime> llm_;
  // Of an open scene.
  routing_table_ptr table_;
  supervisor_actor supervisor_;
  std::shared_ptr<tapped> tapped_;
  std::unique_ptr<test::client> client_;
  clock::time_point left_at_;
};

} // namespace magna::test
