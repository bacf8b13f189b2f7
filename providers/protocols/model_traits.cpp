#include <magna/providers/protocols/model_traits.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <span>
#include <string>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using enum reasoning_effort;

/// From the least to the most.
constexpr std::array scale = {none, minimal, low, medium, high, xhigh, max};

constexpr effort_levels no_levels{};
constexpr effort_levels all_levels{none, minimal, low, medium, high, xhigh, max};
constexpr effort_levels only_high{high};
constexpr effort_levels low_to_high{low, medium, high};
constexpr effort_levels low_to_xhigh{low, medium, high, xhigh};
constexpr effort_levels low_to_max{low, medium, high, xhigh, max};
constexpr effort_levels low_to_high_or_max{low, medium, high, max};
constexpr effort_levels minimal_to_high{minimal, low, medium, high};
constexpr effort_levels none_to_high{none, low, medium, high};
constexpr effort_levels none_to_xhigh{none, low, medium, high, xhigh};

int rank_of(reasoning_effort level) noexcept {
  return static_cast<int>(std::ranges::find(scale, level) - scale.begin());
}

/// Without what stands before it: "google/gemini-3.8-flash", "models/gemini-3.8-flash".
std::string_view last_name(std::string_view model) noexcept {
  return model.substr(model.rfind('/') + 1);
}

/// The first row whose name a model's begins with; null if there is none.
template <class Row>
const Row* row_of(std::span<const Row> rows, std::string_view model) noexcept {
  const auto found = std::ranges::find_if(rows, [model](const Row& x) { return model.starts_with(x.name); });
  return found == rows.end() ? nullptr : &*found;
}

/// A version as a number: 45 of "4-5" and of "4.5", 50 of "5". Not there: nothing.
std::optional<int> version_at(std::string_view text) noexcept {
  int major = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, major);
  // Longer numbers are dates.
  if (error != std::errc{} || stop - text.data() > 2)
    return std::nullopt;
  int minor = 0;
  if (stop + 1 < end && (*stop == '-' || *stop == '.') && is_digit(stop[1])
      && (stop + 2 == end || !is_digit(stop[2])))
    minor = stop[1] - '0';
  return major * 10 + minor;
}

// -- OpenAI ---------------------------------------------------------------------------------------------------

struct openai_row {
  std::string_view name;
  effort_levels efforts;
  effort_with_tools with_tools = effort_with_tools::as_asked;
};

// developers.openai.com (models, deployment checklist), @ai-sdk/openai, litellm#34569 and #52347; 2026-11-26. `max` is
// taken by Responses only.
constexpr openai_row openai_rows[] = {
  {"o1-mini", no_levels},
  {"o1-preview", no_levels},
  {"o", low_to_high},
  {"chatgpt-", no_levels},
  {"chat-latest", no_levels},
  {"gpt-3", no_levels},
  {"gpt-4", no_levels},
  {"gpt-5-chat", no_levels},
  {"gpt-5-search", no_levels},
  {"gpt-5-pro", only_high},
  {"gpt-5.1", none_to_high},
  {"gpt-5.2", none_to_xhigh},
  {"gpt-5.3", none_to_xhigh},
  {"gpt-5.4", none_to_xhigh, effort_with_tools::absent},
  {"gpt-5.5", none_to_xhigh},
  {"gpt-5.6", none_to_xhigh, effort_with_tools::none},
  {"gpt-5.", low_to_xhigh},
  {"gpt-5", minimal_to_high},
  {"gpt-6-sol", none_to_xhigh, effort_with_tools::none},
  {"gpt-6-luna", none_to_xhigh, effort_with_tools::none},
  {"gpt-6.1-terra", none_to_xhigh},
  // The newest: these refuse none and minimal.
  {"gpt-", low_to_xhigh},
};

struct compatible_row {
  std::string_view name;
  effort_levels efforts;
  /// At its maker's server.
  bool has_thinking_switch = false;
};

