// One answer as each protocol tells it: thoughts, text, two calls side by side, usage. Every split gives the
// same parts, and what the model wants to see again goes back with the next request.

#include <magna/tests/providers/protocols/decoding.hpp>
#include <magna/tests/providers/protocols/responses_answer.hpp>

#include <chrono>

#include <nlohmann/json.hpp>

using namespace magna;
using magna::test::decode;
using nlohmann::json;

namespace {

test::outcome stream_of(std::string_view kind, std::string_view body) {
  return decode(
    {.kind = kind,
     .body = body,
     .content_type = kind == provider_kind::ollama ? "application/x-ndjson" : "text/event-stream"});
}

std::string openai(std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"model":"m","choices":[{"index":0,"delta":)" + std::string{delta} + R"(,"finish_reason":)"
         + std::string{finish} + "}]}\n\n";
}

std::string openai_call(std::string_view call) {
  return openai(R"({"tool_calls":[)" + std::string{call} + "]}");
}

const std::string openai_answer =
  openai(R"({"role":"assistant","content":""})") + openai(R"({"reasoning_content":"Let \ud83c"})")
  + openai(R"({"reasoning_content":"\udf89 me"})") + openai(R"({"content":"I'll "})")
  + openai(R"({"content":"look."})")
  + openai_call(R"({"index":0,"id":"c1","type":"function","function":{"name":"look_up","arguments":""}})")
  + openai_call(R"({"index":0,"function":{"arguments":"{\"word\":"}})")
  + openai_call(R"({"index":1,"id":"c2","type":"function","function":{"name":"now","arguments":"{"}})")
  + openai_call(R"({"index":0,"function":{"arguments":"\"caf\u00e9\"}"}})")
  + openai_call(R"({"index":1,"function":{"arguments":"}"}})") + openai("{}", "\"tool_calls\"")
  + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":9,"
    "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n\ndata: [DONE]\n\n";

const std::string responses_answer = test::responses_answer();

std::string anthropic(std::string_view type, std::string_view members = "") {
  return R"(data: {"type":")" + std::string{type} + "\"" + std::string{members} + "}\n\n";
}

std::string anthropic_delta(int index, std::string_view delta) {
  return anthropic("content_block_delta",
                   R"(,"index":)" + std::to_string(index) + R"(,"delta":)" + std::string{delta});
}

std::string anthropic_block(int index, std::string_view block) {
  return anthropic("content_block_start",
                   R"(,"index":)" + std::to_string(index) + R"(,"content_block":)" + std::string{block});
}

const std::string anthropic_answer =
  anthropic("message_start", R"(,"message":{"model":"m","usage":{"input_tokens":5,"output_tokens":1}})")
  + anthropic_block(0, R"({"type":"thinking","thinking":"","signature":""})")
  + anthropic_delta(0, R"({"type":"thinking_delta","thinking":"Let \ud83c"})")
  + anthropic_delta(0, R"({"type":"thinking_delta","thinking":"\udf89 me"})")
  + anthropic_delta(0, R"({"type":"signature_delta","signature":"c2ln"})")
  + anthropic("content_block_stop", R"(,"index":0)") + anthropic_block(1, R"({"type":"text","text":""})")
  + anthropic_delta(1, R"({"type":"text_delta","text":"I'll look."})")
  + anthropic_block(2, R"({"type":"tool_use","id":"c1","name":"look_up","input":{}})")
  + anthropic_delta(2, R"({"type":"input_json_delta","partial_json":"{\"word\":"})")
  + anthropic_block(3, R"({"type":"tool_use","id":"c2","name":"now","input":{}})")
  + anthropic_delta(3, R"({"type":"input_json_delta","partial_json":"{"})")
  + anthropic_delta(2, R"({"type":"input_json_delta","partial_json":"\"caf\u00e9\"}"})")
  + anthropic_delta(3, R"({"type":"input_json_delta","partial_json":"}"})")
  + anthropic("message_delta", R"(,"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9,)"
                               R"("output_tokens_details":{"thinking_tokens":2}})")
  + anthropic("message_stop");

std::string gemini(std::string_view parts, std::string_view more = "") {
  return R"(data: {"candidates":[{"content":{"role":"model","parts":[)" + std::string{parts}
         + R"(]},"index":0)" + std::string{more}
         + R"(}],"modelVersion":"m","usageMetadata":{"promptTokenCount":5,)"
         + R"("candidatesTokenCount":7,"thoughtsTokenCount":2}})" + "\r\n\r\n";
}

