#include <magna/client/pending_answer.hpp>

#include <algorithm>
#include <utility>

#include <magna/client/client_call.hpp>

namespace magna {

using namespace std::chrono_literals;

pending_answer::pending_answer(std::shared_ptr<client_call> what) noexcept : call_(std::move(what)) {}

pending_answer::pending_answer(pending_answer&& other) noexcept = default;

pending_answer::~pending_answer() {
  if (call_)
    call_->cancel();
}

pending_answer& pending_answer::operator=(pending_answer&& other) noexcept {
  if (this != &other) {
    if (call_)
      call_->cancel();
    call_ = std::move(other.call_);
  }
  return *this;
}

expected<completion> pending_answer::get() const {
  return call_->result();
}

bool pending_answer::wait_for(std::chrono::milliseconds limit) const {
  // More than any request may take, and no clock overflows.
  return call_->wait_until(std::chrono::steady_clock::now()
                           + std::min<std::chrono::milliseconds>(limit, 48h));
}

void pending_answer::cancel() const {
  call_->cancel();
}

pending_answer::operator std::future<expected<completion>>() && {
  const auto promise = std::make_shared<std::promise<expected<completion>>>();
  auto result = promise->get_future();
  std::exchange(call_, nullptr)->at_end([promise](const expected<completion>& how) {
    promise->set_value(how);
  });
  return result;
}

pending_answer::awaiter::awaiter(std::shared_ptr<client_call> what) noexcept : call_(std::move(what)) {}

pending_answer::awaiter::~awaiter() {
  call_->forget_ready();
}

bool pending_answer::awaiter::await_ready() const {
  return call_->is_ready();
}

bool pending_answer::awaiter::await_suspend(std::coroutine_handle<> who) {
  // The coroutine may go on, and even end, before when_ready returns: nothing of it is touched after.
  const auto kept = call_;
  return kept->when_ready([who] { who.resume(); });
}

expected<completion> pending_answer::awaiter::await_resume() const {
  return call_->result();
}

} // namespace magna
