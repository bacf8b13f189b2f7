#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>

#include <magna/messages/types.hpp>

namespace magna::test {

/// What a requester got.
struct received {
  std::vector<started> starts;
  std::vector<magna::chunk> chunks;
  std::vector<completion> completions;
  std::vector<failure> failures;

  std::string text() const;
  std::size_t ends() const { return completions.size() + failures.size(); }
};

/// Written by the requester's actor, waited for by the test.
class client_log {
public:
  void note(const std::function<void(received&)>& change);

  /// Waits until `done` holds; says whether it did in time.
  bool wait_for(const std::function<bool(const received&)>& done,
                std::chrono::milliseconds limit = std::chrono::seconds{20}) const;

  received content() const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  received content_;
};

/// An actor that asks for a stream and notes what it gets.
class client {
public:
  explicit client(caf::actor_system& sys);
  ~client();

  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Sends the request and waits for its acceptance; false if it was refused.
  bool ask(const orchestrator_actor& front, request what);

  /// Sends a request whose answer comes as one response. Only `die` and the log are of use then.
  void ask_for_whole(const orchestrator_actor& front, request what);

  const client_log& log() const { return *log_; }

  /// Steers the request: its generation.
  const stream_control_actor& control() const { return control_; }

  /// The requester dies.
  void die();

  /// Waits until the actor has handled all that was sent to it so far, and returns everything.
  received settle();

private:
  caf::actor_system& sys_;
  std::shared_ptr<client_log> log_ = std::make_shared<client_log>();
  requester_actor actor_;
  stream_control_actor control_;
};

} // namespace magna::test
