#pragma once

#include <mutex>

/// A mutex, its lock, and marks that say which members it guards: ./dev lint has clang check them. The
/// standard library's mutex has no such marks with GCC's library. GCC itself ignores them.

#if defined(__clang__)
#  define MAGNA_THREAD_MARK(mark) __attribute__((mark))
#else
#  define MAGNA_THREAD_MARK(mark)
#endif

/// A member that is read and written only with this mutex locked.
#define MAGNA_GUARDED_BY(mutex) MAGNA_THREAD_MARK(guarded_by(mutex))

/// A function that is called only with this mutex locked.
#define MAGNA_REQUIRES(mutex) MAGNA_THREAD_MARK(requires_capability(mutex))

namespace magna {

class MAGNA_THREAD_MARK(capability("mutex")) mutex {
public:
  void lock() MAGNA_THREAD_MARK(acquire_capability()) { mutex_.lock(); }
  void unlock() MAGNA_THREAD_MARK(release_capability()) { mutex_.unlock(); }

private:
  std::mutex mutex_;
};

/// Locks a mutex for its own life. A std::condition_variable_any can wait with it; a predicate that reads
/// guarded members is not seen to hold the mutex, so wait in a loop instead.
class MAGNA_THREAD_MARK(scoped_lockable) mutex_lock {
public:
  explicit mutex_lock(mutex& locked) MAGNA_THREAD_MARK(acquire_capability(locked)) : locked_(locked) {
    locked_.lock();
  }
  ~mutex_lock() MAGNA_THREAD_MARK(release_capability()) { locked_.unlock(); }
  mutex_lock(const mutex_lock&) = delete;
  mutex_lock& operator=(const mutex_lock&) = delete;

  /// For condition variables only.
  void lock() MAGNA_THREAD_MARK(no_thread_safety_analysis) { locked_.lock(); }
  void unlock() MAGNA_THREAD_MARK(no_thread_safety_analysis) { locked_.unlock(); }

private:
  mutex& locked_;
};

} // namespace magna
