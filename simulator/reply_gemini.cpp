#include <magna/simulator/manners.hpp>

#include <array>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

struct facts {
  std::string_view name;
  unsigned code;
  std::string_view status;
  std::string_view message;
  std::string_view reason; ///< Of an ErrorInfo; empty: none.
};

constexpr auto table = std::to_array<facts>({
  {"bad_key", 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"},
  {"unauthorized", 401, "UNAUTHENTICATED",
   "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
   "valid "
   "authentication credential.",
   "ACCESS_TOKEN_TYPE_UNSUPPORTED"},
  {"missing_key", 403, "PERMISSION_DENIED",
   "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
   "other "
   "form of API consumer identity to call this API.",
   ""},
  {"two_credentials", 400, "INVALID_ARGUMENT",
   "Multiple authentication credentials received. Please pass only one.", ""},
  {"forbidden", 403, "PERMISSION_DENIED",
   "Requests to this API generativelanguage.googleapis.com method are blocked.", "API_KEY_SERVICE_BLOCKED"},
  {"failed_precondition", 400, "FAILED_PRECONDITION", "User location is not supported for the API use.", ""},
  {"bad_request", 400, "INVALID_ARGUMENT", "Request contains an invalid argument.", ""},
  {"payload_too_large", 413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes.",
   ""},
  {"request_timeout", 408, "DEADLINE_EXCEEDED", "The request timed out.", ""},
  {"context_length", 400, "INVALID_ARGUMENT",
   "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", ""},
  {"cancelled", 499, "CANCELLED", "The operation was cancelled.", ""},
  {"server_error", 500, "INTERNAL", "An internal error has occurred. Please retry.", ""},
  {"overloaded", 503, "UNAVAILABLE", "The model is overloaded. Please try again later.", ""},
  {"gateway_timeout", 504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", ""},
});

/// A protobuf Duration, as `26.66s`.
std::string proto_duration(double seconds) {
  auto text = json(seconds).dump();
  if (text.ends_with(".0"))
    text.resize(text.size() - 2);
  return text + "s";
}

json quota_failure(const incoming& request, bool daily) {
  const auto embeds = request.on() == route::embed;
  std::string id = embeds ? "EmbedContentRequestsPer" : "GenerateRequestsPer";
  id += daily ? "DayPerProjectPerModel-FreeTier" : "MinutePerProjectPerModel-FreeTier";
  std::string metric = "generativelanguage.googleapis.com/";
  metric += embeds ? "embed_content_free_tier_requests" : "generate_content_free_tier_requests";
  json violation = {{"quotaMetric", metric},
                    {"quotaId", id},
                    {"quotaDimensions", {{"location", "global"}, {"model", request.model}}},
                    {"quotaValue", daily ? "250" : "10"}};
  return {{"@type", "type.googleapis.com/google.rpc.QuotaFailure"}, {"violations", json::array({violation})}};
}

json error_info(std::string_view reason) {
  return {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
          {"reason", reason},
          {"domain", "googleapis.com"},
          {"metadata", {{"service", "generativelanguage.googleapis.com"}}}};
}

json make(unsigned code, std::string_view status, std::string message, json details) {
  json error = {{"code", code}, {"message", std::move(message)}, {"status", status}};
  if (!details.empty())
    error["details"] = std::move(details);
  return {{"error", std::move(error)}};
}

provider_error quota_error(bool daily, const error_context& context) {
  auto details = json::array();
  details.push_back(quota_failure(context.request, daily));
  details.push_back(
    {{"@type", "type.googleapis.com/google.rpc.Help"},
     {"links", json::array({{{"description", "Learn more about Gemini API quotas"},
                             {"url", "https://ai.google.dev/gemini-api/docs/rate-limits"}}})}});
  std::string message = "You exceeded your current quota, please check your plan and billing details.";
  if (context.retry_info) {
    auto delay = proto_duration(*context.retry_info);
    message += " Please retry in " + delay + ".";
    details.push_back({{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", delay}});
  }
  return {429, make(429, "RESOURCE_EXHAUSTED", std::move(message), std::move(details))};
}

json gemini_model(std::string_view name) {
  return {{"name", "models/" + std::string{name}},
          {"version", "001"},
          {"displayName", name},
          {"inputTokenLimit", 1'048'576},
          {"outputTokenLimit", 65'536},
          {"supportedGenerationMethods", {"generateContent", "countTokens"}}};
}

} // namespace

provider_error gemini_error(std::string_view name, const error_context& context) {
  if (name == "rate_limited" || name == "quota_exhausted")
    return quota_error(name == "quota_exhausted", context);
  if (name == "model_not_found")
    return {404, make(404, "NOT_FOUND",
                      "models/" + context.request.model
                        + " is not found for API version v1beta, or is not supported for "
                        + (context.request.on() == route::embed ? "embedContent" : "generateContent")
                        + ". Call "
                          "ListModels to see the list of available models and their supported methods.",
                      json::array())};
  if (name == "unsupported_parameter") {
    auto field = (context.request.on() == route::embed ? "" : "generation_config.") + context.param;
    auto message = context.param + " is not supported for this model.";
    auto details =
      json::array({{{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                    {"fieldViolations", json::array({{{"field", field}, {"description", message}}})}}});
    return {400, make(400, "INVALID_ARGUMENT", message, std::move(details))};
  }
  for (const auto& row : table) {
    if (row.name != name)
      continue;
    auto details = json::array();
    if (!row.reason.empty())
      details.push_back(error_info(row.reason));
    std::string message{row.message};
    if (name == "bad_key" && context.options.echo_key)
      message += " Received: " + context.request.key();
    if (context.retry_info)
      details.push_back({{"@type", "type.googleapis.com/google.rpc.RetryInfo"},
                         {"retryDelay", proto_duration(*context.retry_info)}});
    return {row.code, make(row.code, row.status, std::move(message), std::move(details))};
  }
  return {500, make(500, "INTERNAL", "An internal error has occurred.", json::array())};
}

json gemini_refusal(const std::string& message, std::string_view) {
  return {{"error", {{"code", 400}, {"message", message}, {"status", "INVALID_ARGUMENT"}}}};
}

reply gemini_unrouted(const incoming& request) {
  const unsigned status = request.what == operation::wrong_method ? 405 : 404;
  return {status, "text/html; charset=UTF-8",
          "<!DOCTYPE html>\n<html lang=en><title>Error " + std::to_string(status)
            + "</title><p>The requested URL was not found on this server.</html>\n"};
}

std::optional<reply> refuse_gemini_body(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "Invalid JSON payload received. Expected an object.");
  if (!body.contains("contents") || !body["contents"].is_array() || body["contents"].empty())
    return bad_request(request, "* GenerateContentRequest.contents: contents is not specified");
  for (const auto& content : body["contents"]) {
    if (!content.is_object() || !content.contains("parts") || !content["parts"].is_array())
      return bad_request(request,
                         "* GenerateContentRequest.contents.parts: contents.parts must not be empty.");
    if (content.contains("role") && content["role"] != "user" && content["role"] != "model")
      return bad_request(request, "Please use a valid role: user, model.");
  }
  return std::nullopt;
}

json gemini_models(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return gemini_model(request.model);
  auto shown = models;
  if (request.query == "pageSize=1")
    shown.resize(1);
  json result = {{"models", models_list(shown, gemini_model)}};
  if (shown.size() < models.size())
    result["nextPageToken"] = "simulator-page-2";
  return result;
}

} // namespace magna::simulator
