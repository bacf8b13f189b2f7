#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

/// "usable", or the name of the error, with a "?" if it proves nothing by itself.
std::string judge(provider_kind kind, int status, std::string_view body, std::string_view model = "m") {
  const auto error = codec_for(kind).judge_probe({status, {}}, body, model);
  return error ? to_string(error->code) + (error->unproven ? "?" : "") : "usable";
}

std::string probe_url(provider_kind kind, std::string_view base, std::string_view model) {
  const auto request = codec_for(kind).encode_probe({.base_url = std::string{base}}, model);
  return request.method + " " + request.url + (request.body.empty() ? "" : " with a body");
}

} // namespace

SUITE("probe") {

TEST("a probe asks what costs nothing") {
  check_eq(probe_url(provider_kind::gemini, "https://h/", "gemini-3.8-flash"),
           "GET https://h/v1beta/models/gemini-3.8-flash");
  check_eq(probe_url(provider_kind::gemini, "https://h", ""), "GET https://h/v1beta/models?pageSize=1");
  check_eq(probe_url(provider_kind::openai, "https://h/v1", "m"), "GET https://h/v1/models");
  check_eq(probe_url(provider_kind::anthropic, "https://h", "m"), "GET https://h/v1/models/m");
  check_eq(probe_url(provider_kind::anthropic, "https://h", ""), "GET https://h/v1/models?limit=1");
  check_eq(probe_url(provider_kind::ollama, "http://h:11434", "m"), "GET http://h:11434/api/tags");
}

TEST("gemini knows the model") {
  const auto kind = provider_kind::gemini;
  check_eq(
    judge(kind, 200, R"({"name":"models/m","supportedGenerationMethods":["generateContent","countTokens"]})"),
    "usable");
  check_eq(judge(kind, 200, R"({"name":"models/m"})"), "usable");
  check_eq(judge(kind, 200, R"({"name":"models/m","supportedGenerationMethods":["embedContent"]})"),
           "model_not_found");
  check_eq(
    judge(kind, 404, R"({"error":{"code":404,"message":"models/m is not found","status":"NOT_FOUND"}})"),
    "model_not_found");
  check_eq(
    judge(kind, 400, R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}})"),
    "authentication_failed");
  check_eq(judge(kind, 503, ""), "provider_unavailable");
}

TEST("a model of Anthropic's that was retired is listed and not usable") {
  const auto kind = provider_kind::anthropic;
  check_eq(judge(kind, 200, R"({"id":"claude-x","lifecycle":"active"})"), "usable");
  check_eq(judge(kind, 200, R"({"id":"claude-x","lifecycle":"deprecated"})"), "usable");
  check_eq(judge(kind, 200, R"({"id":"claude-x","lifecycle":"retired"})"), "model_not_found");
  check_eq(
    judge(kind, 404, R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}})"),
    "model_not_found");
  // A server of another make that has no such page.
  check_eq(judge(kind, 404, R"({"error":{"code":404,"message":"File Not Found","type":"not_found_error"}})"),
           "model_not_found?");
}

TEST("openai lists the model") {
  const auto kind = provider_kind::openai;
  check_eq(judge(kind, 200, R"({"object":"list","data":[{"id":"x"},{"id":"m"}]})"), "usable");
  check_eq(judge(kind, 200, R"({"object":"list","data":[{"id":"x"}]})"), "model_not_found?");
  check_eq(judge(kind, 200, R"({"object":"list","data":[]})"), "model_not_found?");
  check_eq(judge(kind, 200, R"({"object":"list","data":[{"id":"x"}]})", ""), "usable");
  check_eq(judge(kind, 200, R"({"object":"list","data":[{"id":"x"}],"has_more":true})"), "usable");
  check_eq(judge(kind, 200, R"({"data":[{"id":"m:latest"}]})"), "usable");
  check_eq(judge(kind, 200, R"({"data":[{"id":"models/m"}]})"), "usable");
  check_eq(judge(kind, 200, R"({"data":[{"id":"/x.gguf","owned_by":"llamacpp"}]})"), "usable");
  check_eq(judge(kind, 200, R"({"models":[]})"), "usable");
  check_eq(judge(kind, 200, R"({"error":{"message":"x","code":"invalid_api_key"}})"),
           "authentication_failed");
  check_eq(judge(kind, 200, "<html></html>"), "provider_error");
  check_eq(judge(kind, 200, ""), "provider_error");
  check_eq(judge(kind, 401, R"({"error":{"message":"x","code":"invalid_api_key"}})"),
           "authentication_failed");
}

TEST("anthropic knows the model") {
  const auto kind = provider_kind::anthropic;
  check_eq(judge(kind, 200, R"({"type":"model","id":"m","display_name":"M"})"), "usable");
  check_eq(judge(kind, 200, R"({"data":[{"type":"model","id":"x"}],"has_more":true})", ""), "usable");
  check_eq(judge(kind, 404, R"({"type":"error","error":{"type":"not_found_error","message":"model: m"}})"),
           "model_not_found?");
  check_eq(judge(kind, 401,
                 R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})"),
           "authentication_failed");
  check_eq(judge(kind, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
           "provider_unavailable");
  check_eq(judge(kind, 200, "<html></html>"), "provider_error");
}

TEST("ollama has the model, with or without the tag") {
  const auto kind = provider_kind::ollama;
  static constexpr std::string_view body =
    R"({"models":[{"name":"gemma4:latest","model":"gemma4:latest"},{"name":"hf.co:443/x/y:q4"}]})";
  check_eq(judge(kind, 200, body, "gemma4"), "usable");
  check_eq(judge(kind, 200, body, "gemma4:latest"), "usable");
  check_eq(judge(kind, 200, body, "gemma4:2b"), "model_not_found");
  check_eq(judge(kind, 200, body, "hf.co:443/x/y:q4"), "usable");
  check_eq(judge(kind, 200, body, "hf.co:443/x/y"), "model_not_found");
  check_eq(judge(kind, 200, R"({"models":null})"), "model_not_found");
  check_eq(judge(kind, 200, R"({"models":[]})", ""), "usable");
  check_eq(judge(kind, 200, "Ollama is running"), "provider_error");
  check_eq(judge(kind, 403, ""), "authentication_failed");
}

} // SUITE("probe")
