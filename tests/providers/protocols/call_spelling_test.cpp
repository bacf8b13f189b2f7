// Calls of tools as other servers spell them, in every split.

#include <set>

#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

/// A chunk of a stream of OpenAI's protocol.
std::string delta(std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"model":"m","choices":[{"index":0,"delta":)" + std::string{delta} + R"(,"finish_reason":)"
         + std::string{finish} + "}]}\n\n";
}

std::string calls(std::string_view list, std::string_view finish = "null") {
  return delta(R"({"tool_calls":[)" + std::string{list} + "]}", finish);
}

const std::string end = delta("{}", "\"tool_calls\"") + "data: [DONE]\n\n";

/// "id name arguments" of each call, or how it failed.
std::string calls_of(const test::outcome& result) {
  return result.status == decode_status::finished ? result.calls() : result.summary() + result.error.message;
}

std::string streamed(std::string_view body) {
  return calls_of(decode({.body = body}));
}

std::string whole(std::string_view message) {
  return calls_of(decode({.body = R"({"model":"m","choices":[{"index":0,"message":)" + std::string{message}
                                  + R"(,"finish_reason":"tool_calls"}]})",
                          .content_type = "application/json",
                          .stream = false}));
}

std::string gemini(std::string_view parts, std::string_view more = "") {
  return R"(data: {"candidates":[{"content":{"role":"model","parts":[)" + std::string{parts} + "]}"
         + std::string{more} + R"(}],"modelVersion":"m"})" + "\r\n\r\n";
}

std::string gemini_calls(const std::string& body) {
  return calls_of(decode({.kind = provider_kind::gemini, .body = body}));
}

std::string ollama(std::string_view calls, std::string_view rest = R"("done":false)") {
  return R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[)" + std::string{calls}
         + "]}," + std::string{rest} + "}\n";
}

std::string ollama_calls(const std::string& body) {
  return calls_of(
    decode({.kind = provider_kind::ollama, .body = body, .content_type = "application/x-ndjson"}));
}

const std::string gemini_stop = R"(,"finishReason":"STOP")";
const std::string ollama_done = R"("done":true,"done_reason":"stop")";

/// The IDs of one answer: as streamed, and as they are in the end.
std::pair<std::vector<std::string>, std::vector<std::string>> ids_of(std::string_view kind,
                                                                     std::string_view body) {
  const auto decoder = codec_for(kind).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "text/event-stream"}}});
  decoder->feed(body);
  part_sink sink{{.reasoning = true, .tool_calls = true}};
  auto status = decode_status::need_more;
  do
    status = decoder->next(sink);
  while (status != decode_status::need_more && status != decode_status::finished);
  decoder->end(sink);
  std::pair<std::vector<std::string>, std::vector<std::string>> result;
  for (const auto& x : sink.take())
    if (!x.id.empty())
      result.first.push_back(x.id);
  for (const auto& x : decoder->info().tool_calls)
    result.second.push_back(x.id);
  return result;
}

} // namespace

SUITE("spellings of calls") {

TEST(
  "calls at once that all have index 0 and no ID are told apart by their names and by where they are whole") {
  check_eq(streamed(calls(R"({"index":0,"function":{"name":"a","arguments":"{\"x\":1}"}})")
                    + calls(R"({"index":0,"function":{"name":"b","arguments":"{}"}})")
                    + calls(R"({"index":0,"function":{"name":"b","arguments":"{\"x\":2}"}})") + end),
           R"(call_1 a {"x":1}; call_2 b {}; call_3 b {"x":2})");
  // In pieces, too.
  check_eq(streamed(calls(R"({"index":0,"function":{"name":"a","arguments":""}})")
                    + calls(R"({"index":0,"function":{"arguments":"{\"x\":"}})")
                    + calls(R"({"index":0,"function":{"arguments":"1}"}})")
                    + calls(R"({"index":0,"function":{"name":"a","arguments":"{\"x\":"}})")
                    + calls(R"({"index":0,"function":{"arguments":"2}"}})") + end),
           R"(call_1 a {"x":1}; call_2 a {"x":2})");
  // All in one list, with no index at all: two that are the same are two.
  check_eq(
    streamed(
      calls(R"({"function":{"name":"roll","arguments":"{}"}},{"function":{"name":"roll","arguments":"{}"}})")
      + end),
    "call_1 roll {}; call_2 roll {}");
}

TEST("calls that can't be told apart are one failure, at once") {
  const auto body = calls(R"({"index":0,"function":{"name":"a","arguments":"{\"x\":"}})")
                    + calls(R"({"index":0,"function":{"name":"b","arguments":"{\"y\":"}})");
  check_eq(streamed(body), "failed provider_error: the model's calls of 'a' and 'b' can't be told apart");
  check_eq(streamed(body + calls(R"({"index":0,"function":{"arguments":"1}"}})") + end), streamed(body));
}

TEST("an index that is missing is that of the call that goes on") {
  check_eq(streamed(calls(R"({"id":"c1","function":{"name":"a","arguments":"{\"x\":"}})")
                    + calls(R"({"function":{"arguments":"1}"}})")
                    + calls(R"({"id":"c2","function":{"name":"b","arguments":"{\"y\":"}})")
                    + calls(R"({"function":{"arguments":"2}"}})") + end),
           R"(c1 a {"x":1}; c2 b {"y":2})");
}

