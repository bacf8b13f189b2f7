#include <magna/providers/extra_body.hpp>

#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_check.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace {

constexpr std::size_t longest = std::size_t{1} << 20;

bool asks_for_several(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && *found != nullptr && *found != 1;
}

} // namespace

std::optional<std::string> problem_with_extra_body(std::string_view text) {
  if (text.size() > longest || !is_utf8(text) || !is_json_object(text))
    return "must be a JSON object of at most 1 MiB";
  const auto object = parse_object(text);
  if (object.contains("stream"))
    return "must not set \"stream\": the request's own stream does";
  bool several = asks_for_several(object, "n");
  // Gemini's name for it, in both spellings of its API.
  for (const auto* config : {"generationConfig", "generation_config"})
    if (const auto inner = object.find(config); inner != object.end() && inner->is_object())
      several =
        several || asks_for_several(*inner, "candidateCount") || asks_for_several(*inner, "candidate_count");
  if (several)
    return "must not ask for several answers (n, candidateCount): a request has one";
  return std::nullopt;
}

} // namespace magna
