#pragma once

// How each type of a field looks on the wire; messages/README.md has the whole format.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <magna/messages/wire/field_list.hpp>

namespace magna::wire_format {

/// How a value is written, so that one of an unknown field can be skipped.
enum class kind : std::uint8_t {
  /// A varint.
  number = 0,
  /// Their count as a varint, and the bytes.
  bytes = 1,
  /// Fields, and a 0 at their end.
  object = 2,
  /// Count and kind of the elements as one varint, and the elements.
  list = 3,
};

/// The low bits of a field's head and of a list's beginning are a kind.
inline constexpr unsigned kind_bits = 2;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
struct is_time : std::false_type {};
template <class Rep, class Period>
struct is_time<std::chrono::duration<Rep, Period>> : std::is_integral<Rep> {};
template <class Clock, class Duration>
struct is_time<std::chrono::time_point<Clock, Duration>> : is_time<Duration> {};

template <class T>
concept number_value = std::integral<T> || std::is_enum_v<T> || is_time<T>::value;

template <class T>
concept text_value = std::same_as<T, std::string>;

/// What a list's elements are read into: of a map, pairs whose key can be changed.
template <class T>
struct element {};
template <class T>
requires requires {
  typename T::value_type;
}
struct element<T> {
  using type = typename T::value_type;
};
template <class Key, class Value>
struct element<std::map<Key, Value>> {
  using type = std::pair<Key, Value>;
};
template <class T>
using element_t = typename element<T>::type;

/// Vectors, sets and maps. The odd one out is vector<bool>, whose elements are no objects.
template <class T>
concept list_value = !text_value<T> && !std::same_as<T, std::vector<bool>> && requires(T x) {
  typename element_t<T>;
  x.insert(x.end(), std::declval<element_t<T>>());
  x.size();
};

/// An entry of a map.
template <class Key, class Value>
constexpr auto fields_of(const std::pair<Key, Value>* /*type*/) {
  using entry = std::pair<Key, Value>;
  return list_fields(tagged<1>("key", &entry::first), tagged<2>("value", &entry::second));
}

template <class T>
concept object_value = requires(const T* type) {
  fields_of(type);
};

template <class T>
constexpr kind kind_of() {
  if constexpr (number_value<T>)
    return kind::number;
  else if constexpr (list_value<T>)
    return kind::list;
  else if constexpr (object_value<T>)
    return kind::object;
  else
    // Texts; and whatever only CAF knows how to write, such as handles, in CAF's own format.
    return kind::bytes;
}

} // namespace magna::wire_format
