#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <tuple>

#include <caf/sec.hpp>

#include <magna/messages/wire/numbers.hpp>
#include <magna/messages/wire/values.hpp>

namespace magna::wire_format {

/// Writes one message into one of CAF's serializers, field by field.
template <class Sink>
class writer {
public:
  explicit writer(Sink& sink) : sink_(sink) {}

  template <object_value T>
  bool write(const T& x) {
    return put(x) && flush();
  }

private:
  /// Whether a reader has the value without being told. Lists and optionals with values in them are written
  /// anyway: to compare what is in them may cost more, or be impossible.
  template <class T>
  static bool is_known(const T& x, const T& initial) {
    if constexpr (is_optional<T>::value)
      return !x && !initial;
    else if constexpr (list_value<T>)
      return x.empty() && initial.empty();
    else if constexpr (requires { static_cast<bool>(x == initial); })
      return x == initial;
    else
      return false;
  }

  template <class T>
  bool put_field(std::uint32_t tag, const T& x, const T& initial) {
    if (is_known(x, initial))
      return true;
    if constexpr (is_optional<T>::value) {
      if (x)
        return put_number(head(tag, kind_of<typename T::value_type>())) && put(*x);
      sink_.emplace_error(caf::sec::invalid_argument, "a field that is absent, but not by default");
      return false;
    } else {
      return put_number(head(tag, kind_of<T>())) && put(x);
    }
  }

  static std::uint64_t head(std::uint64_t number, kind what) {
    return number << kind_bits | static_cast<std::uint64_t>(what);
  }

  template <class T>
  bool put(const T& x) {
    if constexpr (number_value<T>) {
      return put_number(to_number(x));
    } else if constexpr (text_value<T>) {
      return put_text(x);
    } else if constexpr (list_value<T>) {
      if (!put_number(head(x.size(), kind_of<element_t<T>>())))
        return false;
      for (const auto& one : x)
        if (!put(one))
          return false;
      return true;
    } else if constexpr (object_value<T>) {
      static const T initial{};
      const auto put_all = [&](const auto&... all) {
        return (put_field(all.tag, x.*all.member, initial.*all.member) && ...);
      };
      return std::apply(put_all, fields_of(&x)) && put_number(0);
    } else {
      caf::byte_buffer bytes;
      return save_apart(sink_, x, bytes)
             && put_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  }

  bool put_number(std::uint64_t x) {
    if (pending_.size() - used_ < longest_number && !flush())
      return false;
    while (x > 0x7F) {
      pending_[used_++] = static_cast<char>(x | 0x80);
      x >>= 7;
    }
    pending_[used_++] = static_cast<char>(x);
    return true;
  }

  bool put_text(std::string_view x) {
    if (!put_number(x.size()))
      return false;
    if (x.size() > pending_.size() - used_)
      return flush() && put_bytes(sink_, x.data(), x.size());
    std::memcpy(pending_.data() + used_, x.data(), x.size());
    used_ += x.size();
    return true;
  }

  bool flush() {
    const auto size = std::exchange(used_, 0);
    return size == 0 || put_bytes(sink_, pending_.data(), size);
  }

  static constexpr std::size_t longest_number = 10;

  Sink& sink_;
  /// Collects what is small: each call of the serializer costs more than a few bytes.
  std::array<char, 256> pending_;
  std::size_t used_ = 0;
};

} // namespace magna::wire_format
