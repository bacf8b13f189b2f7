#include <magna/bench/canned_transport.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <magna/bench/upstream.hpp>

namespace magna::bench {

canned_transport::canned_transport(const load& what)
  : body_(what.stream ? stream_body(what.chunks) : answer_body(std::string(64 + what.answer_bytes, 'x'))),
    event_(event_of(std::string(token_size, '0'))),
    piece_(what.stream ? event_.size() : std::size_t{16} << 10),
    streams_(what.stream),
    has_silent_streams_(what.beside > 0),
    thread_([this] { run(); }) {}

canned_transport::~canned_transport() {
  {
    const std::lock_guard guard{mutex_};
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

transfer_id canned_transport::start(http_request request, const transfer_options&,
                                    std::shared_ptr<transfer_listener> listener) {
  const auto is_silent = has_silent_streams_ && request.body.find(R"("stream":true)") != std::string::npos;
  const std::lock_guard guard{mutex_};
  const auto id = ++last_id_;
  all_.emplace(id,
               std::make_shared<running>(running{.listener = std::move(listener), .is_silent = is_silent}));
  ready_.push_back(id);
  changed_.notify_one();
  return id;
}

void canned_transport::resume(transfer_id id) {
  const std::lock_guard guard{mutex_};
  if (const auto found = all_.find(id); found != all_.end() && std::exchange(found->second->paused, false)) {
    ready_.push_back(id);
    changed_.notify_one();
  }
}

void canned_transport::cancel(transfer_id id) {
  const std::lock_guard guard{mutex_};
  all_.erase(id);
}

void canned_transport::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    changed_.wait(guard, [this] { return stop_ || !ready_.empty(); });
    if (stop_)
      return;
    const auto id = ready_.front();
    ready_.pop_front();
    const auto found = all_.find(id);
    if (found == all_.end())
      continue;
    const auto x = found->second;
    // A resume may come while the listener is still being told.
    x->paused = true;
    guard.unlock();
    const auto over = tell(*x);
    guard.lock();
    if (over)
      all_.erase(id);
  }
}

bool canned_transport::tell(running& x) const {
  if (x.told == 0)
    x.listener->on_head(
      http_head{200, {{"content-type", streams_ || x.is_silent ? "text/event-stream" : "application/json"}}});
  if (x.is_silent) {
    if (std::exchange(x.told, event_.size()) == 0)
      x.listener->on_data(event_);
    return false;
  }
  while (x.told < body_.size()) {
    const auto piece = std::string_view{body_}.substr(x.told, piece_);
    x.told += piece.size();
    if (!x.listener->on_data(piece))
      return false;
  }
  x.listener->on_end(std::nullopt);
  return true;
}

} // namespace magna::bench
