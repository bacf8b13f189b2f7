#include <magna/tests/simulator/played.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using namespace std::chrono_literals;
using magna::test::every_protocol;
using magna::test::payloads;
using magna::test::play;
using magna::test::request_for;
using nlohmann::json;

SUITE("simulator playback") {

TEST("a Gemini stream has deltas, usage that grows, and a finish reason, but no DONE") {
  auto result = play("ok(text=\"one two\")", protocol::gemini);
  check_eq(result.status, 200u);
  check_ne(result.head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  auto events = payloads(result.body, protocol::gemini);
  require_eq(events.size(), 3u);
  auto first = json::parse(events[0]);
  auto second = json::parse(events[1]);
  auto last = json::parse(events[2]);
  check_eq(first["candidates"][0]["content"]["parts"][0]["text"], "one");
  check_eq(second["candidates"][0]["content"]["parts"][0]["text"], " two");
  check(!second["candidates"][0].contains("finishReason"));
  check_eq(last["candidates"][0]["finishReason"], "STOP");
  check_eq(first["usageMetadata"]["candidatesTokenCount"], 1);
  check_eq(last["usageMetadata"]["candidatesTokenCount"], 2);
  check_eq(last["usageMetadata"]["promptTokenCount"], 2);
  check_eq(last["usageMetadata"]["totalTokenCount"], 4);
  check_eq(last["modelVersion"], "g");
  check_eq(result.tokens, 2u);
  check(result.last_chunk);
}

TEST("a Gemini stream without alt=sse is one JSON array") {
  auto request = request_for(protocol::gemini, true);
  request.target = "/v1beta/models/g:streamGenerateContent";
  interpret(request, request.body.dump());
  auto result = play("ok(text=\"one two\")", request);
  auto list = json::parse(result.body, nullptr, false);
  require(list.is_array());
  check_eq(list.size(), 3u);
  auto error = json::parse(play("overloaded", request).body);
  require(error.is_array());
  check_eq(error[0]["error"]["status"], "UNAVAILABLE");
}

TEST("an OpenAI stream begins with the role, and ends with usage and DONE") {
  auto result = play("ok(text=\"one two\")", protocol::openai);
  auto events = payloads(result.body, protocol::openai);
  require_eq(events.size(), 6u);
  auto role = json::parse(events[0])["choices"][0]["delta"];
  check_eq(role["role"], "assistant");
  check_eq(role["content"], "");
  check_eq(json::parse(events[1])["choices"][0]["delta"]["content"], "one");
  check(json::parse(events[1])["usage"].is_null());
  check_eq(json::parse(events[3])["choices"][0]["finish_reason"], "stop");
  auto usage = json::parse(events[4]);
  check(usage["choices"].empty());
  check_eq(usage["usage"]["completion_tokens"], 2);
  check_eq(usage["usage"]["prompt_tokens"], 4);
  check_eq(usage["usage"]["total_tokens"], 6);
  check_eq(events[5], "[DONE]");
}

TEST("without include_usage, OpenAI's stream has no usage chunk") {
  auto request = request_for(protocol::openai, true);
  request.body.erase("stream_options");
  auto events = payloads(play("ok(tokens=1)", request).body, protocol::openai);
  require_eq(events.size(), 4u);
  check(!json::parse(events[0]).contains("usage"));
  check_eq(events[3], "[DONE]");
}

TEST("an Ollama stream is lines of JSON, the last of them done with the counts") {
  auto result = play("ok(text=\"one two\")", protocol::ollama);
  check_ne(result.head.find("Content-Type: application/x-ndjson\r\n"), std::string::npos);
  auto lines = payloads(result.body, protocol::ollama);
  require_eq(lines.size(), 3u);
  check_eq(json::parse(lines[1])["message"]["content"], " two");
  check_eq(json::parse(lines[1])["done"], false);
  auto last = json::parse(lines[2]);
  check_eq(last["done"], true);
  check_eq(last["done_reason"], "stop");
  check_eq(last["eval_count"], 2);
  check_eq(last["prompt_eval_count"], 4);
  check_eq(last["model"], "l");
}

TEST("an Anthropic stream is named events: blocks that start and stop, the stop reason, the end") {
  const auto result = play("ok(text=\"one two\", reasoning=hm, cached_tokens=1)", protocol::anthropic);
  std::vector<std::string> names;
  std::vector<json> events;
  std::string_view rest = result.body;
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    const auto data = rest.find("\ndata: ");
    require(rest.starts_with("event: ") && end != std::string_view::npos && data < end);
    names.emplace_back(rest.substr(7, data - 7));
    events.push_back(json::parse(rest.substr(data + 7, end - data - 7)));
    check_eq(events.back()["type"], names.back());
    rest.remove_prefix(end + 2);
  }
  check(names
        == std::vector<std::string>{"message_start", "content_block_start", "content_block_delta",
                                    "content_block_delta", "content_block_stop", "content_block_start",
                                    "content_block_delta", "content_block_delta", "content_block_stop",
                                    "message_delta", "message_stop"});
  // "Be terse." and "hi there" are four words, of which the cache had one.
  const auto& usage = events[0]["message"]["usage"];
  check_eq(usage["input_tokens"], 3);
  check_eq(usage["cache_read_input_tokens"], 1);
  check_eq(events[2]["delta"]["thinking"], "hm");
  check_eq(events[6]["delta"]["text"], "one");
  check_eq(events[7]["index"], 1);
  check_eq(events[9]["delta"]["stop_reason"], "end_turn");
  check_eq(events[9]["usage"]["output_tokens"], 3);
  const auto whole = json::parse(play("ok(text=\"one two\")", protocol::anthropic, false).body);
  check_eq(whole["content"][0]["text"], "one two");
  check_eq(whole["stop_reason"], "end_turn");
  check_eq(json::parse(play("safety_stop", protocol::anthropic, false).body)["stop_reason"], "refusal");
  check_ne(
    play("ok(comments=1)", protocol::anthropic).body.find("event: ping\ndata: {\"type\": \"ping\"}\n\n"),
    std::string::npos);
}

TEST("Anthropic refuses what its API does not take") {
  const auto refused = [](const std::string& body, const char* version = "2023-06-01") {
    incoming request;
    request.method = "POST";
    request.target = "/v1/messages";
    if (*version != '\0')
      request.headers.emplace("anthropic-version", version);
    request.headers.emplace("x-api-key", "k");
    interpret(request, body);
    const auto reply = refuse(request, {}, {});
    return reply ? reply->status : 0u;
  };
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})"), 0u);
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})", ""), 400u);
  check_eq(refused(R"({"model":"a","messages":[{"role":"user","content":"hi"}]})"), 400u);
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[]})"), 400u);
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[{"role":"assistant","content":"hi"}]})"), 400u);
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[{"role":"user","content":"hi"},)"
                   R"({"role":"user","content":"you"}]})"),
           400u);
  check_eq(refused(R"({"model":"a","max_tokens":9,"messages":[{"role":"system","content":"hi"}]})"), 400u);
}

