#include <magna/client/notifier.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>

namespace magna {

struct notifier::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  bool stopping = false;
  std::thread thread;
};

notifier::notifier() : state_(std::make_shared<state>()) {
  // Now, and not with the first job: then there may be no thread left, and who waits for it would wait for ever.
  state_->thread = std::thread{[all = state_] { run(all); }};
}

notifier::~notifier() {
  stop();
}

bool notifier::post(std::function<void()> job) {
  {
    const std::lock_guard guard{state_->mutex};
    if (state_->stopping)
      return false;
    state_->jobs.push_back(std::move(job));
  }
  state_->changed.notify_one();
  return true;
}

void notifier::stop() {
  std::thread thread;
  {
    const std::lock_guard guard{state_->mutex};
    state_->stopping = true;
    thread = std::move(state_->thread);
  }
  state_->changed.notify_one();
  if (!thread.joinable())
    return;
  if (thread.get_id() == std::this_thread::get_id())
    thread.detach();
  else
    thread.join();
}

void notifier::run(const std::shared_ptr<state>& all) {
  std::unique_lock guard{all->mutex};
  for (;;) {
    all->changed.wait(guard, [&] { return all->stopping || !all->jobs.empty(); });
    if (all->jobs.empty())
      return;
    auto job = std::move(all->jobs.front());
    all->jobs.pop_front();
    guard.unlock();
    try {
      job();
    } catch (const std::exception& what) {
      logger()->error("a callback of magna's client threw: {}", what.what());
    } catch (...) {
      logger()->error("a callback of magna's client threw");
    }
    job = nullptr;
    guard.lock();
  }
}

} // namespace magna
