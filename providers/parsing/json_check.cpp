#include <magna/providers/parsing/json_check.hpp>

#include <nlohmann/json.hpp>

#include <magna/text/json_depth.hpp>

namespace magna {

bool is_json_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' && !is_too_deep(text)
         && nlohmann::json::accept(text);
}

} // namespace magna
