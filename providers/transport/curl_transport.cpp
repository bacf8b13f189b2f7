//   any thread                           transport thread
//   ----------                           ----------------
//   start, resume, cancel  --queue-->    carry_out: hands the commands to the engine
//                          --eventfd-->  engine: waits for sockets and timers, works, calls the listeners
//
// A command wakes the thread only when it sleeps and nobody else has woken it: a burst costs one wake-up, and
// what a listener asks for none.

#include <magna/providers/transport/curl_transport.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <csignal>
#include <pthread.h>

#include <magna/providers/transport/curl_engine.hpp>

namespace magna {

namespace {

/// Blocks all signals while it lives; threads started meanwhile inherit that.
class signal_block {
public:
  signal_block() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }

  ~signal_block() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  signal_block(const signal_block&) = delete;
  signal_block& operator=(const signal_block&) = delete;

private:
  sigset_t before_{};
};

/// One thread and its share of the transfers. Its IDs are `first_id`, and from there on every `step`th.
class http_thread {
public:
  http_thread(const curl_transport::settings& config, const std::string& name, transfer_id first_id,
              transfer_id step)
    : step_(step), next_id_(first_id) {
    engine_ = std::make_unique<curl_engine>(
      config.ca_file, config.max_kept_connections,
      [this](transfer& x, std::optional<transfer_error> outcome) { finish(x, std::move(outcome)); });
    // Signals are other threads' business. SIGPIPE above all: a TLS peer that goes away must not end the
    // process.
    const signal_block guard;
    thread_ = std::thread{[this, visible = name.substr(0, 15)] {
      pthread_setname_np(pthread_self(), visible.c_str());
      run();
    }};
  }

  ~http_thread() {
    {
      const std::lock_guard guard{mutex_};
      stop_ = true;
      // With the mutex held: without it the thread might see `stop_` and have ended the engine by now.
      engine_->wake();
    }
    thread_.join();
  }

  http_thread(const http_thread&) = delete;
  http_thread& operator=(const http_thread&) = delete;

  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) {
    auto ptr = std::make_shared<transfer>(std::move(request), options, std::move(listener));
    // Go when this function returns, without the mutex.
    std::array<transfer_map::node_type, 2> over;
    std::unique_lock guard{mutex_};
    for (auto& x : over)
      if (!over_.empty())
        x = over_.extract(over_.begin());
    const auto id = next_id_;
    next_id_ += step_;
    ptr->id = id;
    transfers_.emplace(id, ptr);
    push({verb::start, std::move(ptr)}, std::move(guard));
    return id;
  }

  void resume(transfer_id id) {
    std::unique_lock guard{mutex_};
    if (const auto i = transfers_.find(id); i != transfers_.end())
      push({verb::resume, i->second}, std::move(guard));
  }

  void cancel(transfer_id id) {
    std::unique_lock guard{mutex_};
    const auto i = transfers_.find(id);
    if (i == transfers_.end())
      return;
    auto target = std::move(i->second);
    transfers_.erase(i);
    target->cancelled = true;
    push({verb::cancel, std::move(target)}, std::move(guard));
  }

private:
  enum class verb { start, resume, cancel };

  struct command {
    verb what;
    std::shared_ptr<transfer> target;
  };

  /// Takes the mutex from the caller: the thread that is woken needs it at once.
  void push(command x, std::unique_lock<std::mutex> guard) {
    queue_.push_back(std::move(x));
    guard.unlock();
    if (asleep_.exchange(false))
      engine_->wake();
  }

  void run() {
    while (carry_out()) {
      engine_->run_timers();
      engine_->wait(!fall_asleep());
      asleep_ = false;
      engine_->run_sockets();
    }
    shut_down();
  }

  /// Returns false when there is something to do first.
  bool fall_asleep() {
    const std::lock_guard guard{mutex_};
    asleep_ = queue_.empty();
    return asleep_;
  }

  /// Carries out the commands that are there. Returns false when the transport is to stop.
  bool carry_out() {
    {
      const std::lock_guard guard{mutex_};
      if (stop_)
        return false;
      batch_.swap(queue_);
      if (over_.size() < max_over)
        over_.merge(ended_);
    }
    ended_.clear();
    for (const auto& [what, target] : batch_) {
      switch (what) {
        case verb::start:
          if (!target->cancelled)
            engine_->begin(*target);
          break;
        case verb::resume:
          if (!target->cancelled)
            engine_->go_on(*target);
          break;
        case verb::cancel:
          engine_->drop(*target);
          target->listener.reset();
          break;
      }
    }
    batch_.clear();
    return true;
  }