const std::string gemini_answer =
  gemini(R"({"text":"Let \ud83c","thought":true})") + gemini(R"({"text":"\udf89 me","thought":true})")
  + gemini(R"({"text":"I'll look."})")
  + gemini(
    R"({"functionCall":{"id":"c1","name":"look_up","args":{"word":"café"}},"thoughtSignature":"c2ln"},)"
    R"({"functionCall":{"id":"c2","name":"now","args":{}}})")
  + gemini(R"({"text":""})", R"(,"finishReason":"STOP")");

const std::string ollama_answer =
  std::string{
    R"({"model":"m","message":{"role":"assistant","content":"","thinking":"Let \ud83c"},"done":false})"}
  + "\n" + R"({"model":"m","message":{"role":"assistant","content":"","thinking":"\udf89 me"},"done":false})"
  + "\n" + R"({"model":"m","message":{"role":"assistant","content":"I'll look."},"done":false})" + "\n"
  + R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[)"
  + R"({"id":"c1","function":{"name":"look_up","arguments":{"word":"café"}}},)"
  + R"({"id":"c2","function":{"name":"now","arguments":{}}}]},"done":false})" + "\n"
  + R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
  + R"("prompt_eval_count":5,"eval_count":9})" + "\n";

/// The body that a codec makes of a history in which the answer was followed by its calls' results.
json sent_again(std::string_view kind, const answer_info& info,
                std::set<std::string, std::less<>> refused = {}) {
  completion end;
  end.text = "I'll look.";
  end.tool_calls = info.tool_calls;
  end.items = info.items;
  request next;
  next.messages = {{role::user, "hi"}, end.message()};
  for (const auto& x : info.tool_calls)
    next.messages.push_back({.from = role::tool, .content = "done", .tool_call_id = x.id});
  next.tools = {{"look_up", "", ""}, {"now", "", ""}};
  const endpoint where{.base_url = "http://host", .key = "k", .extra_headers = {}};
  return json::parse(codec_for(kind)
                       .encode({.question = next,
                                .where = where,
                                .model = "m",
                                .params = {},
                                .defaults = {},
                                .refused = std::move(refused)})
                       .body);
}

} // namespace

SUITE("parts") {

TEST("every protocol tells the same answer as the same parts, in every split") {
  const std::string head = "reasoning 'Let \xF0\x9F\x8E\x89 me'; text 'I'll look.'; ";
  const std::string in_pieces = head + R"(tool_call 0 c1 look_up '{"word":'; tool_call 1 c2 now '{'; )"
                                + "tool_call 0 '\"caf\xC3\xA9\"}'; tool_call 1 '}'";
  const std::string whole =
    head + "tool_call 0 c1 look_up '{\"word\":\"caf\xC3\xA9\"}'; tool_call 1 c2 now '{}'";
  struct told {
    std::string_view kind;
    const std::string& body;
    const std::string& parts;
    std::string tokens;
  };
  for (const auto& x : {told{provider_kind::openai, openai_answer, in_pieces, "5/9/2/-"},
                        told{provider_kind::openai_responses, responses_answer, in_pieces, "5/9/2/-"},
                        told{provider_kind::anthropic, anthropic_answer, in_pieces, "5/9/2/-"},
                        told{provider_kind::gemini, gemini_answer, whole, "5/9/2/-"},
                        told{provider_kind::ollama, ollama_answer, whole, "5/9/-/-"}}) {
    const auto result = stream_of(x.kind, x.body);
    check_eq(result.summary(), "finished tool_calls: I'll look.");
    check_eq(result.parts, x.parts);
    check_eq(result.info.reasoning, "Let \xF0\x9F\x8E\x89 me");
    check_eq(result.tokens(), x.tokens);
    require_eq(result.info.tool_calls.size(), 2u);
    check_eq(result.info.tool_calls[0].arguments, "{\"word\":\"caf\xC3\xA9\"}");
    check_eq(result.info.tool_calls[1].arguments, "{}");
  }
}

TEST("what nobody wants to see is kept for the end only") {
  const auto decoder = codec_for(provider_kind::openai).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "text/event-stream"}}});
  decoder->feed(openai_answer);
  part_sink text_only;
  while (decoder->next(text_only) != decode_status::finished) {}
  const auto parts = text_only.take();
  require_eq(parts.size(), 1u);
  check_eq(parts[0].bytes, "I'll look.");
  check_eq(decoder->info().tool_calls.size(), 2u);
  check_eq(decoder->info().reasoning, "Let \xF0\x9F\x8E\x89 me");
}

