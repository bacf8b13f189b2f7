#include <magna/node/connection.hpp>

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/messages/request_id.hpp>
#include <magna/node/caf/wire_calls.hpp>
#include <magna/node/relay.hpp>

namespace magna {

namespace {

caf::error node_lost(const std::string& why) {
  return caf::make_error(errc::node_lost,
                         failure{.error = errc::node_lost, .message = why, .retryable = true});
}

} // namespace

connection_state::connection_state(self_pointer<connection_actor> self, connection_config config)
  : self_(self), config_(std::move(config)), calls_(std::make_unique<wire_calls>()) {}

connection_state::~connection_state() {
  for (auto& x : nodes_)
    x.timer.dispose();
  // A request cannot outlive the way to its node.
  for (const auto& [who, x] : running_)
    anon_mail(node_down{x.address, "the connection was closed"}).send(x.relay);
}

connection_actor::behavior_type connection_state::make_behavior() {
  for (const auto& where : config_.nodes) {
    nodes_.push_back({.address = to_string(where),
                      .dialer = dialers_.start(self_->home_system(), where, config_.tls),
                      .wait = config_.first_wait});
  }
  for (auto& x : nodes_)
    start_dialing(x);
  return {
    [this](const request& what, const requester_actor& requester) -> caf::result<accepted> {
      return self_->mail(open_stream{}).delegate(start_relay(what, requester));
    },
    [this](const request& what) -> caf::result<completion> {
      return self_->mail(collect_answer{}).delegate(start_relay(what, {}));
    },
    [this](const cancel& what) {
      if (const auto relay = relay_of(what.request_id))
        self_->mail(what).send(relay);
    },
    [this](const credit& what) {
      if (const auto relay = relay_of(what.request_id))
        self_->mail(what).send(relay);
    },
    [this](const get_status& what) -> caf::result<status_report> {
      auto promise = self_->make_response_promise<status_report>();
      ask_a_node(what, promise);
      return promise;
    },
    [this](const check_health& what) -> caf::result<health_report> {
      auto promise = self_->make_response_promise<health_report>();
      ask_a_node(what, promise);
      return promise;
    },
    [this](const subscribe& what) {
      // Every node tells of its own view; nodes that connect later do so from then on.
      subscribers_.push_back(what.subscriber);
      for (const auto& x : nodes_)
        if (x.handle)
          self_->mail(what).send(x.handle);
    },
    [this](const pick_node& what) { return on_pick(what); },
    [this](const dial_tick& what) {
      if (auto* x = find(what.address); x != nullptr && !x->handle && !x->dialing)
        start_dialing(*x);
    },
  };
}

// -- requests -----------------------------------------------------------------------------------------------

relay_actor connection_state::start_relay(const request& what, const requester_actor& requester) {
  auto question = what;
  if (question.id.empty())
    question.id = make_request_id();
  running made{.relay = {},
               .request_id = question.id,
               .requester =
                 requester ? requester.address() : caf::actor_cast<caf::actor_addr>(self_->current_sender()),
               .address = {}};
  made.relay =
    spawn_state<relay_state>(self_->home_system(), connection_actor{self_}, std::move(question), requester);
  auto relay = made.relay;
  by_id_[made.request_id] = relay.address();
  const auto owner = made.requester;
  running_.emplace(relay.address(), std::move(made));
  if (owner)
    watch_requester(owner, relay.address());
  self_->monitor(relay, [this, address = relay.address()](const caf::error&) { on_relay_down(address); });
  return relay;
}

void connection_state::on_relay_down(const caf::actor_addr& relay) {
  const auto ended = running_.extract(relay);
  if (ended.empty())
    return;
  const auto& request = ended.mapped();
  if (auto* x = find(request.address))
    --x->requests;
  // Its ID may be another request's by now.
  if (const auto named = by_id_.find(request.request_id); named != by_id_.end() && named->second == relay)
    by_id_.erase(named);
  if (const auto owner = by_requester_.find(request.requester); owner != by_requester_.end()) {
    owner->second.erase(relay);
    if (owner->second.empty())
      by_requester_.erase(owner);
  }
}

relay_actor connection_state::relay_of(const std::string& request_id) const {
  const auto named = by_id_.find(request_id);
  return named != by_id_.end() ? running_.at(named->second).relay : relay_actor{};
}

void connection_state::watch_requester(const caf::actor_addr& requester, const caf::actor_addr& relay) {
  auto& relays = by_requester_[requester];
  const auto is_watched = watched_.contains(requester);
  relays.insert(relay);
  if (is_watched)
    return;
  const auto gone = [this, requester](const caf::error&) {
    watched_.erase(requester);
    const auto owner = by_requester_.extract(requester);
    if (owner.empty())
      return;
    for (const auto& address : owner.mapped())
      if (const auto found = running_.find(address); found != running_.end())
        self_->mail(cancel{found->second.request_id}).send(found->second.relay);
  };
  if (const auto handle = caf::actor_cast<caf::strong_actor_ptr>(requester)) {
    watched_.insert(requester);
    self_->monitor(caf::actor_cast<requester_actor>(handle), gone);
  } else {
    gone({});
  }
}

caf::result<picked_node> connection_state::on_pick(const pick_node& what) {
  const auto sender = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  if (auto* x = choose(what.except)) {
    assign(sender, *x);
    return picked_node{x->address, x->handle};
  }
  if (!is_hopeful(what.except))
    return no_node();
  auto promise = self_->make_response_promise<picked_node>();
  waiting_.push_back({sender, what, promise});
  return promise;
}

void connection_state::assign(const caf::actor_addr& relay, node& x) {
  const auto found = running_.find(relay);
  if (found == running_.end())
    return;
  if (auto* before = find(found->second.address))
    --before->requests;
  found->second.address = x.address;
  ++x.requests;
}

void connection_state::serve_waiting() {
  for (const auto& ask : std::exchange(questions_, {}))
    ask();
  for (auto& next : std::exchange(waiting_, {})) {
    if (auto* x = choose(next.what.except)) {
      assign(next.relay, *x);
      next.promise.deliver(picked_node{x->address, x->handle});
    } else if (is_hopeful(next.what.except)) {
      waiting_.push_back(std::move(next));
    } else {
      next.promise.deliver(no_node());
    }
  }
}

connection_state::node* connection_state::choose(const std::vector<std::string>& except) {
  node* best = nullptr;
  for (auto& x : nodes_)
    if (x.handle && std::ranges::find(except, x.address) == except.end()
        && (best == nullptr || x.requests < best->requests))
      best = &x;
  return best;
}

bool connection_state::is_hopeful(const std::vector<std::string>& except) const {
  return std::ranges::any_of(nodes_, [&except](const node& x) {
    return x.dialing && std::ranges::find(except, x.address) == except.end();
  });
}

template <class Result, class Message>
void connection_state::ask_a_node(const Message& what, caf::typed_response_promise<Result> promise) {
  if (const auto* x = choose({}))
    calls_->ask<Result>(
      self_, x->handle, x->address, what, [promise](const Result& found) mutable { promise.deliver(found); },
      [promise](const caf::error& reason) mutable {
        promise.deliver(reason == errc::node_lost ? node_lost(error_text(reason)) : reason);
      });
  else if (is_hopeful({}))
    questions_.push_back([this, what, promise] { ask_a_node(what, promise); });
  else
    promise.deliver(no_node());
}

caf::error connection_state::no_node() const {
  std::string problems;
  for (const auto& x : nodes_)
    problems += (problems.empty() ? "" : "; ")
                + (x.problem.empty() ? x.address + " has failed the request" : x.problem);
  return node_lost(problems);
}

// -- nodes --------------------------------------------------------------------------------------------------

connection_state::node* connection_state::find(const std::string& address) {
  const auto found = std::ranges::find(nodes_, address, &node::address);
  return found != nodes_.end() ? &*found : nullptr;
}

void connection_state::start_dialing(node& x) {
  x.dialing = true;
  self_->mail(dial{})
    .request(x.dialer, caf::infinite)
    .then([this, address = x.address](const node_actor& handle) { on_connected(address, handle); },
          [this, address = x.address](const caf::error& reason) {
            auto& failed = *find(address);
            failed.dialing = false;
            failed.problem = error_text(reason);
            logger()->debug("{}", failed.problem);
            dial_later(failed);
            serve_waiting();
          });
}

void connection_state::on_connected(const std::string& address, const node_actor& handle) {
  auto& x = *find(address);
  x.dialing = false;
  x.handle = handle;
  x.problem.clear();
  x.wait = config_.first_wait;
  logger()->info("connected to node {}", address);
  self_->monitor(handle, [this, address, who = handle.address()](const caf::error& reason) {
    on_lost(address, who, error_text(reason));
  });
  for (const auto& subscriber : subscribers_)
    self_->mail(subscribe{subscriber}).send(handle);
  serve_waiting();
}

void connection_state::on_lost(const std::string& address, const caf::actor_addr& who,
                               const std::string& reason) {
  auto& x = *find(address);
  if (x.handle.address() != who)
    return;
  logger()->warn("node {} is lost: {}", address, reason);
  x.handle = nullptr;
  x.problem = "node " + address + " is lost: " + reason;
  // At once: most nodes that end are restarted. Those who fail over may wait for it.
  start_dialing(x);
  for (const auto& [relay, request] : running_)
    if (request.address == address)
      self_->mail(node_down{address, x.problem}).send(request.relay);
}

void connection_state::dial_later(node& x) {
  x.timer.dispose();
  x.timer = self_->mail(dial_tick{x.address}).delay(x.wait).send(connection_actor{self_});
  x.wait = std::min(x.wait * 2, config_.longest_wait);
}

} // namespace magna
