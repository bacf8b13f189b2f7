#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fixture.hpp"

using namespace magna::test;
using namespace std::chrono_literals;

namespace {

/// What a provider does, and what it means: the error table of the design applied to each provider's own way
/// of saying it.
struct sample {
  std::string_view provider;
  std::string_view step;
  std::string_view error;
};

const std::vector<sample>& samples() {
  static const std::vector<sample> all{
    {"gemini", "bad_key", "authentication_failed"},
    {"gemini", "bad_key(echo_key=true)", "authentication_failed"},
    {"gemini", "unauthorized", "authentication_failed"},
    {"gemini", "forbidden", "authentication_failed"},
    {"gemini", "model_not_found", "model_not_found"},
    {"gemini", "blocked_prompt", "content_filtered"},
    {"gemini", "safety_stop", "content_filtered"},
    {"gemini", "context_length", "context_length_exceeded"},
    {"gemini", "quota_exhausted", "rate_limited"},
    {"gemini", "rate_limited(retry_after=120)", "rate_limited"},
    {"gemini", "gateway_html", "provider_unavailable"},
    {"gemini", "html_200", "provider_error"},
    {"gemini", "empty", "provider_error"},
    {"gemini", "malformed(after=0)", "provider_error"},
    {"gemini", "no_finish", "stream_truncated"},
    {"gemini", "bad_request", "invalid_request"},
    {"gemini", "server_error", "provider_unavailable"},
    {"gemini", "overloaded", "provider_unavailable"},
    {"gemini", "reset(at=start)", "provider_unavailable"},
    {"gemini", "request_timeout", "timeout"},
    {"gemini", "gateway_timeout", "timeout"},
    {"gemini", "raw(status=302, header=\"Location: /elsewhere\")", "provider_error"},

    {"openai", "unauthorized", "authentication_failed"},
    {"openai", "bad_key", "authentication_failed"},
    {"openai", "bad_key(echo_key=true)", "authentication_failed"},
    {"openai", "forbidden", "authentication_failed"},
    {"openai", "model_not_found", "model_not_found"},
    {"openai", "blocked_prompt", "content_filtered"},
    {"openai", "content_filtered", "content_filtered"},
    {"openai", "safety_stop", "content_filtered"},
    {"openai", "refusal", "content_filtered"},
    {"openai", "context_length", "context_length_exceeded"},
    {"openai", "context_length_limit", "context_length_exceeded"},
    {"openai", "quota_exhausted", "rate_limited"},
    {"openai", "rate_limited(retry_after=120)", "rate_limited"},
    {"openai", "gateway_html", "provider_unavailable"},
    {"openai", "html_200", "provider_error"},
    {"openai", "malformed(after=0)", "provider_error"},
    {"openai", "bad_request", "invalid_request"},
    {"openai", "server_error", "provider_unavailable"},
    {"openai", "overloaded", "provider_unavailable"},
    {"openai", "loading_model", "provider_unavailable"},
    {"openai", "reset(at=start)", "provider_unavailable"},
    {"openai", "request_timeout", "timeout"},
    {"openai", "gateway_timeout", "timeout"},
    {"openai", "raw(status=302, header=\"Location: /elsewhere\")", "provider_error"},

    {"ollama", "unauthorized", "authentication_failed"},
    {"ollama", "forbidden", "authentication_failed"},
    {"ollama", "model_not_found", "model_not_found"},
    {"ollama", "context_length", "context_length_exceeded"},
    {"ollama", "context_length_nested", "context_length_exceeded"},
    {"ollama", "rate_limited(retry_after=120)", "rate_limited"},
    {"ollama", "gateway_html", "provider_unavailable"},
    {"ollama", "html_200", "provider_error"},
    {"ollama", "empty", "provider_error"},
    {"ollama", "malformed(after=0)", "provider_error"},
    {"ollama", "no_finish", "stream_truncated"},
    {"ollama", "bad_request", "invalid_request"},
    {"ollama", "unsupported_capability", "invalid_request"},
    {"ollama", "server_busy", "provider_unavailable"},
    {"ollama", "runner_crashed", "provider_unavailable"},
    {"ollama", "upstream_down", "provider_unavailable"},
    {"ollama", "reset(at=start)", "provider_unavailable"},
    {"ollama", "loading_timeout", "timeout"},
  };
  return all;
}

} // namespace

