#include "fixture.hpp"

#include <magna/client/async_client.hpp>
#include <magna/client/task.hpp>

#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace magna;
using namespace magna::test;

namespace {

task<std::string> ask(async_client llm) {
  const auto answer = co_await llm.generate("Hello");
  co_return answer.value().text;
}

task<std::string> read(async_client llm) {
  std::string text;
  const auto answer = llm.stream(make_request("Hello"), 30s);
  while (const auto next = co_await answer.next())
    text += next->text();
  const auto end = answer.result();
  co_return text + (end ? "" : to_string(end.error().error));
}

task<std::string> ask_twice_at_once(client& llm) {
  const auto first = async_client{llm}.generate(make_request("Hello"), 30s);
  const auto second = llm.async_generate("Hello");
  const auto one = co_await first;
  const auto two = co_await second;
  co_return one.value().text + two.value().text;
}

task<std::string> ask_in_turn(client& llm) {
  auto one = co_await ask(llm);
  const auto two = co_await ask(llm);
  co_return one + two;
}

task<> note_end(client& llm, std::optional<errc>& end, std::promise<void>& begun) {
  const auto pending = llm.async_generate("Hello");
  begun.set_value();
  const auto answer = co_await pending;
  end = answer.error().error;
}

/// Begins at once; nobody waits for it.
struct fire_and_forget {
  struct promise_type {
    fire_and_forget get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

fire_and_forget wait_for_answer(client& llm, bool& resumed) {
  const auto answer = co_await llm.async_generate("Hello");
  resumed = true;
}

fire_and_forget note_thread(client& llm, std::promise<std::thread::id>& where) {
  const auto answer = co_await llm.async_generate("Hello");
  where.set_value(std::this_thread::get_id());
}

} // namespace

WITH_FIXTURE(client_fixture) {

SUITE("client.coroutines") {

TEST("a coroutine awaits an answer") {
  steps("gemini=ok(text=\"Awaited.\")");
  client llm{config};
  check_eq(sync_wait(ask(llm)), "Awaited.");
}

TEST("a coroutine awaits a stream, chunk by chunk, to its good or bad end") {
  steps("gemini=ok(text=\"One by one.\", token_delay=5), cut(after=1)");
  client llm{config};
  check_eq(sync_wait(read(llm)), "One by one.");
  check_found(sync_wait(read(llm)), ".+stream_truncated$");
}

TEST("a coroutine has two requests under way at once") {
  steps("gemini=ok(text=\"x\", first_token_delay=50)");
  client llm{config};
  check_eq(sync_wait(ask_twice_at_once(llm)), "xx");
  const auto log = sim.requests();
  require_eq(log.size(), 2u);
  check(log[1].arrived < log[0].ended);
}

TEST("coroutines await each other") {
  steps("gemini=ok(text=\"y\")");
  client llm{config};
  check_eq(sync_wait(ask_in_turn(llm)), "yy");
}

TEST("an exception reaches who waits") {
  steps("all=bad_request");
  client llm{config};
  try {
    static_cast<void>(sync_wait(ask_in_turn(llm)));
    fail("nothing was thrown");
  } catch (const magna::error& thrown) {
    check_eq(thrown.kind(), errc::invalid_request);
  }
}

TEST("a coroutine that has to wait goes on on one thread of the client's") {
  steps("gemini=ok(first_token_delay=100)");
  client llm{config};
  std::promise<std::thread::id> first;
  std::promise<std::thread::id> second;
  const auto one = note_thread(llm, first);
  const auto two = note_thread(llm, second);
  auto where = first.get_future();
  auto there = second.get_future();
  require(where.wait_for(20s) == std::future_status::ready);
  require(there.wait_for(20s) == std::future_status::ready);
  const auto id = where.get();
  check(id != std::this_thread::get_id());
  check(id == there.get());
  // It is done when a later callback has run.
  std::promise<void> later;
  llm.async_stream(
    make_request("Hello"), [](const chunk&) {}, [&later](const expected<completion>&) { later.set_value(); });
  later.get_future().wait();
  one.handle.destroy();
  two.handle.destroy();
}

TEST("a coroutine that waits when its client goes is told, once") {
  steps("gemini=stall");
  std::optional<errc> end;
  std::promise<void> begun;
  auto llm = std::make_unique<client>(config);
  auto waits = std::async(std::launch::async, [&] { sync_wait(note_end(*llm, end, begun)); });
  begun.get_future().wait();
  require(sim.wait_for_requests(1));
  llm.reset();
  require(waits.wait_for(20s) == std::future_status::ready);
  check(end == errc::cancelled);
}

TEST("a coroutine that is destroyed while it waits cancels its request, and is not resumed") {
  steps("gemini=stall");
  bool resumed = false;
  {
    client llm{config};
    const auto waits = wait_for_answer(llm, resumed);
    require(sim.wait_for_requests(1));
    // Nothing can come: it is safe on this thread, too.
    waits.handle.destroy();
    check(closed_by_client(1));
  }
  check(!resumed);
}

} // SUITE("client.coroutines")

} // WITH_FIXTURE(client_fixture)
