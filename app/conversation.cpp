#include <magna/app/conversation.hpp>

#include <utility>

#include <magna/client/expected.hpp>
#include <magna/messages/error_text.hpp>

namespace magna::app {

conversation_state::conversation_state(self_pointer<requester_actor> self, service_actor service,
                                       shared_request question, std::shared_ptr<inbox> target)
  : self_(self), service_(std::move(service)), question_(std::move(question)), target_(std::move(target)) {}

requester_actor::behavior_type conversation_state::make_behavior() {
  // On another node it goes with its connection; in this process it does not go before this actor.
  self_->monitor(service_, [this](const caf::error& reason) {
    end(failure{.error = errc::node_lost,
                .message = "the node that served the request is gone: " + error_text(reason),
                .retryable = true});
  });
  self_->mail(*question_, requester_actor{self_})
    .request(service_, caf::infinite)
    .then([this](const accepted& what) { target_->push(what); },
          [this](const caf::error& reason) { end(to_failure(reason)); });
  return {
    [this](const chunk& what) { target_->push(what); },
    [this](const completion& what) { end(what); },
    [this](const failure& what) { end(what); },
  };
}

} // namespace magna::app
