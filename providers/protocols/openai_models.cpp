#include <magna/providers/protocols/openai_models.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using enum reasoning_effort;

/// From the least to the greatest.
constexpr reasoning_effort scale[] = {none, minimal, low, medium, high, xhigh, max};

constexpr reasoning_effort only_high[] = {high};
constexpr reasoning_effort low_to_high[] = {low, medium, high};
constexpr reasoning_effort minimal_to_high[] = {minimal, low, medium, high};
constexpr reasoning_effort none_to_high[] = {none, low, medium, high};
constexpr reasoning_effort medium_to_xhigh[] = {medium, high, xhigh};
constexpr reasoning_effort low_to_xhigh[] = {low, medium, high, xhigh};
constexpr reasoning_effort none_to_xhigh[] = {none, low, medium, high, xhigh};
constexpr reasoning_effort low_to_max[] = {low, medium, high, xhigh, max};
constexpr reasoning_effort none_to_max[] = {none, low, medium, high, xhigh, max};

struct efforts_of_models {
  /// The model's name up to a hyphen or its end.
  std::string_view name;
  std::span<const reasoning_effort> efforts;
};

/// The first that fits counts.
constexpr efforts_of_models efforts_by_name[] = {
  {"gpt-6.2", low_to_max},
  {"gpt-6.1-sol", low_to_max},
  {"gpt-6.1", none_to_max},
  {"gpt-6-astra", low_to_max},
  {"gpt-6", none_to_max},
  {"gpt-5.6", none_to_max},
  {"gpt-5.5-pro", medium_to_xhigh},
  {"gpt-5.5", none_to_xhigh},
  {"gpt-5.4-pro", medium_to_xhigh},
  {"gpt-5.4", none_to_xhigh},
  {"gpt-5.3-codex", low_to_xhigh},
  {"gpt-5.3", none_to_xhigh},
  {"gpt-5.2-pro", medium_to_xhigh},
  {"gpt-5.2-codex", low_to_xhigh},
  {"gpt-5.2", none_to_xhigh},
  {"gpt-5.1-codex-max", low_to_xhigh},
  {"gpt-5.1-codex", low_to_high},
  {"gpt-5.1", none_to_high},
  {"gpt-5-pro", only_high},
  {"gpt-5-codex", low_to_high},
  {"gpt-5", minimal_to_high},
  {"o1", low_to_high},
  {"o3", low_to_high},
  {"o4", low_to_high},
};

std::span<const reasoning_effort> efforts_of(std::string_view model) noexcept {
  const auto* found = std::ranges::find_if(efforts_by_name, [model](const efforts_of_models& x) {
    return model.starts_with(x.name) && (model.size() == x.name.size() || model[x.name.size()] == '-');
  });
  return found == std::end(efforts_by_name) ? std::span<const reasoning_effort>{} : found->efforts;
}

} // namespace

openai_model openai_model_of(std::string_view name) noexcept {
  if (name.starts_with("ft:"))
    name.remove_prefix(3);
  if (name.size() > 1 && name[0] == 'o' && is_digit(name[1]))
    return {.official = true, .takes_sampling = false, .efforts = efforts_of(name)};
  if (name.starts_with("chatgpt-") || name == "chat-latest")
    return {.official = true, .reasons = false};
  if (!name.starts_with("gpt-"))
    return {};
  // gpt-5 and later; gpt-oss and gpt-j are models for other servers.
  int generation = 0;
  const auto [stop, error] = std::from_chars(name.data() + 4, name.data() + name.size(), generation);
  if (error != std::errc{})
    return {};
  const bool reasons = generation >= 5 && name.find("-chat") == std::string_view::npos;
  return {.official = true,
          .takes_sampling = generation < 5,
          .reasons = reasons,
          .efforts = reasons ? efforts_of(name) : std::span<const reasoning_effort>{}};
}

reasoning_effort nearest_effort(reasoning_effort wanted, std::span<const reasoning_effort> known) noexcept {
  const auto rank = [](reasoning_effort x) { return std::ranges::find(scale, x) - std::begin(scale); };
  auto result = wanted;
  auto least = std::ssize(scale);
  for (const auto x : known)
    if (const auto distance = std::abs(rank(x) - rank(wanted)); distance <= least) {
      least = distance;
      result = x;
    }
  return result;
}

} // namespace magna
