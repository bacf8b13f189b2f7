#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

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

/// The count called `name`, if there is one.
inline std::optional<std::uint64_t> find_count(const nlohmann::json& object, const char* name) {
  const auto* value = find_member(object, name);
  return value != nullptr && value->is_number_unsigned() ? std::optional{value->get<std::uint64_t>()}
                                                         : std::nullopt;
}

} // namespace magna
