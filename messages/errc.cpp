#include <magna/messages/errc.hpp>

#include <magna/text/enum_names.hpp>

namespace magna {

namespace {

constexpr enum_names<errc, errc_count> names{
  "unknown_error",
  {"rate_limited", "timeout", "provider_unavailable", "authentication_failed", "provider_error",
   "stream_truncated", "model_not_found", "context_length_exceeded", "content_filtered", "invalid_request",
   "cancelled", "deadline_exceeded", "overloaded", "all_providers_failed", "node_lost"}};

} // namespace

std::string to_string(errc x) {
  return std::string{names.name(x)};
}

bool from_string(caf_string_view str, errc& x) {
  return names.read_name(str, x);
}

bool from_integer(std::uint8_t value, errc& x) {
  return names.read_number(value, x);
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
