#include <magna/node/caf/wire_screen.hpp>

#include <algorithm>

namespace magna {

namespace {

constexpr unsigned char introduction = 0x01;
constexpr unsigned char last_kind = 0x06;
constexpr unsigned char tls_record = 0x16;

} // namespace

std::string wire_screen::look_at(std::string_view bytes) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const auto taken = std::min<std::size_t>(payload_left_, bytes.size());
      payload_left_ -= static_cast<std::uint32_t>(taken);
      bytes.remove_prefix(taken);
      introduced_ = introduced_ || payload_left_ == 0;
      continue;
    }
    const auto taken = std::min(header_size - header_bytes_, bytes.size());
    std::copy_n(bytes.begin(), taken, header_.begin() + static_cast<std::ptrdiff_t>(header_bytes_));
    header_bytes_ += taken;
    bytes.remove_prefix(taken);
    // The first byte says enough of most strangers, who may send no more than a few.
    if (auto problem = judge_kind(); !problem.empty())
      return problem;
    if (header_bytes_ < header_size)
      continue;
    header_bytes_ = 0;
    payload_left_ = 0;
    for (const auto at : {4, 5, 6, 7})
      payload_left_ = payload_left_ << 8 | header_[static_cast<std::size_t>(at)];
    if (auto problem = judge_length(payload_left_); !problem.empty())
      return problem;
    introduced_ = introduced_ || payload_left_ == 0;
  }
  return {};
}

std::string wire_screen::judge_kind() const {
  const auto kind = header_.front();
  if (introduced_ ? kind <= last_kind : kind == introduction)
    return {};
  if (!introduced_ && kind == tls_record)
    return "it speaks TLS, and this node listens without";
  return "it speaks another protocol than a node's";
}

std::string wire_screen::judge_length(std::uint32_t length) const {
  const auto largest = introduced_ ? largest_message : largest_introduction;
  if (length <= largest)
    return {};
  return (introduced_ ? "a message of " : "an introduction of ") + std::to_string(length) + " bytes; at most "
         + std::to_string(largest) + " are taken";
}

} // namespace magna
