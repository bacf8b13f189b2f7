#include <magna/app/json_lines.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <string>

using namespace magna;
using namespace std::chrono_literals;

namespace {

attempt_record failed_attempt() {
  attempt_record result;
  result.provider = "gemini";
  result.model = "m1";
  result.error = errc::timeout;
  result.message = "no first token within 30 s";
  result.wait = 1s;
  result.duration = 30'000'400us;
  return result;
}

attempt_record good_attempt() {
  attempt_record result;
  result.provider = "openai";
  result.model = "m2";
  result.duration = 1500ms;
  return result;
}

} // namespace

SUITE("app.json_lines") {

TEST("accepted") {
  check_eq(app::to_json_line(accepted{"req-1", {}}), "{\"type\":\"accepted\",\"request_id\":\"req-1\"}\n");
}

TEST("a chunk") {
  check_eq(app::to_json_line(chunk{"req-1", 7, "openai", "m2", "a \"b\"\n\\ ä 🎉"}),
           "{\"type\":\"chunk\",\"seq\":7,\"provider\":\"openai\",\"model\":\"m2\","
           "\"text\":\"a \\\"b\\\"\\n\\\\ ä 🎉\"}\n");
}

TEST("text that is not UTF-8 becomes it, and stays one line") {
  check_eq(
    app::to_json_line(chunk{"req-1", 0, "p", "m", "a\xff\u2028z"}),
    "{\"type\":\"chunk\",\"seq\":0,\"provider\":\"p\",\"model\":\"m\",\"text\":\"a\xEF\xBF\xBD\u2028z\"}\n");
}

TEST("a completion carries the whole answer, the sum of tokens and the trail") {
  completion end;
  end.request_id = "req-1";
  end.provider = "openai";
  end.model = "m2-2026";
  end.finish = finish_reason::length;
  end.usage = {10, 20, 5, 3};
  end.ttft = 250ms;
  end.total = 1750ms;
  end.attempts = {failed_attempt(), good_attempt()};
  check_eq(
    app::to_json_line(end, "Hi"),
    "{\"type\":\"completion\",\"request_id\":\"req-1\",\"provider\":\"openai\",\"model\":\"m2-2026\","
    "\"finish_reason\":\"length\",\"text\":\"Hi\",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,"
    "\"reasoning_tokens\":5,\"cached_tokens\":3,\"total_tokens\":30},\"ttft_ms\":250,\"total_ms\":1750,"
    "\"attempts\":[{\"provider\":\"gemini\",\"model\":\"m1\",\"outcome\":\"timeout\","
    "\"message\":\"no first token within 30 "
    "s\",\"provider_request_id\":\"\",\"wait_ms\":1000,\"duration_ms\":30000},"
    "{\"provider\":\"openai\",\"model\":\"m2\",\"outcome\":\"ok\",\"message\":\"\",\"provider_request_id\":"
    "\"\",\"wait_ms\":0,"
    "\"duration_ms\":1500}]}\n");
}

TEST("a completion with calls of tools has them at its end, their arguments as JSON") {
  completion end;
  end.finish = finish_reason::tool_calls;
  end.tool_calls = {{.id = "c1", .name = "look_up", .arguments = R"({"word":"x"})", .signature = "s"}};
  const auto line = app::to_json_line(end, "");
  check(
    line.ends_with(R"(,"tool_calls":[{"id":"c1","name":"look_up","arguments":{"word":"x"},"signature":"s"}]})"
                   "\n"));
}

TEST("a failure says when to come back, or null") {
  failure end;
  end.request_id = "req-1";
  end.error = errc::all_providers_failed;
  end.message = "all 1 providers failed";
  end.provider = "gemini";
  end.delivered_chars = 12;
  end.retry_after = 1500ms;
  end.attempts = {failed_attempt()};
  check_eq(
    app::to_json_line(end),
    "{\"type\":\"failure\",\"request_id\":\"req-1\",\"error\":\"all_providers_failed\","
    "\"message\":\"all 1 providers failed\",\"provider\":\"gemini\",\"delivered_chars\":12,"
    "\"retry_after_ms\":1500,\"attempts\":[{\"provider\":\"gemini\",\"model\":\"m1\",\"outcome\":\"timeout\","
    "\"message\":\"no first token within 30 "
    "s\",\"provider_request_id\":\"\",\"wait_ms\":1000,\"duration_ms\":30000}]}\n");
  end.retry_after.reset();
  end.attempts.clear();
  magna::test::check_found(app::to_json_line(end), "\"retry_after_ms\":null,\"attempts\":\\[\\]\\}\n$");
}

TEST("a probe") {
  probe_report report;
  report.provider = "ollama";
  report.model = "gemma4";
  report.state = health_state::degraded;
  report.error = errc::model_not_found;
  report.message = "pull it";
  report.latency = 12ms;
  check_eq(
    app::to_json_line(report),
    "{\"type\":\"health\",\"provider\":\"ollama\",\"model\":\"gemma4\",\"usable\":false,"
    "\"state\":\"DEGRADED\",\"error\":\"model_not_found\",\"message\":\"pull it\",\"latency_ms\":12}\n");
  report.usable = true;
  report.error.reset();
  magna::test::check_found(app::to_json_line(report), "\"usable\":true,.*\"error\":null");
}

} // SUITE("app.json_lines")
