#include <magna/simulator/history_form.hpp>

#include <nlohmann/json.hpp>

#include <string>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using nlohmann::json;

namespace {

/// What is said against a list of messages, up to its first full stop or quote.
std::string against(protocol kind, const char* messages, signatures wanted = signatures::may_be_missing) {
  const json body = {{kind == protocol::gemini ? "contents" : "messages", json::parse(messages)}};
  return problem_with_history(kind, body, wanted).value_or("nothing");
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string openai(const std::string& calls, const std::string& rest) {
  return against(protocol::openai,
                 (R"([{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[)"
                  + calls + "]}" + rest + "]")
                   .c_str());
}

std::string openai_call(const std::string& id, const std::string& name = "f") {
  return R"({"id":")" + id + R"(","type":"function","function":{"name":")" + name + R"(","arguments":"{}"}})";
}

std::string openai_result(const std::string& id) {
  return R"(,{"role":"tool","tool_call_id":")" + id + R"(","content":"42"})";
}

std::string claude(const std::string& answer, const std::string& next) {
  return against(protocol::anthropic, (R"([{"role":"user","content":"hi"},{"role":"assistant","content":[)"
                                       + answer + R"(]},{"role":"user","content":[)" + next + "]}]")
                                        .c_str());
}

std::string use(const std::string& id) {
  return R"({"type":"tool_use","id":")" + id + R"(","name":"f","input":{}})";
}

std::string used(const std::string& id) {
  return R"({"type":"tool_result","tool_use_id":")" + id + R"(","content":"42"})";
}

std::string gemini(const std::string& parts, const std::string& next,
                   signatures wanted = signatures::may_be_missing) {
  return against(protocol::gemini,
                 (R"([{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[)" + parts
                  + R"(]},{"role":"user","parts":[)" + next + "]}]")
                   .c_str(),
                 wanted);
}

const std::string text = R"({"type":"text","text":"Well."})";

} // namespace

SUITE("simulator history form") {

TEST("OpenAI wants each call answered at once, and nothing else answered") {
  check_eq(openai(openai_call("a") + "," + openai_call("b"), openai_result("b") + openai_result("a")),
           "nothing");
  const auto user = R"(,{"role":"user","content":"well?"})";
  check(says(openai(openai_call("a"), user), "did not have response messages: a"));
  check(says(openai(openai_call("a"), ""), "did not have response messages: a"));
  check(
    says(openai(openai_call("a"), openai_result("a") + user + openai_result("a")), "must be a response to"));
  check(says(openai(openai_call("a"), openai_result("b")), "must be a response to"));
  check(says(openai(openai_call(std::string(41, 'x')), ""), "maximum length 40"));
  check(says(openai(openai_call("a", "default_api.f"), ""), "function.name"));
  check(says(openai(openai_call("a") + "," + openai_call("a"), ""), "Duplicate"));
  check(says(against(protocol::openai, R"([{"role":"assistant","content":null}])"), "got null"));
}

TEST("Anthropic wants turns, results in the next message and before all else, and texts that say something") {
  check_eq(claude(use("a"), used("a") + "," + text), "nothing");
  check(says(claude(use("a"), text), "without `tool_result` blocks immediately after: a"));
  check(says(claude(use("a"), text + "," + used("a")), "without `tool_result` blocks immediately after: a"));
  check(says(claude(text, used("a")), "unexpected `tool_use_id`"));
  check(says(claude(use("a"), used("a") + "," + used("a")), "unexpected `tool_use_id`"));
  check(says(claude(use("a") + "," + use("a"), used("a")), "must be unique"));
  check(says(claude(use("functions.f:0"), used("functions.f:0")), "should match pattern"));
  check(says(claude(R"({"type":"text","text":""})", text), "must be non-empty"));
  check(says(claude(R"({"type":"text","text":" \n"})", text), "non-whitespace"));
  check(says(against(protocol::anthropic, R"([{"role":"assistant","content":"hi"}])"), "must alternate"));
  check(says(against(protocol::anthropic, R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])"),
             "must alternate"));
  const auto prefill =
    R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b "}]}])";
  check(says(against(protocol::anthropic, prefill), "trailing whitespace"));
}

TEST("Gemini wants as many responses as calls, names of its own kind, and signatures where it signs") {
  const std::string call = R"({"functionCall":{"id":"a","name":"f","args":{}}})";
  const std::string response = R"({"functionResponse":{"id":"a","name":"f","response":{}}})";
  check_eq(gemini(call, response), "nothing");
  check(says(gemini(call, R"({"text":"well?"})"), "number of function response parts"));
  check(says(gemini(R"({"text":"Well."})", response), "number of function response parts"));
  check(
    says(gemini(R"({"functionCall":{"id":"a","name":"2f","args":{}}})", response), "Invalid function name"));
  check(says(gemini(R"({"text":""})", response), "text parameter"));
  check(says(gemini(call, response, signatures::are_wanted), "thought_signature"));
  check_eq(gemini(R"({"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"c2ln"})", response,
                  signatures::are_wanted),
           "nothing");
  check(says(against(protocol::gemini, R"([{"role":"model","parts":[{"text":"a"}]}])"), "alternate"));
}

TEST("Ollama takes any order, but arguments are an object") {
  check_eq(against(protocol::ollama, R"([{"role":"tool","content":"42"},{"role":"assistant","content":"",
    "tool_calls":[{"function":{"name":"f","arguments":{}}}]}])"),
           "nothing");
  check(says(against(protocol::ollama, R"([{"role":"assistant","content":"",
    "tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}])"),
             "cannot unmarshal"));
}

} // SUITE("simulator history form")