TEST("an answer without streaming is one document with its length") {
  auto gemini = json::parse(play("ok(text=hello)", protocol::gemini, false).body);
  check_eq(gemini["candidates"][0]["content"]["parts"][0]["text"], "hello");
  check_eq(gemini["candidates"][0]["finishReason"], "STOP");
  check_eq(gemini["usageMetadata"]["candidatesTokenCount"], 1);
  auto openai = json::parse(play("ok(text=hello)", protocol::openai, false).body);
  check_eq(openai["choices"][0]["message"]["content"], "hello");
  check_eq(openai["choices"][0]["finish_reason"], "stop");
  check_eq(openai["usage"]["total_tokens"], 5);
  auto result = play("ok(text=hello)", protocol::ollama, false);
  auto ollama = json::parse(result.body);
  check_eq(ollama["message"]["content"], "hello");
  check_eq(ollama["done"], true);
  check_ne(result.head.find("Content-Length: " + std::to_string(result.body.size()) + "\r\n"),
           std::string::npos);
}

TEST("reasoning comes before the text, each provider's own way, and is counted") {
  auto gemini = payloads(play("ok(reasoning=hm, text=yes)", protocol::gemini).body, protocol::gemini);
  auto thought = json::parse(gemini.at(0))["candidates"][0]["content"]["parts"][0];
  check_eq(thought["text"], "hm");
  check_eq(thought["thought"], true);
  check_eq(json::parse(gemini.back())["usageMetadata"]["thoughtsTokenCount"], 1);
  auto openai = payloads(play("ok(reasoning=hm, text=yes)", protocol::openai).body, protocol::openai);
  check_eq(json::parse(openai.at(1))["choices"][0]["delta"]["reasoning_content"], "hm");
  auto usage = json::parse(openai.at(openai.size() - 2))["usage"];
  check_eq(usage["completion_tokens"], 2);
  check_eq(usage["completion_tokens_details"]["reasoning_tokens"], 1);
  auto ollama = payloads(play("ok(reasoning=hm, text=yes)", protocol::ollama).body, protocol::ollama);
  check_eq(json::parse(ollama.at(0))["message"]["thinking"], "hm");
}