TEST("openai's thoughts go back under the name that they came with, unless the server refuses that") {
  const auto info = stream_of(provider_kind::openai, openai_answer).info;
  check_eq(test::outcome::items(info.items), " reasoning_content=Let \xF0\x9F\x8E\x89 me");
  check_eq(sent_again(provider_kind::openai, info)["messages"][1]["reasoning_content"],
           json("Let \xF0\x9F\x8E\x89 me"));
  check(!sent_again(provider_kind::openai, info, {"reasoning_content"})["messages"][1].contains(
    "reasoning_content"));
  // vLLM's name for it is shown, and not asked for again.
  const auto other =
    stream_of(provider_kind::openai,
              openai(R"({"reasoning":"hm"})") + openai(R"({"content":"a"})") + openai("{}", "\"stop\""));
  check_eq(other.parts, "reasoning 'hm'; text 'a'");
  check(other.info.items.empty());
  // Under both names it is said once.
  const auto both =
    stream_of(provider_kind::openai, openai(R"({"reasoning":"hm","reasoning_content":"hm"})")
                                       + openai(R"({"content":"a"})") + openai("{}", "\"stop\""));
  check_eq(both.parts, "reasoning 'hm'; text 'a'");
}

TEST("a server that wants thoughts with every message gets empty ones where there are none") {
  request what;
  what.messages = {{role::user, "hi"}, {role::assistant, "hello"}, {role::user, "and?"}};
  const endpoint where{.base_url = "http://host", .key = {}, .extra_headers = {}};
  const auto& codec = codec_for(provider_kind::openai);
  const auto decoder = codec.make_decoder(job_kind::chat, true);
  decoder->head({400, {{"content-type", "application/json"}}});
  decoder->feed(
    R"({"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the )"
    R"(API.","type":"invalid_request_error","code":"invalid_request_error"}})");
  part_sink none;
  require(decoder->end(none) == decode_status::failed);
  const auto learned = decoder->error().refused_parameter;
  check(!learned.empty());
  const auto body = json::parse(
    codec
      .encode(
        {.question = what, .where = where, .model = "m", .params = {}, .defaults = {}, .refused = {learned}})
      .body);
  check_eq(body["messages"][1]["reasoning_content"], json(""));
  check(!body["messages"][0].contains("reasoning_content"));
}

TEST("OpenRouter's details are put together, and go back as a list") {
  const auto details = [](std::string_view entry) {
    return openai(R"({"reasoning":"hm","reasoning_details":[)" + std::string{entry} + "]}");
  };
  const auto result = stream_of(
    provider_kind::openai,
    details(R"({"type":"reasoning.text","text":"h","index":0,"format":"f"})")
      + details(R"({"type":"reasoning.text","text":"m","index":0})")
      + openai(R"({"reasoning_details":[{"type":"reasoning.text","text":"","signature":"c2ln","index":0}]})")
      + details(R"({"type":"reasoning.encrypted","data":"AAA","index":1})") + openai(R"({"content":"a"})")
      + openai("{}", "\"stop\""));
  check_eq(result.parts, "reasoning 'hmhmhm'; text 'a'");
  const auto sent = sent_again(provider_kind::openai, result.info)["messages"][1]["reasoning_details"];
  check_eq(sent,
           json::parse(R"([{"type":"reasoning.text","text":"hm","index":0,"format":"f","signature":"c2ln"},)"
                       R"({"type":"reasoning.encrypted","data":"AAA","index":1}])"));
  // Without another account of them they are the thoughts.
  const auto alone =
    stream_of(provider_kind::openai,
              openai(R"({"reasoning_details":[{"type":"reasoning.text","text":"hm","index":0}]})")
                + openai(R"({"content":"a"})") + openai("{}", "\"stop\""));
  check_eq(alone.parts, "reasoning 'hm'; text 'a'");
}

