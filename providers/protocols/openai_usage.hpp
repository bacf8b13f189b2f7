#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include <magna/messages/response.hpp>

namespace magna {

/// What a server of OpenAI's protocol has counted. Servers put their counts in many places, and some tell them more than
/// once: what is told later stands above what was told before.
class openai_usage {
public:
  /// Takes over what `usage` has; null has nothing.
  void add(const nlohmann::json* counts);
  /// The same from llama.cpp's `timings`, which say less than its `usage`.
  void add_timings(const nlohmann::json* timings);
  /// All counts so far.
  usage value() const;

  /// Whether a member of `usage` has a count, or several.
  template <class Name>
  static bool has_counts(Name name) noexcept;

private:
  using count = std::optional<std::uint64_t>;

  /// Where a count may stand.
  struct place {
    /// The member of `usage` that has it; null: `usage` itself.
    const char* details;
    const char* name;
    count openai_usage::*which;
  };
  static const place places[];

  count prompt_;
  count completion_;
  count total_;
  count reasoning_;
  count cached_;
  count written_;
};

/// The usual places last: they stand above the others.
inline constexpr openai_usage::place openai_usage::places[] = {
  {nullptr, "input_tokens", &openai_usage::prompt_},
  {nullptr, "prompt_tokens", &openai_usage::prompt_},
  {nullptr, "output_tokens", &openai_usage::completion_},
  {nullptr, "completion_tokens", &openai_usage::completion_},
  {nullptr, "total_tokens", &openai_usage::total_},
  // DeepSeek
  {nullptr, "prompt_cache_hit_tokens", &openai_usage::cached_},
  // Moonshot, Qwen
  {nullptr, "cached_tokens", &openai_usage::cached_},
  // Gateways before Anthropic
  {nullptr, "cache_read_input_tokens", &openai_usage::cached_},
  {"input_tokens_details", "cached_tokens", &openai_usage::cached_},
  {"prompt_tokens_details", "cached_tokens", &openai_usage::cached_},
  {nullptr, "cache_creation_input_tokens", &openai_usage::written_},
  {nullptr, "cache_write_tokens", &openai_usage::written_},
  {"prompt_tokens_details", "cache_creation_tokens", &openai_usage::written_},
  {"input_tokens_details", "cache_write_tokens", &openai_usage::written_},
  {"prompt_tokens_details", "cache_write_tokens", &openai_usage::written_},
  // Perplexity
  {nullptr, "reasoning_tokens", &openai_usage::reasoning_},
  {"output_tokens_details", "reasoning_tokens", &openai_usage::reasoning_},
  {"completion_tokens_details", "reasoning_tokens", &openai_usage::reasoning_},
};

template <class Name>
bool openai_usage::has_counts(Name name) noexcept {
  for (const auto& x : places)
    if (name == std::string_view{x.details == nullptr ? x.name : x.details})
      return true;
  return false;
}

} // namespace magna
