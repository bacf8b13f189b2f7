#pragma once

#include <magna/simulator/answer.hpp>
#include <magna/simulator/reply.hpp>
#include <magna/simulator/scenario.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

/// How one provider writes an answer: JSON payloads, without the framing of the stream around them.
/// Stateless.
class dialect {
public:
  virtual ~dialect() = default;

  /// The whole answer as one JSON document. `text` is what the answer says.
  virtual std::string whole(const answer& what, std::string_view text) const = 0;

  /// The payload before all others, or an empty string.
  virtual std::string opening(const answer& what) const = 0;

  /// The payloads between the opening and the reasoning, if there is any.
  virtual std::vector<std::string> before_reasoning(const answer&) const { return {}; }

  virtual std::string reasoning(const answer& what, std::string_view text) const = 0;

  /// The payloads around the tokens.
  virtual std::vector<std::string> before_tokens(const answer&) const { return {}; }
  virtual std::vector<std::string> after_tokens(const answer&) const { return {}; }

  /// One token; `sent` counts those before it. With `finish` it carries the finish reason too.
  virtual std::string token(const answer& what, std::string_view text, std::size_t sent,
                            bool finish) const = 0;

  /// The payloads of the calls of tools: whole, or in pieces where the protocol has them so.
  virtual std::vector<std::string> calls(const answer& what) const = 0;

  /// The payload with the finish reason.
  virtual std::string finish(const answer& what, std::size_t sent) const = 0;

  /// What follows the finish reason.
  virtual std::vector<std::string> tail(const answer& what, std::size_t sent) const = 0;

  /// An error inside a stream; `error` is the body of the same one outside. Unchanged, where it is the same.
  virtual nlohmann::ordered_json stream_error(const answer&, nlohmann::ordered_json error,
                                              stream_error_form) const {
    return error;
  }

  virtual std::string_view stream_type() const = 0;
  virtual std::string_view whole_type() const = 0;

  /// The response headers that this provider always sends. `id` is the number of the answer.
  virtual std::vector<std::pair<std::string, std::string>> headers(const std::string& id) const = 0;
};

/// How payloads become lines of a stream.
class line_writer {
public:
  line_writer(protocol kind, bool sse, line_end eol) noexcept;

  /// An event with that payload, named after its type where the protocol has it so.
  std::string event(std::string_view payload);

  /// An error inside the stream. `error` is the provider's error body.
  std::string error(const nlohmann::ordered_json& error, stream_error_form form);

  /// What a client must ignore: a comment, an empty line of NDJSON, a ping.
  std::string comment() const;

  /// What ends the stream: the bracket of a JSON array.
  std::string close();

private:
  std::string element(std::string_view payload);

  const struct protocol_traits& traits_;
  bool sse_;
  std::string eol_;
  bool first_ = true;
};

} // namespace magna::simulator
