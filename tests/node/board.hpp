#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <caf/typed_message_view.hpp>

#include <magna/messages/types.hpp>

namespace magna::test {

using namespace std::chrono_literals;

/// What many requesters got; written by actors, waited for by the test.
class board {
public:
  struct entry {
    std::string text;
    int completions = 0;
    int failures = 0;
    errc error{};
    /// What was said of the failure.
    std::string why;
  };

  explicit board(std::size_t size) : entries_(size) {}

  template <class F>
  void change(std::size_t at, F f) {
    {
      const std::lock_guard guard{mutex_};
      f(entries_[at]);
    }
    changed_.notify_all();
  }

  template <class F>
  bool wait_until(F all, std::chrono::seconds at_most = 60s) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, at_most, [&] { return std::ranges::all_of(entries_, all); });
  }

  std::vector<entry> entries() {
    const std::lock_guard guard{mutex_};
    return entries_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<entry> entries_;
};

class asking_state {
public:
  using handle_type = requester_actor;
  static constexpr const char* name = "test.asking";

  asking_state(self_pointer<requester_actor> self, service_actor service, request what,
               std::shared_ptr<board> results, std::size_t at)
    : self_(self),
      service_(std::move(service)),
      what_(std::move(what)),
      results_(std::move(results)),
      at_(at) {}

  requester_actor::behavior_type make_behavior() {
    // The end of a lost node is the requester's own to notice.
    self_->monitor(service_, [this](const caf::error&) {
      results_->change(at_, [](board::entry& x) {
        ++x.failures;
        x.error = errc::node_lost;
      });
      self_->quit();
    });
    self_->mail(what_, requester_actor{self_})
      .request(service_, caf::infinite)
      .then([](const accepted&) {},
            [this](const caf::error& reason) {
              results_->change(at_, [&reason](board::entry& x) {
                ++x.failures;
                x.why = to_string(reason);
                const auto known = caf::make_const_typed_message_view<failure>(reason.context());
                x.error = known ? caf::get<0>(known).error : errc::node_lost;
              });
              self_->quit();
            });
    return {
      [](const started&) {},
      [this](const magna::chunk& what_came) {
        results_->change(at_, [&](board::entry& x) { x.text += what_came.text(); });
      },
      [this](const completion&) {
        results_->change(at_, [](board::entry& x) { ++x.completions; });
        self_->quit();
      },
      [this](const failure& what_went) {
        results_->change(at_, [&](board::entry& x) {
          ++x.failures;
          x.error = what_went.error;
          x.why = what_went.message;
        });
        self_->quit();
      },
    };
  }

private:
  self_pointer<requester_actor> self_;
  service_actor service_;
  request what_;
  std::shared_ptr<board> results_;
  std::size_t at_;
};

inline request to_say(const std::string& prompt) {
  request what;
  what.messages.push_back({role::user, prompt});
  return what;
}

inline bool has_ended(const board::entry& x) {
  return x.completions + x.failures > 0;
}

inline bool has_begun(const board::entry& x) {
  return !x.text.empty();
}

} // namespace magna::test
