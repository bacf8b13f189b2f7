#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/export.hpp>
#include <magna/messages/request.hpp>

// Histories travel: what one provider's model said is told to another one. Each protocol has its own idea of how
// calls are named, and of where their results stand.

namespace magna {

/// What a protocol asks of the conversation that it is told.
struct conversation_rules {
  /// What the ID of a call may have beside letters and digits.
  std::string_view id_characters = "_-.:";
  /// Of the ID of a call; at least 16.
  std::size_t longest_id = 64;
  /// An ID is exactly this long, of letters and digits. 0: no such rule.
  std::size_t exact_id = 0;
  /// An ID with this in it is left as it is: its server reads it. Empty: none.
  std::string_view readable_id{};
  /// What the name of a called tool may have beside letters and digits.
  std::string_view name_characters = "_-";
  /// Of the name of a called tool.
  std::size_t longest_name = 64;
  /// The name of a called tool begins with a letter or an underscore.
  bool name_begins_with_letter = false;
};

/// A call as it is told.
struct told_call {
  /// As the model made it; never null.
  const tool_call* made = nullptr;
  /// Once in the conversation, and as the protocol wants it.
  std::string id{};
  /// As the protocol wants it.
  std::string name{};
};

/// A message as it is told.
struct told_message {
  /// Never the system.
  role from = role::user;
  /// What is left where the text is only white space is nothing. Points into the request.
  std::string_view text{};
  /// What it comes from, for images and items; never null.
  const chat_message* source = nullptr;
  /// The assistant's.
  std::vector<told_call> calls{};
  /// With role::tool: the call's, as it was told.
  std::string call_id{};
  /// With role::tool: the called tool's, as it was told.
  std::string call_name{};
};

/// The conversation without the system's messages, as a protocol with these rules takes it: each call has an ID of its
/// own, its result follows at once, in the calls' order, and one that has no result gets one that says so. Messages
/// that say nothing are left out. What it points into must outlive it.
MAGNA_EXPORT std::vector<told_message> tell_conversation(const request& question,
                                                         const conversation_rules& rules);

/// The text of a call's result, which says of a call that has failed that it has.
MAGNA_EXPORT std::string result_in_words(const told_message& result);

/// Whether a text has nothing but white space.
MAGNA_EXPORT bool is_blank(std::string_view text) noexcept;

/// Those of `texts` that are not blank.
MAGNA_EXPORT std::vector<std::string> without_blanks(const std::vector<std::string>& texts);

} // namespace magna
