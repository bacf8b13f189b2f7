#include <magna/simulator/reply.hpp>

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

} // namespace magna::simulator
