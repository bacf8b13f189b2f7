// The runtime, asked by one actor as an application's actors ask it.

#include <magna/bench/subjects.hpp>

#include <charconv>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/type_id.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/bench/canned_transport.hpp>
#include <magna/bench/session.hpp>
#include <magna/bench/upstream.hpp>
#include <magna/messages/types.hpp>
#include <magna/providers/codec_registry.hpp>

namespace magna::bench {

namespace {

/// A requester that is also told when it may go on.
using driver_actor = requester_actor::extend<caf::result<void>(caf::tick_atom)>;

class driver_state {
public:
  using handle_type = driver_actor;
  static constexpr const char* name = "magna.bench.driver";

  driver_state(self_pointer<driver_actor> self, const load& what, service_actor service,
               std::promise<figures> result)
    : self_(self),
      question_(question_of(what)),
      service_(std::move(service)),
      result_(std::move(result)),
      session_(what) {}

  driver_actor::behavior_type make_behavior() {
    itself_ = driver_actor{self_};
    if (session_.what().beside == 0)
      start_all();
    else
      open_streams_beside();
    return {
      [this](const started& what) {
        if (!what.request_id.starts_with(beside_prefix))
          lanes_[self_->current_sender().get()] = number_of(what.request_id);
      },
      [this](const chunk& what) {
        const auto found = lanes_.find(self_->current_sender().get());
        if (found == lanes_.end()) {
          if (++open_beside_ == session_.what().beside)
            start_all();
          return;
        }
        const auto& text = what.parts.front().bytes;
        session_.on_text(found->second, text.size() / token_size, text);
        if (session_.what().requests == 0) {
          session_.look_at_clock();
          finish_if_over();
        }
      },
      [this](const completion& what) {
        lanes_.erase(self_->current_sender().get());
        on_stream_end(what.request_id, true);
      },
      [this](const failure& what) {
        logger()->error("{}", what.message);
        lanes_.erase(self_->current_sender().get());
        on_stream_end(what.request_id, false);
      },
      [this](caf::tick_atom) { start(0); },
    };
  }

private:
  /// How the ids of streams begin that stay open and silent.
  static constexpr std::string_view beside_prefix = "beside-";

  static std::uint64_t number_of(const std::string& id) {
    std::uint64_t result = 0;
    std::from_chars(id.data(), id.data() + id.size(), result);
    return result;
  }

  void open_streams_beside() {
    auto stream = question_;
    stream.stream = true;
    for (std::uint32_t i = 0; i < session_.what().beside; ++i) {
      stream.id = std::string{beside_prefix} + std::to_string(i);
      self_->mail(stream, requester_actor{driver_actor{self_}})
        .request(service_, caf::infinite)
        .then([](const accepted&) {}, [this](const caf::error& why) { on_lost(to_string(why)); });
    }
  }

  void start_all() {
    for (std::uint32_t i = 0; i < session_.what().in_flight; ++i)
      start(i);
  }

  void start(std::uint32_t lane) {
    const auto next = session_.start(lane);
    if (!next)
      return;
    question_.id = std::to_string(*next);
    if (question_.stream)
      self_->mail(question_, requester_actor{driver_actor{self_}})
        .request(service_, caf::infinite)
        .then([](const accepted&) {}, [this, id = *next](const caf::error& why) { on_refusal(id, why); });
    else
      self_->mail(question_)
        .request(service_, caf::infinite)
        .then([this, id = *next](const completion&) { on_end(id, true); },
              [this, id = *next](const caf::error& why) { on_refusal(id, why); });
  }

  void on_refusal(std::uint64_t request, const caf::error& why) {
    logger()->error("{}", to_string(why));
    on_end(request, false);
  }

  void on_stream_end(const std::string& id, bool good) {
    if (id.starts_with(beside_prefix))
      on_lost("a stream that should stay open has ended");
    else
      on_end(number_of(id), good);
  }

  /// One of those that stay open is gone, and with it the sense of the run.
  void on_lost(const std::string& why) {
    if (finished_)
      return;
    finished_ = true;
    logger()->error("{}", why);
    itself_ = nullptr;
    result_.set_value(figures{.failures = 1});
    self_->quit();
  }

  void on_end(std::uint64_t request, bool good) {
    session_.on_end(request, good);
    finish_if_over();
    const auto& what = session_.what();
    if (session_.over())
      return;
    if (what.pause_us == 0)
      start(session_.lane_of(request));
    else
      self_->mail(caf::tick_atom_v).delay(std::chrono::microseconds{what.pause_us}).send(driver_actor{self_});
  }

  void finish_if_over() {
    if (!session_.over() || finished_)
      return;
    finished_ = true;
    itself_ = nullptr;
    result_.set_value(session_.result());
    self_->quit();
  }

  self_pointer<driver_actor> self_;
  /// Nobody else knows it while it pauses.
  driver_actor itself_;
  request question_;
  service_actor service_;
  std::promise<figures> result_;
  session session_;
  std::uint32_t open_beside_ = 0;
  /// Which request a chunk is of, by who sends it.
  std::unordered_map<const void*, std::uint64_t> lanes_;
  bool finished_ = false;
};

} // namespace

figures drive(caf::actor_system& system, const load& what, service_actor service) {
  std::promise<figures> promise;
  auto result = promise.get_future();
  spawn_state<driver_state>(system, what, std::move(service), std::move(promise));
  return result.get();
}

/// The chain of a load, with limits that no load reaches.
settings settings_for(const load& what) {
  settings all;
  for (std::uint32_t i = 0; i < what.providers; ++i) {
    provider_settings provider;
    provider.name = "provider-" + std::to_string(i);
    provider.kind = provider_kind::openai;
    provider.base_url = base_url_of(what);
    provider.model = "gpt-4o";
    provider.keys = {"sk-bench"};
    all.providers.push_back(std::move(provider));
  }
  all.transport_threads = what.transport_threads;
  all.timeout = std::chrono::minutes{10};
  all.request_deadline = std::chrono::minutes{10};
  all.max_in_flight = 20'000;
  all.max_requests = 20'000;
  return all;
}

figures run_actors(const load& what) {
  caf::actor_system_config config;
  configure(config);
  if (!what.scheduler.empty())
    config.set("caf.scheduler.policy", what.scheduler);
  if (what.scheduler_threads > 0)
    config.set("caf.scheduler.max-threads", what.scheduler_threads);
  // Reports of single requests cost more than the requests.
  logger()->set_level(spdlog::level::err);
  caf::actor_system system{config};
  const runtime llm{system, settings_for(what),
                    what.canned ? std::make_shared<canned_transport>(what) : nullptr};
  return drive(system, what, llm.service());
}

} // namespace magna::bench
