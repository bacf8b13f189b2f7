#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <magna/node/caf/refusal_log.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// The connections to this node whose other side has not introduced itself yet. Who does not do so in time is
/// cut off, for CAF would wait without end, and each refusal is logged (see refusal_log). Thread-safe; has a
/// thread of its own.
class visitors {
public:
  using clock = std::chrono::steady_clock;

  explicit visitors(std::chrono::milliseconds patience);
  ~visitors();
  visitors(const visitors&) = delete;
  visitors& operator=(const visitors&) = delete;

  /// One connection, as long as it is open. Moved, not copied.
  class visit {
  public:
    visit(std::shared_ptr<visitors> all, int socket);
    ~visit();
    visit(visit&&) noexcept = default;
    visit& operator=(visit&&) = delete;

    /// The other side is a node: nobody watches it from here on.
    void introduced();
    void refuse(const std::string& why);

  private:
    /// Null after a move.
    std::shared_ptr<visitors> all_;
    int socket_;
    std::string host_;
    bool settled_ = false;
  };

private:
  struct entry {
    std::string host;
    clock::time_point since;
  };

  void refuse(const std::string& host, const std::string& why) MAGNA_REQUIRES(mutex_);
  void watch(const std::stop_token& stop);

  const std::chrono::milliseconds patience_;
  mutex mutex_;
  std::condition_variable_any wake_;
  /// By socket. Who leaves does so before the socket is closed.
  std::map<int, entry> waiting_ MAGNA_GUARDED_BY(mutex_);
  refusal_log log_ MAGNA_GUARDED_BY(mutex_);
  std::jthread watcher_;
};

} // namespace magna
