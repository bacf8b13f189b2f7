#include <magna/providers/parsing/json_fields.hpp>

#include <cmath>

#include <magna/text/number.hpp>

namespace magna {

std::optional<std::uint64_t> find_count(const nlohmann::json& object, const char* name) {
  // Above it not every whole number is a double.
  constexpr double exact = 9007199254740992.0;
  const auto* value = find_member(object, name);
  if (value == nullptr)
    return std::nullopt;
  if (value->is_number_unsigned())
    return value->get<std::uint64_t>();
  if (value->is_string())
    return parse_number<std::uint64_t>(value->get_ref<const std::string&>());
  const auto number = value->is_number_float() ? value->get<double>() : -1.0;
  return number >= 0 && number <= exact && number == std::floor(number)
           ? std::optional{static_cast<std::uint64_t>(number)}
           : std::nullopt;
}

} // namespace magna
