#pragma once

#include <magna/simulator/answer.hpp>
#include <magna/simulator/dialect.hpp>
#include <magna/simulator/incoming.hpp>
#include <magna/simulator/outbox.hpp>
#include <magna/simulator/reply.hpp>
#include <magna/simulator/vocabulary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

/// One answer to one request as a sequence of actions, made as they are asked for: an endless answer takes no
/// memory. Knows HTTP's framing, but no socket and no clock.
///
/// An answer is either a stream of events or a document, a body that is known as a whole; both pass through
/// the same places at which a step may strike.
class playback {
public:
  /// The answer to a generation; with `prepared`, that reply, as far as the step lets it be.
  playback(const step& options, const incoming& request, std::uint64_t id,
           std::optional<reply> prepared = std::nullopt);

  /// A reply that no step made. `close` ends the connection with it.
  playback(reply whole, const incoming& request, bool close = false);

  action next();

  unsigned status() const noexcept { return status_; }

  /// What is said, if the step lets there be an answer.
  const std::optional<answer>& said() const noexcept { return answer_; }

  /// Whether the connection can take another request after `done`.
  bool keep_alive() const noexcept { return keep_alive_; }

private:
  enum class stage : std::uint8_t { start, head, opening, reasoning, tokens, calls, finish, tail, end };
  enum class framing : std::uint8_t { length, chunked, close };

  void use_request(const incoming& request);
  void use_reply(reply whole);
  void use_answer(const incoming& request, std::uint64_t id);
  void frame_as(framing by_default);
  std::string head() const;

  void produce();
  void produce_document();
  void produce_reasoning();
  void produce_tokens();
  void produce_call();
  void produce_finish();
  std::size_t document_break() const;

  bool breaks_at(position where) const;
  /// How much of the answer has been sent: tokens, then payloads of its calls.
  std::size_t progress() const { return sent_ + calls_sent_; }
  bool breaks_before_token() const;
  void strike();
  std::string next_token_event(bool finish);
  std::string partial_event();
  std::string event(std::string_view payload);
  std::string with_bom(std::string bytes);

  step options_;
  step_kind kind_ = step_kind::reply;
  outbox out_;
  std::optional<answer> answer_;
  const dialect* dialect_ = nullptr;
  std::optional<line_writer> lines_;
  nlohmann::ordered_json error_;   // of a stream_error
  std::vector<std::string> calls_; // the payloads of a stream's calls of tools
  std::string document_;
  bool is_document_ = true;
  bool head_only_ = false;
  bool http10_ = false;

  unsigned status_ = 200;
  std::string content_type_;
  std::vector<std::pair<std::string, std::string>> headers_;
  framing framing_ = framing::length;
  bool keep_alive_ = true;

  stage stage_ = stage::start;
  bool struck_ = false;
  bool body_begun_ = false;
  bool finish_written_ = false;
  std::size_t sent_ = 0;
  std::size_t calls_sent_ = 0;
  std::size_t events_ = 0;
};

} // namespace magna::simulator
