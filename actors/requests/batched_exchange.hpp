#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <magna/actors/requests/exchange.hpp>
#include <magna/messages/request.hpp>
#include <magna/providers/codec.hpp>

namespace magna {

/// An embedding whose texts are more than one call may have: several exchanges side by side, a few at a time, that
/// look like one. The first that fails is its end.
class batched_exchange final : public exchange {
public:
  /// Makes the exchange for a part of the request.
  using maker = std::function<std::unique_ptr<exchange>(const shared_request&)>;

  /// `parts` as `split_inputs` has made them.
  batched_exchange(std::vector<shared_request> parts, maker make);

  void start(steady_time now) override;
  std::optional<exchange_news> next(steady_time now) override;
  std::optional<steady_time> alarm() const override;
  std::optional<exchange_news> on_alarm(steady_time now) override;
  /// Vectors come whole.
  void on_credit(std::uint64_t, steady_time) override {}

private:
  struct batch {
    std::unique_ptr<exchange> talk;
    std::optional<exchange_end> end;
  };

  void start_more(steady_time now);
  /// Returns the end of all, if that was it.
  std::optional<exchange_news> take(batch& x, exchange_news news, steady_time now);
  exchange_news all_together();

  std::vector<shared_request> parts_;
  maker make_;
  std::vector<batch> batches_;
  std::size_t ended_ = 0;
  bool over_ = false;
};

/// Why the vectors are no answer to the request: their number, or their lengths. Nothing: they are.
std::optional<std::string> problem_with_vectors(const std::vector<embedding>& vectors,
                                                const request& question);

/// The request in parts of which each fits one call. One part: it fits as it is.
std::vector<shared_request> split_inputs(const shared_request& question, const embedding_limits& limits);

} // namespace magna
