#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include <magna/providers/transport/http.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

struct curl_slot;

/// INTERNAL: one request on its way through the curl transport. Made by the thread that starts it and from
/// then on the transport thread's, but for `cancelled`.
struct transfer {
  transfer_id id = 0;
  http_request request;
  transfer_options options;
  std::shared_ptr<transfer_listener> listener;
  /// From now on the listener hears nothing. Set by any thread.
  std::atomic<bool> cancelled = false;
  /// Where libcurl works on it, if it does.
  curl_slot* work = nullptr;
  /// The listener wants no more for now.
  bool paused = false;
  /// It is over, with `outcome`, but paused, so that the listener does not know yet.
  bool ended = false;
  std::optional<transfer_error> outcome;

  transfer(http_request what, const transfer_options& how, std::shared_ptr<transfer_listener> who)
    : request(std::move(what)), options(how), listener(std::move(who)) {}
};

} // namespace magna
