#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <magna/messages/wire/values.hpp>

namespace magna::wire_format {

/// Has an enumeration's own `inspect` say its number.
struct number_saver {
  static constexpr bool is_loading = false;
  static constexpr bool has_human_readable_format() noexcept { return false; }

  template <class Get, class Set>
  bool apply(Get&& get, Set&&);

  std::uint64_t number = 0;
};

/// Gives an enumeration's own `inspect` a number.
struct number_loader {
  static constexpr bool is_loading = true;
  static constexpr bool has_human_readable_format() noexcept { return false; }

  template <class Get, class Set>
  bool apply(Get&&, Set&& set);

  std::uint64_t number = 0;
};

/// Signed numbers alternate (0, -1, 1, -2, ...), so that small ones stay short.
template <number_value T>
std::uint64_t to_number(const T& x) {
  if constexpr (std::is_enum_v<T>) {
    auto value = x;
    number_saver f;
    inspect(f, value);
    return f.number;
  } else if constexpr (requires { x.time_since_epoch(); }) {
    return to_number(x.time_since_epoch());
  } else if constexpr (requires { x.count(); }) {
    return to_number(x.count());
  } else if constexpr (std::signed_integral<T>) {
    const auto wide = static_cast<std::int64_t>(x);
    return static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63);
  } else {
    return static_cast<std::uint64_t>(x);
  }
}

/// False if the number is none of the type's.
template <number_value T>
bool from_number(std::uint64_t number, T& x) {
  if constexpr (std::is_enum_v<T>) {
    number_loader f{number};
    return inspect(f, x);
  } else if constexpr (requires { x.time_since_epoch(); }) {
    typename T::duration since{};
    const auto ok = from_number(number, since);
    x = T{since};
    return ok;
  } else if constexpr (requires { x.count(); }) {
    typename T::rep count{};
    const auto ok = from_number(number, count);
    x = T{count};
    return ok;
  } else if constexpr (std::same_as<T, bool>) {
    x = number != 0;
    return number <= 1;
  } else if constexpr (std::signed_integral<T>) {
    const auto wide = static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
    x = static_cast<T>(wide);
    return std::in_range<T>(wide);
  } else {
    x = static_cast<T>(number);
    return std::in_range<T>(number);
  }
}

template <class Get, class Set>
bool number_saver::apply(Get&& get, Set&&) {
  using value = std::decay_t<decltype(get())>;
  if constexpr (std::integral<value>)
    number = to_number(get());
  return std::integral<value>;
}

template <class Get, class Set>
bool number_loader::apply(Get&&, Set&& set) {
  using value = std::decay_t<std::invoke_result_t<Get>>;
  if constexpr (std::integral<value>) {
    value x{};
    return from_number(number, x) && set(x);
  } else {
    return false;
  }
}

} // namespace magna::wire_format
