#include <algorithm>
#include <ctime>
#include <limits>

#include <nlohmann/json.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using nlohmann::json;

namespace {

const request question{
  .system_prompt = "Be terse.",
  .messages = {{role::user, "hi"},
               {role::assistant, "hello"},
               {role::system, "In German."},
               {role::user, "what"},
               {role::user, "is it?"}},
};

const parameters all_set{.temperature = 0.2, .top_p = 0.9, .max_tokens = 2048, .stop = {"END"}, .seed = 7};

const parameters suggested{.temperature = 0.7, .top_p = 0.9};

const endpoint gemini_api{.base_url = "https://generativelanguage.googleapis.com", .key = "secret"};
const endpoint openai_api{.base_url = "https://api.openai.com/v1", .key = "secret"};
const endpoint anthropic_api{.base_url = "https://api.anthropic.com", .key = "secret"};
const endpoint ollama_api{.base_url = "http://localhost:11434"};

http_request encode(provider_kind kind, const call& what) {
  return codec_for(kind).encode(what);
}

json body_of(provider_kind kind, const call& what) {
  return json::parse(encode(kind, what).body);
}

std::string header(const http_request& what, std::string_view name) {
  std::string result = "-";
  for (const auto& [key, value] : what.headers)
    if (key == name)
      result = result == "-" ? value : result + " and " + value;
  return result;
}

void check_json(const json& found, std::string_view expected) {
  test::runnable::current().check_eq(found.dump(), json::parse(expected).dump());
}

} // namespace

SUITE("encode") {

TEST("a request to gemini") {
  const auto request =
    encode(provider_kind::gemini,
           {.question = question, .where = gemini_api, .model = "gemini-3.8-flash", .params = all_set});
  check_eq(request.method, "POST");
  check_eq(
    request.url,
    "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
  check_eq(header(request, "x-goog-api-key"), "secret");
  check_eq(header(request, "Authorization"), "-");
  check_eq(header(request, "Content-Type"), "application/json");
  check_eq(header(request, "Accept"), "text/event-stream");
  check_json(json::parse(request.body), R"({
    "systemInstruction": {"parts": [{"text": "Be terse.\n\nIn German."}]},
    "contents": [
      {"role": "user", "parts": [{"text": "hi"}]},
      {"role": "model", "parts": [{"text": "hello"}]},
      {"role": "user", "parts": [{"text": "what"}, {"text": "is it?"}]}
    ],
    "generationConfig": {"temperature": 0.2, "topP": 0.9, "maxOutputTokens": 2048, "stopSequences": ["END"], "seed": 7}
  })");
  const auto unary =
    encode(provider_kind::gemini,
           {.question = question, .where = gemini_api, .model = "gemini-3.8-flash", .stream = false});
  check_eq(unary.url,
           "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:generateContent");
  check_eq(header(unary, "Accept"), "application/json");
  check(!json::parse(unary.body).contains("generationConfig"));
}

TEST("gemini's contents are never empty, and no part of them is") {
  const request only_system{.system_prompt = "Say hi.", .messages = {{role::user, ""}}};
  check_json(body_of(provider_kind::gemini, {.question = only_system, .where = gemini_api, .model = "m"}),
             R"({"contents": [{"role": "user", "parts": [{"text": "Say hi."}]}]})");
  const request with_gap{.messages = {{role::user, "a"}, {role::assistant, ""}, {role::user, "b"}}};
  check_json(body_of(provider_kind::gemini, {.question = with_gap, .where = gemini_api, .model = "m"}),
             R"({"contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]})");
}

TEST("a request to openai") {
  const auto request =
    encode(provider_kind::openai,
           {.question = question, .where = openai_api, .model = "gpt-6-luna", .params = all_set});
  check_eq(request.url, "https://api.openai.com/v1/chat/completions");
  check_eq(header(request, "Authorization"), "Bearer secret");
  check_eq(header(request, "Accept"), "text/event-stream");
  check_json(json::parse(request.body), R"({
    "model": "gpt-6-luna",
    "messages": [
      {"role": "system", "content": "Be terse.\n\nIn German."},
      {"role": "user", "content": "hi"},
      {"role": "assistant", "content": "hello"},
      {"role": "user", "content": "what"},
      {"role": "user", "content": "is it?"}
    ],
    "temperature": 0.2, "top_p": 0.9, "max_completion_tokens": 2048, "stop": ["END"], "seed": 7,
    "stream": true, "stream_options": {"include_usage": true}
  })");
  const auto unary =
    body_of(provider_kind::openai,
            {.question = question, .where = openai_api, .model = "gpt-6-luna", .stream = false});
  check(!unary.contains("stream"));
  check(!unary.contains("stream_options"));
}

