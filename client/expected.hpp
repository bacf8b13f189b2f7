#pragma once

#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include <caf/error.hpp>

#include <magna/messages/export.hpp>
#include <magna/messages/response.hpp>

namespace magna {

/// What `expected::value` throws: a failure, for those who want exceptions. Cheap to copy.
class MAGNA_EXPORT error : public std::runtime_error {
public:
  /// `what()` is "KIND: MESSAGE", for instance "rate_limited: openai: slow down".
  explicit error(failure details);

  /// All that is known: kind, provider, trail of attempts, and when to come again.
  const failure& details() const noexcept { return *details_; }
  /// The kind of failure.
  errc kind() const noexcept { return details_->error; }

private:
  std::shared_ptr<const failure> details_;
};

/// A value, or the failure that stands in its place: what `std::expected<T, failure>` is in C++23.
///
///     const auto answer = llm.generate("Why is the sky blue?");
///     if (answer)
///       use(answer->text);
///     else
///       complain(answer.error().message);
template <class T>
class [[nodiscard]] expected {
public:
  using value_type = T;
  using error_type = failure;

  /// Success.
  expected(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  /// Failure.
  expected(failure problem) : content_(std::in_place_index<1>, std::move(problem)) {}

  /// Whether there is a value.
  bool has_value() const noexcept { return content_.index() == 0; }
  /// The same.
  explicit operator bool() const noexcept { return has_value(); }

  /// Only if there is a value.
  const T& operator*() const& noexcept { return *std::get_if<0>(&content_); }
  /// The same.
  T& operator*() & noexcept { return *std::get_if<0>(&content_); }
  /// The same.
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
  /// Only if there is a value.
  const T* operator->() const noexcept { return std::get_if<0>(&content_); }
  /// The same.
  T* operator->() noexcept { return std::get_if<0>(&content_); }

  /// The value; throws `magna::error` if there is none.
  const T& value() const& {
    require();
    return **this;
  }
  /// The same.
  T value() && {
    require();
    return *std::move(*this);
  }

  /// Only if there is no value.
  const failure& error() const noexcept { return *std::get_if<1>(&content_); }

private:
  void require() const {
    if (!has_value())
      throw magna::error{error()};
  }

  std::variant<T, failure> content_;
};

/// The failure that an error response of magna's actors carries. An error of another origin becomes one that
/// tells it in words, with errc::provider_error.
MAGNA_EXPORT failure to_failure(const caf::error& reason);

} // namespace magna
