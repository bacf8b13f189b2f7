#include "fixture.hpp"

#include <algorithm>
#include <future>
#include <ranges>
#include <semaphore>
#include <stdexcept>
#include <thread>

using namespace magna;
using namespace magna::test;

static_assert(std::ranges::input_range<answer_stream>);

WITH_FIXTURE(client_fixture) {

SUITE("client.streams") {

TEST("the chunks of a stream make up the answer, and then its end is known") {
  steps("gemini=ok(text=\"One word after the other.\", token_delay=5)");
  client llm{config};
  auto answer = llm.stream("Hello");
  std::string text;
  std::uint64_t seq = 0;
  for (const auto& x : answer) {
    check_eq(x.seq, seq++);
    check_eq(answer.attempt()->provider, "gemini");
    text += x.text();
  }
  check_eq(text, "One word after the other.");
  const auto end = answer.result();
  require(end.has_value());
  check_eq(end->provider, "gemini");
  check_eq(end->text, text);
  check(end->message() == chat_message{.from = role::assistant, .content = text});
  check_eq(llm.last_used_provider(), "gemini");
  check(answer.begin() == answer.end());
}

TEST("a loop of the program's own is woken when there is something to read, and never blocks") {
  steps("gemini=ok(text=\"One by one, and all.\", token_delay=20)");
  client llm{config};
  const auto answer = llm.stream("Hello");
  check(!answer.request_id().empty());
  std::string text;
  std::binary_semaphore woken{0};
  while (!answer.is_over()) {
    if (const auto next = answer.try_next())
      text += next->text();
    else if (answer.when_ready([&woken] { woken.release(); }))
      require(woken.try_acquire_for(10s));
  }
  check_eq(text, "One by one, and all.");
  check(!answer.try_next());
  check(answer.result().has_value());
  steps("gemini=stall");
  const auto silent = llm.stream("Hello");
  check(!silent.try_next());
  check(!silent.is_over());
}

TEST("a stream of a request that does not stream has its text in the result") {
  steps("gemini=ok(text=\"At once.\")");
  client llm{config};
  auto question = make_request("Hello");
  question.stream = false;
  const auto answer = llm.stream(std::move(question));
  check(answer.begin() == answer.end());
  check_eq(answer.result()->text, "At once.");
}

TEST("leaving the loop ends the request at the provider") {
  steps("gemini=ok(endless=true, token_delay=5)");
  client llm{config};
  for (const auto& x : llm.stream("Hello")) {
    check(!x.text().empty());
    break;
  }
  check(closed_by_client(1));
}

TEST("a stream can be read on after a break") {
  steps("gemini=ok(text=\"a b c d e f\", token_delay=5)");
  client llm{config};
  const auto answer = llm.stream("Hello");
  std::string text;
  for (const auto& x : answer) {
    text += x.text();
    break;
  }
  text += text_of(answer);
  check_eq(text, "a b c d e f");
}

TEST("another thread cancels a stream: the loop ends, with one cancelled") {
  steps("gemini=stall(after=1)");
  client llm{config};
  const auto answer = llm.stream("Hello");
  std::thread other;
  for (const auto& x : answer) {
    check(!x.text().empty());
    if (!other.joinable())
      other = std::thread{[&answer] { answer.cancel(); }};
  }
  other.join();
  const auto end = answer.result();
  require(!end);
  check_eq(end.error().error, errc::cancelled);
  check_gt(end.error().delivered_chars, 0u);
  check(closed_by_client(1));
}

TEST("a stream that breaks off says how much there was") {
  steps("gemini=cut(after=2)");
  client llm{config};
  const auto answer = llm.stream("Hello");
  const auto text = text_of(answer);
  check(!text.empty());
  const auto end = answer.result();
  require(!end);
  check_eq(end.error().error, errc::stream_truncated);
  check_eq(end.error().delivered_chars, text.size());
}

TEST("a refused request is a stream without text") {
  client llm{config};
  const auto answer = llm.stream("");
  check_eq(text_of(answer), "");
  check_eq(answer.result().error().error, errc::invalid_request);
}

TEST("a small window lets the whole of a long answer through") {
  steps("gemini=ok(tokens=2000, token=\"0123456789\")");
  client llm{config};
  for (const std::uint64_t window : {0, 1, 64, 5000}) {
    auto question = make_request("Hello");
    question.initial_credit = window;
    const auto answer = llm.stream(question);
    check_eq(text_of(answer).size(), 20'000u);
    check(answer.result().has_value());
  }
}

TEST("text that nobody reads stays at the provider") {
  steps("gemini=ok(endless=true, token=\"" + std::string(1000, 'x') + "\")");
  client llm{config};
  const auto answer = llm.stream("Hello");
  const auto sent = [this] { return sim.requests().at(0).bytes_sent; };
  require(sim.wait_for_requests(1));
  // What the system's sockets take is no concern of ours: wait until it is full.
  std::size_t before = 0;
  for (std::size_t now = sent(), same = 0; same < 10; now = sent()) {
    std::this_thread::sleep_for(50ms);
    same = now == before && now > 0 ? same + 1 : 0;
    before = now;
  }
  check_eq(sent(), before);
  // All that it has sent, but what waits here, is in the sockets: reading lets more come.
  std::size_t read = 0;
  for (const auto& x : answer) {
    read += x.text().size();
    if (read > before + (1 << 20))
      break;
  }
  check_gt(sent(), before);
}

TEST("asking for the result first loses the text, not the end") {
  steps("gemini=ok(tokens=20000, token=\"0123456789\")");
  client llm{config};
  const auto answer = llm.stream("Hello");
  check(answer.result().has_value());
  check(answer.begin() == answer.end());
}

TEST("callbacks get every chunk, and then one end") {
  steps("gemini=ok(text=\"To be called back.\", token_delay=5)");
  client llm{config};
  std::string text;
  std::promise<expected<completion>> done;
  llm.async_stream(
    make_request("Hello"), [&text](const chunk& x) { text += x.text(); },
    [&done](const expected<completion>& how) { done.set_value(how); });
  auto end = done.get_future();
  require(end.wait_for(20s) == std::future_status::ready);
  check_eq(end.get().value().provider, "gemini");
  check_eq(text, "To be called back.");
}

TEST("the handle of a stream with callbacks cancels it") {
  steps("gemini=stall(after=1)");
  client llm{config};
  std::promise<void> begun;
  std::promise<expected<completion>> done;
  std::once_flag first;
  const auto handle = llm.async_stream(
    make_request("Hello"), [&](const chunk&) { std::call_once(first, [&] { begun.set_value(); }); },
    [&done](const expected<completion>& how) { done.set_value(how); });
  require(begun.get_future().wait_for(20s) == std::future_status::ready);
  handle.cancel();
  auto end = done.get_future();
  require(end.wait_for(20s) == std::future_status::ready);
  check_eq(end.get().error().error, errc::cancelled);
  handle.cancel();
  check(closed_by_client(1));
}

TEST("a callback that throws ends its request, and no other") {
  steps("gemini=ok(endless=true, token_delay=5)");
  client llm{config};
  std::promise<expected<completion>> done;
  int calls = 0;
  llm.async_stream(
    make_request("Hello"),
    [&calls](const chunk&) {
      ++calls;
      throw std::runtime_error{"enough"};
    },
    [&done](const expected<completion>& how) { done.set_value(how); });
  auto end = done.get_future();
  require(end.wait_for(20s) == std::future_status::ready);
  const auto how = end.get();
  check_eq(how.error().error, errc::cancelled);
  check_found(how.error().message, "enough");
  check_eq(calls, 1);
  check(closed_by_client(1));
  steps("gemini=ok");
  check(llm.generate("Hello").has_value());
}

TEST("a callback may ask and wait itself") {
  steps("gemini=ok(text=\"twice\")");
  client llm{config};
  std::promise<std::string> inner;
  llm.async_stream(
    make_request("Hello"), [](const chunk&) {},
    [&](const expected<completion>&) {
      std::future<expected<completion>> other = llm.async_generate("Hello");
      inner.set_value(llm.generate("Hello").value().text + other.get().value().text
                      + text_of(llm.stream("Hello")));
    });
  auto answer = inner.get_future();
  require(answer.wait_for(20s) == std::future_status::ready);
  check_eq(answer.get(), "twicetwicetwice");
}

} // SUITE("client.streams")

} // WITH_FIXTURE(client_fixture)
