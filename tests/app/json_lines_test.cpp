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

const started from{"req-1", 2, "openai", "m2"};

} // namespace

SUITE("app.json_lines") {

TEST("accepted") {
  check_eq(app::to_json_line(accepted{"req-1", {}}), "{\"type\":\"accepted\",\"request_id\":\"req-1\"}\n");
}

TEST("the attempt that answers") {
  check_eq(app::to_json_line(from), "{\"type\":\"started\",\"request_id\":\"req-1\",\"attempt\":2,"
                                    "\"provider\":\"openai\",\"model\":\"m2\"}\n");
}

TEST("a chunk has its text, and all of its parts") {
  const chunk what{7,
                   {{part_kind::reasoning, 0, "hm", "", ""},
                    {part_kind::text, 0, "a \"b\"\n\\ ä 🎉", "", ""},
                    {part_kind::tool_call, 1, "{\"x\":", "c1", "look_up"},
                    {part_kind::tool_call, 0, "1}", "", ""}}};
  check_eq(
    app::to_json_line(what, from),
    "{\"type\":\"chunk\",\"seq\":7,\"provider\":\"openai\",\"model\":\"m2\","
    "\"text\":\"a \\\"b\\\"\\n\\\\ ä 🎉\",\"parts\":[{\"kind\":\"reasoning\",\"text\":\"hm\"},"
    "{\"kind\":\"text\",\"text\":\"a \\\"b\\\"\\n\\\\ ä 🎉\"},"
    "{\"kind\":\"tool_call\",\"index\":1,\"id\":\"c1\",\"name\":\"look_up\",\"arguments\":\"{\\\"x\\\":\"},"
    "{\"kind\":\"tool_call\",\"index\":0,\"arguments\":\"1}\"}]}\n");
}

TEST("text that is not UTF-8 becomes it, and stays one line") {
  check_eq(app::to_json_line(chunk{0, {{part_kind::text, 0, "a\xff\u2028z", "", ""}}}, from),
           "{\"type\":\"chunk\",\"seq\":0,\"provider\":\"openai\",\"model\":\"m2\",\"text\":"
           "\"a\xEF\xBF\xBD\u2028z\","
           "\"parts\":[{\"kind\":\"text\",\"text\":\"a\xEF\xBF\xBD\u2028z\"}]}\n");
}

TEST("a completion carries the whole answer, the sum of tokens and the trail") {
  completion end;
  end.request_id = "req-1";
  end.provider = "openai";
  end.model = "m2-2026";
  end.finish = finish_reason::length;
  end.usage = {10, 20, 5, 3, {}};
  end.text = "Hi";
  end.reasoning = "hm";
  end.ttft = 250ms;
  end.total = 1750ms;
  end.attempts = {failed_attempt(), good_attempt()};
  check_eq(
    app::to_json_line(end),
    "{\"type\":\"completion\",\"request_id\":\"req-1\",\"provider\":\"openai\",\"model\":\"m2-2026\","
    "\"finish_reason\":\"length\",\"text\":\"Hi\",\"reasoning\":\"hm\",\"tool_calls\":[],\"usage\":{\"prompt_"
    "tokens\":10,\"completion_tokens\":20,"
    "\"reasoning_tokens\":5,\"cached_tokens\":3,\"cache_write_tokens\":null,\"total_tokens\":30},\"ttft_ms\":"
    "250,\"total_ms\":1750,"
    "\"attempts\":[{\"provider\":\"gemini\",\"model\":\"m1\",\"outcome\":\"timeout\","
    "\"message\":\"no first token within 30 "
    "s\",\"provider_request_id\":\"\",\"wait_ms\":1000,\"duration_ms\":30000},"
    "{\"provider\":\"openai\",\"model\":\"m2\",\"outcome\":\"ok\",\"message\":\"\",\"provider_request_id\":"
    "\"\",\"wait_ms\":0,"
    "\"duration_ms\":1500}]}\n");
}

TEST("a completion has its calls of tools, their arguments as JSON") {
  completion end;
  end.finish = finish_reason::tool_calls;
  end.tool_calls = {{.id = "c1", .name = "look_up", .arguments = R"({"word":"x"})", .items = {}}};
  const auto line = app::to_json_line(end);
  check(line.find(R"(,"tool_calls":[{"id":"c1","name":"look_up","arguments":{"word":"x"}}],)")
        != std::string::npos);
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
