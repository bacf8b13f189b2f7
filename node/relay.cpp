#include <magna/node/relay.hpp>

#include <algorithm>
#include <utility>

#include <caf/const_typed_message_view.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/wire_screen.hpp>

namespace magna {

relay_state::relay_state(self_pointer<relay_actor> self, connection_actor way, request question,
                         requester_actor requester)
  : self_(self),
    way_(std::move(way)),
    question_(std::move(question)),
    requester_(std::move(requester)),
    began_(self->clock().now()) {}

relay_actor::behavior_type relay_state::make_behavior() {
  itself_ = relay_actor{self_};
  return {
    [this](started& what) {
      if (is_stale())
        return;
      provider_ = what.provider;
      what.attempt = last_attempt_ = earlier_attempts_ + what.attempt;
      self_->mail(std::move(what)).send(requester_);
    },
    [this](chunk& what) {
      if (is_stale())
        return;
      if (question_.initial_credit)
        for (const auto& x : what.parts)
          *question_.initial_credit -= std::min<std::uint64_t>(*question_.initial_credit, x.size());
      // Nodes count from 0 each, and another one may have told thoughts before.
      self_->mail(delivery_.take(std::move(what.parts))).send(requester_);
    },
    [this](const completion& what) {
      if (!is_stale())
        finish(what);
    },
    [this](const failure& what) {
      if (!is_stale())
        on_failure(what);
    },
    [this](const cancel&) {
      cancelled_ = true;
      // Its node ends the request with what it has delivered and used. Before it has one, this actor's end is
      // what the node hears.
      if (control_)
        self_->mail(cancel{question_.id}).send(control_);
      else
        finish(failure{.error = errc::cancelled, .message = "the request was cancelled"});
    },
    [this](const credit& more) {
      // Another node that is asked after this gets what is left.
      if (question_.initial_credit)
        *question_.initial_credit += more.bytes;
      if (control_)
        self_->mail(credit{question_.id, more.bytes}).send(control_);
    },
    [this](const open_stream&) -> caf::result<accepted> {
      opened_ = self_->make_response_promise<accepted>();
      auto promise = *opened_;
      begin();
      return promise;
    },
    [this](const collect_answer&) -> caf::result<completion> {
      collected_ = self_->make_response_promise<completion>();
      auto promise = *collected_;
      begin();
      return promise;
    },
    [this](const node_down& what) {
      if (!over_ && what.address == address_)
        move_on({.error = errc::node_lost, .message = what.reason, .retryable = true});
    },
  };
}

void relay_state::begin() {
  // A node would cut the connection off, and with it all that runs there.
  if (const auto size = wire_size(question_); size > wire_screen::largest_request)
    finish(failure{.error = errc::invalid_request,
                   .message = "the request has " + std::to_string(size) + " bytes; a node takes at most "
                              + std::to_string(wire_screen::largest_request)});
  else
    next_node();
}

bool relay_state::is_stale() const {
  const auto sender = self_->current_sender();
  return over_ || !node_ || (sender && sender->node() != node_.node());
}

void relay_state::next_node(std::optional<failure> last_word) {
  ++round_;
  earlier_attempts_ = last_attempt_;
  address_.clear();
  control_ = nullptr;
  node_ = nullptr;
  self_->mail(pick_node{failed_})
    .request(way_, caf::infinite)
    .then([this](const picked_node& node) { ask(node); },
          [this, last_word = std::move(last_word)](const caf::error& reason) {
            // The last node's own word says more than that there is none left.
            if (last_word)
              finish(*last_word);
            else if (const auto known = caf::make_const_typed_message_view<failure>(reason.context()))
              finish(caf::get<0>(known));
            else
              finish(failure{.error = errc::node_lost, .message = error_text(reason), .retryable = true});
          });
}

void relay_state::ask(const picked_node& node) {
  if (over_)
    return;
  address_ = node.address;
  node_ = node.node;
  auto what = question_;
  if (what.deadline)
    what.deadline =
      std::max<caf::timespan>(*what.deadline - (self_->clock().now() - began_), caf::timespan{1});
  if (collected_) {
    self_->mail(std::move(what))
      .request(node.node, caf::infinite)
      .then([this](const completion& end) { finish(end); },
            [this, round = round_](const caf::error& reason) { on_refused(round, reason); });
    return;
  }
  self_->mail(std::move(what), requester_actor{self_})
    .request(node.node, caf::infinite)
    .then([this, round = round_](const accepted& open) { on_accepted(round, open); },
          [this, round = round_](const caf::error& reason) { on_refused(round, reason); });
}

void relay_state::on_accepted(std::uint64_t round, const accepted& what) {
  if (round != round_ || over_)
    return;
  control_ = what.control;
  if (opened_)
    std::exchange(opened_, std::nullopt)->deliver(accepted{question_.id, stream_control_actor{self_}});
}

void relay_state::on_refused(std::uint64_t round, const caf::error& reason) {
  if (round != round_ || over_)
    return;
  const auto known = caf::make_const_typed_message_view<failure>(reason.context());
  if (!known)
    move_on({.error = errc::node_lost,
             .message = "node " + address_ + ": " + error_text(reason),
             .retryable = true});
  else if (caf::get<0>(known).error == errc::overloaded)
    move_on(caf::get<0>(known));
  else
    finish(caf::get<0>(known));
}

void relay_state::on_failure(const failure& what) {
  // A node that shuts down cancels what has not ended at its drain deadline.
  const auto given_up = what.error == errc::cancelled && !cancelled_;
  if ((given_up || what.error == errc::overloaded) && !over_ && !delivery_.committed())
    move_on(what);
  else
    finish(what);
}

void relay_state::move_on(failure reason) {
  failed_.push_back(address_);
  if (delivery_.committed() || cancelled_) {
    finish(std::move(reason));
    return;
  }
  logger()->info("[{}] node {} is out ({}); asking another one", question_.id, address_, reason.message);
  next_node(std::move(reason));
}

void relay_state::finish(const completion& what) {
  if (over_)
    return;
  if (collected_)
    collected_->deliver(what);
  else
    self_->mail(what).send(requester_);
  leave();
}

void relay_state::finish(failure what) {
  if (over_)
    return;
  what.request_id = question_.id;
  if (what.error == errc::node_lost) {
    what.provider = provider_;
    what.delivered_chars = delivery_.chars();
  }
  if (collected_)
    collected_->deliver(caf::make_error(what.error, what));
  else if (opened_)
    opened_->deliver(caf::make_error(what.error, what));
  else
    self_->mail(std::move(what)).send(requester_);
  leave();
}

void relay_state::leave() {
  over_ = true;
  self_->quit();
}

} // namespace magna
