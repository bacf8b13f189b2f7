#include <magna/actors/observers/observer_thread.hpp>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/observers/observers.hpp>

namespace magna {

class observer_thread::impl {
public:
  using call = std::function<void(const observers&)>;

  impl(std::shared_ptr<observer> target, std::size_t limit)
    : target_({std::move(target)}), limit_(limit), thread_([this] { run(); }) {}

  ~impl() { stop(); }

  void stop() {
    {
      const std::lock_guard guard{mutex_};
      stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
      thread_.join();
  }

  void push(call what) {
    {
      const std::lock_guard guard{mutex_};
      if (stopping_)
        return;
      if (queue_.size() < limit_) {
        queue_.push_back(std::move(what));
        // The thread sleeps only while the queue is empty.
        if (queue_.size() > 1)
          return;
      } else {
        note_dropped();
        return;
      }
    }
    changed_.notify_one();
  }

  std::uint64_t dropped() const noexcept { return dropped_.load(); }

private:
  void run() {
    // Signals are the application's; the name is for those who look at its threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "magna-observer");
    std::deque<call> batch;
    for (;;) {
      {
        std::unique_lock guard{mutex_};
        changed_.wait(guard, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty())
          return;
        batch.swap(queue_);
      }
      for (const auto& what : batch)
        what(target_);
      batch.clear();
    }
  }

  void note_dropped() {
    const auto count = dropped_.fetch_add(1) + 1;
    if ((count & (count - 1)) == 0)
      logger()->warn("an observer is too slow: {} event(s) dropped so far", count);
  }

  /// Catches what it throws.
  const observers target_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<call> queue_;
  bool stopping_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  /// Last: it uses all the others.
  std::thread thread_;
};

observer_thread::observer_thread(std::shared_ptr<observer> target, std::size_t limit)
  : impl_(std::make_unique<impl>(std::move(target), limit)) {}

observer_thread::~observer_thread() = default;

void observer_thread::stop() {
  impl_->stop();
}

std::uint64_t observer_thread::dropped() const noexcept {
  return impl_->dropped();
}

// Each copies what its event refers to; the request is shared.

void observer_thread::on_request(const request_event& what) {
  impl_->push([question = what.question](const observers& target) { target.tell(request_event{question}); });
}

void observer_thread::on_attempt_start(const attempt_start_event& what) {
  impl_->push([question = what.question, id = what.attempt_id, provider = what.provider, model = what.model,
               wait = what.wait](const observers& target) {
    target.tell(attempt_start_event{question, id, provider, model, wait});
  });
}

void observer_thread::on_attempt(const attempt_event& what) {
  impl_->push([question = what.question, record = what.record, usage = what.usage, id = what.attempt_id,
               ttft = what.ttft, asked = what.asked, counts = what.counts,
               settled = what.settled](const observers& target) {
    target.tell(attempt_event{question, id, record, usage, ttft, asked, counts, settled});
  });
}

void observer_thread::on_end(const end_event& what) {
  auto end = what.end;
  if (auto* whole = std::get_if<completion>(&end))
    whole->text.clear();
  impl_->push([question = what.question, end = std::move(end)](const observers& target) {
    target.tell(end_event{question, end});
  });
}

void observer_thread::on_health(const health_event& what) {
  impl_->push([what](const observers& target) { target.tell(what); });
}

void observer_thread::on_restart(const restart_event& what) {
  impl_->push([child = what.child, reason = what.reason, wait = what.wait](const observers& target) {
    target.tell(restart_event{child, reason, wait});
  });
}

} // namespace magna
