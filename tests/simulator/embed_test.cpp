#include <magna/simulator/server.hpp>
#include <magna/simulator/vocabulary.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <magna/tests/simulator/embeddings.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using magna::test::client;
using magna::test::embed_request;
using magna::test::embedding_protocols;
using magna::test::json;
using magna::test::message_in;
using magna::test::response;
using magna::test::vectors_in;
using magna::test::vectors_of;

namespace {

const std::vector<std::string> two{"hello you", "a second text"};

server_options with(std::string_view text) {
  return {.scenario = parse_scenario(text)};
}

response embed(client& user, protocol kind, const std::vector<std::string>& texts = two,
               const json& more = json::object(), const std::string& instance = {}) {
  const auto request = embed_request(kind, texts, more, instance);
  return user.ask("POST", request.target, request.body, request.headers);
}

response post(client& user, protocol kind, const json& body) {
  const auto request = embed_request(kind, two);
  return user.ask("POST", request.target, body.dump(), request.headers);
}

const char* dimensions_name(protocol kind) {
  return kind == protocol::gemini ? "outputDimensionality" : "dimensions";
}

} // namespace

SUITE("simulator embed") {

TEST("each protocol answers with a vector per text, in their order") {
  server sim;
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    const auto got = embed(user, kind);
    check_eq(got.status, 200u);
    check(vectors_in(kind, got.body) == vectors_of(two));
  }
}

TEST("the answers have the members of their protocol") {
  server sim;
  client user{sim.port()};
  auto openai = json::parse(embed(user, protocol::openai).body);
  check_eq(openai["object"], "list");
  check_eq(openai["model"], "m");
  check_eq(openai["usage"].dump(), R"({"prompt_tokens":5,"total_tokens":5})");
  check_eq(openai["data"][1]["object"], "embedding");
  check_eq(openai["data"][1]["index"], 1);
  auto ollama = json::parse(embed(user, protocol::ollama).body);
  check_eq(ollama["model"], "m");
  check_eq(ollama["prompt_eval_count"], 5);
  check(ollama["total_duration"].is_number_integer());
  check(ollama["load_duration"].is_number_integer());
  auto gemini = json::parse(embed(user, protocol::gemini).body);
  check_eq(gemini.size(), 1u);
  check(!embed(user, protocol::openai).header("x-request-id").empty());
}

TEST("one text need not be a list") {
  server sim;
  client user{sim.port()};
  for (auto kind : {protocol::openai, protocol::ollama}) {
    const auto got = post(user, kind, {{"model", "m"}, {"input", "hello"}});
    check(vectors_in(kind, got.body) == vectors_of({"hello"}));
  }
  const auto body = R"({"content":{"parts":[{"text":"hel"},{"text":"lo"}]},"outputDimensionality":3})";
  const auto got = user.ask("POST", "/v1beta/models/m:embedContent", body, {{"x-goog-api-key", "k"}});
  check(json::parse(got.body)["embedding"]["values"].get<std::vector<float>>()
        == embedding_of("m", "hello", 3));
}

TEST("base64 and numbers say the same vectors") {
  server sim;
  client user{sim.port()};
  for (auto size : {1, 2, 3, 1536}) {
    json more = {{"dimensions", size}, {"encoding_format", "base64"}};
    const auto packed = embed(user, protocol::openai, two, more);
    check(json::parse(packed.body)["data"][0]["embedding"].is_string());
    more["encoding_format"] = "float";
    const auto plain = embed(user, protocol::openai, two, more);
    check(json::parse(plain.body)["data"][0]["embedding"].is_array());
    const auto expected = vectors_of(two, static_cast<std::size_t>(size));
    check(vectors_in(protocol::openai, packed.body) == expected);
    check(vectors_in(protocol::openai, plain.body) == expected);
  }
}

TEST("a request says how many dimensions it wants, up to 4096") {
  server sim;
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    const auto* name = dimensions_name(kind);
    for (std::size_t size : {1U, 256U, 4096U})
      check(vectors_in(kind, embed(user, kind, two, {{name, size}}).body) == vectors_of(two, size));
    check_eq(embed(user, kind, two, {{name, "many"}}).status, 400u);
    if (kind == protocol::ollama)
      continue;
    for (auto size : {-1, 0, 4097})
      check_eq(embed(user, kind, two, {{name, size}}).status, 400u);
  }
  // A model of Ollama's has no more than it has, and 0 asks for all.
  check(vectors_in(protocol::ollama, embed(user, protocol::ollama, two, {{"dimensions", 5000}}).body)
        == vectors_of(two, 4096));
  check(vectors_in(protocol::ollama, embed(user, protocol::ollama, two, {{"dimensions", 0}}).body)
        == vectors_of(two));
}

