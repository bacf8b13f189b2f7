#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <magna/messages/request.hpp>
#include <magna/providers/codec.hpp>
#include <magna/providers/features.hpp>

// What the name of a model tells of what it takes. All of it is data in tables, with its source and date, in
// model_traits.cpp. A model that no row knows is taken for one of its family's newest generation. What a table has
// wrong costs a request: the server refuses it, and the codec asks again another way.

namespace magna {

/// The levels of effort that a model has, as bits.
class effort_levels {
public:
  constexpr effort_levels() = default;
  constexpr effort_levels(std::initializer_list<reasoning_effort> levels) {
    for (const auto level : levels)
      bits_ |= bit(level);
  }

  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr bool has(reasoning_effort level) const noexcept { return (bits_ & bit(level)) != 0; }

  /// The level nearest to what was asked for, of two the higher; not to think at all counts only where it was asked
  /// for. Nothing: there are no levels.
  std::optional<reasoning_effort> nearest(reasoning_effort wanted) const noexcept;

  bool operator==(const effort_levels&) const = default;

private:
  static constexpr unsigned bit(reasoning_effort level) noexcept {
    return 1U << static_cast<unsigned>(level);
  }

  unsigned bits_ = 0;
};

/// What goes with tools in a request to OpenAI's chat completions.
enum class effort_with_tools : std::uint8_t {
  /// What was asked for.
  as_asked,
  /// No effort at all.
  absent,
  /// `none`: the model takes tools only so.
  none,
};

/// Of a model behind OpenAI's protocol, its maker's or another's.
struct openai_traits {
  /// Of OpenAI's own: takes max_completion_tokens, up to four stop sequences, and refuses what it does not know.
  bool official = false;
  /// Empty: it does not think.
  effort_levels efforts{};
  effort_with_tools with_tools = effort_with_tools::as_asked;
  /// `thinking` switches its thoughts off, and no effort does.
  bool has_thinking_switch = false;
  /// Its server takes only calls whose IDs are nine letters or digits: Mistral's.
  bool nine_letter_ids = false;
};

openai_traits openai_traits_of(std::string_view model, std::string_view base_url);

/// How a model of Anthropic's protocol is told to think.
enum class claude_thinking : std::uint8_t {
  /// It cannot.
  never,
  /// `enabled`, with a budget.
  budget,
  /// `adaptive`; absent, it does not think.
  adaptive,
  /// Absent, it thinks as it sees fit.
  by_itself,
};

/// How one that thinks by itself is told not to.
enum class claude_off : std::uint8_t {
  /// Not at all: the lowest effort is what there is.
  lowest_effort,
  disabled,
  between_tools,
};

/// Of a model behind Anthropic's protocol.
struct claude_traits {
  /// The server's own, and no other's behind the same protocol.
  bool official = false;
  effort_levels efforts{};
  claude_thinking thinking = claude_thinking::by_itself;
  claude_off off = claude_off::lowest_effort;
  /// Of an answer, thoughts included.
  std::uint32_t most_tokens = 128'000;
  /// temperature, top_p and top_k are no error.
  bool takes_sampling = false;
  /// It may be told that it must call a tool.
  bool takes_forced_tools = true;
};

claude_traits claude_traits_of(std::string_view model);

/// Of a model behind Gemini's protocol.
struct gemini_traits {
  /// Levels of thinkingLevel.
  effort_levels efforts{};
  /// In place of levels: the most and the least of thinkingBudget. 0 and 0: levels.
  std::uint32_t most_budget = 0;
  std::uint32_t least_budget = 0;
  /// A budget of 0 switches thoughts off.
  bool can_be_off = false;
  /// Sampling parameters mean something.
  bool takes_sampling = true;
  /// It takes a systemInstruction.
  bool takes_system = true;
};

gemini_traits gemini_traits_of(std::string_view model);

/// What `think` takes of a model of Ollama's.
struct ollama_traits {
  /// Levels; whatever is none of them is true or false.
  effort_levels efforts{};
  /// It can be told not to think.
  bool can_be_off = true;
  /// It is known to see no pictures.
  bool is_blind = false;
};

ollama_traits ollama_traits_of(std::string_view model);

/// Whether magna's suggestions for sampling go to a model, whatever its protocol: not if it refuses them, or if they
/// mean nothing to it.
bool wants_sampling(std::string_view model);

/// What can be asked of a model: what its protocol can carry, but for what the model is known to refuse or to ignore.
feature_set features_of(const protocol_info& about, std::string_view model);

} // namespace magna