TEST("a request to anthropic") {
  const auto request =
    encode(provider_kind::anthropic,
           {.question = question, .where = anthropic_api, .model = "claude-sonnet-4-6", .params = all_set});
  check_eq(request.method, "POST");
  check_eq(request.url, "https://api.anthropic.com/v1/messages");
  check_eq(header(request, "x-api-key"), "secret");
  check_eq(header(request, "anthropic-version"), "2023-06-01");
  check_eq(header(request, "Authorization"), "-");
  check_eq(header(request, "Accept"), "text/event-stream");
  check_json(json::parse(request.body), R"({
    "model": "claude-sonnet-4-6",
    "system": "Be terse.\n\nIn German.",
    "messages": [
      {"role": "user", "content": [{"type": "text", "text": "hi"}]},
      {"role": "assistant", "content": [{"type": "text", "text": "hello"}]},
      {"role": "user", "content": [{"type": "text", "text": "what"}, {"type": "text", "text": "is it?"}]}],
    "max_tokens": 2048, "temperature": 0.2, "top_p": 0.9, "stop_sequences": ["END"], "stream": true})");
}

TEST("anthropic gets what it requires, and nothing that it refuses") {
  const auto of = [](const magna::request& what, const parameters& params = {}) {
    return body_of(provider_kind::anthropic, {.question = what,
                                              .where = anthropic_api,
                                              .model = "m",
                                              .stream = false,
                                              .params = params,
                                              .defaults = suggested});
  };
  // A cap is required; sampling parameters are sent only where the user asks for them, and up to 1.
  const magna::request simple{.messages = {{role::user, "hi"}}};
  check_json(of(simple), R"({"model": "m", "max_tokens": 16384,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})");
  check_eq(of(simple, {.temperature = 1.5, .max_tokens = 7})["temperature"], 1.0);
  check_eq(of(simple, {.max_tokens = 7})["max_tokens"], 7);
  check(!of(simple, {.seed = 7}).contains("seed"));
  const auto bare =
    body_of(provider_kind::anthropic, {.question = simple, .where = anthropic_api, .model = "m"});
  check_eq(bare["max_tokens"], 16384);
  // The user speaks first, in turns, and nobody says nothing.
  const magna::request greeting{
    .messages = {{role::assistant, "Hello."}, {role::user, ""}, {role::user, "hi"}}};
  check_json(of(greeting)["messages"], R"json([
    {"role": "user", "content": [{"type": "text", "text": "(The assistant speaks first.)"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "Hello."}]},
    {"role": "user", "content": [{"type": "text", "text": "hi"}]}])json");
  const magna::request prefilled{.messages = {{role::user, "hi"}, {role::assistant, "Well, \n"}}};
  check_json(of(prefilled)["messages"][1],
             R"({"role": "assistant", "content": [{"type": "text", "text": "Well,"}]})");
  const magna::request blank{.messages = {{role::user, "hi"}, {role::assistant, " \n"}}};
  check_eq(of(blank)["messages"].size(), 1u);
  const magna::request only_system{.system_prompt = "Speak."};
  check_json(of(only_system)["messages"],
             R"([{"role": "user", "content": [{"type": "text", "text": "Speak."}]}])");
  check(!of(only_system).contains("system"));
}

TEST("a request to ollama") {
  const auto request = encode(
    provider_kind::ollama,
    {.question = question, .where = ollama_api, .model = "gemma4", .stream = false, .params = all_set});
  check_eq(request.url, "http://localhost:11434/api/chat");
  check_eq(header(request, "Authorization"), "-");
  check_eq(header(request, "Accept"), "application/json");
  check_json(json::parse(request.body), R"({
    "model": "gemma4",
    "messages": [
      {"role": "system", "content": "Be terse.\n\nIn German."},
      {"role": "user", "content": "hi"},
      {"role": "assistant", "content": "hello"},
      {"role": "user", "content": "what"},
      {"role": "user", "content": "is it?"}
    ],
    "stream": false,
    "options": {"temperature": 0.2, "top_p": 0.9, "num_predict": 2048, "stop": ["END"], "seed": 7},
    "truncate": false
  })");
  const auto cloud = encode(
    provider_kind::ollama,
    {.question = question, .where = {.base_url = "https://ollama.com", .key = "k"}, .model = "gemma4"});
  check_eq(header(cloud, "Authorization"), "Bearer k");
  check_eq(header(cloud, "Accept"), "application/x-ndjson");
  check_eq(json::parse(cloud.body)["stream"], json(true));
}