// api-docs.deepseek.com, docs.z.ai, platform.moonshot.ai, @ai-sdk/google, Groq's and Ollama's documentation;
// 2026-11-26. Models that are not here get what was asked for.
constexpr compatible_row compatible_rows[] = {
  {"deepseek", low_to_high_or_max, true},
  {"glm-", low_to_max, true},
  {"kimi-", low_to_max, true},
  {"gpt-oss", low_to_high},
  {"gemini-2.5", none_to_high},
  {"gemini-", low_to_high},
};

// docs.mistral.ai, 2026-11: "Tool call id must be a-z, A-Z, 0-9, with a length of 9"; the same in the chat templates of
// its open models.
constexpr std::string_view mistral_names[] = {"mistral",   "mixtral",  "ministral", "magistral",
                                              "codestral", "devstral", "pixtral",   "voxtral"};

std::string_view without_tuning(std::string_view model) noexcept {
  if (model.starts_with("ft:"))
    model.remove_prefix(3);
  return model;
}

/// gpt-oss and gpt-j are models for other servers.
bool is_openai(std::string_view model) noexcept {
  return (model.size() > 1 && model[0] == 'o' && is_digit(model[1])) || model.starts_with("chatgpt-")
         || model == "chat-latest" || (model.size() > 4 && model.starts_with("gpt-") && is_digit(model[4]));
}

// -- Anthropic --------------------------------------------------------------------------------------------------

struct claude_row {
  /// Empty: any.
  std::string_view family;
  /// The versions that the row is about.
  int first;
  int last;
  claude_traits traits;
};

constexpr int newest = 99;

