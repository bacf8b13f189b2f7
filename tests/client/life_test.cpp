#include "fixture.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>

using namespace magna;
using namespace magna::test;

namespace {

/// How requests have ended, noted by any thread.
struct tally {
  void note(const expected<completion>& how) {
    if (how)
      ++good;
    else if (how.error().error == errc::cancelled)
      ++cancelled;
    else
      ++other;
  }
  std::atomic<int> good{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> other{0};
};

} // namespace

WITH_FIXTURE(client_fixture) {

SUITE("client.life") {

TEST("whatever runs when the client goes has exactly one end: cancelled") {
  steps("gemini=stall(after=1)");
  tally ends;
  auto llm = std::make_unique<client>(config);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&ends, what = llm.get()] { ends.note(what->generate("Hello")); });
    threads.emplace_back([&ends, answer = llm->stream("Hello")] {
      for (const auto& x : answer)
        static_cast<void>(x);
      ends.note(answer.result());
    });
  }
  std::vector<std::future<expected<completion>>> futures;
  std::vector<pending_answer> pending;
  for (int i = 0; i < 4; ++i) {
    futures.push_back(llm->async_generate("Hello"));
    pending.push_back(llm->async_generate("Hello"));
    llm->async_stream(
      make_request("Hello"), [](const chunk&) {},
      [&ends](const expected<completion>& how) { ends.note(how); });
  }
  require(sim.wait_for_requests(20, 60s));
  llm.reset();
  for (auto& x : threads)
    x.join();
  for (auto& x : futures)
    ends.note(x.get());
  for (const auto& x : pending)
    ends.note(x.get());
  check_eq(ends.cancelled.load(), 20);
  check_eq(ends.good.load(), 0);
  check_eq(ends.other.load(), 0);
  check(closed_by_client(20));
}

TEST("a client may be destroyed by its own callback") {
  auto llm = std::make_unique<client>(config);
  std::promise<void> done;
  llm->async_stream(
    make_request("Hello"), [](const chunk&) {},
    [&](const expected<completion>&) {
      llm.reset();
      done.set_value();
    });
  auto ended = done.get_future();
  require(ended.wait_for(20s) == std::future_status::ready);
  check(llm == nullptr);
}

TEST("a client ends though the threads that have made and used it live on") {
  std::unique_ptr<client> llm;
  std::promise<void> used;
  std::promise<void> gone;
  std::thread other{[&] {
    llm = std::make_unique<client>(config);
    static_cast<void>(llm->generate("Hello"));
    static_cast<void>(text_of(llm->stream("Hello")));
    static_cast<void>(llm->check_health());
    {
      const auto ear = llm->subscribe([](const health_event&) {});
    }
    used.set_value();
    gone.get_future().wait();
  }};
  used.get_future().wait();
  auto ends = std::async(std::launch::async, [&llm] { llm.reset(); });
  const auto in_time = ends.wait_for(10s) == std::future_status::ready;
  gone.set_value();
  other.join();
  check(in_time);
}

TEST("a callback that asks again when its client goes is refused") {
  steps("gemini=stall");
  std::optional<errc> second;
  {
    client llm{config};
    llm.async_stream(
      make_request("Hello"), [](const chunk&) {},
      [&](const expected<completion>& first) {
        if (first.error().error == errc::cancelled)
          second = llm.generate("Hello").error().error;
      });
    require(sim.wait_for_requests(1));
  }
  check(second == errc::overloaded);
}

TEST("streams and subscriptions outlive their client without harm") {
  steps("gemini=stall(after=1)");
  auto llm = std::make_unique<client>(config);
  const auto answer = llm->stream("Hello");
  const auto first = answer.begin();
  check(first != answer.end());
  const auto ear = llm->subscribe([](const health_event&) {});
  llm.reset();
  check_eq(answer.result().error().error, errc::cancelled);
  answer.cancel();
}

TEST("a shutdown lets requests end, takes no new ones, and cancels those that are late") {
  steps("gemini=ok(text=\"In time.\", first_token_delay=200)");
  client llm{config};
  const auto running = llm.async_generate("Hello");
  require(sim.wait_for_requests(1));
  check_eq(llm.shutdown(20s), 0u);
  check_eq(running.get().value().text, "In time.");
  check_eq(llm.generate("Hello").error().error, errc::overloaded);

  steps("gemini=stall");
  client other{config};
  const auto late = other.async_generate("Hello");
  require(sim.wait_for_requests(1));
  check_eq(other.shutdown(100ms), 1u);
  check_eq(late.get().error().error, errc::cancelled);
}

TEST(
  "a shutdown takes any time to wait for: the greatest waits for the requests, less than nothing does not") {
  steps("gemini=ok(text=\"In time.\", first_token_delay=200)");
  {
    client llm{config};
    const auto running = llm.async_generate("Hello");
    require(sim.wait_for_requests(1));
    check_eq(llm.shutdown(std::chrono::milliseconds::max()), 0u);
    check_eq(running.get().value().text, "In time.");
  }
  caf::actor_system_config with_magna;
  configure(with_magna);
  caf::actor_system sys{with_magna};
  runtime patient{sys, config};
  client of_patient{sys, patient.service()};
  const auto running = of_patient.async_generate("Hello");
  require(sim.wait_for_requests(2));
  check_eq(patient.shutdown(std::chrono::milliseconds::max()).cancelled_requests, 0u);
  check_eq(running.get().value().text, "In time.");

  steps("gemini=stall");
  runtime hasty{sys, config};
  client of_hasty{sys, hasty.service()};
  const auto late = of_hasty.async_generate("Hello");
  require(sim.wait_for_requests(3));
  check_eq(hasty.shutdown(std::chrono::milliseconds::min()).cancelled_requests, 1u);
  check_eq(late.get().error().error, errc::cancelled);
}

TEST("sixteen threads share one client") {
  steps("all=ok(echo=true)");
  config.max_requests = 10'000;
  client llm{config};
  std::atomic<int> right{0};
  std::atomic<int> events{0};
  const auto ear = llm.subscribe([&events](const health_event&) { ++events; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const auto prompt = "prompt " + std::to_string(t) + " " + std::to_string(i);
        right += llm.generate(prompt).value().text == prompt ? 1 : 0;
        right += text_of(llm.stream(prompt)) == prompt ? 1 : 0;
        std::future<expected<completion>> future = llm.async_generate(prompt);
        std::promise<expected<completion>> done;
        std::string text;
        llm.async_stream(
          make_request(prompt), [&text](const chunk& x) { text += x.text(); },
          [&done](const expected<completion>& how) { done.set_value(how); });
        right += future.get().value().text == prompt ? 1 : 0;
        static_cast<void>(done.get_future().get().value());
        right += text == prompt ? 1 : 0;
        { const auto dropped = llm.async_generate(prompt); }
        right += llm.last_used_provider() == "gemini" ? 1 : 0;
        right += llm.provider_status().has_value() ? 1 : 0;
      }
    });
  }
  for (auto& x : threads)
    x.join();
  check_eq(right.load(), 16 * 5 * 6);
  check_ge(events.load(), 1);
}

} // SUITE("client.life")

} // WITH_FIXTURE(client_fixture)
