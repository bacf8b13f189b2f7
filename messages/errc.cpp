#include <magna/messages/errc.hpp>

#include <array>

namespace magna {

namespace {

constexpr std::array<std::string_view, errc_count> names = {
  "rate_limited",
  "timeout",
  "provider_unavailable",
  "authentication_failed",
  "provider_error",
  "stream_truncated",
  "model_not_found",
  "context_length_exceeded",
  "content_filtered",
  "invalid_request",
  "cancelled",
  "deadline_exceeded",
  "overloaded",
  "all_providers_failed",
  "node_lost",
};

} // namespace

std::string to_string(errc x) {
  const auto index = static_cast<std::size_t>(x) - 1;
  return index < names.size() ? std::string{names[index]} : "unknown_error";
}

bool from_string(caf_string_view str, errc& x) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == std::string_view{str.data(), str.size()}) {
      x = static_cast<errc>(i + 1);
      return true;
    }
  }
  return false;
}

bool from_integer(std::uint8_t value, errc& x) {
  if (value < 1 || value > errc_count)
    return false;
  x = static_cast<errc>(value);
  return true;
}

bool counts_against_health(errc x) noexcept {
  switch (x) {
    case errc::rate_limited:
    case errc::timeout:
    case errc::provider_unavailable:
    case errc::authentication_failed:
    case errc::provider_error:
    case errc::stream_truncated:
      return true;
    default:
      return false;
  }
}

} // namespace magna
