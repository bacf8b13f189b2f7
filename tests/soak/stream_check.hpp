#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <magna/messages/attempt.hpp>
#include <magna/messages/response.hpp>

namespace magna::soak {

/// How an answer comes.
enum class delivery : std::uint8_t {
  streamed, ///< As chunks to a receiver.
  whole,    ///< As one completion to a receiver.
  response, ///< As the response to the request.
};

/// Judges what one requester hears: `accepted` first, who answers, chunks in order with no gap, exactly one end and
/// nothing after it, no more text than was granted, and never a wrong or truncated answer that passes for
/// whole. Each function returns what is wrong with the message, or an empty view.
class stream_check {
public:
  /// At most one of the provider's own deltas goes beyond the credit; none of the soak's is longer.
  static constexpr std::uint64_t largest_delta = 4096;

  /// `expected` is the whole answer; null: any text will do.
  stream_check(delivery how, std::shared_ptr<const std::string> expected,
               std::optional<std::uint64_t> initial_credit);

  /// Call before the grant is sent.
  void granted(std::uint64_t bytes);

  std::string_view on_accepted();
  std::string_view on_started();
  std::string_view on_chunk(const chunk& what);
  std::string_view on_completion(const completion& what);
  std::string_view on_failure(const failure& what);
  /// An error response takes the place of `accepted` and is the end.
  std::string_view on_refusal();

  bool accepted() const noexcept { return accepted_; }
  bool over() const noexcept { return over_; }
  std::uint64_t received() const noexcept { return received_; }

private:
  delivery how_;
  std::shared_ptr<const std::string> expected_;
  std::optional<std::uint64_t> credit_;
  bool accepted_ = false;
  bool started_ = false;
  bool over_ = false;
  std::uint64_t next_seq_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t characters_ = 0;
};

} // namespace magna::soak