TEST("each request of Gemini's batch has dimensions of its own, and names the model of the path") {
  server sim;
  client user{sim.port()};
  auto body = json::parse(embed_request(protocol::gemini, two).body);
  body["requests"][1]["outputDimensionality"] = 3;
  body["requests"][1]["taskType"] = "RETRIEVAL_QUERY";
  const auto vectors = vectors_in(protocol::gemini, post(user, protocol::gemini, body).body);
  require_eq(vectors.size(), 2u);
  check(vectors[0] == embedding_of("m", two[0]));
  check(vectors[1] == embedding_of("m", two[1], 3));
  body["requests"][1]["model"] = "models/n";
  check_eq(message_in(protocol::gemini, post(user, protocol::gemini, body)),
           "* BatchEmbedContentsRequest.requests[1].model: must be models/m, as in the request's path");
}

TEST("more texts than the real servers take are refused") {
  server sim;
  client user{sim.port()};
  check_eq(embed(user, protocol::openai, std::vector<std::string>(2048, "t")).status, 200u);
  const auto openai = embed(user, protocol::openai, std::vector<std::string>(2049, "t"));
  check_eq(openai.status, 400u);
  check_eq(
    json::parse(openai.body).dump(),
    R"({"error":{"code":null,"message":"'$.input' is invalid. Please check the API reference: )"
    R"(https://platform.openai.com/docs/api-reference.","param":null,"type":"invalid_request_error"}})");
  check_eq(embed(user, protocol::gemini, std::vector<std::string>(100, "t")).status, 200u);
  const auto gemini = embed(user, protocol::gemini, std::vector<std::string>(101, "t"));
  check_eq(
    json::parse(gemini.body).dump(),
    R"({"error":{"code":400,"message":"* BatchEmbedContentsRequest.requests: at most 100 requests can )"
    R"(be in one batch","status":"INVALID_ARGUMENT"}})");
  check_eq(embed(user, protocol::ollama, std::vector<std::string>(5000, "t")).status, 200u);
}

TEST("an empty text is refused, but not by Ollama") {
  server sim;
  client user{sim.port()};
  magna::test::check_found(message_in(protocol::openai, embed(user, protocol::openai, {"a", ""})),
                           "input' is invalid");
  magna::test::check_found(
    message_in(protocol::openai, post(user, protocol::openai, {{"model", "m"}, {"input", ""}})),
    "input' is invalid");
  check_eq(message_in(protocol::gemini, embed(user, protocol::gemini, {"a", ""})),
           "EmbedContentRequest.content contains an empty Part.");
  check(vectors_in(protocol::ollama, embed(user, protocol::ollama, {"a", ""}).body) == vectors_of({"a", ""}));
  check_eq(json::parse(embed(user, protocol::ollama, {}).body)["embeddings"].size(), 0u);
}

TEST("a request that isn't one is refused without taking a step") {
  server sim{with("all(on=embed)=overloaded")};
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    const auto request = embed_request(kind, two);
    for (const auto* body :
         {"", "{", "[]", "{}", R"({"model":"m","input":[3]})", R"({"model":"m","input":{}})"})
      check_eq(user.ask("POST", request.target, body, request.headers).status, 400u);
    check_eq(user.ask("GET", request.target, {}, request.headers).status, 405u);
    check_eq(embed(user, kind).status, 503u);
  }
  for (const auto* body : {R"({"input":["a"]})", R"({"model":"m"})", R"({"model":"m","input":[]})",
                           R"({"model":"m","input":["a"],"encoding_format":"hex"})"})
    check_eq(post(user, protocol::openai, json::parse(body)).status, 400u);
  for (const auto* body :
       {R"({"requests":[]})", R"({"requests":[3]})", R"({"requests":[{"model":"models/m"}]})",
        R"({"requests":[{"content":{"parts":[{"text":"a"}]}}]})",
        R"({"requests":[{"model":"models/m","content":{"parts":[]}}]})"})
    check_eq(post(user, protocol::gemini, json::parse(body)).status, 400u);
  const auto request = embed_request(protocol::openai, two);
  check_eq(user.ask("POST", request.target, request.body).status, 401u);
}

