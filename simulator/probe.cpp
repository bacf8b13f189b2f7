#include <magna/simulator/reply.hpp>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

std::vector<std::string> default_models(protocol kind) {
  switch (kind) {
    case protocol::gemini:
      return {"gemini-3.8-flash", "gemini-4-hydrogen", "gemini-4-argon"};
    case protocol::openai:
      return {"gpt-6-luna", "gpt-6.1-terra", "gpt-6.1-sol"};
    case protocol::anthropic:
      return {"claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-4-8"};
    case protocol::ollama:
      break;
  }
  return {"gemma4:latest"};
}

json gemini_model(std::string_view name) {
  return {{"name", "models/" + std::string{name}},
          {"version", "001"},
          {"displayName", name},
          {"inputTokenLimit", 1'048'576},
          {"outputTokenLimit", 65'536},
          {"supportedGenerationMethods", {"generateContent", "countTokens"}}};
}

json openai_model(std::string_view name) {
  return {{"id", name},
          {"object", "model"},
          {"created", 1'790'000'000},
          {"owned_by", "openai"},
          {"shutdown_date", nullptr}};
}

json anthropic_model(std::string_view name) {
  return {{"type", "model"}, {"id", name}, {"display_name", name}, {"created_at", "2026-02-17T00:00:00Z"}};
}

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

template <class Describe>
json list_of(const std::vector<std::string>& models, Describe describe) {
  auto result = json::array();
  for (const auto& name : models)
    result.push_back(describe(name));
  return result;
}

json gemini_body(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return gemini_model(request.model);
  auto shown = models;
  if (request.query == "pageSize=1")
    shown.resize(1);
  json result = {{"models", list_of(shown, gemini_model)}};
  if (shown.size() < models.size())
    result["nextPageToken"] = "simulator-page-2";
  return result;
}

json openai_body(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return openai_model(request.model);
  return {{"object", "list"}, {"data", list_of(models, openai_model)}};
}

json anthropic_body(const incoming& request, const std::vector<std::string>& models) {
  if (request.what == operation::get_model)
    return anthropic_model(request.model);
  auto shown = models;
  if (request.query == "limit=1")
    shown.resize(1);
  return {{"data", list_of(shown, anthropic_model)},
          {"has_more", shown.size() < models.size()},
          {"first_id", shown.front()},
          {"last_id", shown.back()}};
}

json ollama_body(const incoming& request, const std::vector<std::string>& models) {
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
      return {{"models", list_of(models, ollama_model)}};
  }
}

} // namespace

reply probe_reply(const incoming& request, const std::vector<std::string>& models) {
  auto known = models.empty() ? default_models(request.kind) : models;
  switch (request.kind) {
    case protocol::gemini:
      return {200, "application/json; charset=UTF-8", dump(gemini_body(request, known), 2) + "\n"};
    case protocol::openai:
      return {200, "application/json", dump(openai_body(request, known))};
    case protocol::anthropic:
      return {200, "application/json", dump(anthropic_body(request, known))};
    case protocol::ollama:
      break;
  }
  if (request.what == operation::greeting)
    return {200, "text/plain; charset=utf-8", "Ollama is running"};
  return {200, "application/json; charset=utf-8", dump(ollama_body(request, known))};
}

} // namespace magna::simulator
