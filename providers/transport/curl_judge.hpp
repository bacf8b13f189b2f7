#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <magna/providers/transport/curl_slot.hpp>
#include <magna/providers/transport/own_limits.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// INTERNAL: says how a transfer ended, from what libcurl and the system tell of it. Belongs to one thread.
class curl_judge {
public:
  /// `trusted`: in words, which certificates are trusted.
  explicit curl_judge(std::string trusted) : trusted_(std::move(trusted)) {}

  /// Nothing when the response is whole.
  std::optional<transfer_error> judge(const curl_slot& done, CURLcode result);

private:
  own_limit limit_behind(const curl_slot& done, CURLcode result, std::string_view detail);

  std::string trusted_;
  /// When a socket could not be made for want of a descriptor.
  std::optional<std::chrono::steady_clock::time_point> no_descriptor_at_;
};

} // namespace magna
