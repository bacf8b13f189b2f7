#include <magna/client/call_board.hpp>

#include <utility>

#include <magna/client/health_listener.hpp>

namespace magna {

void call_board::open(const client_call_ptr& what, const std::function<call_actor()>& spawn) {
  {
    // The lock keeps `close` waiting, and with it the end of the actor system.
    const mutex_lock guard{mutex_};
    if (taking_) {
      running_.emplace(what.get(), what);
      what->start(spawn());
      return;
    }
  }
  what->end(what->make_failure(errc::overloaded, "the client is shutting down and takes no new requests"));
}

bool call_board::open(const std::shared_ptr<health_listener>& what, const std::function<void()>& start) {
  const mutex_lock guard{mutex_};
  if (closed_)
    return false;
  std::erase_if(listeners_, [](const auto& x) { return x.expired(); });
  listeners_.push_back(what);
  start();
  return true;
}

void call_board::remove(const client_call& what) {
  const mutex_lock guard{mutex_};
  const auto found = running_.find(&what);
  if (found == running_.end())
    return;
  running_.erase(found);
  if (running_.empty())
    idle_.notify_all();
}

void call_board::note_provider(const std::string& name) {
  const mutex_lock guard{mutex_};
  last_used_provider_ = name;
}

std::string call_board::last_used_provider() const {
  const mutex_lock guard{mutex_};
  return last_used_provider_;
}

void call_board::stop_taking() {
  const mutex_lock guard{mutex_};
  taking_ = false;
}

std::size_t call_board::wait_until_idle(std::chrono::steady_clock::time_point limit) const {
  mutex_lock guard{mutex_};
  while (!running_.empty())
    if (idle_.wait_until(guard, limit) == std::cv_status::timeout)
      break;
  return running_.size();
}

void call_board::close() {
  std::vector<std::weak_ptr<health_listener>> listeners;
  {
    const mutex_lock guard{mutex_};
    taking_ = false;
    closed_ = true;
    listeners = std::exchange(listeners_, {});
  }
  for (const auto& x : running())
    x->end(x->make_failure(errc::cancelled, "the client was closed"));
  for (const auto& weak : listeners)
    if (const auto x = weak.lock())
      x->detach();
  // Those that end by themselves just now.
  mutex_lock guard{mutex_};
  while (!running_.empty())
    idle_.wait(guard);
}

void call_board::on_service_lost(const std::string& reason) {
  for (const auto& x : running())
    x->on_service_lost(reason);
}

std::vector<client_call_ptr> call_board::running() const {
  const mutex_lock guard{mutex_};
  std::vector<client_call_ptr> result;
  result.reserve(running_.size());
  for (const auto& [key, x] : running_)
    result.push_back(x);
  return result;
}

} // namespace magna
