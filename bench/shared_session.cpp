#include <magna/bench/shared_session.hpp>

namespace magna::bench {

shared_session::shared_session(const load& what) : session_(what) {}

std::optional<std::uint64_t> shared_session::start(std::uint32_t lane) {
  const std::lock_guard guard{mutex_};
  return session_.start(lane);
}

void shared_session::on_text(std::uint64_t request, std::uint64_t events, std::string_view text) {
  const std::lock_guard guard{mutex_};
  session_.on_text(request, events, text);
  session_.look_at_clock();
  tell_if_over();
}

void shared_session::on_end(std::uint64_t request, bool good) {
  const std::lock_guard guard{mutex_};
  session_.on_end(request, good);
  tell_if_over();
}

void shared_session::look_at_clock() {
  const std::lock_guard guard{mutex_};
  session_.look_at_clock();
  tell_if_over();
}

figures shared_session::wait_for_result() {
  std::unique_lock guard{mutex_};
  ended_.wait(guard, [this] { return session_.over(); });
  return session_.result();
}

void shared_session::tell_if_over() {
  if (!session_.over() || over_)
    return;
  over_ = true;
  ended_.notify_all();
}

} // namespace magna::bench
