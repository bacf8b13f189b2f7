#pragma once

#include <magna/simulator/scenario.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The words of a scenario, in one table for the parsers, the checks and the help.
namespace magna::simulator {

/// What the playback does with a step.
enum class step_kind : std::uint8_t {
  answer,       ///< A whole answer.
  stall,        ///< An answer that stops while the connection stays open.
  cut,          ///< An answer that ends with the connection.
  reset,        ///< An answer that ends with a connection reset.
  stream_error, ///< An answer that turns into an error.
  malformed,    ///< An answer with one piece of broken JSON.
  reply,        ///< Something else than an answer, whole.
  refuse,       ///< A reply while the request carries a certain parameter, else an answer.
};

/// Sets of protocols, as bits.
namespace speaks {
inline constexpr unsigned gemini = 1, chat = 2, ollama = 4, anthropic = 8, responses = 16;
inline constexpr unsigned openai = chat | responses, all = gemini | openai | ollama | anthropic;
} // namespace speaks

constexpr unsigned bit(protocol value) noexcept {
  return 1U << static_cast<unsigned>(value);
}

/// Groups of options, as bits; a step name takes some of them.
namespace takes {
inline constexpr unsigned timing = 1, at = 2, after = 4, answer = 8, bytes = 16, reply = 32, error = 64,
                          param = 128, refusal = 256, stream = 512, usage = 1024, vectors = 2048;
inline constexpr unsigned answers = timing | stream | answer | usage | bytes | reply;
inline constexpr unsigned replies = timing | stream | bytes | reply | refusal;
} // namespace takes

struct step_word {
  std::string_view name;
  unsigned protocols;
  step_kind kind;
  unsigned options;
  std::string_view meaning;
};

struct option_word {
  std::string_view name;
  unsigned group;
  std::string_view value; ///< What may stand after `=`.
  std::string_view meaning;
  /// Takes the value; throws std::invalid_argument saying what is allowed.
  void (*set)(step&, std::string_view);
};

struct wanted_word {
  wanted item;
  std::string_view name;
  unsigned protocols;
};

inline constexpr auto wanted_words =
  std::to_array<wanted_word>({{wanted::reasoning_content, "reasoning_content", speaks::chat},
                              {wanted::reasoning_details, "reasoning_details", speaks::chat},
                              {wanted::thought_signature, "thought_signature", speaks::gemini | speaks::chat},
                              {wanted::thinking, "thinking", speaks::anthropic | speaks::ollama},
                              {wanted::encrypted_content, "encrypted_content", speaks::responses}});

std::span<const step_word> step_words() noexcept;
std::span<const option_word> option_words() noexcept;

/// The word of that name, or nullptr.
const step_word* find_step(std::string_view name) noexcept;
const option_word* find_option(std::string_view name) noexcept;

/// Whether the protocol has requests of that route.
bool has_route(protocol kind, route on) noexcept;

/// The groups of options that mean something for the step there. An answer with embeddings is never streamed,
/// and has vectors in place of a text.
unsigned options_of(const step_word& word, route on) noexcept;

/// The names that are allowed, joined with ", ".
std::string step_names(protocol kind, route on);
std::string option_names(const step_word& word, route on);
std::string wanted_names(unsigned protocols);

/// Whether `name` is an error reply of that protocol: what a `stream_error` can carry.
bool is_error_case(std::string_view name, protocol kind) noexcept;

/// Throws std::invalid_argument when a step doesn't fit the protocol or the route, or contradicts itself.
void check_step(const step& value, protocol kind, route on);

/// The step with what its name implies filled in: an `echo` echoes, a `safety_stop` has that finish reason,
/// reasoning that is wanted back is there.
step resolve(step value);

} // namespace magna::simulator
