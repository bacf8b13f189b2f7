#include <magna/client/when.hpp>

#include <algorithm>

#include <magna/client/client_call.hpp>

namespace magna {

first_of::~first_of() {
  for (const auto& x : answers_)
    x.call_->forget_ready();
}

bool first_of::await_ready() const {
  return std::ranges::any_of(answers_, [](const pending_answer& x) { return x.call_->is_ready(); });
}

bool first_of::await_suspend(std::coroutine_handle<> who) {
  // The coroutine may go on, and even end, before all of them are asked: nothing of it is touched then.
  const auto resumed = resumed_;
  std::vector<std::shared_ptr<client_call>> calls;
  calls.reserve(answers_.size());
  for (const auto& x : answers_)
    calls.push_back(x.call_);
  for (const auto& call : calls) {
    const auto waits = call->when_ready([resumed, who] {
      if (!resumed->exchange(true))
        who.resume();
    });
    // One has ended meanwhile. Unless another one goes on with the coroutine already, it goes on here.
    if (!waits)
      return resumed->exchange(true);
  }
  return true;
}

first_answer first_of::await_resume() const {
  const auto found =
    std::ranges::find_if(answers_, [](const pending_answer& x) { return x.call_->is_ready(); });
  return {static_cast<std::size_t>(found - answers_.begin()), found->call_->result()};
}

} // namespace magna
