#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>

#include "fixture.hpp"

using namespace magna::test;
using namespace std::chrono_literals;
using magna::simulator::ending;

namespace {

constexpr auto endless = "gemini=ok(endless=true, token_delay=5)";

/// Waits until the first request's connection was closed by magna, and says whether it was in time.
bool closed_by_client(const magna::simulator::server& sim, std::chrono::milliseconds within = 10s) {
  const auto entry = sim.wait_for_end(0, within);
  return entry && entry->end == ending::client_closed;
}

} // namespace

WITH_FIXTURE(e2e) {

SUITE("e2e.streams") {

TEST("text comes as it is made, not when all of it is there") {
  steps("gemini=stall(after=3)");
  process running{MAGNA_EXECUTABLE, options({"ask", "Hello"})};
  check(running.wait_for_output(" "));
  running.send_signal(SIGINT);
  check_eq(running.wait().status, 130);
}

TEST("without streaming the answer is the same") {
  steps("all=ok(text=\"Grüße, 世界! 🎉\", split=byte)");
  for (const auto* provider : {"gemini", "openai", "ollama"}) {
    const auto streamed = ask({"--provider", provider});
    const auto whole = ask({"--no-stream", "--provider", provider});
    check_eq(streamed.out, "Grüße, 世界! 🎉");
    check_eq(whole.out, streamed.out);
    check_eq(streamed.status + whole.status, 0);
  }
  check_eq(sim.requests().at(0).stream, true);
  check_eq(sim.requests().at(1).stream, false);
}

TEST("the lines of --json are those that are promised, and no others") {
  steps("gemini=ok(text=\"One two three.\", prompt_tokens=11, completion_tokens=5, reasoning_tokens=2, "
        "cached_tokens=4)");
  for (const bool stream : {true, false}) {
    const auto result = stream ? ask({"--json"}) : ask({"--json", "--no-stream"});
    check_eq(result.status, 0);
    check_eq(result.err, "");
    const auto all = lines(result);
    require_ge(all.size(), 2u);
    check_eq(all.front().at("type"), "accepted");
    check_eq(all.front().size(), 2u);
    const auto id = all.front().at("request_id").get<std::string>();
    check(!id.empty());
    std::string text;
    if (stream) {
      check_eq(all[1].at("type"), "started");
      check_eq(all[1].at("request_id"), id);
      check_eq(all[1].at("attempt"), 1);
      check_eq(all[1].at("provider"), "gemini");
      check_eq(all[1].at("model"), "gemini-3.8-flash");
      check_eq(all[1].size(), 5u);
    }
    for (std::size_t i = 2; i + 1 < all.size(); ++i) {
      check_eq(all[i].at("type"), "chunk");
      check_eq(all[i].at("seq"), i - 2);
      check_eq(all[i].at("provider"), "gemini");
      check_eq(all[i].at("model"), "gemini-3.8-flash");
      check_eq(all[i].size(), 6u);
      check_eq(all[i].at("parts").at(0).at("text"), all[i].at("text"));
      text += all[i].at("text").get<std::string>();
    }
    check_eq(text, stream ? "One two three." : "");
    const auto& end = all.back();
    check_eq(end.at("type"), "completion");
    check_eq(end.at("request_id"), id);
    check_eq(end.at("provider"), "gemini");
    check_eq(end.at("finish_reason"), "stop");
    check_eq(end.at("text"), "One two three.");
    check_eq(end.at("usage").at("prompt_tokens"), 11);
    check_eq(end.at("usage").at("cached_tokens"), 4);
    check_eq(end.at("usage").at("reasoning_tokens"), 2);
    check_eq(end.at("usage").at("completion_tokens"), 7);
    check_eq(end.at("usage").at("total_tokens"), 18);
    check_ge(end.at("total_ms").get<int>(), end.at("ttft_ms").get<int>());
    check_eq(end.at("attempts").size(), 1u);
    check_eq(end.at("attempts")[0].at("outcome"), "ok");
    check_eq(end.at("attempts")[0].at("wait_ms"), 0);
    check_eq(end.at("attempts")[0].size(), 7u);
    check_eq(end.at("reasoning"), "");
    check_eq(end.at("tool_calls").size(), 0u);
    check_eq(end.size(), 12u);
  }
}

TEST("a failure in --json has all its fields") {
  steps("gemini=rate_limited(retry_after=120)");
  const auto result = ask({"--json", "--provider", "gemini"});
  check_eq(result.status, 1);
  const auto end = last_line(result);
  check_eq(end.at("type"), "failure");
  check_eq(end.at("error"), "rate_limited");
  check_ge(end.at("retry_after_ms").get<int>(), 100'000);
  check_eq(end.size(), 8u);
  steps("gemini=model_not_found");
  const auto other = last_line(ask({"--json", "--provider", "gemini"}));
  check(other.at("retry_after_ms").is_null());
}

TEST("--verbose says on stderr who answered, what it cost and what was tried") {
  steps("gemini=overloaded; openai=ok(text=\"Hi\", prompt_tokens=3, completion_tokens=4)");
  const auto result = ask({"--verbose"});
  check_eq(result.status, 0);
  check_eq(result.out, "Hi");
  check_found(result.err, "provider +openai, model ");
  check_found(result.err, "3 prompt .* 4 completion .* = 7");
  check_found(result.err, "gemini .*provider_unavailable");
  check_found(result.err, "openai .*ok");
}

TEST("a limit that cut the answer is said, though the answer is complete as far as the provider goes") {
  steps("gemini=ok(text=\"Half an\", finish=length)");
  const auto result = ask({"--max-tokens", "2"});
  check_eq(result.status, 0);
  check_eq(result.out, "Half an");
  check_found(result.err, "--max-tokens");
}

TEST("a large answer arrives whole") {
  steps("openai=ok(tokens=200000, batch=500)");
  const auto result = ask({"--provider", "openai", "--json"});
  check_eq(result.status, 0);
  std::string text;
  for (const auto& line : lines(result))
    if (line.at("type") == "chunk")
      text += line.at("text").get<std::string>();
  check_gt(text.size(), 500'000u);
  check_eq(last_line(result).at("text").get<std::string>() == text, true);
}

} // SUITE("e2e.streams")

SUITE("e2e.cancel") {

TEST("Ctrl-C and SIGTERM cancel upstream and end with 130") {
  for (const int signal : {SIGINT, SIGTERM}) {
    for (const auto* step : {endless, "gemini=stall", "gemini=stall(at=headers)"}) {
      steps(step);
      sim.reset();
      process running{MAGNA_EXECUTABLE, options({"ask", "Hello"})};
      require(sim.wait_for_requests(1));
      running.send_signal(signal);
      const auto result = running.wait();
      check_eq(result.status, 130);
      check_eq(result.err, "");
      check(closed_by_client(sim));
    }
  }
}

TEST("Ctrl-C between two attempts makes no further one") {
  environment["LLM_RETRY_DELAY_SECONDS"] = "30";
  steps("gemini=html_200");
  process running{MAGNA_EXECUTABLE, options({"ask", "Hello"})};
  require(sim.wait_for_end(0).has_value());
  running.send_signal(SIGINT);
  const auto result = running.wait();
  check_eq(result.status, 130);
  check_lt(result.duration, 10s);
  check_eq(generations(), words{"gemini"});
}

TEST("a cancelled request ends in a failure line of --json") {
  steps(endless);
  process running{MAGNA_EXECUTABLE, options({"ask", "--json", "Hello"})};
  require(running.wait_for_output("\"chunk\""));
  running.send_signal(SIGINT);
  const auto result = running.wait();
  check_eq(result.status, 130);
  check_eq(last_line(result).at("type"), "failure");
  check_eq(last_line(result).at("error"), "cancelled");
}

TEST("a reader that has seen enough ends the request quietly") {
  for (const auto* step : {endless, "gemini=stall(after=3)"}) {
    steps(step);
    sim.reset();
    process running{MAGNA_EXECUTABLE, options({"ask", "Hello"})};
    require(running.wait_for_output(" "));
    running.close_output();
    const auto result = running.wait();
    check_eq(result.status, 1);
    check_eq(result.err, "");
    check(closed_by_client(sim));
  }
}

TEST("an end that comes after all text was written is seen at once") {
  steps("gemini=ok(text=\"one two three\", token_delay=100)");
  const auto result = ask({});
  check_eq(result.status, 0);
  check_eq(result.out, "one two three");
  steps("gemini=stall(after=1)");
  environment["LLM_TIMEOUT_SECONDS"] = "0.3";
  check_eq(ask({}).status, 1);
}

TEST("a full disk is a failure that says so") {
  steps(endless);
  auto how = options({"ask", "Hello"});
  how.output = sink::full_device;
  process running{MAGNA_EXECUTABLE, how};
  const auto result = running.wait();
  check_eq(result.status, 1);
  check_found(result.err, "can't write the answer to standard output: No space left on device");
  check(closed_by_client(sim));
  for (const auto& command : {"--help", "health"}) {
    SECTION(command) {
      how = options({command});
      how.output = sink::full_device;
      process printing{MAGNA_EXECUTABLE, how};
      const auto printed = printing.wait();
      check_eq(printed.status, 1);
      check_eq(printed.err, "magna: can't write to standard output\n");
    }
  }
}

TEST("a stdout that is closed from the start is a failure, and nothing else gets its descriptor") {
  steps("gemini=ok");
  auto how = options({"ask", "Hello"});
  how.output = sink::closed;
  process running{MAGNA_EXECUTABLE, how};
  const auto result = running.wait();
  check_eq(result.status, 1);
  check_found(result.err, "can't write the answer to standard output");
}

TEST("a reader that does not read holds the provider up, and Ctrl-C still works") {
  steps("openai=ok(endless=true, batch=200)");
  process running{MAGNA_EXECUTABLE, options({"ask", "--provider", "openai", "Hello"})};
  require(sim.wait_for_requests(1));
  // The stream stands still when what was sent does not grow between two looks.
  const auto sent = [&] { return sim.requests().at(0).bytes_sent; };
  std::size_t before = 0;
  const auto stands_still = [&](const auto& log) {
    const auto now = log.at(0).bytes_sent;
    return now > 0 && now == std::exchange(before, now);
  };
  for (int i = 0; i < 40 && !sim.wait_for(stands_still, 500ms); ++i) {}
  const auto held_at = sent();
  check_lt(held_at, std::size_t{64} << 20);
  running.send_signal(SIGINT);
  const auto result = running.wait_without_reading();
  check_eq(result.status, 130);
  check(closed_by_client(sim));
}

} // SUITE("e2e.cancel")

SUITE("e2e.terminal") {

TEST("on a terminal the answer ends with a line feed, elsewhere it is what the model said") {
  environment["TERM"] = "xterm";
  steps("gemini=ok(text=\"Hi\")");
  auto how = options({"ask", "Hello"});
  how.output = sink::terminal;
  process running{MAGNA_EXECUTABLE, how};
  const auto result = running.wait();
  check_eq(result.status, 0);
  check_eq(result.out, "Hi\r\n");
  steps("gemini=ok(text=\"Hi\\n\")");
  process again{MAGNA_EXECUTABLE, how};
  check_eq(again.wait().out, "Hi\r\n");
}

TEST("colours are for terminals, and NO_COLOR is honoured") {
  environment["TERM"] = "xterm";
  auto how = options({"health"});
  how.output = sink::terminal;
  process coloured{MAGNA_EXECUTABLE, how};
  check_ne(coloured.wait().out.find("\x1b["), std::string::npos);
  how.environment["NO_COLOR"] = "1";
  process plain{MAGNA_EXECUTABLE, how};
  check_eq(plain.wait().out.find('\x1b'), std::string::npos);
  check_eq(run({"health"}).out.find('\x1b'), std::string::npos);
}

TEST("who watches the terminal is told what is waited for, and the line is gone before the answer") {
  environment["TERM"] = "xterm";
  environment["NO_COLOR"] = "1";
  environment["LLM_RETRY_DELAY_SECONDS"] = "1.5";
  steps("gemini=stall,ok(text=\"Hi\")");
  auto how = options({"ask", "--provider", "gemini", "--timeout", "3", "Hello"});
  SECTION("on a terminal") {
    how.errors = sink::terminal;
    process running{MAGNA_EXECUTABLE, how};
    check(running.wait_for_error("waiting for gemini (attempt 1, 2 s)"));
    check(running.wait_for_error("gemini: timeout; waiting before the next attempt (1 s)"));
    const auto result = running.wait();
    check_eq(result.status, 0);
    check_eq(result.out, "Hi");
    check(result.err.ends_with("\r\x1b[K"));
    check_eq(result.err.find('\n'), std::string::npos);
  }
  SECTION("and in a pipe nobody is") {
    process running{MAGNA_EXECUTABLE, how};
    const auto result = running.wait();
    check_eq(result.out, "Hi");
    check_eq(result.err, "");
  }
  SECTION("nor with --json") {
    how.errors = sink::terminal;
    how.arguments.insert(how.arguments.begin() + 1, "--json");
    process running{MAGNA_EXECUTABLE, how};
    check_eq(running.wait().err, "");
  }
}

TEST("Ctrl-C ends the wait while its line stands there") {
  environment["TERM"] = "xterm";
  steps("gemini=stall");
  auto how = options({"ask", "--provider", "gemini", "Hello"});
  how.errors = sink::terminal;
  process running{MAGNA_EXECUTABLE, how};
  require(running.wait_for_error("waiting for gemini"));
  running.send_signal(SIGINT);
  const auto result = running.wait();
  check_eq(result.status, 130);
  check(result.err.ends_with("\r\x1b[K"));
}

} // SUITE("e2e.terminal")

SUITE("e2e.health") {

TEST("every configured provider is probed, and one that is usable is enough") {
  steps("gemini(on=probe)=bad_key; ollama(on=probe)=server_error");
  const auto result = run({"health", "--json"});
  check_eq(result.status, 0);
  const auto all = lines(result);
  require_eq(all.size(), 3u);
  for (const auto& line : all) {
    check_eq(line.at("type"), "health");
    check_eq(line.size(), 8u);
  }
  check_eq(all[0].at("provider"), "gemini");
  check_eq(all[0].at("usable"), false);
  check_eq(all[0].at("error"), "authentication_failed");
  check_ne(all[0].at("message"), "");
  check_eq(all[1].at("provider"), "openai");
  check_eq(all[1].at("usable"), true);
  check(all[1].at("error").is_null());
  check_eq(all[1].at("message"), "");
  check_eq(all[2].at("usable"), false);
  check(std::ranges::none_of(sim.requests(),
                             [](const auto& x) { return x.on == magna::simulator::route::generate; }));
}

TEST("with none usable the status is 1") {
  steps("all(on=probe)=server_error");
  const auto result = run({"health"});
  check_eq(result.status, 1);
  check_found(result.out, "gemini .* no ");
  check_found(result.out, "provider_unavailable");
}

TEST("a provider that does not answer a probe is not waited for longer than the timeout") {
  steps("gemini(on=probe)=stall");
  const auto result = run({"health", "--json", "--timeout", "0.3"});
  check_eq(result.status, 0);
  check_lt(result.duration, 5s);
  check_eq(lines(result).at(0).at("error"), "timeout");
}

TEST("providers outside the chain are probed as well") {
  environment["MAGNA_CHAIN"] = "openai";
  check_eq(lines(run({"health", "--json"})).size(), 3u);
  check_eq(lines(run({"health", "--json", "--provider", "ollama,gemini"})).size(), 2u);
}

} // SUITE("e2e.health")

} // WITH_FIXTURE(e2e)