TEST("a signature beside an OpenAI call goes back with it") {
  const auto result = stream_of(
    provider_kind::openai,
    openai_call(R"({"index":0,"id":"c1","type":"function","function":{"name":"look_up","arguments":"{}"},)"
                R"("extra_content":{"google":{"thought_signature":"c2ln"}}})")
      + openai("{}", "\"tool_calls\""));
  const auto sent = sent_again(provider_kind::openai, result.info)["messages"][1]["tool_calls"][0];
  check_eq(sent["extra_content"], json::parse(R"({"google":{"thought_signature":"c2ln"}})"));
  // Calls that another model made get a stand-in, once the server has asked for one.
  auto foreign = result.info;
  foreign.tool_calls[0].items.clear();
  check(
    !sent_again(provider_kind::openai, foreign)["messages"][1]["tool_calls"][0].contains("extra_content"));
  const auto asked = sent_again(provider_kind::openai, foreign, {"missing thought_signature"});
  check_eq(asked["messages"][1]["tool_calls"][0]["extra_content"]["google"]["thought_signature"],
           json("skip_thought_signature_validator"));
}

TEST("Anthropic's thoughts go back as the blocks that they were, before the text and the calls") {
  const auto info = stream_of(provider_kind::anthropic, anthropic_answer).info;
  const auto blocks = sent_again(provider_kind::anthropic, info)["messages"][1]["content"];
  require_eq(blocks.size(), 4u);
  check_eq(blocks[0], json::parse("{\"type\":\"thinking\",\"thinking\":\"Let \xF0\x9F\x8E\x89 me\","
                                  "\"signature\":\"c2ln\"}"));
  check_eq(blocks[1]["type"], json("text"));
  check_eq(blocks[2]["id"], json("c1"));
  // Thoughts between two calls stay between them, and redacted ones are kept as they are.
  const auto between = stream_of(
    provider_kind::anthropic,
    anthropic("message_start", R"(,"message":{"model":"m"})")
      + anthropic_block(0, R"({"type":"redacted_thinking","data":"AAA"})")
      + anthropic_block(1, R"({"type":"tool_use","id":"c1","name":"look_up","input":{}})")
      + anthropic_block(2, R"({"type":"thinking","thinking":"","signature":"c2ln"})")
      + anthropic_block(3, R"({"type":"tool_use","id":"c2","name":"now","input":{}})")
      + anthropic("message_delta", R"(,"delta":{"stop_reason":"tool_use"})") + anthropic("message_stop"));
  const auto again = sent_again(provider_kind::anthropic, between.info)["messages"][1]["content"];
  std::string types;
  for (const auto& x : again)
    types += x["type"].get<std::string>() + " ";
  check_eq(types, "redacted_thinking text tool_use thinking tool_use ");
}

TEST("a tool that runs at Anthropic is no call of the application's") {
  const auto result = stream_of(
    provider_kind::anthropic,
    anthropic("message_start", R"(,"message":{"model":"m"})")
      + anthropic_block(0, R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{}})")
      + anthropic_delta(0, R"({"type":"input_json_delta","partial_json":"{}"})")
      + anthropic_block(1, R"({"type":"text","text":"Found."})")
      + anthropic("message_delta", R"(,"delta":{"stop_reason":"end_turn"})") + anthropic("message_stop"));
  check_eq(result.summary(), "finished stop: Found.");
  check_eq(result.calls(), "");
}

TEST("Gemini's signatures go back with the part that they sign") {
  const auto info = stream_of(provider_kind::gemini, gemini_answer).info;
  const auto parts = sent_again(provider_kind::gemini, info)["contents"][1]["parts"];
  require_eq(parts.size(), 3u);
  check_eq(parts[1]["thoughtSignature"], json("c2ln"));
  check(!parts[2].contains("thoughtSignature"));
  const auto text =
    stream_of(provider_kind::gemini,
              gemini(R"({"text":"a"})")
                + gemini(R"({"text":"","thoughtSignature":"dGV4dA=="})", R"(,"finishReason":"STOP")"));
  check_eq(sent_again(provider_kind::gemini, text.info)["contents"][1]["parts"][0]["thoughtSignature"],
           json("dGV4dA=="));
}

TEST("Ollama's thoughts go back with the message") {
  const auto info = stream_of(provider_kind::ollama, ollama_answer).info;
  check_eq(sent_again(provider_kind::ollama, info)["messages"][1]["thinking"],
           json("Let \xF0\x9F\x8E\x89 me"));
}

TEST("what one protocol wants to see again, no other one sends") {
  const std::string mark = "c2ln";
  for (const auto& [kind, body] :
       {std::pair<std::string_view, const std::string&>{provider_kind::openai, openai_answer},
        {provider_kind::openai_responses, responses_answer},
        {provider_kind::anthropic, anthropic_answer},
        {provider_kind::gemini, gemini_answer},
        {provider_kind::ollama, ollama_answer}}) {
    const auto info = stream_of(kind, body).info;
    for (const auto& other : {provider_kind::openai, provider_kind::openai_responses,
                              provider_kind::anthropic, provider_kind::gemini, provider_kind::ollama}) {
      if (other == kind)
        continue;
      const auto sent = sent_again(other, info).dump();
      check(sent.find(mark) == std::string::npos);
      check(sent.find(" me") == std::string::npos);
    }
  }
}