TEST("usage numbers and finish reasons can be chosen") {
  const auto* options =
    "ok(text=a, finish=length, prompt_tokens=100, completion_tokens=20, reasoning_tokens=3, "
    "cached_tokens=50)";
  auto gemini = json::parse(play(options, protocol::gemini, false).body);
  check_eq(gemini["candidates"][0]["finishReason"], "MAX_TOKENS");
  check_eq(gemini["usageMetadata"]["totalTokenCount"], 123);
  check_eq(gemini["usageMetadata"]["cachedContentTokenCount"], 50);
  auto openai = json::parse(play(options, protocol::openai, false).body);
  check_eq(openai["choices"][0]["finish_reason"], "length");
  check_eq(openai["usage"]["completion_tokens"], 23);
  check_eq(openai["usage"]["prompt_tokens_details"]["cached_tokens"], 50);
  auto ollama = json::parse(play(options, protocol::ollama, false).body);
  check_eq(ollama["done_reason"], "length");
  check_eq(ollama["eval_count"], 23);
  auto own = json::parse(play("ok(finish=RECITATION)", protocol::gemini, false).body);
  check_eq(own["candidates"][0]["finishReason"], "RECITATION");
}

TEST("the finish reason can come with the last token") {
  for (auto kind : {protocol::gemini, protocol::openai, protocol::ollama}) {
    auto separate = payloads(play("ok(tokens=2)", kind).body, kind);
    auto together = payloads(play("ok(tokens=2, finish_with_text=true)", kind).body, kind);
    check_eq(together.size() + 1, separate.size());
  }
  auto last = json::parse(
    payloads(play("ok(text=a, finish_with_text=true)", protocol::ollama).body, protocol::ollama).at(0));
  check_eq(last["message"]["content"], "a");
  check_eq(last["done"], true);
}

TEST("the number of tokens, their text and their size can be chosen") {
  auto texts = [](std::string_view options) {
    std::string result;
    for (const auto& line : payloads(play(options, protocol::ollama).body, protocol::ollama))
      result += json::parse(line)["message"]["content"].get<std::string>() + "|";
    return result;
  };
  check_eq(texts("ok(text=\"a b\", tokens=5)"), "a| b| a| b| a||");
  check_eq(texts("ok(token=x, tokens=3)"), "x|x|x||");
  check_eq(texts("ok(size=4)"), "xxxx||");
  check_eq(texts("ok(size=2, tokens=2)"), "xx|xx||");
  check_eq(texts("ok(tokens=0)"), "|");
  check_eq(texts("empty"), "|");
}

