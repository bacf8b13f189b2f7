#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include <caf/sec.hpp>

#include <magna/messages/wire/byte_source.hpp>
#include <magna/messages/wire/numbers.hpp>
#include <magna/messages/wire/values.hpp>

namespace magna::wire_format {

/// Reads one message out of one of CAF's deserializers. The bytes may be anybody's: they make a value or an
/// error, and take no more memory than `most_memory` beyond their own size.
template <class Source>
class reader {
public:
  explicit reader(Source& source) : source_(source), bytes_(source) {}

  template <object_value T>
  bool read(T& x) {
    x = T{};
    return get_object(x);
  }

private:
  /// `x` has its defaults.
  template <class T>
  bool get_object(T& x) {
    std::bitset<std::tuple_size_v<decltype(fields_of(&x))>> seen;
    for (;;) {
      std::uint64_t head = 0;
      if (!get_number(head))
        return false;
      if (head == end_of_object)
        return true;
      auto known = false;
      auto ok = true;
      std::size_t index = 0;
      const auto get_if_named = [&](const auto& f) {
        if (head >> kind_bits == f.tag) {
          known = true;
          ok = !seen.test(index) ? get_field(kind_in(head), x.*f.member) : fail("a field stands twice");
          seen.set(index);
        }
        ++index;
        return known;
      };
      std::apply([&](const auto&... all) { return (get_if_named(all) || ...); }, fields_of(&x));
      if (!known)
        ok = head >> kind_bits != 0 ? skip(kind_in(head), deepest) : fail("a field has no tag");
      if (!ok)
        return false;
    }
  }

  template <class T>
  bool get_field(kind what, T& x) {
    if constexpr (is_optional<T>::value)
      return get_field(what, x.emplace());
    else
      return what == kind_of<T>() ? get(x) : fail("a field is of another kind");
  }

  template <class T>
  bool get(T& x) {
    if constexpr (number_value<T>) {
      std::uint64_t number = 0;
      return get_number(number) && (from_number(number, x) || fail("a number is out of range"));
    } else if constexpr (text_value<T>) {
      return get_text(x);
    } else if constexpr (list_value<T>) {
      return get_list(x);
    } else if constexpr (object_value<T>) {
      return get_object(x);
    } else {
      std::string bytes;
      return get_text(bytes) && load_apart(source_, bytes, x);
    }
  }

  template <class T>
  bool get_list(T& x) {
    using element = element_t<T>;
    x.clear();
    std::uint64_t head = 0;
    if (!get_number(head))
      return false;
    const auto count = head >> kind_bits;
    if (count > 0 && kind_in(head) != kind_of<element>())
      return fail("a list's elements are of another kind");
    for (std::uint64_t i = 0; i < count; ++i) {
      // One byte can be a whole element.
      if (memory_left_ < sizeof(element))
        return fail("too many elements");
      memory_left_ -= sizeof(element);
      element one{};
      if (!get(one))
        return false;
      x.insert(x.end(), std::move(one));
      if (x.size() != i + 1)
        return fail("a key stands twice");
    }
    return true;
  }

  bool get_text(std::string& x) {
    std::uint64_t size = 0;
    return get_number(size) && bytes_.read(x, size);
  }

  bool get_number(std::uint64_t& x) {
    x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      unsigned char next = 0;
      if (!bytes_.read(&next, 1))
        return false;
      const auto bits = std::uint64_t{next} & 0x7F;
      if (bits << shift >> shift != bits)
        break;
      x |= bits << shift;
      if (next <= 0x7F)
        return true;
    }
    return fail("a number has more than 64 bits");
  }

  /// Goes over a value that nobody here knows.
  bool skip(kind what, int depth) {
    if (depth == 0)
      return fail("too many objects inside of each other");
    std::uint64_t number = 0;
    switch (what) {
      case kind::number:
        return get_number(number);
      case kind::bytes:
        return get_number(number) && bytes_.skip(number);
      case kind::object:
        for (;;) {
          if (!get_number(number))
            return false;
          if (number == end_of_object)
            return true;
          if (!skip(kind_in(number), depth - 1))
            return false;
        }
      case kind::list:
        if (!get_number(number))
          return false;
        for (auto count = number >> kind_bits; count > 0; --count)
          if (!skip(kind_in(number), depth - 1))
            return false;
        return true;
    }
    return false;
  }

  bool fail(const char* why) {
    source_.emplace_error(caf::sec::invalid_argument, why);
    return false;
  }

  static kind kind_in(std::uint64_t head) { return static_cast<kind>(head & ((1U << kind_bits) - 1)); }

  static constexpr std::uint64_t end_of_object = 0;
  /// How deep the unknown is looked into.
  static constexpr int deepest = 32;
  /// What the elements of a message's lists take in memory, at most.
  static constexpr std::size_t most_memory = 64 * 1024 * 1024;

  Source& source_;
  byte_source<Source> bytes_;
  std::size_t memory_left_ = most_memory;
};

} // namespace magna::wire_format
