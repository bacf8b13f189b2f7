#include <magna/simulator/answer.hpp>

#include <magna/simulator/traits.hpp>

#include <algorithm>
#include <limits>

namespace magna::simulator {

namespace {

constexpr std::size_t default_repeats = 10;

std::string default_text(protocol kind) {
  return "Hello! This is the simulator, speaking as " + std::string{traits_of(kind).title}
         + ", one token at a time.";
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// A long text is sent in at most about this many pieces, so that an echo of megabytes stays quick.
constexpr std::size_t most_pieces = 1024;

/// Bytes of a call's arguments that come at once.
constexpr std::size_t piece_of_arguments = 8;

/// In base64 any digits in groups of four are right.
std::string signature_of(wanted wants, const std::string& id) {
  constexpr std::size_t digits = 20;
  std::string result{plain_signature};
  if (wants != wanted::nothing)
    result += std::string(digits - std::min(digits, id.size()), '0') + id;
  return result;
}

bool flag(const nlohmann::json& body, const char* name, bool otherwise) {
  if (!body.is_object() || !body.contains("stream_options") || !body["stream_options"].is_object())
    return otherwise;
  return body["stream_options"].value(name, nlohmann::json(otherwise)) == nlohmann::json(true);
}

bool includes(const nlohmann::json& body, const char* what) {
  return std::ranges::find(list_in(body, "include"), what) != list_in(body, "include").end();
}

} // namespace

std::vector<std::string> split_words(std::string_view text, std::size_t shortest) {
  std::vector<std::string> result;
  std::size_t start = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (is_blank(text[i]) && !is_blank(text[i - 1]) && i - start >= shortest) {
      result.emplace_back(text.substr(start, i - start));
      start = i;
    }
  }
  if (start < text.size())
    result.emplace_back(text.substr(start));
  return result;
}

std::vector<std::string> split_pieces(std::string_view text, std::size_t length) {
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
  std::vector<std::string> result;
  while (!text.empty()) {
    auto end = std::min(length, text.size());
    while (end < text.size() && is_inside(text[end]))
      ++end;
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result;
}

answer::answer(const step& options, const incoming& request, std::uint64_t number)
  : id{std::to_string(number)},
    model{request.model},
    finish{options.finish.value_or(options.calls.empty() ? "stop" : "tool_calls")},
    report_usage{options.usage},
    finish_with_text{options.finish_with_text},
    done_marker{options.done},
    refusal{options.name == "refusal"},
    wants{options.wants},
    signature{signature_of(options.wants, id)},
    reasoning_field{options.reasoning_field == reasoning_name::reasoning ? "reasoning" : "reasoning_content"},
    like{options.like},
    is_encrypted{includes(request.body, "reasoning.encrypted_content")},
    interleave{options.interleave},
    include_usage{flag(request.body, "include_usage", false)},
    obfuscate{flag(request.body, "include_obfuscation", true)},
    reasoning_{split_words(options.reasoning)},
    endless_{options.endless} {
  if (request.kind == protocol::ollama)
    load_only = !request.body.contains("messages") || request.body["messages"].empty();
  for (const auto& call : options.calls)
    calls_.push_back(
      {std::string{traits_of(request.kind).call_prefix} + id + "_" + std::to_string(calls_.size() + 1),
       call.name, call.arguments, split_pieces(call.arguments, piece_of_arguments)});
  const bool calls_only = !calls_.empty() && !options.text;
  std::string text;
  if (options.echo)
    text = request.last_user_text();
  else
    text = options.text.value_or(calls_only ? ""
                                 : refusal  ? "I can't help with that."
                                            : default_text(request.kind));
  if (options.size) {
    words_ = {std::string(*options.size, 'x')};
    count_ = options.tokens.value_or(1);
  } else if (options.token) {
    words_ = {*options.token};
    count_ = options.tokens.value_or(default_repeats);
  } else {
    words_ = split_words(text, text.size() / most_pieces);
    count_ = options.tokens.value_or(words_.size());
    // The default answer is as long as the fault in it needs.
    if (!options.text && !options.echo && !options.tokens && options.after && !calls_only)
      count_ = std::max(count_, *options.after + 1);
  }
  if (words_.empty() && (count_ > 0 || endless_))
    words_.emplace_back();
  if (endless_)
    count_ = std::numeric_limits<std::size_t>::max();
  if (load_only) {
    count_ = 0;
    endless_ = false;
    finish = "load";
  }
  fixed_.prompt = options.prompt_tokens.value_or(request.prompt_words());
  fixed_.completion = options.completion_tokens.value_or(0);
  completion_fixed_ = options.completion_tokens.has_value();
  fixed_.reasoning = options.reasoning_tokens.value_or(reasoning_.size());
  fixed_.cached = options.cached_tokens.value_or(0);
}

std::string answer::token(std::size_t index) const {
  const auto& word = words_[index % words_.size()];
  // A text that is repeated needs a space where it starts again.
  if (words_.size() > 1 && index >= words_.size() && !word.empty() && !is_blank(word.front()))
    return " " + word;
  return word;
}

std::string answer::text() const {
  std::string result;
  for (std::size_t i = 0; i < count_; ++i)
    result += token(i);
  return result;
}

std::string answer::reasoning_text() const {
  std::string result;
  for (const auto& word : reasoning_)
    result += word;
  return result;
}

usage_numbers answer::usage(std::size_t tokens) const {
  auto result = fixed_;
  if (completion_fixed_)
    return result;
  result.completion = tokens;
  if (tokens == count_)
    for (const auto& call : calls_)
      result.completion += call.pieces.size();
  return result;
}

} // namespace magna::simulator