TEST("an echo repeats the last user message, whatever its size") {
  std::string prompt(100'000, 'p');
  prompt.append(" \xE2\x82\xAC end");
  for (auto kind : every_protocol)
    check_ne(play("echo", request_for(kind, false, prompt)).body.find(prompt), std::string::npos);
}

TEST("a safety stop and a refusal are written as the provider does") {
  auto gemini = json::parse(play("safety_stop", protocol::gemini, false).body);
  check_eq(gemini["candidates"][0]["finishReason"], "SAFETY");
  check(!gemini["candidates"][0].contains("content"));
  check_eq(json::parse(play("safety_stop", protocol::openai, false).body)["choices"][0]["finish_reason"],
           "content_filter");
  auto refusal = json::parse(play("refusal(text=no)", protocol::openai, false).body)["choices"][0];
  check_eq(refusal["message"]["refusal"], "no");
  check(refusal["message"]["content"].is_null());
  check_eq(refusal["finish_reason"], "stop");
  auto delta = json::parse(payloads(play("refusal(text=no)", protocol::openai).body, protocol::openai).at(1));
  check_eq(delta["choices"][0]["delta"]["refusal"], "no");
}

TEST("an answer without a finish reason ends whole as far as HTTP goes") {
  for (auto kind : every_protocol) {
    auto result = play("no_finish(tokens=1)", kind);
    check(result.last_chunk);
    check(result.end == action::kind::done);
    for (const auto* proof : {"finishReason", "\"stop\"", "[DONE]", "\"done\":true"})
      check_eq(result.body.find(proof), std::string::npos);
  }
}

TEST("every way to divide the bytes gives the same body") {
  auto request = request_for(protocol::gemini, true);
  auto whole = play("ok", request).body;
  for (const auto* split : {"byte", "2", "7", "random", "random,seed=9"}) {
    auto result = play("ok(split=" + std::string{split} + ")", request);
    check_eq(result.body, whole);
    check_gt(result.pieces.size(), 100u);
  }
  for (auto size : play("ok(split=byte)", request).pieces)
    check_eq(size, 1u);
  check_ne(play("ok(split=random)", request).pieces, play("ok(split=random,seed=9)", request).pieces);
  check_eq(play("ok(split=random)", request).pieces, play("ok(split=random)", request).pieces);
}

TEST("tokens can share a write") {
  check_eq(play("ok(tokens=10)", protocol::ollama).pieces.size(), 11u);
  check_eq(play("ok(tokens=10, batch=5)", protocol::ollama).pieces.size(), 3u);
}

TEST("line ends, comments and the byte order mark can be chosen") {
  auto crlf = play("ok(tokens=1, eol=crlf)", protocol::openai).body;
  check_ne(crlf.find("data: [DONE]\r\n\r\n"), std::string::npos);
  auto cr = play("ok(tokens=1, eol=cr)", protocol::openai).body;
  check_ne(cr.find("data: [DONE]\r\r"), std::string::npos);
  check_eq(cr.find('\n'), std::string::npos);
  check(play("ok(bom=true)", protocol::gemini)
          .body.starts_with("\xEF\xBB\xBF"
                            "data: "));
  check(play("ok(comments=1)", protocol::openai).body.starts_with(": ping\n\ndata: "));
  auto bom = play("ok(bom=true)", protocol::openai, false);
  check_ne(bom.head.find("Content-Length: " + std::to_string(bom.body.size()) + "\r\n"), std::string::npos);
}

TEST("delays come where they belong") {
  const auto* options = "ok(tokens=3, delay=10, first_token_delay=20, token_delay=30)";
  auto stream = play(options, protocol::ollama);
  check(stream.waits == std::vector<std::chrono::milliseconds>{10ms, 20ms, 30ms, 30ms});
  auto whole = play(options, protocol::ollama, false);
  check(whole.waits == std::vector<std::chrono::milliseconds>{90ms});
  auto slow = play("ok(tokens=0, byte_delay=1)", protocol::ollama);
  check_eq(slow.waits.size(), slow.body.size());
}

TEST("a silence is broken by comments") {
  auto result = play("ok(tokens=1, first_token_delay=25, ping=10)", protocol::openai);
  check(result.waits == std::vector<std::chrono::milliseconds>{10ms, 10ms, 5ms});
  check(result.body.starts_with(": ping\n\n: ping\n\ndata: "));
}

TEST("a fault strikes where it is told to") {
  auto count = [this](std::string_view options) {
    auto result = play(options, protocol::openai);
    check(result.end == action::kind::cut);
    return result;
  };
  check(count("cut(at=start)").head.empty());
  check(!count("cut(at=headers)").head.empty());
  check(count("cut(at=headers)").body.empty());
  check_eq(count("cut").tokens, 1u);
  check_eq(count("cut(after=0)").tokens, 0u);
  check_eq(count("cut(after=3)").tokens, 3u);
  check_eq(count("cut(after=300)").tokens, 300u);
  check_eq(count("cut(after=3, text=\"a b\")").tokens, 2u);
  check_eq(payloads(count("cut(at=token, after=2)").body, protocol::openai).size(), 3u);
  auto line = count("cut(at=line, after=2)").body;
  check_eq(payloads(line.substr(0, line.rfind("data: ")), protocol::openai).size(), 3u);
  check(!line.ends_with("\n"));
  check(count("cut(at=utf8)").body.ends_with("\xE2"));
  check(count("cut(at=utf8, bom=true)").body.ends_with("\xE2"));
  auto finish = count("cut(at=finish)").body;
  check_ne(finish.find("\"finish_reason\":\"stop\""), std::string::npos);
  check_eq(finish.find("[DONE]"), std::string::npos);
  check(count("cut(at=end)").body.ends_with("[DONE]\n\n"));
}

TEST("stall, cut and reset end in different ways, also without streaming") {
  for (auto kind : every_protocol) {
    for (auto stream : {true, false}) {
      check(play("stall", kind, stream).end == action::kind::stall);
      check(play("stall", kind, stream).head.empty());
      for (const auto* at : {"headers", "token", "line", "utf8", "finish", "end"}) {
        auto where = "(after=2, at=" + std::string{at} + ")";
        check(play("stall" + where, kind, stream).end == action::kind::stall);
        check(play("cut" + where, kind, stream).end == action::kind::cut);
        auto reset = play("reset" + where, kind, stream);
        check(reset.end == action::kind::reset);
        check(!reset.head.empty());
        check(!reset.last_chunk);
        check(json::parse(reset.body, nullptr, false).is_discarded());
      }
    }
  }
}

TEST("an error inside a stream is written in the provider's own form") {
  auto gemini = payloads(play("stream_error", protocol::gemini).body, protocol::gemini);
  require_eq(gemini.size(), 2u);
  check_eq(json::parse(gemini[1])["error"]["status"], "INTERNAL");
  check(play("stream_error(form=raw)", protocol::gemini).body.ends_with("\n  }\n}\r\n"));
  auto openai = play("stream_error(error=overloaded, form=event)", protocol::openai).body;
  check_ne(openai.find("\n\nevent: error\ndata: {\"error\":{"), std::string::npos);
  auto flat = payloads(play("stream_error(form=flat)", protocol::openai).body, protocol::openai);
  check_eq(json::parse(flat.back())["object"], "error");
  check(!json::parse(flat.back()).contains("error"));
  auto ollama =
    payloads(play("stream_error(error=runner_crashed, after=2)", protocol::ollama).body, protocol::ollama);
  require_eq(ollama.size(), 3u);
  check(json::parse(ollama[2])["error"].is_string());
  check_eq(payloads(play("stream_error(body=oops)", protocol::ollama).body, protocol::ollama).at(1), "oops");
  check_eq(play("stream_error(error=overloaded)", protocol::gemini, false).status, 503u);
}

TEST("a malformed event is broken, and the rest of the stream is not") {
  for (auto kind : every_protocol) {
    auto events = payloads(play("malformed(tokens=2)", kind).body, kind);
    std::size_t broken = 0;
    for (const auto& event : events)
      broken += event != "[DONE]" && json::parse(event, nullptr, false).is_discarded() ? 1 : 0;
    check_eq(broken, 1u);
    check(json::parse(play("malformed", kind, false).body, nullptr, false).is_discarded());
  }
}

TEST("an endless answer never ends, and takes no memory") {
  for (auto kind : every_protocol) {
    for (auto stream : {true, false}) {
      auto scenario = parse_scenario("all=ok(endless=true)");
      playback source{scenario.tracks.at(0).steps.at(0), request_for(kind, stream), 0};
      std::size_t tokens = 0;
      while (tokens < 10'000) {
        auto next = source.next();
        if (next.what != action::kind::send)
          fail("an endless answer ended");
        tokens += next.tokens;
      }
    }
  }
}

TEST("every error case replies with its provider's own body") {
  for (auto kind : every_protocol) {
    for (const auto& word : step_words()) {
      if (!is_error_case(word.name, kind))
        continue;
      auto result = play(word.name, kind);
      auto body = json::parse(result.body, nullptr, false);
      if (result.status < 400 || !body.is_object() || !body.contains("error"))
        fail("{} of {} has status {} and body {}", word.name, to_string(kind), result.status, result.body);
      const auto& error = body["error"];
      switch (kind) {
        case protocol::gemini:
          check_eq(error["code"].get<unsigned>(), result.status);
          check(error["status"].is_string());
          break;
        case protocol::openai:
        case protocol::openai_responses:
        case protocol::anthropic:
          check(error["message"].is_string());
          check(error["type"].is_string());
          break;
        case protocol::ollama:
          check(error.is_string());
          break;
      }
    }
  }
}

TEST("the discriminators of the error cases are the documented ones") {
  auto error = [](std::string_view name, protocol kind) {
    return json::parse(play(name, kind).body)["error"];
  };
  check_eq(error("bad_key", protocol::gemini)["details"][0]["reason"], "API_KEY_INVALID");
  check_eq(error("model_not_found", protocol::gemini)["status"], "NOT_FOUND");
  magna::test::check_found(error("context_length", protocol::gemini)["message"].get<std::string>(),
                           "token count.*exceeds");
  magna::test::check_found(
    error("quota_exhausted", protocol::gemini)["details"][0]["violations"][0]["quotaId"].get<std::string>(),
    "PerDay");
  check_eq(error("bad_key", protocol::openai)["code"], "invalid_api_key");
  check_eq(error("model_not_found", protocol::openai)["code"], "model_not_found");
  check_eq(error("quota_exhausted", protocol::openai)["type"], "insufficient_quota");
  check_eq(error("blocked_prompt", protocol::openai)["code"], "invalid_prompt");
  check_eq(error("loading_model", protocol::openai)["code"], 503);
  magna::test::check_found(error("server_busy", protocol::ollama).get<std::string>(),
                           "try again\\.  maximum");
  auto nested = json::parse(error("context_length_nested", protocol::ollama).get<std::string>());
  check_eq(nested["error"]["type"], "exceed_context_size_error");
  auto blocked = play("blocked_prompt", protocol::gemini);
  check_eq(blocked.status, 200u);
  auto event = json::parse(payloads(blocked.body, protocol::gemini).at(0));
  check_eq(event["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
  check(!event.contains("candidates"));
}

TEST("a delay is told each provider's way, or as the step says") {
  auto gemini = json::parse(play("rate_limited(retry_after=2.5)", protocol::gemini).body)["error"];
  check_eq(gemini["details"].back()["retryDelay"], "2.5s");
  magna::test::check_found(gemini["message"].get<std::string>(), "Please retry in 2.5s\\.");
  check_eq(play("rate_limited(retry_after=3)", protocol::gemini).head.find("Retry-After"), std::string::npos);
  check_ne(play("rate_limited(retry_after=3)", protocol::openai).head.find("\r\nRetry-After: 3\r\n"),
           std::string::npos);
  check_ne(play("overloaded(retry_after=300ms, retry_form=ms)", protocol::openai)
             .head.find("\r\nretry-after-ms: 300\r\n"),
           std::string::npos);
  magna::test::check_found(
    play("rate_limited(retry_after=9, retry_form=date)", protocol::gemini).head,
    "Retry-After: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT");
}

TEST("a reply of one's own is sent as it is") {
  auto result =
    play(R"(raw(status=302, header="Location: /x", body="gone", content_type=text/plain))", protocol::openai);
  check_eq(result.status, 302u);
  check_eq(result.body, "gone");
  check_ne(result.head.find("Location: /x\r\n"), std::string::npos);
  check_ne(result.head.find("Content-Type: text/plain\r\n"), std::string::npos);
}

TEST("a parameter is refused while it is sent") {
  auto request = request_for(protocol::openai, false);
  check_eq(play("unsupported_parameter", request).status, 200u);
  request.body["temperature"] = 0.5;
  auto refused = play("unsupported_parameter", request);
  check_eq(refused.status, 400u);
  check_eq(json::parse(refused.body)["error"]["param"], "temperature");
  check_eq(json::parse(refused.body)["error"]["code"], "unsupported_parameter");
  check_eq(play("unsupported_parameter(param=top_p)", request).status, 200u);
  check_eq(play("unsupported_value", request).status, 400u);
  request.body["temperature"] = 1;
  check_eq(play("unsupported_value", request).status, 200u);
  auto gemini = request_for(protocol::gemini, true);
  gemini.body["generationConfig"] = {{"topP", 0.5}};
  check_eq(play("unsupported_parameter", gemini).status, 400u);
}

} // SUITE("simulator playback")
