#include <magna/simulator/manners.hpp>

#include <array>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

struct facts {
  std::string_view name;
  unsigned status;
  std::string_view type;
  std::string_view message;
};

constexpr std::string_view invalid = "invalid_request_error";

constexpr auto table = std::to_array<facts>({
  {"missing_key", 401, "authentication_error", "x-api-key header is required"},
  {"bad_key", 401, "authentication_error", "invalid x-api-key"},
  {"unauthorized", 401, "authentication_error", "invalid x-api-key"},
  {"forbidden", 403, "permission_error",
   "Your API key does not have permission to use the specified resource."},
  {"bad_request", 400, invalid, "messages: Input should be a valid list"},
  {"context_length", 400, invalid, "prompt is too long: 210000 tokens > 200000 maximum"},
  {"payload_too_large", 413, "request_too_large", "Request exceeds the maximum size"},
  {"rate_limited", 429, "rate_limit_error",
   "This request would exceed your organization's rate limit of 50 requests per minute."},
  {"quota_exhausted", 400, invalid,
   "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
   "purchase credits."},
  {"server_error", 500, "api_error", "Internal server error"},
  {"overloaded", 529, "overloaded_error", "Overloaded"},
  {"gateway_timeout", 504, "timeout_error", "The request timed out."},
});

json make(std::string_view type, std::string_view message) {
  return {
    {"type", "error"}, {"error", {{"type", type}, {"message", message}}}, {"request_id", "req_simulator"}};
}

json anthropic_model(std::string_view name) {
  return {{"type", "model"}, {"id", name}, {"display_name", name}, {"created_at", "2026-02-17T00:00:00Z"}};
}

} // namespace

provider_error anthropic_error(std::string_view name, const error_context& context) {
  if (name == "bad_key" && context.options.echo_key)
    return {401, make("authentication_error", "invalid x-api-key: " + context.request.key())};
  if (name == "model_not_found")
    return {404, make("not_found_error", "model: " + context.request.model)};
  if (name == "unsupported_parameter")
    return {400, make(invalid, "`" + context.param + "` is deprecated for this model.")};
  for (const auto& row : table)
    if (row.name == name)
      return {row.status, make(row.type, row.message)};
  return {500, make("api_error", "Internal server error")};
}

json anthropic_refusal(const std::string& message, std::string_view) {
  return {{"type", "error"}, {"error", {{"type", "invalid_request_error"}, {"message", message}}}};
}

reply anthropic_unrouted(const incoming& request) {
  const auto wrong_method = request.what == operation::wrong_method;
  return json_reply(request, wrong_method ? 405 : 404,
                    {{"type", "error"},
                     {"error",
                      {{"type", wrong_method ? "invalid_request_error" : "not_found_error"},
                       {"message", wrong_method ? "Method Not Allowed" : "Not found"}}}});
}

std::optional<reply> refuse_anthropic_body(const incoming& request) {
  const auto& body = request.body;
  if (request.header("anthropic-version").empty())
    return bad_request(request, "anthropic-version: header is required");
  if (!body.is_object())
    return bad_request(request, "The request body is not valid JSON");
  for (const auto* name : {"model", "max_tokens", "messages"})
    if (!body.contains(name))
      return bad_request(request, std::string{name} + ": Field required");
  if (!body["messages"].is_array() || body["messages"].empty())
    return bad_request(request, "messages: at least one message is required");
  std::string last;
  for (const auto& message : body["messages"]) {
    const auto who = message.is_object() ? message.value("role", "") : "";
    if (who != "user" && who != "assistant")
      return bad_request(request, "messages: Unexpected role. Allowed are \"user\" and \"assistant\"");
    if (last.empty() && who != "user")
      return bad_request(request, "messages: first message must use the \"user\" role");
    if (who == last)
      return bad_request(request, "messages: roles must alternate between \"user\" and \"assistant\"");
    if (!message.contains("content") || message["content"].empty())
      return bad_request(request, "messages: all messages must have non-empty content");
    last = who;
  }
  return std::nullopt;
}

json anthropic_models(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return anthropic_model(request.model);
  auto shown = models;
  if (request.query == "limit=1")
    shown.resize(1);
  return {{"data", models_list(shown, anthropic_model)},
          {"has_more", shown.size() < models.size()},
          {"first_id", shown.front()},
          {"last_id", shown.back()}};
}

} // namespace magna::simulator