TEST("suggestions go only to models that take them") {
  const auto keys = [](std::string_view model) {
    const auto body = body_of(
      provider_kind::openai,
      {.question = question, .where = openai_api, .model = std::string{model}, .defaults = suggested});
    std::string result;
    for (const auto* name : {"temperature", "top_p", "max_tokens", "max_completion_tokens"})
      if (body.contains(name))
        result += std::string{name} + " ";
    return result;
  };
  for (const auto* model :
       {"gpt-6-luna", "gpt-6.1-sol", "gpt-5", "gpt-5.6", "gpt-10", "o1", "o3-mini", "o4-mini", "ft:gpt-5:x",
        "openai/gpt-5", "gpt-4o-search-preview", "gpt-4o-mini-search-preview-2025-03-11", "gemini-3.8-flash",
        "models/gemini-4-argon", "google/gemini-flash-latest", "anthropic/claude-sonnet-5-5",
        "claude-opus-4-5"})
    check_eq(keys(model), "");
  for (const auto* model : {"gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "chatgpt-4o-latest", "ft:gpt-4o:x",
                            "openai/gpt-4o", "llama3.2", "gpt-oss:20b", "mistral-large", "o", "olmo-2",
                            "gpt-", "", "gemini-2.5-pro", "gemini-3.5-flash", "deepseek-v4"})
    check_eq(keys(model), "temperature top_p ");
  const auto config = [](std::string_view model) {
    return body_of(
             provider_kind::gemini,
             {.question = question, .where = gemini_api, .model = std::string{model}, .defaults = suggested})
      .value("generationConfig", json::object())
      .dump();
  };
  for (const auto* model :
       {"gemini-2.5-flash", "gemini-3-flash-preview", "gemini-3.5-flash-lite", "gemma-4-31b-it", "m"})
    check_eq(config(model), R"({"temperature":0.7,"topP":0.9})");
  for (const auto* model : {"gemini-3.6-flash", "gemini-3.8-flash", "gemini-4-hydrogen",
                            "gemini-flash-latest", "gemini-5-helium"})
    check_eq(config(model), "{}");
  check_json(
    body_of(provider_kind::ollama,
            {.question = question, .where = ollama_api, .model = "gemma4", .defaults = suggested})["options"],
    R"({"temperature": 0.7, "top_p": 0.9})");
}

TEST("no cap is sent that nobody asked for, and the name of one that was depends on the model") {
  const auto caps = [](std::string_view model, const parameters& params) {
    const auto body =
      body_of(provider_kind::openai,
              {.question = question, .where = openai_api, .model = std::string{model}, .params = params});
    return json{body.value("max_tokens", 0), body.value("max_completion_tokens", 0)}.dump();
  };
  check_eq(caps("gpt-6-luna", {}), "[0,0]");
  check_eq(caps("llama3.2", {}), "[0,0]");
  for (const auto* model : {"gpt-6-luna", "gpt-4o", "o3-mini", "chatgpt-4o-latest", "ft:gpt-4o:x"})
    check_eq(caps(model, {.max_tokens = 5}), "[0,5]");
  for (const auto* model : {"llama3.2", "gpt-oss:20b", "openai/gpt-5", "mistral-large", "gpt-", ""})
    check_eq(caps(model, {.max_tokens = 5}), "[5,0]");
}

TEST("what was asked for beats what is suggested") {
  const auto body = body_of(provider_kind::openai, {.question = question,
                                                    .where = openai_api,
                                                    .model = "gpt-6-luna",
                                                    .params = {.temperature = 1.0, .max_tokens = 5},
                                                    .defaults = suggested});
  check_eq(body["temperature"], json(1.0));
  check_eq(body["max_completion_tokens"], json(5));
  check(!body.contains("top_p"));
}

TEST("what was refused is not sent again, and the cap changes its name") {
  const auto openai = [](std::string_view model, std::set<std::string, std::less<>> refused) {
    return body_of(provider_kind::openai, {.question = question,
                                           .where = openai_api,
                                           .model = std::string{model},
                                           .params = all_set,
                                           .refused = std::move(refused)});
  };
  const auto none = openai("m", {"temperature", "top_p", "stop", "seed", "stream_options"});
  for (const auto* name : {"temperature", "top_p", "stop", "seed", "stream_options"})
    check(!none.contains(name));
  check(openai("m", {"max_tokens"}).contains("max_completion_tokens"));
  check(!openai("m", {"max_tokens"}).contains("max_tokens"));
  check(openai("gpt-4o", {"max_completion_tokens"}).contains("max_tokens"));
  check(!openai("gpt-4o", {"max_completion_tokens", "max_tokens"}).contains("max_tokens"));
  const auto gemini = body_of(
    provider_kind::gemini, {.question = question,
                            .where = gemini_api,
                            .model = "m",
                            .params = all_set,
                            .refused = {"temperature", "topP", "maxOutputTokens", "stopSequences", "seed"}});
  check(!gemini.contains("generationConfig"));
  const auto ollama = body_of(
    provider_kind::ollama,
    {.question = question, .where = ollama_api, .model = "m", .params = all_set, .refused = {"seed"}});
  check(!ollama["options"].contains("seed"));
}