TEST("Anthropic has no embeddings") {
  server sim;
  client user{sim.port()};
  const auto body = embed_request(protocol::openai, two).body;
  const auto got =
    user.ask("POST", "/v1/embeddings", body, {{"x-api-key", "k"}, {"anthropic-version", "2023-06-01"}});
  check_eq(got.status, 404u);
  check_eq(json::parse(got.body)["error"]["type"], "not_found_error");
}

TEST("embeddings take steps of their own, and without any are answered") {
  server sim{with("openai=rate_limited; openai(on=embed)=server_error(times=2),ok; gemini=overloaded;"
                  "openai(on=embed, model=m, instance=b)=forbidden")};
  client user{sim.port()};
  check_eq(embed(user, protocol::openai, two, json::object(), "b").status, 403u);
  std::vector<unsigned> seen;
  for (int i = 0; i < 4; ++i)
    seen.push_back(embed(user, protocol::openai).status);
  check(seen == std::vector<unsigned>{500, 500, 200, 200});
  check_eq(embed(user, protocol::gemini).status, 200u);
  const auto chat = magna::test::ask_for(protocol::openai, false);
  check_eq(user.ask("POST", chat.target, chat.body, chat.headers).status, 429u);
}

TEST("keys and models are those of the other requests") {
  server sim{with("openai(keys=right); all(on=embed, models=n|m2)=ok")};
  client user{sim.port()};
  check_eq(embed(user, protocol::openai).status, 401u);
  const auto body = embed_request(protocol::openai, two).body;
  check_eq(user.ask("POST", "/v1/embeddings", body, {{"Authorization", "Bearer right"}}).status, 404u);
  check_eq(embed(user, protocol::gemini).status, 404u);
  check_eq(embed(user, protocol::ollama).status, 404u);
  check_eq(post(user, protocol::ollama, {{"model", "m2:latest"}, {"input", "a"}}).status, 200u);
}

TEST("a step says how many dimensions there are where the request doesn't") {
  server sim{with("all(on=embed)=ok(dimensions=3)")};
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    check(vectors_in(kind, embed(user, kind).body) == vectors_of(two, 3));
    check(vectors_in(kind, embed(user, kind, two, {{dimensions_name(kind), 5}}).body) == vectors_of(two, 5));
  }
}

TEST("a broken server gives another number of vectors than was asked for") {
  server sim{with("all(on=embed)=ok(vectors=1),ok(vectors=3),ok(vectors=0)")};
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    check(vectors_in(kind, embed(user, kind).body) == vectors_of({two[0]}));
    check(vectors_in(kind, embed(user, kind).body) == vectors_of({two[0], two[1], two[0]}));
    check(vectors_in(kind, embed(user, kind).body).empty());
  }
  const auto* body = R"({"content":{"parts":[{"text":"hello"}]}})";
  check_eq(user.ask("POST", "/v1beta/models/m:embedContent", body, {{"x-goog-api-key", "k"}}).body, "{}\n");
}

TEST("more texts than the step takes are refused, without taking it") {
  server sim{with("all(on=embed)=ok(max_texts=2),overloaded")};
  client user{sim.port()};
  for (auto kind : embedding_protocols) {
    const auto refused = embed(user, kind, {"a", "b", "c"});
    check_eq(refused.status, 400u);
    magna::test::check_found(message_in(kind, refused),
                             magna::test::is_openai(kind) ? "'\\$.input' is invalid"
                             : kind == protocol::gemini   ? "at most 2 requests can be in one batch"
                                                          : "at most 2");
    check_eq(embed(user, kind).status, 200u);
    check_eq(embed(user, kind).status, 503u);
  }
}

TEST("usage can be left out, or be another") {
  server sim{with("all(on=embed)=ok(prompt_tokens=77),ok(usage=false)")};
  client user{sim.port()};
  check_eq(json::parse(embed(user, protocol::openai).body)["usage"]["total_tokens"], 77);
  check(!json::parse(embed(user, protocol::openai).body).contains("usage"));
  check_eq(json::parse(embed(user, protocol::ollama).body)["prompt_eval_count"], 77);
  check(!json::parse(embed(user, protocol::ollama).body).contains("prompt_eval_count"));
}

TEST("every error reply works for embeddings, too") {
  for (auto kind : embedding_protocols) {
    for (const auto& word : step_words()) {
      if ((word.protocols & bit(kind)) == 0 || word.kind != step_kind::reply || word.name == "raw"
          || (word.name == "blocked_prompt" && kind == protocol::gemini))
        continue;
      const auto name = std::string{to_string(kind)};
      server sim{
        with(name + "=" + std::string{word.name} + ";" + name + "(on=embed)=" + std::string{word.name})};
      client user{sim.port()};
      const auto chat = magna::test::ask_for(kind, false);
      check_eq(embed(user, kind).status, user.ask("POST", chat.target, chat.body, chat.headers).status);
    }
  }
}

