#include <magna/simulator/manners.hpp>

#include <array>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

struct facts {
  std::string_view name;
  unsigned status;
  std::string_view type;
  std::string_view code;  ///< Empty: null.
  std::string_view param; ///< Empty: null.
  std::string_view message;
};

constexpr std::string_view invalid = "invalid_request_error";

constexpr auto table = std::to_array<facts>({
  {"missing_key", 401, invalid, "", "",
   "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
   "auth "
   "(i.e. Authorization: Bearer YOUR_KEY)."},
  {"unauthorized", 401, invalid, "", "", "You must be a member of an organization to use the API."},
  {"forbidden", 403, "request_forbidden", "unsupported_country_region_territory", "",
   "Country, region, or territory not supported"},
  {"bad_request", 400, invalid, "invalid_value", "messages", "Invalid value for 'messages'."},
  {"context_length", 400, invalid, "context_length_exceeded", "messages",
   "This model's maximum context length is 400000 tokens. However, your messages resulted in 512000 tokens. "
   "Please "
   "reduce the length of the messages."},
  {"context_length_limit", 400, invalid, "", "messages",
   "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens."},
  {"blocked_prompt", 400, invalid, "invalid_prompt", "",
   "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with "
   "a "
   "different prompt."},
  {"content_filtered", 400, invalid, "content_policy_violation", "",
   "Your request was rejected as a result of our safety system."},
  {"payload_too_large", 413, invalid, "", "", "Request body is too large."},
  {"request_timeout", 408, invalid, "", "", "The request timed out."},
  {"conflict", 409, invalid, "", "", "The request conflicts with another one. Please retry."},
  {"rate_limited", 429, "requests", "rate_limit_exceeded", "",
   "Rate limit reached for this model on requests per min (RPM): Limit 3, Used 3, Requested 1."},
  {"slow_down", 429, "rate_limit_error", "slow_down", "",
   "Your request rate has risen too quickly. Please slow down and try again."},
  {"request_too_large", 429, "tokens", "rate_limit_exceeded", "",
   "Request too large for this model on tokens per min (TPM): Limit 30000, Requested 48000."},
  {"quota_exhausted", 429, "insufficient_quota", "credit_balance_exhausted", "",
   "You exceeded your current quota, please check your plan and billing details."},
  {"server_error", 500, "server_error", "server_error", "",
   "The server had an error while processing your request. Sorry about that!"},
  {"overloaded", 503, "service_unavailable_error", "server_is_overloaded", "",
   "The server is currently overloaded with other requests. Please retry later."},
  {"gateway_timeout", 504, "server_error", "", "", "The upstream server timed out."},
});

json make(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  auto text_or_null = [](std::string_view text) { return text.empty() ? json(nullptr) : json(text); };
  return {
    {"error",
     {{"message", message}, {"type", type}, {"param", text_or_null(param)}, {"code", text_or_null(code)}}}};
}

/// OpenAI quotes the ends of the key that it refuses.
std::string masked(const std::string& key) {
  if (key.size() <= 8)
    return std::string(key.size(), '*');
  return key.substr(0, 4) + std::string(key.size() - 8, '*') + key.substr(key.size() - 4);
}

json openai_model(std::string_view name) {
  return {{"id", name},
          {"object", "model"},
          {"created", 1'790'000'000},
          {"owned_by", "openai"},
          {"shutdown_date", nullptr}};
}

} // namespace

provider_error openai_error(std::string_view name, const error_context& context) {
  const auto& model = context.request.model;
  if (name == "bad_key") {
    auto key = context.request.key();
    auto message = "Incorrect API key provided: " + (context.options.echo_key ? key : masked(key))
                   + ". You can find your API key at https://platform.openai.com/account/api-keys.";
    return {401, make(message, invalid, "", "invalid_api_key")};
  }
  if (name == "model_not_found")
    return {404, make("The model `" + model + "` does not exist or you do not have access to it.", invalid,
                      "", "model_not_found")};
  if (name == "unsupported_parameter")
    return {400, make("Unsupported parameter: '" + context.param + "' is not supported with this model.",
                      invalid, context.param, "unsupported_parameter")};
  if (name == "unsupported_value")
    return {400, make("Unsupported value: '" + context.param
                        + "' does not support this value with this model. Only "
                          "the default (1) value is supported.",
                      invalid, context.param, "unsupported_value")};
  if (name == "context_length" && context.request.on() == route::embed)
    return {400,
            make("This model's maximum context length is 8192 tokens, however you requested 10738 tokens "
                 "(10738 in your prompt; 0 for the completion). Please reduce your prompt; or completion "
                 "length.",
                 invalid, "", "")};
  if (name == "bad_request" && context.request.on() == route::embed)
    return {400, make("'$.input' is invalid. Please check the API reference: "
                      "https://platform.openai.com/docs/api-reference.",
                      invalid, "", "")};
  if (name == "loading_model")
    return {503, {{"error", {{"message", "Loading model"}, {"type", "unavailable_error"}, {"code", 503}}}}};
  for (const auto& row : table)
    if (row.name == name)
      return {row.status, make(row.message, row.type, row.param, row.code)};
  return {500, make("The server had an error.", "server_error", "", "")};
}

json openai_refusal(const std::string& message, std::string_view param) {
  return {{"error",
           {{"message", message},
            {"type", "invalid_request_error"},
            {"param", param.empty() ? json(nullptr) : json(param)},
            {"code", nullptr}}}};
}

reply openai_unrouted(const incoming& request) {
  const auto wrong_method = request.what == operation::wrong_method;
  auto message = wrong_method ? "Not allowed to " + request.method + " on " + request.path + "."
                              : "Invalid URL (" + request.method + " " + request.path + ")";
  json error = {
    {"message", message}, {"type", "invalid_request_error"}, {"param", nullptr}, {"code", nullptr}};
  if (wrong_method)
    error["code"] = "method_not_supported";
  return json_reply(request, wrong_method ? 405 : 404, {{"error", error}});
}

std::optional<reply> refuse_openai_body(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "We could not parse the JSON body of your request.");
  if (request.model.empty())
    return bad_request(request, "you must provide a model parameter");
  if (!body.contains("messages") || !body["messages"].is_array())
    return bad_request(request, "Missing required parameter: 'messages'.", "messages");
  if (body["messages"].empty())
    return bad_request(request, "Invalid 'messages': empty array. Expected an array with minimum length 1.",
                       "messages");
  if (body.contains("stream_options") && !body["stream_options"].is_null() && !request.stream)
    return bad_request(request, "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                       "stream_options");
  return std::nullopt;
}

json openai_models(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return openai_model(request.model);
  return {{"object", "list"}, {"data", models_list(models, openai_model)}};
}

} // namespace magna::simulator
