#include <magna/providers/auth.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/providers/known_hosts.hpp>
#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace magna;

namespace {

/// The header that the key of a request is in, as "name: value"; "none".
std::string key_header(std::string_view kind, endpoint where) {
  if (where.key.empty())
    where.key = "k";
  const request question;
  const auto made = codec_for(kind).encode({.question = question, .where = where, .model = "m"});
  std::string result;
  for (const auto& [name, value] : made.headers)
    if (name == "Authorization" || name.ends_with("-key"))
      result += (result.empty() ? "" : ", ") + name + ": " + value;
  return result.empty() ? "none" : result;
}

std::string key_header_at(std::string_view kind, std::string_view base_url) {
  return key_header(kind, {.base_url = std::string{base_url}});
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  return texts;
}

} // namespace

SUITE("auth") {

TEST("schemes have names, and are found by them") {
  for (const auto* name : {"bearer", "api-key", "x-api-key", "x-goog-api-key", "aws-sigv4"}) {
    const auto scheme = parse_auth_scheme(name);
    require(scheme.has_value());
    check_eq(to_string(*scheme), name);
  }
  check(!parse_auth_scheme("Bearer"));
  check(!parse_auth_scheme(""));
  check_eq(list_of_auth_schemes(), "bearer, api-key, x-api-key, x-goog-api-key or aws-sigv4");
}

TEST("each protocol sends the key its own way") {
  check_eq(key_header_at("openai", "http://h/v1"), "Authorization: Bearer k");
  check_eq(key_header_at("ollama", "http://h"), "Authorization: Bearer k");
  check_eq(key_header_at("gemini", "http://h"), "x-goog-api-key: k");
  check_eq(key_header_at("anthropic", "http://h"), "x-api-key: k");
}

TEST("settings choose another way, for every protocol") {
  for (const std::string_view kind : {"openai", "ollama", "gemini", "anthropic"}) {
    check_eq(key_header(kind, {.base_url = "http://h", .auth = auth_scheme::bearer}),
             "Authorization: Bearer k");
    check_eq(key_header(kind, {.base_url = "http://h", .auth = auth_scheme::api_key}), "api-key: k");
    check_eq(key_header(kind, {.base_url = "http://h", .auth = auth_scheme::x_api_key}), "x-api-key: k");
    check_eq(key_header(kind, {.base_url = "http://h", .auth = auth_scheme::x_goog_api_key}),
             "x-goog-api-key: k");
  }
}

TEST("Azure takes its own header, and Mantle bearer tokens for every protocol") {
  check_eq(key_header_at("openai", "https://res.openai.azure.com/openai/v1"), "api-key: k");
  check_eq(
    key_header_at("openai", "https://RES.OpenAI.Azure.com/openai/deployments/d?api-version=2024-10-21"),
    "api-key: k");
  check_eq(key_header_at("openai", "https://res.services.ai.azure.com/openai/v1"), "api-key: k");
  check_eq(key_header_at("anthropic", "https://res.services.ai.azure.com/anthropic"), "x-api-key: k");
  check_eq(key_header_at("openai", "https://bedrock-mantle.us-east-1.api.aws/openai/v1"),
           "Authorization: Bearer k");
  check_eq(key_header_at("anthropic", "https://bedrock-mantle.us-east-1.api.aws/anthropic"),
           "Authorization: Bearer k");
}

TEST("a host that only looks like a known one is none") {
  for (const auto* url :
       {"https://openai.azure.com", "https://.openai.azure.com", "https://x.openai.azure.com.evil.example",
        "https://xopenai.azure.com", "https://evil.example/res.openai.azure.com"})
    check_eq(key_header_at("openai", url), "Authorization: Bearer k");
  for (const auto* url : {"https://bedrock-mantle.api.aws", "https://bedrock-mantle.a.b.api.aws",
                          "https://x.bedrock-mantle.us-east-1.api.aws"})
    check_eq(key_header_at("anthropic", url), "x-api-key: k");
}

TEST("what settings say stands above the host, and a header of their own above both") {
  check_eq(
    key_header("openai", {.base_url = "https://res.openai.azure.com/openai/v1", .auth = auth_scheme::bearer}),
    "Authorization: Bearer k");
  check_eq(key_header("openai", {.base_url = "https://res.openai.azure.com/openai/v1",
                                 .extra_headers = {{"Api-Key", "mine"}}}),
           "none");
}

TEST("a signed request has no key in it, and its signature covers the body") {
  const auto made = [](std::string_view model) {
    const request question;
    const endpoint where{.base_url = "https://bedrock-mantle.us-east-1.api.aws/openai/v1",
                         .key = "AKIDEXAMPLE:very-secret:session",
                         .auth = auth_scheme::aws_sigv4};
    return codec_for("openai").encode({.question = question, .where = where, .model = std::string{model}});
  };
  const auto request = made("m");
  const auto find = [&](std::string_view name) {
    const auto found = std::ranges::find(request.headers, name, [](const auto& x) { return x.first; });
    return found == request.headers.end() ? std::string{} : found->second;
  };
  check_ne(find("Authorization").find("Credential=AKIDEXAMPLE/"), std::string::npos);
  check_ne(find("Authorization").find("/us-east-1/bedrock-mantle/aws4_request"), std::string::npos);
  check_ne(
    find("Authorization").find("SignedHeaders=accept;content-type;host;x-amz-date;x-amz-security-token,"),
    std::string::npos);
  check_eq(find("X-Amz-Security-Token"), "session");
  for (const auto& [name, value] : request.headers)
    check_eq(value.find("very-secret"), std::string::npos);
}

TEST("secrets are the key, the parts of one that signs, and what a query holds") {
  check_eq(sorted(secrets_of({.base_url = "http://h/v1", .key = "k1"})), std::vector<std::string>{"k1"});
  check_eq(sorted(secrets_of({.base_url = "http://h", .key = "id:se:to", .auth = auth_scheme::aws_sigv4})),
           (std::vector<std::string>{"id", "id:se:to", "se", "to"}));
  check_eq(secrets_of({.base_url = "http://h?api-version=2024-10-21&code=abcdefgh&on=true&flag"}),
           std::vector<std::string>{"abcdefgh"});
}

TEST("where deployments are served, a list of models proves nothing") {
  for (const auto* url :
       {"https://r.openai.azure.com/openai/v1", "https://bedrock-mantle.eu-west-1.api.aws/openai/v1",
        "https://openrouter.ai/api/v1", "https://router.huggingface.co/v1", "https://api.x.ai/v1"})
    check(!lists_all_models(url, "openai"));
  for (const auto* url :
       {"https://api.openai.com/v1", "http://localhost:8000/v1", "https://api.mistral.ai/v1"})
    check(lists_all_models(url, "openai"));
}

} // SUITE("auth")
