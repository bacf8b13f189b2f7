#pragma once

#include <magna/simulator/incoming.hpp>
#include <magna/simulator/scenario.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

struct usage_numbers {
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0; ///< Without reasoning.
  std::uint64_t reasoning = 0;
  std::uint64_t cached = 0;
};

/// Signs an answer of which nothing is wanted back; it is right for whatever it comes back with.
inline constexpr std::string_view plain_signature = "c2lt";

/// A call of a tool, as an answer makes it.
struct call_of_answer {
  std::string id; ///< As its protocol spells one; unique among the calls of the simulator.
  std::string name;
  std::string arguments;
  std::vector<std::string> pieces; ///< The arguments, as they are streamed where they come in pieces.
};

/// What is to be said in answer to one request, before any provider's JSON.
class answer {
public:
  /// `options` is a resolved step; both are copied from as far as needed.
  answer(const step& options, const incoming& request, std::uint64_t id);

  /// The number of tokens; the largest number there is when the answer never ends.
  std::size_t count() const noexcept { return count_; }

  bool endless() const noexcept { return endless_; }

  std::string token(std::size_t index) const;

  /// All tokens. Not for an endless answer.
  std::string text() const;

  /// The calls after the text.
  const std::vector<call_of_answer>& calls() const noexcept { return calls_; }

  /// Whether the answer has a text, if only an empty one: calls can stand without.
  bool has_text() const noexcept { return count_ > 0 || calls_.empty(); }

  const std::vector<std::string>& reasoning() const noexcept { return reasoning_; }

  std::string reasoning_text() const;

  /// The usage when `tokens` tokens have been sent; at their end that of the calls is added, a token per
  /// piece.
  usage_numbers usage(std::size_t tokens) const;

  std::string id;
  std::string model;
  std::string finish; ///< stop, length, content_filter, tool_calls or a provider's own; empty: none is given.
  bool report_usage = true;
  bool finish_with_text = false;
  bool done_marker = true;
  bool refusal = false;
  wanted wants = wanted::nothing;
  std::string signature;       ///< Of the reasoning or the first call: the answer's own if it is wanted back.
  std::string reasoning_field; ///< What OpenAI's reasoning is called.
  server_name like = server_name::provider;
  bool is_encrypted = false;  ///< Responses: the request's `include` asks for the encrypted reasoning.
  bool interleave = false;    ///< The pieces of OpenAI's calls take turns.
  bool include_usage = false; ///< OpenAI's stream_options.include_usage.
  bool obfuscate = false;     ///< OpenAI's stream_options.include_obfuscation.
  bool load_only = false;     ///< Ollama: a request without messages only loads the model.

private:
  std::vector<std::string> words_;
  std::vector<std::string> reasoning_;
  std::vector<call_of_answer> calls_;
  std::size_t count_ = 0;
  bool endless_ = false;
  usage_numbers fixed_;
  bool completion_fixed_ = false;
};

/// Divides a text after its words: each piece is a word with the blanks before it, and at least `shortest`
/// bytes long. The pieces joined are the text.
std::vector<std::string> split_words(std::string_view text, std::size_t shortest = 1);

/// Divides a text into pieces of about `length` bytes, never inside a character of UTF-8.
std::vector<std::string> split_pieces(std::string_view text, std::size_t length);

} // namespace magna::simulator
