#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>

namespace magna::test {

/// What goes over the wire for a value without handles.
template <class T, class Sink = caf::binary_serializer>
std::string to_wire(const T& x) {
  caf::byte_buffer bytes;
  auto ok = false;
  if constexpr (std::constructible_from<Sink, caf::byte_buffer&>) {
    Sink f{bytes};
    ok = f.apply(x);
  } else {
    Sink f{nullptr, bytes};
    ok = f.apply(x);
  }
  return ok ? std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()} : "can't be written";
}

/// Whether a node can make a value of bytes.
template <class T, class Source = caf::binary_deserializer>
bool read_into(T& x, std::string_view bytes) {
  if constexpr (std::constructible_from<Source, const void*, std::size_t>) {
    Source f{static_cast<const void*>(bytes.data()), bytes.size()};
    return f.apply(x);
  } else {
    Source f{nullptr, bytes.data(), bytes.size()};
    return f.apply(x);
  }
}

/// What a node makes of bytes; nothing: an error.
template <class T>
std::optional<T> from_wire(std::string_view bytes) {
  T result{};
  if (read_into(result, bytes))
    return result;
  return std::nullopt;
}

/// Bytes as hexadecimal digits, those that can be read as they are.
inline std::string printable(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const auto c : bytes) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-') {
      result += '\'';
      result += c;
    } else {
      result += digits[static_cast<unsigned char>(c) >> 4];
      result += digits[static_cast<unsigned char>(c) & 15];
    }
    result += ' ';
  }
  return result.substr(0, result.size() - (result.empty() ? 0 : 1));
}

} // namespace magna::test
