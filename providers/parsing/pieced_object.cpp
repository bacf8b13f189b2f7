#include <magna/providers/parsing/pieced_object.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include <magna/providers/parsing/json_fields.hpp>
#include <magna/text/number.hpp>

namespace magna {

namespace {

using nlohmann::json;

/// Nobody's arguments nest deeper.
constexpr int max_steps = 64;

/// Cuts the next step off a path: ".name", "['name']", "[0]".
struct step {
  std::string_view name;
  std::optional<std::size_t> index;
};

std::optional<step> next_step(std::string_view& path) {
  if (path.starts_with('.')) {
    const auto end = std::min(path.find_first_of(".[", 1), path.size());
    const auto name = path.substr(1, end - 1);
    path.remove_prefix(end);
    return name.empty() ? std::nullopt : std::optional{step{name, std::nullopt}};
  }
  for (const std::string_view quote : {"'", "\""}) {
    if (!path.starts_with('[') || !path.substr(1).starts_with(quote))
      continue;
    const auto end = path.find(std::string{quote} + "]", 2);
    if (end == std::string_view::npos)
      return std::nullopt;
    const auto name = path.substr(2, end - 2);
    path.remove_prefix(end + 2);
    return step{name, std::nullopt};
  }
  const auto end = path.find(']');
  if (!path.starts_with('[') || end == std::string_view::npos)
    return std::nullopt;
  const auto index = parse_number<std::size_t>(path.substr(1, end - 1));
  path.remove_prefix(end + 1);
  return index ? std::optional{step{{}, index}} : std::nullopt;
}

/// Goes one step from a value, which may not be there yet. Null: there is something else.
json* go(json& from, const step& to) {
  if (!to.index) {
    if (!from.is_object() && !from.is_null())
      return nullptr;
    return &from[std::string{to.name}];
  }
  // Elements come in their order.
  if ((!from.is_array() && !from.is_null()) || *to.index > from.size())
    return nullptr;
  if (*to.index == from.size())
    from.push_back(nullptr);
  return &from[*to.index];
}

} // namespace

bool pieced_object::add(const json& piece) {
  const auto path = find_string(piece, "jsonPath");
  if (!path.starts_with('$'))
    return false;
  auto* place = &value_;
  auto rest = path.substr(1);
  for (int steps = 0; !rest.empty(); ++steps) {
    const auto next = next_step(rest);
    place = next && steps < max_steps ? go(*place, *next) : nullptr;
    if (place == nullptr)
      return false;
  }
  if (place == &value_)
    return false;
  if (const auto* text = find_member(piece, "stringValue"); text != nullptr && text->is_string()) {
    if (path == open_path_ && place->is_string())
      place->get_ref<std::string&>() += text->get_ref<const std::string&>();
    else
      *place = *text;
  } else {
    for (const auto* name : {"numberValue", "boolValue"})
      if (const auto* value = find_member(piece, name); value != nullptr)
        *place = *value;
  }
  const auto* goes_on = find_member(piece, "willContinue");
  open_path_ = goes_on != nullptr && *goes_on == true ? path : std::string_view{};
  return true;
}

} // namespace magna