TEST("an ID that changes with each piece is none: the first one stays") {
  check_eq(streamed(calls(R"({"index":0,"id":"r1","function":{"name":"a","arguments":""}})")
                    + calls(R"({"index":0,"id":"r2","function":{"name":null,"arguments":"{\"x\":"}})")
                    + calls(R"({"index":0,"id":"r3","function":{"arguments":"1}"}})")
                    + calls(R"({"index":1,"id":"r4","function":{"name":"b","arguments":"{"}})")
                    + calls(R"({"index":1,"id":"r5","function":{"name":"b","arguments":"}"}})") + end),
           R"(r1 a {"x":1}; r4 b {})");
}

TEST("a name that is empty, or said again with each piece, says nothing new") {
  check_eq(streamed(calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\""}})")
                    + calls(R"({"index":0,"id":"null","function":{"name":"","arguments":":1}"}})")
                    + calls(R"({"index":0,"function":{"name":"","arguments":""}})") + end),
           R"(c1 a {"x":1})");
  check_eq(streamed(calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\""}})")
                    + calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":":1}"}})")
                    + calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":""}})") + end),
           R"(c1 a {"x":1})");
}

TEST("two calls with the same ID are two, and one of them gets another") {
  check_eq(streamed(calls(R"({"index":0,"id":"x","function":{"name":"a","arguments":"{\"n\":"}})")
                    + calls(R"({"index":1,"id":"x","function":{"name":"b","arguments":"{\"n\":"}})")
                    + calls(R"({"index":1,"id":"x","function":{"arguments":"2}"}})")
                    + calls(R"({"index":0,"id":"x","function":{"arguments":"1}"}})") + end),
           R"(x a {"n":1}; call_2 b {"n":2})");
}

TEST("calls that are told again at the end are told once") {
  const auto first = calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":"}})")
                     + calls(R"({"index":0,"function":{"arguments":"1}"}})")
                     + calls(R"({"index":1,"id":"c2","function":{"name":"b","arguments":"{}"}})");
  const std::string all = R"({"id":"c1","type":"function","function":{"name":"a","arguments":"{\"x\": 1}"}},)"
                          R"({"id":"c2","type":"function","function":{"name":"b","arguments":"{}"}})";
  const auto* expected = R"(c1 a {"x":1}; c2 b {})";
  check_eq(streamed(first + end), expected);
  // In a delta, with the end or before it, and one by one.
  check_eq(streamed(first + calls(all, "\"tool_calls\"")), expected);
  check_eq(
    streamed(first + calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":1}"}})") + end),
    expected);
  check_eq(streamed(first + calls(R"({"index":1,"id":"c2","function":{"name":"b","arguments":"{}"}})") + end),
           expected);
  // As a message beside the deltas.
  check_eq(streamed(first + R"(data: {"choices":[{"index":0,"message":{"role":"assistant","tool_calls":[)"
                    + all + R"(]},"finish_reason":"tool_calls"}]})" + "\n\n"),
           expected);
  // Without IDs, too.
  check_eq(
    streamed(
      calls(R"({"index":0,"function":{"name":"a","arguments":"{\"x\":1}"}})")
      + calls(R"({"index":0,"function":{"name":"b","arguments":"{}"}})")
      + calls(
        R"({"function":{"name":"a","arguments":"{\"x\":1}"}},{"function":{"name":"b","arguments":"{}"}})",
        "\"tool_calls\"")),
    R"(call_1 a {"x":1}; call_2 b {})");
}

TEST("the old form of a call is a call, whole and in pieces, and an empty one is none") {
  check_eq(
    whole(R"({"role":"assistant","content":null,"function_call":{"name":"a","arguments":"{\"x\":1}"}})"),
    R"(call_1 a {"x":1})");
  check_eq(streamed(delta(R"({"role":"assistant","function_call":{"name":"a","arguments":""}})")
                    + delta(R"({"function_call":{"arguments":"{\"x\":"}})")
                    + delta(R"({"function_call":{"arguments":"1}"}})") + delta("{}", "\"function_call\"")),
           R"(call_1 a {"x":1})");
  // Snowflake
  const auto empty =
    decode({.body = R"({"model":"","choices":[{"index":0,"message":{"role":"assistant","content":"hi",)"
                    R"("function_call":{"arguments":"","name":""}},"finish_reason":""}]})",
            .content_type = "application/json",
            .stream = false});
  check_eq(empty.summary(), "finished -: hi");
  check_eq(empty.calls(), "");
  // Both forms at once are one call.
  check_eq(whole(R"({"role":"assistant","function_call":{"name":"a","arguments":"{}"},)"
                 R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"a","arguments":"{}"}}]})"),
           "c1 a {}");
}