TEST("errors speak of embeddings where the real ones do") {
  server sim{with("openai(on=embed)=context_length; gemini(on=embed)=model_not_found,rate_limited;"
                  "ollama(on=embed)=context_length,unsupported_capability")};
  client user{sim.port()};
  const auto openai = json::parse(embed(user, protocol::openai).body)["error"];
  magna::test::check_found(openai["message"].get<std::string>(),
                           "^This model's maximum context length is 8192");
  check(openai["code"].is_null());
  magna::test::check_found(message_in(protocol::gemini, embed(user, protocol::gemini)),
                           "not supported for embedContent");
  magna::test::check_found(embed(user, protocol::gemini).body, "embed_content_free_tier_requests");
  check_eq(message_in(protocol::ollama, embed(user, protocol::ollama)),
           "the input length exceeds the context length");
  check_eq(message_in(protocol::ollama, embed(user, protocol::ollama)), "\"m\" does not support embeddings");
}

TEST("the number of dimensions is refused until it is left out") {
  server sim{with("openai(on=embed)=unsupported_parameter; gemini(on=embed)=unsupported_parameter")};
  client user{sim.port()};
  const auto openai = embed(user, protocol::openai, two, {{"dimensions", 3}});
  check_eq(openai.status, 400u);
  check_eq(json::parse(openai.body)["error"]["param"], "dimensions");
  const auto gemini = embed(user, protocol::gemini, two, {{"outputDimensionality", 3}});
  check_eq(gemini.status, 400u);
  check_eq(json::parse(gemini.body)["error"]["details"][0]["fieldViolations"][0]["field"],
           "outputDimensionality");
  check_eq(embed(user, protocol::openai).status, 200u);
  check_eq(embed(user, protocol::gemini).status, 200u);
}

TEST("an answer with vectors is malformed, delayed, cut, reset and stalled as others are") {
  using std::chrono::steady_clock;
  namespace http = boost::beast::http;
  for (auto kind : embedding_protocols) {
    server sim{with("all(on=embed)=malformed,stream_error(error=overloaded),ok(delay=30),cut,cut(at=headers),"
                    "cut(at=utf8),cut(at=end),reset(at=start),stall(at=headers)")};
    client user{sim.port()};
    const auto broken = embed(user, kind);
    check(!broken.error);
    check_eq(broken.status, 200u);
    check(json::parse(broken.body, nullptr, false).is_discarded());
    check_eq(embed(user, kind).status, 503u);
    const auto before = steady_clock::now();
    check_eq(embed(user, kind).status, 200u);
    check_ge((steady_clock::now() - before).count(),
             std::chrono::nanoseconds{std::chrono::milliseconds{30}}.count());
    for (int i = 0; i < 4; ++i) {
      client fresh{sim.port()};
      const auto got = embed(fresh, kind);
      check_eq(got.error, http::error::partial_message);
      check_eq(got.body.empty(), i == 1);
    }
    client reset{sim.port()};
    check_eq(embed(reset, kind).error, boost::asio::error::connection_reset);
    client stalled{sim.port()};
    const auto request = embed_request(kind, two);
    stalled.send("POST", request.target, request.body, request.headers);
    check_ne(stalled.receive_until("\r\n\r\n").find("200 OK"), std::string::npos);
    stalled.close();
    const auto entry = sim.wait_for_end(8);
    require(entry.has_value());
    check(entry->end == ending::client_closed);
  }
}

TEST("the log shows embeddings, with the number of their texts") {
  server sim;
  client user{sim.port()};
  for (auto kind : embedding_protocols)
    embed(user, kind, {"a", "b", "c"});
  embed(user, protocol::openai, {});
  require(sim.wait_for_end(4).has_value());
  const auto log = sim.requests();
  require_eq(log.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) {
    check(log[i].on == route::embed);
    check_eq(log[i].model, "m");
    check_eq(log[i].inputs, 3u);
    check_eq(log[i].step, "ok");
    check(!log[i].stream);
  }
  check_eq(log[4].inputs, 0u);
  check_eq(log[4].step, "");
  const auto shown = json::parse(user.ask("GET", "/_simulator/requests").body);
  check_eq(shown[0]["on"], "embed");
  check_eq(shown[0]["inputs"], 3);
}

} // SUITE("simulator embed")
