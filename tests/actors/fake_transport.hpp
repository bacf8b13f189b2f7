#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/providers/transport/transport.hpp>

namespace magna::test {

/// One transfer as the fake sees it; the test plays the server.
class fake_transfer {
public:
  fake_transfer(http_request what, transfer_options how, std::shared_ptr<transfer_listener> listener)
    : request(std::move(what)), options(how), listener_(std::move(listener)) {}

  void head(int status, http_headers headers = {{"content-type", "text/event-stream"}});
  void data(std::string_view bytes);
  void end(std::optional<transfer_error> error = std::nullopt);

  /// One OpenAI event with text.
  void token(std::string_view text);
  /// finish_reason, usage and [DONE].
  void finish();

  http_request request;
  transfer_options options;
  bool cancelled = false;
  /// The listener asked for a pause that was not lifted yet.
  bool paused = false;
  bool ended = false;

private:
  std::shared_ptr<transfer_listener> listener_;

  friend class fake_transport;
};

/// A transport without a network. What a provider does is a queue of scripts under the host of its base URL;
/// the last one repeats. A host without scripts stays silent, and the test plays the server by hand.
class fake_transport : public transport {
public:
  using script = std::function<void(fake_transfer&)>;

  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) override;
  void resume(transfer_id id) override;
  void cancel(transfer_id id) override;

  std::map<std::string, std::deque<script>> scripts;
  /// In the order of their start; never removed.
  std::vector<std::shared_ptr<fake_transfer>> transfers;

  /// The transfers that went to a host.
  std::vector<std::shared_ptr<fake_transfer>> to(std::string_view host) const;
  /// Transfers that are neither ended nor cancelled.
  std::size_t open() const;
};

// -- what providers do --------------------------------------------------------------------------------------

/// Streams the text, one token per word, and ends properly.
fake_transport::script answer(std::string text);
/// Never says anything.
fake_transport::script silent();
/// An error status with OpenAI's error body.
fake_transport::script status(int code, std::string error_code = "", http_headers headers = {});
/// The connection can't be made.
fake_transport::script refused();
/// Streams the text and then loses the connection.
fake_transport::script break_after(std::string text);

} // namespace magna::test