TEST("arguments are an object, or its text, at every server") {
  check_eq(whole(R"({"tool_calls":[{"id":"c1","function":{"name":"a","arguments":{"x":1}}}]})"),
           R"(c1 a {"x":1})");
  check_eq(gemini_calls(gemini(R"({"functionCall":{"name":"a","args":"{\"x\":1}"}})", gemini_stop)),
           R"(call_1 a {"x":1})");
  check_eq(gemini_calls(gemini(R"({"functionCall":{"name":"a","args":""}})", gemini_stop)), "call_1 a {}");
  check_eq(ollama_calls(ollama(R"({"function":{"name":"a","arguments":"{\"x\":1}"}})", ollama_done)),
           R"(call_1 a {"x":1})");
  // Text that is no object is a call that nobody can make.
  check_eq(ollama_calls(ollama(R"({"function":{"name":"a","arguments":"x=1"}})", ollama_done)),
           "failed provider_error: the model's call of 'a' is broken: it has no name, or its arguments are "
           "no object");
}

TEST("Gemini's and Ollama's calls that are told again are told once") {
  const auto* call = R"({"functionCall":{"name":"a","args":{"x":1}}})";
  check_eq(gemini_calls(gemini(call) + gemini(call, gemini_stop)), R"(call_1 a {"x":1})");
  const auto* named = R"({"functionCall":{"id":"g1","name":"a","args":{"x":1}}})";
  check_eq(gemini_calls(gemini(named) + gemini(named) + gemini(R"({"text":""})", gemini_stop)),
           R"(g1 a {"x":1})");
  // Beside each other, or with other IDs, they are two.
  check_eq(gemini_calls(gemini(std::string{call} + "," + call, gemini_stop)),
           R"(call_1 a {"x":1}; call_2 a {"x":1})");
  check_eq(gemini_calls(gemini(named)
                        + gemini(R"({"functionCall":{"id":"g2","name":"a","args":{"x":1}}})", gemini_stop)),
           R"(g1 a {"x":1}; g2 a {"x":1})");
  const auto* made = R"({"function":{"name":"a","arguments":{"x":1}}})";
  check_eq(ollama_calls(ollama(made) + ollama(made, ollama_done)), R"(call_1 a {"x":1})");
  check_eq(ollama_calls(ollama(made) + ollama(made) + ollama("", ollama_done)),
           R"(call_1 a {"x":1}; call_2 a {"x":1})");
}

TEST("Gemini's own prefix is no part of a function's name") {
  check_eq(gemini_calls(gemini(R"({"functionCall":{"name":"default_api.a","args":{}}},)"
                               R"({"functionCall":{"name":"default_api:b","args":{}}})",
                               gemini_stop)),
           "call_1 a {}; call_2 b {}");
}

TEST("Vertex AI's arguments may come in pieces, each with its place") {
  const auto begun =
    gemini(R"({"functionCall":{"name":"a","willContinue":true}})")
    + gemini(
      R"({"functionCall":{"partialArgs":[{"jsonPath":"$.where","stringValue":"New ","willContinue":true}],)"
      R"("willContinue":true}})")
    + gemini(R"({"functionCall":{"partialArgs":[{"jsonPath":"$.where","stringValue":"York"},)"
             R"({"jsonPath":"$.days[0].n","numberValue":3}],"willContinue":true}})");
  check_eq(gemini_calls(begun + gemini(R"({"functionCall":{}})") + gemini(R"({"text":""})", gemini_stop)),
           R"(call_1 a {"days":[{"n":3}],"where":"New York"})");
  check_eq(gemini_calls(begun + gemini(R"({"functionCall":{}})")
                        + gemini(R"({"functionCall":{"name":"b","args":{}}})", gemini_stop)),
           R"(call_1 a {"days":[{"n":3}],"where":"New York"}; call_2 b {})");
  // Cut by the limit of tokens it is no call.
  check_eq(decode({.kind = provider_kind::gemini,
                   .body = gemini(R"({"text":"hm"})") + begun
                           + gemini(R"({"text":""})", R"(,"finishReason":"MAX_TOKENS")")})
             .calls(),
           "");
  check_eq(gemini_calls(
             gemini(R"({"functionCall":{"name":"a","partialArgs":[{"jsonPath":"x","boolValue":true}]}})")),
           "failed provider_error: a piece of the arguments of 'a' can't be placed");
}

TEST("no two calls without an ID get the same one, in whatever answers they are, and what is streamed has "
     "it, too") {
  const auto without = calls(R"({"index":0,"function":{"name":"a","arguments":"{}"}})")
                       + calls(R"({"index":1,"function":{"name":"b","arguments":"{}"}})") + end;
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    const auto [streamed_ids, final_ids] = ids_of(provider_kind::openai, without);
    check_eq(streamed_ids, final_ids);
    require_eq(final_ids.size(), 2u);
    for (const auto& id : final_ids)
      check(test::is_made_up(id));
    all.insert(final_ids.begin(), final_ids.end());
    const auto second =
      ids_of(provider_kind::gemini, gemini(R"({"functionCall":{"name":"a","args":{}}})", gemini_stop));
    all.insert(second.second.begin(), second.second.end());
  }
  check_eq(all.size(), 300u);
}

} // SUITE("spellings of calls")
