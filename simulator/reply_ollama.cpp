#include <magna/simulator/manners.hpp>

#include <array>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

struct facts {
  std::string_view name;
  unsigned status;
  std::string_view error;
};

constexpr auto table = std::to_array<facts>({
  {"bad_request", 400, "invalid character 'x' looking for beginning of value"},
  {"forbidden", 403, "ollama cloud is disabled"},
  {"payload_too_large", 413, "request body too large"},
  {"context_length", 400,
   "the prompt is longer than the context length currently available to the model; shorten it or raise "
   "num_ctx"},
  {"rate_limited", 429, "too many requests"},
  {"cancelled", 499, "request canceled"},
  {"server_error", 500, "an error was encountered while running the model: unexpected EOF"},
  {"runner_crashed", 500,
   "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
   "check ollama "
   "server logs for details"},
  {"loading_timeout", 500, "timed out waiting for llama-server to start - progress 0.00 - "},
  {"upstream_down", 502, "upstream is not reachable"},
  {"overloaded", 503, "server busy, please try again.  maximum pending requests exceeded"},
  {"server_busy", 503, "server busy, please try again.  maximum pending requests exceeded"},
});

json ollama_details() {
  return {{"parent_model", ""},     {"format", "gguf"},
          {"family", "gemma4"},     {"families", json::array({"gemma4"})},
          {"parameter_size", "8B"}, {"quantization_level", "Q4_K_M"}};
}

json ollama_model(std::string_view name) {
  auto tagged = std::string{name} + (name.find(':') == std::string_view::npos ? ":latest" : "");
  return {{"name", tagged},
          {"model", tagged},
          {"modified_at", "2026-11-01T10:00:00Z"},
          {"size", 5'000'000'000},
          {"digest", std::string(64, 'a')},
          {"details", ollama_details()},
          {"capabilities", json::array({"completion"})}};
}

} // namespace

provider_error ollama_error(std::string_view name, const error_context& context) {
  const auto& model = context.request.model;
  const auto embeds = context.request.on() == route::embed;
  if (name == "model_not_found")
    return {404, {{"error", "model '" + model + "' not found"}}};
  if (name == "unsupported_capability")
    return {400, {{"error", "\"" + model + "\" does not support " + (embeds ? "embeddings" : "chat")}}};
  if (name == "context_length" && embeds)
    return {400, {{"error", "the input length exceeds the context length"}}};
  if (name == "unauthorized")
    return {
      401, {{"error", "unauthorized"}, {"signin_url", "https://ollama.com/connect?name=simulator&key=none"}}};
  if (name == "context_length_nested") {
    json inner = {{"error",
                   {{"code", 400},
                    {"message", "request (9000 tokens) exceeds the available context size (4096 tokens), try "
                                "increasing it"},
                    {"type", "exceed_context_size_error"},
                    {"n_prompt_tokens", 9000},
                    {"n_ctx", 4096}}}};
    return {400, {{"error", inner.dump()}}};
  }
  for (const auto& row : table)
    if (row.name == name)
      return {row.status, {{"error", row.error}}};
  return {500, {{"error", "internal error"}}};
}

json ollama_refusal(const std::string& message, std::string_view) {
  return {{"error", message}};
}

reply ollama_unrouted(const incoming& request) {
  if (request.what == operation::wrong_method)
    return {405, "text/plain", "405 method not allowed"};
  return {404, "text/plain", "404 page not found"};
}

std::optional<reply> refuse_ollama_body(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "invalid character 'x' looking for beginning of value");
  if (request.model.empty())
    return bad_request(request, "model is required");
  if (request.what != operation::generate || !body.contains("messages"))
    return std::nullopt;
  if (!body["messages"].is_array())
    return bad_request(request, "json: cannot unmarshal object into Go struct field ChatRequest.messages");
  for (const auto& message : body["messages"])
    if (message.is_object() && message.contains("content") && !message["content"].is_string())
      return bad_request(request,
                         "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of "
                         "type string");
  return std::nullopt;
}

json ollama_models(const incoming& request, const std::vector<std::string>& models) {
  switch (request.what) {
    case operation::version:
      return {{"version", "0.32.15"}};
    case operation::running_models:
      return {{"models", json::array()}};
    case operation::get_model:
      return {{"details", ollama_details()},
              {"model_info", {{"gemma4.context_length", 131'072}}},
              {"capabilities", json::array({"completion"})},
              {"modified_at", "2026-11-01T10:00:00Z"}};
    default:
      return {{"models", models_list(models, ollama_model)}};
  }
}

} // namespace magna::simulator
