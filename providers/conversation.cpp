#include <magna/providers/conversation.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

#include <magna/providers/encoding.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

/// FNV-1a: the same on every host, so that a conversation is always told in the same words.
std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t result = 0xcbf29ce484222325;
  for (const char c : text) {
    result ^= static_cast<unsigned char>(c);
    result *= 0x100000001b3;
  }
  return result;
}

std::string letters_of(std::uint64_t number, std::size_t count) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string result;
  for (; count > 0; --count, number /= digits.size())
    result += digits[number % digits.size()];
  return result;
}

bool has_only(std::string_view text, std::string_view more) noexcept {
  return std::ranges::all_of(
    text, [more](char c) { return is_alnum(c) || more.find(c) != std::string_view::npos; });
}

/// With '_' for what may not be in it.
std::string with_only(std::string_view text, std::string_view more) {
  std::string result{text};
  std::ranges::replace_if(
    result, [more](char c) { return !is_alnum(c) && more.find(c) == std::string_view::npos; }, '_');
  return result;
}

/// Gives each call of a conversation an ID of its own. An ID depends only on the calls so far, so that a longer
/// conversation begins in the same words: caches want that.
class id_giver {
public:
  explicit id_giver(const conversation_rules& rules) : rules_(rules) {}

  std::string next(std::string_view wanted) {
    auto result = fitting(wanted);
    for (int again = 2; !given_.insert(result).second; ++again)
      result = another(wanted, again);
    return result;
  }

private:
  std::string fitting(std::string_view wanted) const {
    if (rules_.exact_id != 0)
      return wanted.size() == rules_.exact_id && has_only(wanted, "")
               ? std::string{wanted}
               : letters_of(hash_of(wanted), rules_.exact_id);
    if (!rules_.readable_id.empty() && wanted.find(rules_.readable_id) != std::string_view::npos)
      return std::string{wanted};
    auto result = with_only(wanted, rules_.id_characters);
    if (result.empty())
      result = "call";
    return result.size() > rules_.longest_id ? shortened(result, hash_of(wanted)) : result;
  }

  std::string another(std::string_view wanted, int again) const {
    const auto number = std::to_string(again);
    if (rules_.exact_id != 0)
      return letters_of(hash_of(std::string{wanted} + '#' + number), rules_.exact_id);
    auto result = fitting(wanted) + '_' + number;
    return result.size() > rules_.longest_id ? shortened(result, hash_of(std::string{wanted} + '#' + number))
                                             : result;
  }

  /// What is cut off is told apart by its hash.
  std::string shortened(std::string_view text, std::uint64_t hash) const {
    constexpr std::size_t mark = 10;
    return std::string{text.substr(0, rules_.longest_id - mark - 1)} + '_' + letters_of(hash, mark);
  }

  const conversation_rules& rules_;
  std::set<std::string> given_;
};

bool is_tool(const request& question, std::string_view name) {
  return std::ranges::any_of(question.tools, [name](const tool_definition& x) { return x.name == name; });
}

/// Models put a namespace before the name that they were given: "default_api.f", "functions.f".
std::string name_for(const request& question, const conversation_rules& rules, std::string_view name) {
  if (const auto last = name.find_last_of(".:"); last != std::string_view::npos && !is_tool(question, name))
    if (const auto bare = name.substr(last + 1); is_tool(question, bare))
      return std::string{bare};
  auto result = with_only(name, rules.name_characters);
  const bool begins_well =
    !result.empty() && (result[0] == '_' || (is_alnum(result[0]) && !is_digit(result[0])));
  if (result.empty() || (rules.name_begins_with_letter && !begins_well))
    result.insert(0, 1, '_');
  return result.substr(0, rules.longest_name);
}

const chat_message& no_result() {
  static const chat_message result{
    .from = role::tool, .content = "There is no result: the call was not carried out.", .is_error = true};
  return result;
}

/// A message, and what its calls brought: null as long as nothing.
struct turn {
  told_message message;
  std::vector<const chat_message*> results;
};

/// Where a result belongs: at the latest call of its ID that has none yet, else at the latest of that ID.
const chat_message** place_of(std::vector<turn>& turns, std::string_view id) {
  const chat_message** answered = nullptr;
  for (auto& one : std::views::reverse(turns))
    for (std::size_t i = 0; i < one.results.size(); ++i) {
      if (one.message.calls[i].made->id != id)
        continue;
      if (one.results[i] == nullptr)
        return &one.results[i];
      if (answered == nullptr)
        answered = &one.results[i];
    }
  return answered;
}

told_message result_of(const told_call& call, const chat_message* source) {
  told_message result;
  result.from = role::tool;
  result.source = source == nullptr ? &no_result() : source;
  result.text = result.source->content;
  result.call_id = call.id;
  result.call_name = call.name;
  return result;
}

} // namespace

bool is_blank(std::string_view text) noexcept {
  constexpr std::string_view wide[] = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
                                       "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                       "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  while (!text.empty()) {
    if (trim(text.substr(0, 1)).empty() || (text[0] >= '\x1c' && text[0] <= '\x1f')) {
      text.remove_prefix(1);
      continue;
    }
    const auto* space =
      std::ranges::find_if(wide, [text](std::string_view x) { return text.starts_with(x); });
    if (space == std::end(wide))
      return false;
    text.remove_prefix(space->size());
  }
  return true;
}

std::vector<std::string> without_blanks(const std::vector<std::string>& texts) {
  std::vector<std::string> result;
  std::ranges::copy_if(texts, std::back_inserter(result), [](const auto& x) { return !is_blank(x); });
  return result;
}

std::vector<told_message> tell_conversation(const request& question, const conversation_rules& rules) {
  id_giver ids{rules};
  std::vector<turn> turns;
  const chat_message* last_blank = nullptr;
  for (const auto& message : question.messages) {
    if (message.from == role::system)
      continue;
    turn next;
    next.message.from = message.from;
    next.message.source = &message;
    if (message.from == role::tool) {
      if (auto* place = place_of(turns, message.tool_call_id)) {
        *place = &message;
        continue;
      }
      // The result of a call that is not told is something that the user knows.
      next.message.from = role::user;
    }
    if (!is_blank(message.content))
      next.message.text = message.content;
    for (const auto& call : message.tool_calls)
      next.message.calls.push_back(
        {.made = &call, .id = ids.next(call.id), .name = name_for(question, rules, call.name)});
    next.results.resize(next.message.calls.size());
    if (!next.message.text.empty() || !next.results.empty() || !message.images.empty())
      turns.push_back(std::move(next));
    else if (message.from == role::user && !message.content.empty())
      last_blank = &message;
  }
  std::vector<told_message> result;
  result.reserve(turns.size());
  for (auto& [message, results] : turns) {
    result.push_back(std::move(message));
    const auto told = result.size() - 1;
    for (std::size_t i = 0; i < results.size(); ++i) {
      auto one = result_of(result[told].calls[i], results[i]);
      result.push_back(std::move(one));
    }
  }
  // Whether white space alone is a prompt is for the model to say.
  if (result.empty() && last_blank != nullptr && system_text(question).empty())
    result.push_back({.from = role::user, .text = last_blank->content, .source = last_blank});
  return result;
}

std::string result_in_words(const told_message& result) {
  if (!result.source->is_error || to_lower(result.text.substr(0, 5)) == "error")
    return std::string{result.text};
  return is_blank(result.text) ? "Error" : "Error: " + std::string{result.text};
}

} // namespace magna
