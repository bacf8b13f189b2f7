#pragma once

#include <magna/simulator/scenario.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace magna::simulator {

/// What the session is to do next.
struct action {
  enum class kind : std::uint8_t {
    send,  ///< Write `bytes`.
    wait,  ///< Do nothing for `pause`.
    stall, ///< Do nothing until the client leaves. Always the last action.
    cut,   ///< Close the connection. Always the last action.
    reset, ///< Reset the connection. Always the last action.
    done,  ///< The answer is whole. Always the last action.
  };
  kind what = kind::done;
  std::string bytes{};
  std::chrono::milliseconds pause{0};
  std::size_t tokens = 0; ///< How many tokens are complete with these bytes.
};

/// Queues the actions of one answer and divides its body into pieces, as they are asked for.
class outbox {
public:
  explicit outbox(const step& options)
    : split_{options.split}, byte_delay_{options.byte_delay}, ping_{options.ping}, random_{options.seed} {
    if (byte_delay_.count() > 0 && split_.kind == split_kind::none)
      split_ = {split_kind::fixed, 1};
  }

  /// Every piece of the body becomes an HTTP chunk.
  void use_chunks() noexcept { chunked_ = true; }

  /// From here on, a silence is broken by this every `ping` ms. Empty: never.
  void break_silence_with(std::string comment) { comment_ = std::move(comment); }

  void push(action::kind what) { items_.push_back({.act = {.what = what}, .body = false}); }

  void push_wait(std::chrono::milliseconds pause);

  /// Bytes that go out as they are.
  void push_raw(std::string bytes);

  /// Bytes of the body, which are divided and framed.
  void push_body(std::string bytes, std::size_t tokens = 0);

  /// The next action, if any is queued.
  std::optional<action> next();

private:
  struct item {
    action act;
    bool body = false;
  };

  action next_piece();
  std::string frame(std::string_view bytes) const;
  std::optional<action> break_up(item& silence);

  split_rule split_;
  std::chrono::milliseconds byte_delay_;
  std::chrono::milliseconds ping_;
  std::mt19937_64 random_;
  bool chunked_ = false;
  std::string comment_;
  std::deque<item> items_;
  std::string backlog_; // the body that is being divided
  std::size_t offset_ = 0;
  std::size_t backlog_tokens_ = 0;
  bool pause_due_ = false;
};

} // namespace magna::simulator
