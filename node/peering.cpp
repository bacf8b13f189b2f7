#include <magna/node/peering.hpp>

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/node/out_of_step.hpp>

namespace magna {

peering_state::peering_state(self_pointer<peering_actor> self, peering_config config)
  : self_(self), config_(std::move(config)) {}

peering_state::~peering_state() {
  timer_.dispose();
  for (auto& x : links_)
    x.timer.dispose();
}

peering_actor::behavior_type peering_state::make_behavior() {
  for (const auto& where : config_.peers)
    links_.push_back(
      {.address = to_string(where), .dialer = dialers_.start(self_->home_system(), where, config_.tls)});
  for (auto& x : links_)
    start_dialing(x);
  timer_ = self_->mail(peer_tick{}).delay(config_.interval).send(peering_actor{self_});
  return {
    [this](const peer_news& what) {
      if (what.node != config_.name)
        self_->mail(what.health).send(config_.table->health_monitor());
    },
    [this](const join& what) -> caf::result<joined> {
      if (what.node == config_.name)
        return caf::make_error(
          errc::invalid_request,
          "a node that calls itself " + what.node
            + " as well: leave it out of --peer if it is the same, or give it another --name");
      logger()->info("node {} has joined", what.node);
      std::erase_if(links_, [&what](const link& x) { return x.address.empty() && x.name == what.node; });
      links_.push_back({.address = {}, .dialer = {}, .name = what.node, .peer = what.peer});
      watch(what.peer);
      tell_peers();
      return joined{config_.name, peer_actor{self_}};
    },
    [this](const get_peers&) { return peers(); },
    [this](const peer_tick&) {
      tell_peers();
      timer_ = self_->mail(peer_tick{}).delay(config_.interval).send(peering_actor{self_});
    },
    [this](const dial_tick& what) {
      if (auto* x = find(what.address); x != nullptr && !x->peer)
        start_dialing(*x);
    },
  };
}

peering_state::link* peering_state::find(const std::string& address) {
  const auto found = std::ranges::find(links_, address, &link::address);
  return found != links_.end() ? &*found : nullptr;
}

void peering_state::start_dialing(link& x) {
  const auto failed = [this, address = x.address](const caf::error& reason) {
    on_problem(address, error_text(reason));
  };
  const auto introduce = [this, address = x.address, failed](const node_actor& node) {
    calls_.ask<joined>(
      self_, node, address, join{config_.name, peer_actor{self_}},
      [this, address](const joined& answer) {
        auto& found = *find(address);
        found.name = answer.node;
        found.peer = answer.peer;
        found.problem.clear();
        logger()->info("joined node {} at {}", answer.node, address);
        watch(answer.peer);
        tell_peers();
      },
      failed);
  };
  self_->mail(dial{}).request(x.dialer, caf::infinite).then(introduce, failed);
}

void peering_state::on_problem(const std::string& address, const std::string& problem) {
  auto& x = *find(address);
  if (x.problem != problem)
    logger()->warn("{}", problem);
  x.problem = problem;
  x.timer = self_->mail(dial_tick{address}).delay(out_of_step(config_.redial)).send(peering_actor{self_});
}

void peering_state::watch(const peer_actor& peer) {
  self_->monitor(peer, [this, who = peer.address()](const caf::error& reason) {
    const auto is_gone = [&who](const link& x) { return x.peer && x.peer.address() == who; };
    for (auto& x : links_) {
      if (!is_gone(x) || x.address.empty())
        continue;
      x.peer = nullptr;
      on_problem(x.address, "node " + x.name + " is lost: " + error_text(reason));
    }
    std::erase_if(links_, is_gone);
  });
}

void peering_state::tell_peers() {
  if (std::ranges::none_of(links_, [](const link& x) { return static_cast<bool>(x.peer); }))
    return;
  self_->mail(get_health_facts{})
    .request(config_.table->health_monitor(), caf::infinite)
    .then(
      [this](const health_facts& facts) {
        const peer_news news{config_.name, facts};
        for (const auto& x : links_)
          if (x.peer)
            self_->mail(news).send(x.peer);
      },
      [](const caf::error&) {
        // It was restarted; the next time comes soon.
      });
}

peer_list peering_state::peers() const {
  peer_list result;
  for (const auto& x : links_)
    result.peers.push_back({x.address, x.name, static_cast<bool>(x.peer), x.problem});
  return result;
}

} // namespace magna