// @ai-sdk/anthropic's catalogue, platform.claude.com, anthropic-sdk-python 2.14; 2026-11-26.
constexpr claude_row claude_rows[] = {
  {"", 0, 34, {true, no_levels, claude_thinking::never, claude_off::disabled, 4'096, true, true}},
  {"", 35, 36, {true, no_levels, claude_thinking::never, claude_off::disabled, 8'192, true, true}},
  {"opus", 37, 44, {true, no_levels, claude_thinking::budget, claude_off::disabled, 32'000, true, true}},
  {"", 37, 44, {true, no_levels, claude_thinking::budget, claude_off::disabled, 64'000, true, true}},
  {"opus", 45, 45, {true, low_to_high, claude_thinking::budget, claude_off::disabled, 64'000, true, true}},
  {"", 45, 45, {true, no_levels, claude_thinking::budget, claude_off::disabled, 64'000, true, true}},
  {"",
   46,
   46,
   {true, low_to_high_or_max, claude_thinking::adaptive, claude_off::disabled, 128'000, true, true}},
  {"", 47, 49, {true, low_to_max, claude_thinking::adaptive, claude_off::disabled, 128'000, false, true}},
  {"haiku",
   50,
   newest,
   {true, low_to_max, claude_thinking::by_itself, claude_off::disabled, 128'000, false, true}},
  {"sonnet",
   50,
   54,
   {true, low_to_max, claude_thinking::by_itself, claude_off::disabled, 128'000, false, true}},
  {"opus",
   50,
   54,
   {true, low_to_max, claude_thinking::by_itself, claude_off::disabled, 128'000, false, true}},
  {"sonnet",
   55,
   newest,
   {true, low_to_max, claude_thinking::by_itself, claude_off::between_tools, 128'000, false, false}},
  {"opus",
   55,
   newest,
   {true, low_to_max, claude_thinking::by_itself, claude_off::lowest_effort, 128'000, false, false}},
  {"fable",
   51,
   newest,
   {true, low_to_max, claude_thinking::by_itself, claude_off::lowest_effort, 128'000, false, false}},
};

constexpr claude_traits newest_claude{
  true, low_to_max, claude_thinking::by_itself, claude_off::lowest_effort, 128'000, false, true};

/// Another maker's model: what is not known to be refused is sent.
constexpr claude_traits other_claude{
  false, low_to_max, claude_thinking::by_itself, claude_off::disabled, 128'000, true, true};

struct claude_name {
  std::string_view family;
  int version;
};

/// "claude-haiku-5-5", "claude-3-5-sonnet-20241022", "anthropic.claude-opus-4-5-20251101-v1:0".
claude_name read_claude(std::string_view name) noexcept {
  claude_name result{"", newest};
  for (const std::string_view family : {"opus", "sonnet", "haiku", "fable", "mythos"})
    if (name.find(family) != std::string_view::npos)
      result.family = family;
  for (std::size_t at = 0; at + 1 < name.size(); ++at)
    if (name[at] == '-')
      if (const auto version = version_at(name.substr(at + 1))) {
        result.version = *version;
        break;
      }
  if (name.find("-instant") != std::string_view::npos)
    result.version = 10;
  return result;
}

// -- Gemini -----------------------------------------------------------------------------------------------------

struct gemini_row {
  std::string_view name;
  gemini_traits traits;
};

// ai.google.dev (thinking, models), @ai-sdk/google, recorded refusals; 2026-11-26. From 3.6 on temperature and topP are
// accepted and mean nothing.
constexpr gemini_row gemini_rows[] = {
  {"gemini-1", {}},
  {"gemini-2.0", {}},
  {"gemini-2.5-flash-image", {}},
  {"gemini-2.5-flash-preview-tts", {}},
  {"gemini-2.5-pro-preview-tts", {}},
  {"gemini-2.5-flash-lite", {.most_budget = 24'576, .least_budget = 512, .can_be_off = true}},
  {"gemini-2.5-flash", {.most_budget = 24'576, .least_budget = 1, .can_be_off = true}},
  {"gemini-2.5-pro", {.most_budget = 32'768, .least_budget = 128}},
  {"gemini-3-pro", {.efforts = {low, high}}},
  {"gemini-3-flash", {.efforts = minimal_to_high}},
  {"gemini-3.1-pro", {.efforts = low_to_high}},
  {"gemini-3.1-flash", {.efforts = minimal_to_high}},
  {"gemini-3.5-flash", {.efforts = minimal_to_high}},
  {"gemini-3.5", {.efforts = low_to_high}},
  {"gemini-4-hydrogen", {.efforts = low_to_xhigh, .takes_sampling = false}},
  {"gemini-4-neon", {.efforts = low_to_xhigh, .takes_sampling = false}},
  // The newest, and the aliases for them.
  {"gemini-", {.efforts = low_to_high, .takes_sampling = false}},
  {"gemma-1", {.takes_system = false}},
  {"gemma-2", {.takes_system = false}},
  {"gemma-3", {.takes_system = false}},
  {"gemma-", {.efforts = {minimal, high}, .takes_system = false}},
};

// -- Ollama -----------------------------------------------------------------------------------------------------

struct ollama_row {
  std::string_view name;
  ollama_traits traits;
};

// Ollama's server (routes.go: levels are for models of its "harmony" parser) and library; 2026-11-26.
constexpr ollama_row ollama_thinkers[] = {
  {"gpt-oss", {.efforts = low_to_high, .can_be_off = false}},
  {"deepseek-r1", {}},
  {"deepseek-v3", {}},
  {"gemma4", {}},
  {"magistral", {}},
  {"nemotron", {}},
  {"qwen3", {}},
  {"qwq", {}},
  {"smollm3", {}},
};

// Models of Ollama's library, without their tags, that the library does not list under "vision"; 2026-11.
constexpr std::string_view ollama_blind[] = {
  "codegemma",  "codellama", "codestral",   "command-r", "command-r-plus", "deepseek-r1", "deepseek-v3",
  "devstral",   "gemma",     "gemma2",      "gpt-oss",   "granite4",       "llama2",      "llama3",
  "llama3.1",   "llama3.2",  "llama3.3",    "mistral",   "mixtral",        "olmo2",       "phi3",
  "phi4",       "phi4-mini", "qwen2.5",     "qwen3",     "qwen3-coder",    "qwq",         "smollm2",
  "starcoder2", "tinyllama", "mistral-nemo"};

// Sizes without the eyes of their family.
constexpr std::string_view ollama_blind_sizes[] = {"gemma3:1b", "gemma3:270m"};

} // namespace

std::optional<reasoning_effort> effort_levels::nearest(reasoning_effort wanted) const noexcept {
  if (has(wanted))
    return wanted;
  std::optional<reasoning_effort> result;
  int least = 0;
  for (const auto level : scale) {
    if (!has(level) || level == none)
      continue;
    const auto distance = std::abs(rank_of(level) - rank_of(wanted));
    if (!result || distance <= least) {
      result = level;
      least = distance;
    }
  }
  return result || !has(none) ? result : std::optional{none};
}

openai_traits openai_traits_of(std::string_view model, std::string_view base_url) {
  openai_traits result;
  const auto own = without_tuning(model);
  const auto name = last_name(own);
  result.official = is_openai(own);
  if (is_openai(name)) {
    const auto* row = row_of<openai_row>(openai_rows, name);
    const bool chats =
      name.find("-chat") != std::string_view::npos || name.find("-search") != std::string_view::npos;
    result.efforts = chats ? no_levels : row->efforts;
    // Others who have the model know to ask for it in another way.
    if (result.official)
      result.with_tools = row->with_tools;
  } else {
    const auto* row = row_of<compatible_row>(compatible_rows, name);
    result.efforts = row != nullptr ? row->efforts : all_levels;
    result.has_thinking_switch = row != nullptr && row->has_thinking_switch && name.size() == model.size();
  }
  const auto lower = to_lower(name);
  result.nine_letter_ids = base_url.find("mistral.ai") != std::string_view::npos
                           || std::ranges::any_of(mistral_names, [&](std::string_view x) {
                                return lower.find(x) != std::string::npos;
                              });
  return result;
}

claude_traits claude_traits_of(std::string_view model) {
  const auto at = model.find("claude");
  if (at == std::string_view::npos)
    return other_claude;
  const auto [family, version] = read_claude(model.substr(at));
  for (const auto& row : claude_rows)
    if ((row.family.empty() || row.family == family) && version >= row.first && version <= row.last)
      return row.traits;
  return newest_claude;
}

gemini_traits gemini_traits_of(std::string_view model) {
  const auto* row = row_of<gemini_row>(gemini_rows, last_name(model));
  // A tuned model has a name of its own.
  return row != nullptr ? row->traits : gemini_traits{.efforts = low_to_high};
}

ollama_traits ollama_traits_of(std::string_view model) {
  const auto name = last_name(model);
  const auto* row = row_of<ollama_row>(ollama_thinkers, name);
  auto result = row != nullptr ? row->traits : ollama_traits{.efforts = low_to_high_or_max};
  // A model that somebody has made can have any name.
  if (name.size() == model.size())
    result.is_blind =
      std::ranges::find(ollama_blind, name.substr(0, name.find(':'))) != std::end(ollama_blind)
      || std::ranges::any_of(ollama_blind_sizes, [name](std::string_view x) { return name.starts_with(x); });
  return result;
}

bool wants_sampling(std::string_view model) {
  const auto name = last_name(without_tuning(model));
  if (name.find("search-preview") != std::string_view::npos || name.find("claude") != std::string_view::npos)
    return false;
  if (name.starts_with("gemini-"))
    return gemini_traits_of(name).takes_sampling;
  if (!is_openai(name))
    return true;
  // Those that think take none: o1 and later, gpt-5 and later.
  return name.starts_with("chat")
         || (name.starts_with("gpt-") && version_at(name.substr(4)).value_or(newest) < 50);
}

feature_set features_of(const protocol_info& about, std::string_view model) {
  auto result = about.can;
  if (about.kind == "ollama" && ollama_traits_of(model).is_blind)
    result.erase(feature::image_data);
  if (about.kind == "anthropic" && !claude_traits_of(model).takes_forced_tools)
    result.erase(feature::required_tool);
  return result;
}

} // namespace magna