TEST("base URLs keep their path, and models are encoded") {
  const auto url = [](provider_kind kind, std::string_view base, std::string_view model) {
    return encode(kind, {.question = question,
                         .where = {.base_url = std::string{base}},
                         .model = std::string{model},
                         .stream = false})
      .url;
  };
  check_eq(url(provider_kind::gemini, "https://h/p/", "models/m"),
           "https://h/p/v1beta/models/m:generateContent");
  check_eq(url(provider_kind::gemini, "https://h", "tunedModels/m"),
           "https://h/v1beta/tunedModels/m:generateContent");
  check_eq(url(provider_kind::gemini, "https://h", "a/../b?key=x#y"),
           "https://h/v1beta/models/a%2F..%2Fb%3Fkey%3Dx%23y:generateContent");
  check_eq(url(provider_kind::openai, "http://localhost:8080/v1/", "m"),
           "http://localhost:8080/v1/chat/completions");
  check_eq(url(provider_kind::openai, "https://x.azure.com/openai/v1?api-version=preview", "m"),
           "https://x.azure.com/openai/v1/chat/completions?api-version=preview");
  check_eq(url(provider_kind::ollama, "http://h:1/ollama", "m"), "http://h:1/ollama/api/chat");
}

TEST("a key stands in one header and nowhere else") {
  for (const auto kind :
       {provider_kind::gemini, provider_kind::openai, provider_kind::anthropic, provider_kind::ollama}) {
    const endpoint where{.base_url = "https://h/v1", .key = "SECRETKEY"};
    auto probe = codec_for(kind).encode_probe(where, "m");
    auto probe_any = codec_for(kind).encode_probe(where, "");
    for (const auto& request :
         {encode(kind, {.question = question, .where = where, .model = "m"}), probe, probe_any}) {
      check(request.url.find("SECRETKEY") == std::string::npos);
      check(request.url.find("key=") == std::string::npos);
      check(request.body.find("SECRETKEY") == std::string::npos);
      int headers = 0;
      for (const auto& [name, value] : request.headers)
        headers += value.find("SECRETKEY") != std::string::npos ? 1 : 0;
      check_eq(headers, 1);
    }
    for (const auto& [name, value] :
         encode(kind, {.question = question, .where = ollama_api, .model = "m"}).headers)
      check(name == "Accept" || name == "Content-Type" || name == "anthropic-version");
  }
}

TEST("an endpoint's own headers are sent, and replace ours") {
  const endpoint where{.base_url = "https://h",
                       .key = "k",
                       .extra_headers = {{"OpenAI-Organization", "o"}, {"authorization", "Custom x"}}};
  const auto request = encode(provider_kind::openai, {.question = question, .where = where, .model = "m"});
  check_eq(header(request, "OpenAI-Organization"), "o");
  check_eq(header(request, "Authorization"), "-");
  check_eq(header(request, "authorization"), "Custom x");
}

TEST("text that is not UTF-8 is no reason to throw") {
  const request broken{.system_prompt = "\xC3", .messages = {{role::user, "a\xFF"}}};
  for (const auto kind :
       {provider_kind::gemini, provider_kind::openai, provider_kind::anthropic, provider_kind::ollama})
    check(encode(kind, {.question = broken, .where = ollama_api, .model = "\xFF"}).body.find("a\xEF\xBF\xBD")
          != std::string::npos);
}

TEST("a conversation of forty thousand messages takes four times the time of one of ten thousand") {
  const auto time_for = [](std::size_t count, provider_kind kind) {
    request long_one;
    for (std::size_t i = 0; i < count; ++i)
      long_one.messages.push_back({i % 2 == 0 ? role::user : role::assistant, "message"});
    // Time of this process alone: the machine may have other work to do.
    auto best = std::numeric_limits<std::clock_t>::max();
    for (int i = 0; i < 3; ++i) {
      const auto start = std::clock();
      const auto body = encode(kind, {.question = long_one, .where = ollama_api, .model = "m"}).body;
      best = std::min(best, std::clock() - start);
      test::runnable::current().check(body.size() > count * 7);
    }
    return best;
  };
  // Quadratic time would be a factor of 16.
  for (const auto kind :
       {provider_kind::gemini, provider_kind::openai, provider_kind::anthropic, provider_kind::ollama})
    check(time_for(40'000, kind) < 10 * time_for(10'000, kind));
}

} // SUITE("encode")
