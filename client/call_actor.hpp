#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <magna/actors/supervision/alarm_clock.hpp>
#include <magna/messages/types.hpp>

namespace magna {

class client_call;

/// What stands for a program at magna's actors.
using call_actor = requester_actor::extend<
  // Ends the request.
  caf::result<void>(cancel),
  // Lets more parts come.
  caf::result<void>(credit),
  // INTERNAL: the service is gone.
  caf::result<void>(node_down),
  // INTERNAL: the end may be overdue.
  caf::result<void>(deadline_tick)>;

/// Sends one request of a client and hands to its `client_call` all that comes back. Lives until the
/// request's end, which it makes itself when none comes: `patience` after the start, or a second after a
/// cancel or the loss of the service.
class call_state {
public:
  using handle_type = call_actor;
  static constexpr const char* name = "magna.call";

  call_state(self_pointer<call_actor> self, service_actor service, shared_request question,
             std::shared_ptr<client_call> target, std::chrono::nanoseconds patience,
             std::shared_ptr<alarm_clock> alarms);
  ~call_state();

  call_state(const call_state&) = delete;
  call_state& operator=(const call_state&) = delete;

  call_actor::behavior_type make_behavior();

private:
  using steady = std::chrono::steady_clock;

  void send_request();
  void end(completion what);
  void end(failure what);
  /// The end is due soon; if none comes, it is this one.
  void hurry(errc error, std::string message);
  void arm();
  void on_tick();

  self_pointer<call_actor> self_;
  service_actor service_;
  shared_request question_;
  std::shared_ptr<client_call> target_;
  /// Null before the request was accepted.
  stream_control_actor control_;
  steady::time_point give_up_at_;
  errc last_error_ = errc::deadline_exceeded;
  std::string last_message_;
  std::shared_ptr<alarm_clock> alarms_;
  alarm_clock::alarm alarm_;
};

} // namespace magna
