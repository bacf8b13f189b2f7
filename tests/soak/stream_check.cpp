#include <magna/tests/soak/stream_check.hpp>

#include <utility>

#include <magna/text/utf8.hpp>

namespace magna::soak {

stream_check::stream_check(delivery how, std::shared_ptr<const std::string> expected,
                           std::optional<std::uint64_t> initial_credit)
  : how_(how), expected_(std::move(expected)), credit_(initial_credit) {}

void stream_check::granted(std::uint64_t bytes) {
  if (credit_)
    *credit_ += bytes;
}

std::string_view stream_check::on_accepted() {
  if (over_)
    return "accepted after the end";
  if (std::exchange(accepted_, true))
    return "accepted twice";
  return {};
}

std::string_view stream_check::on_started() {
  if (over_)
    return "an attempt after the end";
  if (!accepted_)
    return "an attempt before accepted";
  if (how_ != delivery::streamed)
    return "an attempt of an answer that is not streamed";
  if (characters_ > 0)
    return "another attempt after text";
  started_ = true;
  return {};
}

std::string_view stream_check::on_chunk(const chunk& what) {
  if (over_)
    return "a chunk after the end";
  if (!accepted_)
    return "a chunk before accepted";
  if (how_ != delivery::streamed)
    return "a chunk of an answer that is not streamed";
  if (what.seq != next_seq_++)
    return "a gap between chunks";
  if (!started_)
    return "a chunk of no attempt";
  const auto text = what.text();
  if (text.empty())
    return "a chunk without text";
  if (expected_ && expected_->compare(received_, text.size(), text) != 0)
    return "a chunk of wrong text";
  received_ += text.size();
  characters_ += count_characters(text);
  if (credit_ && received_ > *credit_ + largest_delta)
    return "more text than was granted";
  return {};
}

std::string_view stream_check::on_completion(const completion& what) {
  if (std::exchange(over_, true))
    return "a completion after the end";
  if (how_ != delivery::response && !accepted_)
    return "a completion before accepted";
  if (how_ == delivery::streamed && !what.text.empty())
    return "a streamed answer whose completion holds text";
  if (expected_ && (how_ == delivery::streamed ? received_ != expected_->size() : what.text != *expected_))
    return "a completion of an answer that is not whole";
  return {};
}

std::string_view stream_check::on_failure(const failure& what) {
  if (std::exchange(over_, true))
    return "a failure after the end";
  if (how_ != delivery::response && !accepted_)
    return "a failure before accepted";
  if (what.delivered_chars != characters_)
    return "a failure that miscounts what was delivered";
  return {};
}

std::string_view stream_check::on_refusal() {
  if (std::exchange(over_, true))
    return "an error response after the end";
  if (accepted_)
    return "an error response after accepted";
  return {};
}

} // namespace magna::soak
