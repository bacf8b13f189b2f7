#include "client.hpp"

#include <limits>
#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <magna/messages/caf.hpp>

namespace magna::test {

namespace {

/// A chunk of no request: marks a place in the requester's mailbox.
constexpr auto marker = std::numeric_limits<std::uint64_t>::max();

struct client_state {
  using handle_type = requester_actor;
  static constexpr const char* name = "test.client";

  client_state(self_pointer<requester_actor>, std::shared_ptr<client_log> to) : log(std::move(to)) {}

  requester_actor::behavior_type make_behavior() {
    return {
      [this](const started& x) { log->note([&x](received& all) { all.starts.push_back(x); }); },
      [this](const chunk& x) { log->note([&x](received& all) { all.chunks.push_back(x); }); },
      [this](const completion& x) { log->note([&x](received& all) { all.completions.push_back(x); }); },
      [this](const failure& x) { log->note([&x](received& all) { all.failures.push_back(x); }); },
    };
  }

  std::shared_ptr<client_log> log;
};

/// Waits for a response, not for a stream.
struct asker_state {
  using handle_type = requester_actor;
  static constexpr const char* name = "test.asker";

  asker_state(self_pointer<requester_actor> owner, std::shared_ptr<client_log> to, orchestrator_actor whom,
              request question)
    : self(owner), log(std::move(to)), front(std::move(whom)), what(std::move(question)) {}

  requester_actor::behavior_type make_behavior() {
    self->mail(what)
      .request(front, caf::infinite)
      .then([this](const completion& x) { log->note([&x](received& all) { all.completions.push_back(x); }); },
            [this](const caf::error&) { log->note([](received& all) { all.failures.emplace_back(); }); });
    return {[](const started&) {}, [](const chunk&) {}, [](const completion&) {}, [](const failure&) {}};
  }

  self_pointer<requester_actor> self;
  std::shared_ptr<client_log> log;
  orchestrator_actor front;
  request what;
};

bool is_marker(const chunk& x) {
  return x.seq == marker;
}

} // namespace

std::string received::text() const {
  std::string result;
  for (const auto& x : chunks)
    result += x.text();
  return result;
}

void client_log::note(const std::function<void(received&)>& change) {
  {
    const std::lock_guard guard{mutex_};
    change(content_);
  }
  changed_.notify_all();
}

bool client_log::wait_for(const std::function<bool(const received&)>& done,
                          std::chrono::milliseconds limit) const {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, limit, [&] { return done(content_); });
}

received client_log::content() const {
  const std::lock_guard guard{mutex_};
  return content_;
}

client::client(caf::actor_system& sys) : sys_(sys), actor_(spawn_state<client_state>(sys, log_)) {}

client::~client() {
  die();
}

bool client::ask(const orchestrator_actor& front, request what) {
  caf::scoped_actor self{sys_};
  bool taken = false;
  blocking_request(self, front, std::chrono::seconds{20}, std::move(what), actor_)
    .receive(
      [&](const accepted& x) {
        taken = true;
        control_ = x.control;
      },
      [](const caf::error&) {});
  return taken;
}

void client::ask_for_whole(const orchestrator_actor& front, request what) {
  die();
  actor_ = spawn_state<asker_state>(sys_, log_, front, std::move(what));
}

void client::die() {
  if (actor_)
    caf::anon_send_exit(actor_, caf::exit_reason::kill);
  actor_ = nullptr;
}

received client::settle() {
  const auto marked = [](const received& all) {
    return std::any_of(all.chunks.begin(), all.chunks.end(), is_marker);
  };
  if (actor_) {
    anon_mail(chunk{.seq = marker, .parts = {}}).send(actor_);
    log_->wait_for(marked);
  }
  auto result = log_->content();
  std::erase_if(result.chunks, is_marker);
  return result;
}

} // namespace magna::test