WITH_FIXTURE(e2e) {

SUITE("e2e.errors") {

TEST("every way in which a provider fails ends in the right error, streaming or not") {
  environment["LLM_MAX_RETRIES"] = "1";
  for (const auto& sample : samples()) {
    for (const auto* mode : {"--json", "--no-stream"}) {
      steps(std::string{sample.provider} + "=" + std::string{sample.step});
      const auto result = ask({"--json", mode, "--provider", std::string{sample.provider}});
      const auto where = std::string{sample.provider} + " " + std::string{sample.step} + " " + mode;
      if (result.status != 1)
        fail("{}: status {}, stdout {}, stderr {}", where, result.status, result.out, result.err);
      const auto end = last_line(result);
      if (end.at("type") != "failure" || end.at("error") != std::string{sample.error})
        fail("{}: not {}: {}", where, std::string{sample.error}, end.dump());
      // Only a stream that breaks off, or is stopped by a filter, has said something before.
      if (end.at("delivered_chars") != 0 && sample.step != "no_finish" && sample.step != "safety_stop"
          && sample.step != "refusal")
        fail("{}: text went out: {}", where, end.dump());
      if (end.at("message").get<std::string>().empty())
        fail("{}: no message", where);
    }
  }
}

TEST("a stream that is cut after its first tokens is a failure that says how much came") {
  for (const auto* provider : {"gemini", "openai", "ollama"}) {
    for (const auto* step : {"cut(after=3)", "reset(after=3)", "cut(at=line, after=3)"}) {
      steps(std::string{provider} + "=" + step);
      const auto result = ask({"--json", "--provider", provider});
      check_eq(result.status, 1);
      const auto all = lines(result);
      const auto& end = all.back();
      check_eq(end.at("type"), "failure");
      check(end.at("error") == "stream_truncated" || end.at("error") == "provider_unavailable");
      check_eq(end.at("provider"), provider);
      check_eq(end.at("attempts").size(), 1u);
      std::string text;
      for (const auto& line : all)
        if (line.at("type") == "chunk")
          text += line.at("text").get<std::string>();
      check(!text.empty());
      check_eq(end.at("delivered_chars"), text.size());
    }
  }
}

TEST("a cut stream never looks complete to a person either") {
  steps("gemini=cut(after=3)");
  const auto result = ask({});
  check_eq(result.status, 1);
  check(!result.out.empty());
  check_found(result.err, "incomplete");
  check_eq(generations(), words{"gemini"});
}

TEST("an answer that is cut is not one, without streaming") {
  environment["LLM_MAX_RETRIES"] = "1";
  for (const auto* provider : {"gemini", "openai", "ollama"}) {
    steps(std::string{provider} + "=cut");
    const auto result = ask({"--no-stream", "--provider", provider});
    check_eq(result.status, 1);
    check_eq(result.out, "");
  }
}

TEST("an error inside a 200 stream is that error") {
  environment["LLM_MAX_RETRIES"] = "1";
  struct in_stream {
    std::string_view steps;
    std::string_view error;
  };
  for (const auto& [text, error] :
       {in_stream{"gemini=stream_error(after=0, error=overloaded)", "provider_unavailable"},
        in_stream{"openai=stream_error(after=0, error=server_error)", "provider_unavailable"},
        in_stream{"openai=stream_error(after=0, error=server_error, form=event)", "provider_unavailable"},
        in_stream{"ollama=stream_error(after=0, error=runner_crashed)", "provider_unavailable"}}) {
    steps(text);
    const auto result = ask({"--json", "--provider", std::string{text.substr(0, 6)}});
    check_eq(result.status, 1);
    check_eq(last_line(result).at("error"), std::string{error});
  }
}

TEST("a key that a provider echoes is shown nowhere, at any log level") {
  for (const auto* provider : {"gemini", "openai"}) {
    steps(std::string{provider} + "=bad_key(echo_key=true)");
    for (const auto* level : {"trace", "warn"}) {
      const auto result = ask({"--verbose", "--log-level", level, "--provider", provider});
      check_eq(result.status, 1);
      check_found(result.err, "authentication_failed");
      check_found(result.err, "redacted");
    }
  }
}

TEST("a parameter that a model refuses is left out, and the caller hears nothing of it") {
  steps("openai=unsupported_value(param=temperature, text=\"Without it.\")");
  const auto result = ask({"--json", "--provider", "openai", "--temperature", "0.3"});
  check_eq(result.status, 0);
  check_eq(last_line(result).at("text"), "Without it.");
}

TEST("without the threads that it takes there is one clear error, and no hang") {
  steps("gemini=ok");
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  for (const auto processes : {1U, 2U, 3U, 4U, 5U, 6U}) {
    auto how = options({"ask", "Hello"});
    how.processes = processes;
    process running{MAGNA_EXECUTABLE, how};
    const auto result = running.wait(10s);
    // The executable may stand where only its owner reads.
    if (result.status == 127)
      return;
    check_eq(result.status, 1);
    check_found(result.err, "raise ulimit -u \\(now " + std::to_string(processes) + "\\)");
    check_eq(std::ranges::count(result.err, '\n'), 1);
  }
}

TEST("a timeout hints at the settings") {
  steps("ollama=stall");
  const auto result = ask({"--provider", "ollama", "--timeout", "0.2", "--max-retries", "1"});
  check_eq(result.status, 1);
  check_found(result.err, "hint: ollama: give it more time: --timeout, LLM_TIMEOUT_SECONDS");
}

} // SUITE("e2e.errors")

} // WITH_FIXTURE(e2e)