  /// Tells the listener the end, unless it cancelled, and lets go of the transfer.
  void finish(transfer& x, std::optional<transfer_error> outcome) {
    // Keeps the transfer until this function returns. When it is not there it was cancelled, and the command
    // to do so keeps it.
    transfer_map::node_type owner;
    {
      const std::lock_guard guard{mutex_};
      owner = transfers_.extract(x.id);
    }
    if (!x.cancelled)
      x.listener->on_end(std::move(outcome));
    x.listener.reset();
    if (owner && x.request.body.capacity() <= max_kept_body)
      ended_.insert(std::move(owner));
  }

  /// Ends everything, also what listeners start while they hear of their end.
  void shut_down() {
    for (;;) {
      transfer_map orphans;
      {
        const std::lock_guard guard{mutex_};
        batch_.swap(queue_);
        orphans.swap(transfers_);
      }
      if (batch_.empty() && orphans.empty())
        break;
      for (const auto& [what, target] : batch_) {
        if (target->cancelled)
          engine_->drop(*target);
      }
      for (const auto& [id, target] : orphans) {
        engine_->drop(*target);
        finish(*target, transfer_error{errc::cancelled, "the transport was shut down"});
      }
      batch_.clear();
    }
    // On this thread, as it takes no SIGPIPE: closing a TLS connection writes to it.
    engine_.reset();
  }

  using transfer_map = std::unordered_map<transfer_id, std::shared_ptr<transfer>>;

  /// More, or bigger ones, are not kept for who may never come.
  static constexpr std::size_t max_over = 64;
  static constexpr std::size_t max_kept_body = std::size_t{16} << 10;

  const transfer_id step_;
  std::unique_ptr<curl_engine> engine_;

  /// The transport thread's own.
  std::vector<command> batch_;
  transfer_map ended_;

  /// The transport thread waits, or is about to, and nobody has woken it yet. Becomes true only with the
  /// mutex held and the queue empty.
  std::atomic<bool> asleep_ = false;

  std::mutex mutex_;
  // Guarded by the mutex:
  std::vector<command> queue_;
  transfer_map transfers_;
  /// Ended ones, for who starts the next to free: they were allocated where transfers are started, and to
  /// free them here would make both threads wait for the allocator's lock.
  transfer_map over_;
  transfer_id next_id_;
  bool stop_ = false;

  /// Last: it uses all the others.
  std::thread thread_;
};

} // namespace

class curl_transport::impl {
public:
  explicit impl(const settings& config) {
    const auto count = std::max<std::size_t>(config.threads, 1);
    auto share = config;
    share.max_kept_connections = (config.max_kept_connections + count - 1) / count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = count == 1 ? config.thread_name : config.thread_name + '-' + std::to_string(i);
      threads_.push_back(std::make_unique<http_thread>(share, name, i + count, count));
    }
  }

  /// In turns: transfers are much alike, and who waits for a model is no work.
  http_thread& next() noexcept {
    return threads_.size() == 1 ? *threads_.front() : *threads_[turn_.fetch_add(1) % threads_.size()];
  }

  http_thread& of(transfer_id id) noexcept { return *threads_[id % threads_.size()]; }

private:
  std::vector<std::unique_ptr<http_thread>> threads_;
  std::atomic<std::size_t> turn_ = 0;
};

curl_transport::curl_transport() : curl_transport(settings{}) {}

curl_transport::curl_transport(const settings& config) : impl_(std::make_unique<impl>(config)) {}

curl_transport::~curl_transport() = default;

transfer_id curl_transport::start(http_request request, const transfer_options& options,
                                  std::shared_ptr<transfer_listener> listener) {
  return impl_->next().start(std::move(request), options, std::move(listener));
}

void curl_transport::resume(transfer_id id) {
  impl_->of(id).resume(id);
}

void curl_transport::cancel(transfer_id id) {
  impl_->of(id).cancel(id);
}

} // namespace magna
