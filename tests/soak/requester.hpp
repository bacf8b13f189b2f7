#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <caf/disposable.hpp>
#include <caf/type_id.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/types.hpp>
#include <magna/tests/soak/ledger.hpp>
#include <magna/tests/soak/stream_check.hpp>
#include <magna/tests/soak/traffic.hpp>

namespace magna::soak {

/// A requester that also hears from itself.
using asker_actor = requester_actor::extend<
  // INTERNAL: one of its timers; the number says which.
  caf::result<void>(caf::tick_atom, std::uint8_t)>;

struct asker_config {
  order task;
  std::shared_ptr<ledger> book;
  /// Whom to ask right now; null while nobody is there.
  std::function<orchestrator_actor()> front_door;
  /// Told the control of each stream that was accepted.
  std::function<void(const stream_control_actor&)> on_accepted;
};

/// Sends one request, behaves as its order says, and judges all that it hears. Stays for a while after the
/// end to hear what must not come, then ends.
class asker_state {
public:
  using handle_type = asker_actor;
  static constexpr const char* name = "magna.soak.asker";

  asker_state(self_pointer<asker_actor> self, asker_config config);
  ~asker_state();

  asker_state(const asker_state&) = delete;
  asker_state& operator=(const asker_state&) = delete;

  asker_actor::behavior_type make_behavior();

private:
  enum class timer : std::uint8_t { leave, read, vanish };

  void send_request();
  void on_response(const caf::error& reason);
  void on_completion(const completion& what);
  void on_failure(const failure& what);
  void on_timer(timer which);
  void leave();
  void end();
  caf::disposable arm(timer which, milliseconds after);
  void judge(std::string_view verdict);

  self_pointer<asker_actor> self_;
  /// Keeps the actor alive until it is done.
  asker_actor itself_;
  asker_config config_;
  stream_check check_;
  stream_control_actor control_;
  std::optional<steady::time_point> left_at_;
  caf::disposable leave_timer_;
  caf::disposable read_timer_;
  caf::disposable vanish_timer_;
};

} // namespace magna::soak