TEST("100,000 pieces of one call are linear") {
  const auto time_for = [](int pieces) {
    std::string body =
      openai_call(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":\""}})");
    for (int i = 0; i < pieces; ++i)
      body += openai_call(R"({"index":0,"function":{"arguments":"12345678"}})");
    body += openai_call(R"({"index":0,"function":{"arguments":"\"}"}})") + openai("{}", "\"tool_calls\"");
    const auto decoder = codec_for(provider_kind::openai).make_decoder(job_kind::chat, true);
    decoder->head({200, {{"content-type", "text/event-stream"}}});
    const auto began = std::chrono::steady_clock::now();
    part_sink sink{{.reasoning = true, .tool_calls = true}};
    std::size_t size = 0;
    for (std::size_t at = 0; at < body.size(); at += 16'384) {
      decoder->feed(std::string_view{body}.substr(at, 16'384));
      for (auto status = decoder->next(sink);
           status != decode_status::need_more && status != decode_status::finished;
           status = decoder->next(sink)) {}
      size += sink.size();
      sink.take();
    }
    runnable::current().check_eq(size, static_cast<std::size_t>(pieces) * 8 + 8 + 3);
    return std::chrono::steady_clock::now() - began;
  };
  time_for(1'000);
  // Four times would be as it should; quadratic were sixteen times.
  check_lt(time_for(100'000).count(), 10 * time_for(25'000).count());
}

TEST("a document that nests too deep ends its answer, in every protocol, whole and streamed") {
  // The second would need more stack than there is, if anybody followed it.
  for (const std::size_t depth : {300, 100'000}) {
    const auto deep = std::string(depth, '[') + std::string(depth, ']');
    const auto fails = [](provider_kind kind, const std::string& body, bool stream = true) {
      const auto decoder = codec_for(kind).make_decoder(job_kind::chat, stream);
      const auto* type = !stream                         ? "application/json"
                         : kind == provider_kind::ollama ? "application/x-ndjson"
                                                         : "text/event-stream";
      decoder->head({200, {{"content-type", type}}});
      decoder->feed(body);
      part_sink parts;
      auto status = decoder->next(parts);
      while (status == decode_status::tokens || status == decode_status::activity)
        status = decoder->next(parts);
      if (status == decode_status::need_more)
        status = decoder->end(parts);
      return status == decode_status::failed && decoder->error().code == errc::provider_error;
    };
    check(fails(provider_kind::openai,
                openai(R"({"reasoning_details":[{"type":"t","index":0,"x":)" + deep + "}]}")));
    check(fails(provider_kind::anthropic,
                anthropic_block(0, R"({"type":"thinking","thinking":"","x":)" + deep + "}")));
    check(fails(provider_kind::gemini, gemini(R"({"functionCall":{"name":"a","args":{"x":)" + deep + "}}}")));
    check(fails(provider_kind::ollama,
                R"({"model":"m","message":{"tool_calls":[{"function":{"name":"a","arguments":{"x":)" + deep
                  + "}}}]},\"done\":false}\n"));
    check(fails(provider_kind::openai,
                R"({"model":"m","choices":[{"message":{"content":"a","x":)" + deep + "}}]}", false));
    // Deep in the text of the arguments: no call that anybody could use.
    check(fails(
      provider_kind::openai,
      openai_call(R"({"index":0,"id":"c","function":{"name":"a","arguments":"{\"x\":)" + deep + R"(}"}})")
        + openai("{}", "\"tool_calls\"")));
  }
}

TEST("arguments of blanks are none, streamed or not") {
  const auto result = stream_of(
    provider_kind::openai, openai_call(R"({"index":0,"id":"c","function":{"name":"a","arguments":"  "}})")
                             + openai_call(R"({"index":0,"function":{"arguments":" "}})")
                             + openai("{}", "\"tool_calls\""));
  check_eq(result.parts, "tool_call 0 c a '{}'");
  check_eq(result.calls(), "c a {}");
}

TEST("an ID that comes after the arguments have begun changes nothing") {
  const auto result = stream_of(provider_kind::openai,
                                openai_call(R"({"index":0,"function":{"name":"a","arguments":"{"}})")
                                  + openai_call(R"({"index":0,"id":"late","function":{"arguments":"}"}})")
                                  + openai("{}", "\"tool_calls\""));
  check_eq(result.parts, "tool_call 0 call_1 a '{}'");
  check_eq(result.calls(), "call_1 a {}");
}

TEST("what is no call is passed over") {
  for (const auto* odd : {"null", "\"text\"", "5", "[]"})
    check_eq(
      stream_of(provider_kind::openai, openai(R"({"content":"a","tool_calls":[)" + std::string{odd} + "]}")
                                         + openai("{}", "\"stop\""))
        .summary(),
      "finished stop: a");
}

TEST("details with different IDs stay apart") {
  const auto result = stream_of(
    provider_kind::openai,
    openai(R"({"reasoning_details":[{"type":"reasoning.encrypted","id":"r1","data":"AAA","index":0},)"
           R"({"type":"reasoning.encrypted","id":"r2","data":"BBB","index":0}]})")
      + openai(R"({"content":"a"})") + openai("{}", "\"stop\""));
  check_eq(json::parse(result.info.items.at(0).data).size(), 2u);
}

TEST("half a character is given up where something else goes on") {
  const auto result = stream_of(
    provider_kind::openai, openai(R"({"reasoning_content":"hm\ud83d"})") + openai(R"({"content":"a\ud83d"})")
                             + openai(R"({"reasoning_content":"b"})") + openai(R"({"content":"c"})")
                             + openai("{}", "\"stop\""));
  check_eq(result.parts, "reasoning 'hm\xEF\xBF\xBD'; text 'a\xEF\xBF\xBD'; reasoning 'b'; text 'c'");
  const auto claude = stream_of(provider_kind::anthropic,
                                anthropic("message_start", R"(,"message":{"model":"m"})")
                                  + anthropic_block(0, R"({"type":"thinking","thinking":"","signature":""})")
                                  + anthropic_delta(0, R"({"type":"thinking_delta","thinking":"hm\ud83d"})")
                                  + anthropic_delta(1, R"({"type":"text_delta","text":"a"})")
                                  + anthropic("message_delta", R"(,"delta":{"stop_reason":"end_turn"})")
                                  + anthropic("message_stop"));
  check_eq(json::parse(claude.info.items.at(0).data)["thinking"], json(claude.info.reasoning));
}

TEST("Anthropic's blocks may say odd things") {
  const auto after = [](const std::string& blocks) {
    return stream_of(provider_kind::anthropic,
                     anthropic("message_start", R"(,"message":{"model":"m"})") + blocks
                       + anthropic("message_delta", R"(,"delta":{"stop_reason":"tool_use"})")
                       + anthropic("message_stop"));
  };
  const std::string text = anthropic_delta(9, R"({"type":"text_delta","text":"a"})");
  for (const auto* odd : {R"({"type":"thinking","thinking":5,"signature":[]})", R"({"type":"thinking"})",
                          R"({"type":"redacted_thinking","thinking":5})", R"({"type":5})"})
    check_eq(after(anthropic_block(0, odd) + anthropic_delta(0, R"({"type":"thinking_delta","thinking":"b"})")
                   + anthropic_delta(0, R"({"type":"signature_delta","signature":"s"})") + text)
               .summary(),
             "finished tool_calls: a");
  // The input at the start of a call counts, unless pieces follow.
  const std::string start = anthropic_block(0, R"({"type":"tool_use","id":"t","name":"f","input":{"a":1}})");
  check_eq(after(start).calls(), "t f {\"a\":1}");
  check_eq(
    after(start + anthropic_delta(0, R"({"type":"input_json_delta","partial_json":"{\"a\":1}"})")).calls(),
    "t f {\"a\":1}");
}

TEST("an answer with more thoughts than can be kept is given up") {
  const auto decoder = codec_for(provider_kind::openai).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "text/event-stream"}}});
  const auto thought = openai(R"({"reasoning_content":")" + std::string(1'000'000, 'x') + "\"}");
  part_sink none;
  auto status = decode_status::need_more;
  for (int i = 0; i < 40 && status != decode_status::failed; ++i) {
    decoder->feed(thought);
    do
      status = decoder->next(none);
    while (status != decode_status::need_more && status != decode_status::failed);
  }
  check(status == decode_status::failed);
  check_eq(decoder->error().code, errc::provider_error);
}

} // SUITE("parts")
