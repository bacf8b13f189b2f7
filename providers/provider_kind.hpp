#pragma once

#include <compare>
#include <concepts>
#include <string>
#include <string_view>

namespace magna {

/// The name of a wire protocol, as settings have it. Open: `register_codec` adds kinds of one's own. Whether
/// there is a codec of that name is another question (`find_codec`).
class provider_kind {
public:
  // The kinds that are built in.
  /// Google's generateContent.
  static constexpr std::string_view gemini = "gemini";
  /// OpenAI: Responses at OpenAI's own addresses, chat completions at all others.
  static constexpr std::string_view openai = "openai";
  /// Chat completions, of OpenAI and of the many servers that speak the same.
  static constexpr std::string_view openai_chat = "openai-chat";
  /// OpenAI's Responses, and the servers that speak the same.
  static constexpr std::string_view openai_responses = "openai-responses";
  /// Anthropic's messages.
  static constexpr std::string_view anthropic = "anthropic";
  /// Ollama's native chat.
  static constexpr std::string_view ollama = "ollama";

  /// From any text, so that settings read well: `.kind = "gemini"`.
  template <std::convertible_to<std::string_view> Text>
  provider_kind(const Text& name) : name_(std::string_view{name}) {}

  /// As it stands in the configuration.
  const std::string& name() const noexcept { return name_; }

  friend bool operator==(const provider_kind&, const provider_kind&) = default;
  /// By name.
  friend std::strong_ordering operator<=>(const provider_kind&, const provider_kind&) = default;

private:
  std::string name_;
};

/// The same as `name`.
inline const std::string& to_string(const provider_kind& x) noexcept {
  return x.name();
}

} // namespace magna
