#include <magna/simulator/outbox.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace magna::simulator {

void outbox::push_wait(std::chrono::milliseconds pause) {
  if (pause.count() > 0)
    items_.push_back({.act = {.what = action::kind::wait, .pause = pause}, .body = false});
}

void outbox::push_raw(std::string bytes) {
  items_.push_back({.act = {.what = action::kind::send, .bytes = std::move(bytes)}, .body = false});
}

void outbox::push_body(std::string bytes, std::size_t tokens) {
  if (!bytes.empty())
    items_.push_back(
      {.act = {.what = action::kind::send, .bytes = std::move(bytes), .tokens = tokens}, .body = true});
}

std::optional<action> outbox::next() {
  if (pause_due_) {
    pause_due_ = false;
    return action{.what = action::kind::wait, .pause = byte_delay_};
  }
  if (offset_ < backlog_.size())
    return next_piece();
  if (items_.empty())
    return std::nullopt;
  auto first = std::move(items_.front());
  items_.pop_front();
  if (first.act.what == action::kind::wait || first.act.what == action::kind::stall)
    return break_up(first);
  if (!first.body)
    return std::move(first.act);
  if (split_.kind == split_kind::none) {
    first.act.bytes = frame(first.act.bytes);
    return std::move(first.act);
  }
  backlog_ = std::move(first.act.bytes);
  offset_ = 0;
  backlog_tokens_ = first.act.tokens;
  return next_piece();
}

/// Cuts the first `ping` ms off a silence, followed by a comment, and leaves the rest in the queue.
std::optional<action> outbox::break_up(item& silence) {
  auto endless = silence.act.what == action::kind::stall;
  if (comment_.empty() || ping_.count() == 0 || (!endless && silence.act.pause <= ping_))
    return std::move(silence.act);
  silence.act.pause -= endless ? std::chrono::milliseconds{0} : ping_;
  items_.push_front(std::move(silence));
  items_.push_front({.act = {.what = action::kind::send, .bytes = comment_}, .body = true});
  return action{.what = action::kind::wait, .pause = ping_};
}

action outbox::next_piece() {
  auto size = split_.size;
  if (split_.kind == split_kind::random)
    size = 1 + static_cast<std::size_t>(random_() % split_.size);
  auto piece = std::string_view{backlog_}.substr(offset_, size);
  action result{.what = action::kind::send, .bytes = frame(piece)};
  offset_ += piece.size();
  if (offset_ == backlog_.size())
    result.tokens = backlog_tokens_;
  pause_due_ = byte_delay_.count() > 0;
  return result;
}

std::string outbox::frame(std::string_view bytes) const {
  if (!chunked_)
    return std::string{bytes};
  std::array<char, 16> size{};
  auto [end, error] = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16);
  std::string result{size.data(), end};
  result += "\r\n";
  result += bytes;
  result += "\r\n";
  return result;
}

} // namespace magna::simulator
