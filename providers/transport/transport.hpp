#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <magna/messages/errc.hpp>
#include <magna/messages/export.hpp>
#include <magna/providers/transport/http.hpp>

namespace magna {

/// Names a transfer; never reused within a transport.
using transfer_id = std::uint64_t;

/// What one transfer may take.
struct transfer_options {
  /// For DNS, TCP and TLS together.
  std::chrono::milliseconds connect_timeout{10'000};
  /// More bytes of body than this end the transfer with errc::provider_error.
  std::size_t max_response_bytes = std::size_t{256} << 20;
};

/// How a transfer ended before the response was whole. With errc::overloaded this process or its host has
/// reached a limit of its own, which says nothing of the server.
struct transfer_error {
  /// What happened.
  errc code = errc::provider_unavailable;
  /// In words, with the host named, for instance "could not connect to localhost:11434: connection refused".
  std::string message;
  /// False: the same would happen again, as with a certificate that is wrong. Absent: that cannot be told.
  std::optional<bool> should_retry{};
};

/// Who is told about a transfer. All calls come from the transport's thread and must return at once.
/// Order: on_head once, on_data any number of times, then on_end once; on_end alone when no response came.
/// While a transfer is paused nothing is called, on_end neither: its end is told once it goes on.
/// Nothing is called after on_end, nor after transport::cancel has returned on the calling thread's side
/// except for a call that was already running.
class MAGNA_EXPORT transfer_listener {
public:
  virtual ~transfer_listener() = default;

  /// Status and headers have come.
  virtual void on_head(http_head head) = 0;

  /// Returns false to pause the transfer: the bytes were taken, and no more come before transport::resume.
  virtual bool on_data(std::string_view bytes) = 0;

  /// No error: the response is whole as far as HTTP can tell.
  virtual void on_end(std::optional<transfer_error> error) = 0;
};

/// Sends HTTP requests and streams their responses. Thread-safe; every call returns at once. The destructor
/// ends all transfers that still run, paused ones too, with errc::cancelled.
class MAGNA_EXPORT transport {
public:
  virtual ~transport() = default;

  /// The listener is released at the transfer's end, or soon after `cancel`.
  virtual transfer_id start(http_request request, const transfer_options& options,
                            std::shared_ptr<transfer_listener> listener) = 0;

  /// Lets a paused transfer go on. No effect on others or on one that has ended.
  virtual void resume(transfer_id id) = 0;

  /// Closes the transfer's connection. The listener hears no more of it, not even its end.
  virtual void cancel(transfer_id id) = 0;
};

} // namespace magna
