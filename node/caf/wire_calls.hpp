#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// An actor's requests to actors on other nodes. CAF leaves such a request without a response when the
/// connection is lost; here it ends with an errc::node_lost then, which says which node it was.
class wire_calls {
public:
  using error_handler = std::function<void(const caf::error&)>;

  /// `node` is where `whom` is, in words. Calls one of the two once, unless `self`, whose member this is,
  /// ends before: there is nobody left to tell.
  template <class Result, class Self, class Handle, class Message, class Then>
  void ask(Self self, const Handle& whom, const std::string& node, Message&& what, Then then,
           error_handler otherwise) {
    const auto id = ++last_id_;
    open_.emplace(id, call{whom.address(), node, std::move(otherwise)});
    if (watched_.insert(whom.address()).second)
      self->monitor(whom, [this, who = whom.address()](const caf::error& reason) { on_lost(who, reason); });
    self->mail(std::forward<Message>(what))
      .request(whom, caf::infinite)
      .then(
        [this, id, then](const Result& result) mutable {
          if (open_.erase(id) > 0)
            then(result);
        },
        [this, id](const caf::error& reason) {
          if (auto ended = open_.extract(id))
            ended.mapped().otherwise(reason);
        });
  }

private:
  struct call {
    caf::actor_addr whom;
    std::string node;
    error_handler otherwise;
  };

  void on_lost(const caf::actor_addr& whom, const caf::error& reason) {
    watched_.erase(whom);
    std::vector<call> ended;
    std::erase_if(open_, [&](auto& x) {
      const auto concerned = x.second.whom == whom;
      if (concerned)
        ended.push_back(std::move(x.second));
      return concerned;
    });
    for (const auto& x : ended)
      x.otherwise(caf::make_error(errc::node_lost, "node " + x.node + " is lost: " + error_text(reason)));
  }

  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, call> open_;
  std::unordered_set<caf::actor_addr> watched_;
};

} // namespace magna
