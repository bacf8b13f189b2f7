#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <caf/actor_control_block.hpp>

#include <magna/actors/requests/attempt_clock.hpp>
#include <magna/actors/requests/credit_balance.hpp>
#include <magna/actors/requests/exchange.hpp>
#include <magna/actors/requests/transfer_inbox.hpp>
#include <magna/actors/settings.hpp>
#include <magna/providers/codec.hpp>

namespace magna {

/// All that it takes to ask a provider; put together by the provider's actor.
struct http_exchange_config {
  std::string provider;
  const codec* protocol = nullptr;
  endpoint where;
  std::string model;
  /// What the request or the settings ask for.
  parameters params;
  /// Wire names of parameters that the model has refused before.
  std::set<std::string, std::less<>> refused;
  attempt_deadlines deadlines;
  bool another_key = false;
  std::shared_ptr<transport> http;
};

/// An exchange by HTTP: owns the transfer and the decoder, keeps the deadlines, obeys the credit.
///
///     transport --bytes--> inbox --take--> decoder --parts, end--> next()
///
/// A model that refuses a parameter is asked again without it, inside the same exchange. Out of credit, it
/// stops decoding; the inbox fills and pauses the transfer, so that the provider feels it. At most one of the
/// provider's own deltas goes beyond the credit: a part is never held back half.
class http_exchange final : public exchange {
public:
  /// `credit` is the request's and outlives the exchange. `owner` is woken when something arrives. With null nobody
  /// is woken: the caller calls `next` again and again.
  http_exchange(http_exchange_config config, shared_request question, credit_balance& credit,
                caf::weak_actor_ptr owner);
  ~http_exchange() override;

  http_exchange(const http_exchange&) = delete;
  http_exchange& operator=(const http_exchange&) = delete;

  void start(steady_time now) override;
  std::optional<exchange_news> next(steady_time now) override;
  std::optional<steady_time> alarm() const override;
  std::optional<exchange_news> on_alarm(steady_time now) override;
  void on_credit(std::uint64_t bytes, steady_time now) override;

private:
  void start_transfer();
  void stop_transfer();
  /// Feeds the decoder what has arrived; false if nothing has.
  bool refill();
  std::optional<exchange_news> take_parts();
  std::optional<exchange_news> on_transfer_end();
  /// Judges the answer as if its body were over.
  std::optional<exchange_news> finish();
  /// The answer is complete, and is what was asked for.
  std::optional<exchange_news> succeed();
  /// Nothing: the model is asked again without what it refuses. `counts`: it says something of the provider.
  std::optional<exchange_news> fail(response_error error, bool counts = true);
  /// The answer has no end.
  std::optional<exchange_news> break_off(response_error error);
  /// What was decoded and has not gone out yet; keeps its text as far as it will be judged.
  std::vector<part> hand_over();

  http_exchange_config config_;
  shared_request question_;
  credit_balance& credit_;
  caf::weak_actor_ptr owner_;
  std::optional<attempt_clock> clock_;
  std::shared_ptr<transfer_inbox> inbox_;
  std::optional<transfer_id> transfer_;
  std::unique_ptr<response_decoder> decoder_;
  transfer_inbox::content incoming_;
  bool transfer_over_ = false;
  std::optional<transfer_error> transfer_error_;
  int http_status_ = 0;
  std::string provider_request_id_;
  /// How long the key has nothing left, by the response's head.
  std::optional<std::chrono::milliseconds> key_rest_;
  /// What was decoded and has not gone out yet.
  part_sink parts_;
  bool parts_sent_ = false;
  /// The whole text so far, if the question is about its form.
  std::string text_;
  bool broken_off_ = false;
  std::vector<std::string> learned_;
  std::size_t refusals_ = 0;
  bool over_ = false;
};

} // namespace magna
