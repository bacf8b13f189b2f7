// Gemini's protocol at Vertex AI.

#include <magna/providers/codec_registry.hpp>
#include <magna/providers/known_hosts.hpp>
#include <magna/tests/support/test.hpp>

#include <string>

#include <nlohmann/json.hpp>

using namespace magna;
using nlohmann::json;

namespace {

constexpr const char* with_project =
  "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4";

http_request encode(std::string base_url, const request& question = {}, bool stream = true) {
  const endpoint where{.base_url = std::move(base_url), .key = "k"};
  return codec_for("gemini").encode(
    {.question = question, .where = where, .model = "gemini-3.8-flash", .stream = stream});
}

request with_a_call() {
  request result;
  result.messages.push_back({role::user, "Weather?"});
  chat_message asked{role::assistant, ""};
  asked.tool_calls.push_back({.id = "call-1", .name = "weather", .arguments = "{}"});
  result.messages.push_back(asked);
  chat_message told{role::tool, "sunny"};
  told.tool_call_id = "call-1";
  result.messages.push_back(told);
  return result;
}

} // namespace

SUITE("vertex") {

TEST("the model is below its publisher, wherever the base URL ends") {
  const auto end = std::string{"/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse"};
  check_eq(encode("https://aiplatform.googleapis.com").url,
           "https://aiplatform.googleapis.com/v1beta1" + end);
  check_eq(encode("https://aiplatform.googleapis.com/v1/").url, "https://aiplatform.googleapis.com/v1" + end);
  check_eq(encode("https://aiplatform.googleapis.com/v1beta1/publishers/google").url,
           "https://aiplatform.googleapis.com/v1beta1" + end);
  check_eq(encode(with_project).url, with_project + end);
  check_eq(encode(std::string{with_project} + "/publishers/google").url, with_project + end);
  check_eq(encode("http://localhost:1/v1beta1/publishers/google").url, "http://localhost:1/v1beta1" + end);
  check_eq(encode(with_project, {}, false).url,
           std::string{with_project} + "/publishers/google/models/gemini-3.8-flash:generateContent");
}

TEST("hosts of Vertex AI") {
  for (const auto* url :
       {"https://aiplatform.googleapis.com", "https://us-central1-aiplatform.googleapis.com/v1",
        "https://aiplatform.eu.rep.googleapis.com", "http://proxy/x/publishers/google/"})
    check(is_vertex(url));
  for (const auto* url :
       {"https://generativelanguage.googleapis.com", "https://aiplatform.googleapis.com.evil.example",
        "https://evil.example/aiplatform.googleapis.com", "http://h/publishers/google/models"})
    check(!is_vertex(url));
}

TEST("a key is one of the express mode, and a token a bearer's") {
  const auto header = [](std::optional<auth_scheme> auth) {
    const request question;
    const endpoint where{.base_url = with_project, .key = "k", .auth = auth};
    for (const auto& [name, value] :
         codec_for("gemini").encode({.question = question, .where = where, .model = "m"}).headers)
      if (value.ends_with('k'))
        return name + ": " + value;
    return std::string{};
  };
  check_eq(header(std::nullopt), "x-goog-api-key: k");
  check_eq(header(auth_scheme::bearer), "Authorization: Bearer k");
}

TEST("calls of tools have IDs at the Gemini API, and none at Vertex AI") {
  const auto contents_at = [](std::string base_url) {
    return json::parse(encode(std::move(base_url), with_a_call()).body)["contents"];
  };
  const auto gemini = contents_at("https://generativelanguage.googleapis.com");
  check_eq(gemini[1]["parts"][0]["functionCall"]["id"], "call-1");
  check_eq(gemini[2]["parts"][0]["functionResponse"]["id"], "call-1");
  const auto vertex = contents_at(with_project);
  check_eq(vertex[1]["parts"][0]["functionCall"], json({{"name", "weather"}, {"args", json::object()}}));
  check_eq(vertex[2]["parts"][0]["functionResponse"],
           json({{"name", "weather"}, {"response", {{"output", "sunny"}}}}));
}

TEST("a probe counts tokens, which costs nothing, since a project has no page of a model") {
  const auto request =
    codec_for("gemini").encode_probe({.base_url = with_project, .key = "k"}, "gemini-3.8-flash");
  check_eq(request.method, "POST");
  check_eq(request.url, std::string{with_project} + "/publishers/google/models/gemini-3.8-flash:countTokens");
  check_eq(json::parse(request.body),
           json::parse(R"({"contents":[{"role":"user","parts":[{"text":"ping"}]}]})"));
  const auto judge = [](int status, std::string_view body) {
    const auto error = codec_for("gemini").judge_probe({status, {}}, body, "gemini-3.8-flash");
    return error ? to_string(error->code) : std::string{"usable"};
  };
  check_eq(judge(200, R"({"totalTokens":1,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1}]})"),
           "usable");
  check_eq(
    judge(404,
          R"({"error":{"code":404,"message":"Publisher Model `m` was not found","status":"NOT_FOUND"}})"),
    "model_not_found");
  check_eq(
    judge(
      401,
      R"({"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}})"),
    "authentication_failed");
}

} // SUITE("vertex")
