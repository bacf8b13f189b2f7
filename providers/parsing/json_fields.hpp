#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>

// Reads fields of documents that may lack them or have them in the wrong type.

namespace magna {

/// The member called `name` unless it is null; nullptr also if `object` is none.
inline const nlohmann::json* find_member(const nlohmann::json& object, const char* name) {
  if (!object.is_object())
    return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// The string called `name`, or an empty one. Valid as long as `object`.
inline std::string_view find_string(const nlohmann::json& object, const char* name) {
  const auto* value = find_member(object, name);
  return value != nullptr && value->is_string() ? std::string_view{value->get_ref<const std::string&>()}
                                                : std::string_view{};
}

/// The list called `name`; nullptr if there is none.
inline const nlohmann::json* find_list(const nlohmann::json& object, const char* name) {
  const auto* value = find_member(object, name);
  return value != nullptr && value->is_array() ? value : nullptr;
}

/// The count called `name`, if there is one: a whole number, which some write as 12.0 or as a text of digits.
MAGNA_EXPORT std::optional<std::uint64_t> find_count(const nlohmann::json& object, const char* name);

/// Takes over a count that may have been told before. A later one is nearer to the truth, but for a zero: some
/// servers end their streams with counts that they have forgotten.
inline void update_count(std::optional<std::uint64_t>& known, std::optional<std::uint64_t> told) {
  if (told && (*told > 0 || !known))
    known = told;
}

} // namespace magna
