#include <magna/client/answer_stream.hpp>

#include <utility>

#include <magna/client/client_call.hpp>

namespace magna {

pending_chunk::pending_chunk(std::shared_ptr<client_call> what) noexcept : call_(std::move(what)) {}

pending_chunk::~pending_chunk() {
  call_->forget_ready();
}

std::optional<chunk> pending_chunk::get() const {
  return call_->next();
}

bool pending_chunk::await_ready() const {
  return call_->is_ready();
}

bool pending_chunk::await_suspend(std::coroutine_handle<> who) {
  // The coroutine may go on, and even end, before when_ready returns: nothing of it is touched after.
  const auto kept = call_;
  return kept->when_ready([who] { who.resume(); });
}

std::optional<chunk> pending_chunk::await_resume() const {
  return call_->next();
}

answer_stream::iterator::iterator(client_call* what) : call_(what) {
  ++*this;
}

answer_stream::iterator& answer_stream::iterator::operator++() {
  current_ = call_->next();
  return *this;
}

answer_stream::answer_stream(std::shared_ptr<client_call> what) noexcept : call_(std::move(what)) {}

answer_stream::answer_stream(answer_stream&& other) noexcept = default;

answer_stream::~answer_stream() {
  if (call_)
    call_->cancel();
}

answer_stream& answer_stream::operator=(answer_stream&& other) noexcept {
  if (this != &other) {
    if (call_)
      call_->cancel();
    call_ = std::move(other.call_);
  }
  return *this;
}

answer_stream::iterator answer_stream::begin() const {
  return iterator{call_.get()};
}

pending_chunk answer_stream::next() const {
  return pending_chunk{call_};
}

std::optional<chunk> answer_stream::try_next() const {
  std::optional<chunk> result;
  call_->try_next(result);
  return result;
}

bool answer_stream::is_over() const {
  return call_->is_over();
}

bool answer_stream::when_ready(std::function<void()> wake) const {
  return call_->when_ready(std::move(wake));
}

std::optional<started> answer_stream::attempt() const {
  return call_->attempt();
}

const std::string& answer_stream::request_id() const noexcept {
  return call_->id();
}

expected<completion> answer_stream::result() const {
  return call_->result();
}

void answer_stream::cancel() const {
  call_->cancel();
}

} // namespace magna
