#include <magna/providers/protocols/reasoning_details.hpp>

#include <string>

#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

void reasoning_details_list::add(const nlohmann::json& piece) {
  if (!goes_on(piece)) {
    all_.push_back(piece);
    return;
  }
  for (const auto& [name, value] : piece.items()) {
    auto& whole = all_.back()[name];
    if ((name == "text" || name == "summary" || name == "data") && whole.is_string() && value.is_string())
      whole.get_ref<std::string&>() += value.get_ref<const std::string&>();
    else if (!value.is_null())
      whole = value;
  }
}

bool reasoning_details_list::goes_on(const nlohmann::json& piece) const {
  const auto is_same = [&](const char* name, bool if_absent) {
    const auto* here = find_member(piece, name);
    const auto* there = find_member(all_.back(), name);
    return here != nullptr && there != nullptr ? *here == *there : if_absent;
  };
  return !all_.empty() && is_same("type", false) && is_same("index", false) && is_same("id", true);
}

} // namespace magna
