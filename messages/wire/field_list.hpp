#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include <magna/messages/caf.hpp>

namespace magna {

/// One field of a message; `tagged` makes it.
template <std::uint32_t Tag, class Object, class T>
struct message_field {
  static_assert(Tag > 0 && Tag <= 0xFFFF, "a tag is a number from 1 to 65535");

  /// Names the field on the wire, for ever: a field that is dropped takes its tag along.
  static constexpr std::uint32_t tag = Tag;
  /// Names it in JSON, configurations and logs.
  caf_string_view name;
  /// Where it is.
  T Object::*member;
};

/// A field with its tag, for `list_fields`. Tags up to 31 take one byte, larger ones more.
template <std::uint32_t Tag, class Object, class T>
constexpr auto tagged(caf_string_view name, T Object::*member) {
  return message_field<Tag, Object, T>{name, member};
}

/// All fields of a message, for its `fields_of`.
template <class... Fields>
constexpr auto list_fields(Fields... all) {
  constexpr auto is_unique = [] {
    std::array<std::uint32_t, sizeof...(Fields)> tags{Fields::tag...};
    std::ranges::sort(tags);
    return std::ranges::adjacent_find(tags) == tags.end();
  }();
  static_assert(is_unique, "two fields have the same tag");
  return std::tuple<Fields...>{all...};
}

/// Types that list their fields: `fields_of(const T*)` is found beside them.
template <class T>
concept lists_fields = requires(const T* type) {
  fields_of(type);
};

} // namespace magna
