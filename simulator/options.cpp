#include <magna/simulator/vocabulary.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace magna::simulator {

namespace {

using std::string_view;
using std::chrono::milliseconds;

[[noreturn]] void refuse(string_view value, string_view allowed) {
  throw std::invalid_argument{"'" + std::string{value}
                              + "' is not allowed; allowed: " + std::string{allowed}};
}

/// A number followed by a unit; returns the unit.
string_view read_number(string_view value, double& number, string_view allowed) {
  const auto* last = value.data() + value.size();
  auto [end, error] = std::from_chars(value.data(), last, number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0)
    refuse(value, allowed);
  return {end, static_cast<std::size_t>(last - end)};
}

milliseconds duration(string_view value) {
  constexpr auto allowed = "milliseconds such as 250 or 250ms, or seconds such as 1.5s, up to one day";
  double number = 0;
  auto unit = read_number(value, number, allowed);
  if (unit == "s")
    number *= 1000;
  else if (!unit.empty() && unit != "ms")
    refuse(value, allowed);
  if (number > 86'400'000)
    refuse(value, allowed);
  return milliseconds{std::llround(number)};
}

double seconds(string_view value) {
  constexpr auto allowed = "seconds such as 3, 0.5 or 3s, or milliseconds such as 300ms, up to one day";
  double number = 0;
  auto unit = read_number(value, number, allowed);
  if (unit == "ms")
    number /= 1000;
  else if (!unit.empty() && unit != "s")
    refuse(value, allowed);
  if (number > 86'400)
    refuse(value, allowed);
  return number;
}

std::uint64_t integer(string_view value) {
  std::uint64_t number = 0;
  const auto* last = value.data() + value.size();
  auto [end, error] = std::from_chars(value.data(), last, number);
  if (error != std::errc{} || end != last)
    refuse(value, "a whole number, 0 or more");
  return number;
}

std::size_t bytes(string_view value) {
  constexpr auto allowed = "a number of bytes such as 4096, 64KiB or 8MiB, up to 1024MiB";
  double number = 0;
  auto unit = read_number(value, number, allowed);
  if (unit == "KiB")
    number *= 1024;
  else if (unit == "MiB")
    number *= 1024 * 1024;
  else if (!unit.empty())
    refuse(value, allowed);
  if (number > 1024.0 * 1024 * 1024)
    refuse(value, allowed);
  return static_cast<std::size_t>(number);
}

bool boolean(string_view value) {
  if (value == "true")
    return true;
  if (value != "false")
    refuse(value, "true, false");
  return false;
}

template <class T, std::size_t N>
T one_of(string_view value, const std::array<std::pair<string_view, T>, N>& names) {
  auto i = std::ranges::find(names, value, &std::pair<string_view, T>::first);
  if (i != names.end())
    return i->second;
  std::string allowed;
  for (const auto& [name, unused] : names) {
    if (!allowed.empty())
      allowed += ", ";
    allowed += name;
  }
  refuse(value, allowed);
}

template <class T>
using word_for = std::pair<string_view, T>;

constexpr auto positions = std::to_array<word_for<position>>({{"start", position::start},
                                                              {"headers", position::headers},
                                                              {"token", position::token},
                                                              {"line", position::line},
                                                              {"utf8", position::utf8},
                                                              {"finish", position::finish},
                                                              {"end", position::end}});

constexpr auto line_ends =
  std::to_array<word_for<line_end>>({{"lf", line_end::lf}, {"crlf", line_end::crlf}, {"cr", line_end::cr}});

constexpr auto framings =
  std::to_array<word_for<body_framing>>({{"chunked", body_framing::chunked}, {"close", body_framing::close}});

constexpr auto retry_forms = std::to_array<word_for<retry_form>>({{"seconds", retry_form::seconds},
                                                                  {"date", retry_form::date},
                                                                  {"ms", retry_form::milliseconds},
                                                                  {"retry_info", retry_form::retry_info}});

constexpr auto error_forms = std::to_array<word_for<stream_error_form>>({{"data", stream_error_form::data},
                                                                         {"event", stream_error_form::event},
                                                                         {"raw", stream_error_form::raw},
                                                                         {"flat", stream_error_form::flat}});

constexpr auto reasoning_names = std::to_array<word_for<reasoning_name>>(
  {{"reasoning_content", reasoning_name::reasoning_content}, {"reasoning", reasoning_name::reasoning}});

constexpr auto server_names = std::to_array<word_for<server_name>>({{"azure", server_name::azure},
                                                                    {"xai", server_name::xai},
                                                                    {"mantle", server_name::mantle},
                                                                    {"openrouter", server_name::openrouter},
                                                                    {"ollama", server_name::ollama}});

split_rule split(string_view value) {
  if (value == "none")
    return {split_kind::none, 1};
  if (value == "byte")
    return {split_kind::fixed, 1};
  if (value == "random")
    return {split_kind::random, 16};
  std::size_t size = 0;
  const auto* last = value.data() + value.size();
  auto [end, error] = std::from_chars(value.data(), last, size);
  if (error != std::errc{} || end != last || size == 0)
    refuse(value, "none, byte, random, or a number of bytes from 1");
  return {split_kind::fixed, size};
}

wanted item(string_view value) {
  auto i = std::ranges::find(wanted_words, value, &wanted_word::name);
  if (i == wanted_words.end())
    refuse(value, wanted_names(speaks::all));
  return i->item;
}

void add_header(step& to, string_view value) {
  auto colon = value.find(':');
  if (colon == 0 || colon == string_view::npos || value.find_first_of("\r\n") != string_view::npos)
    refuse(value, "\"Name: value\" on one line");
  auto content = value.substr(colon + 1);
  content.remove_prefix(std::min(content.find_first_not_of(' '), content.size()));
  to.headers.emplace_back(value.substr(0, colon), content);
}

void add_call(step& to, string_view value) {
  const auto space = value.find(' ');
  called_tool call{.name = std::string{value.substr(0, space)}};
  if (space != string_view::npos)
    call.arguments = value.substr(space + 1);
  if (call.name.empty() || !nlohmann::json::parse(call.arguments, nullptr, false).is_object())
    refuse(value, R"(a tool's name, perhaps with its arguments: "look_up {\"word\": \"x\"}")");
  to.calls.push_back(std::move(call));
}

constexpr auto count = "N";
constexpr auto span = "MS";
constexpr auto flag = "true|false";
constexpr auto string = "TEXT";
using namespace takes;

// clang-format off
constexpr auto options = std::to_array<option_word>({
  {"delay", timing, span, "wait before the response headers", [](step& s, string_view v) { s.delay = duration(v); }},
  {"first_token_delay", takes::stream, span, "wait between the headers and the first event", [](step& s, string_view v) { s.first_token_delay = duration(v); }},
  {"token_delay", takes::stream, span, "wait between two tokens", [](step& s, string_view v) { s.token_delay = duration(v); }},
  {"byte_delay", timing, span, "wait after every piece of `split`, by default after every byte of the body", [](step& s, string_view v) { s.byte_delay = duration(v); }},
  {"ping", takes::stream, span, "a comment line this often while a stream is silent", [](step& s, string_view v) { s.ping = duration(v); }},

  {"at", takes::at, "POSITION", "where it strikes: start, headers, token, line (in the middle of one), utf8 (in the middle of a character), finish, end", [](step& s, string_view v) { s.at = one_of(v, positions); }},
  {"after", after, count, "the tokens before it strikes; alone it means at=token", [](step& s, string_view v) { s.after = integer(v); }},

  {"text", answer, string, "the text of the answer", [](step& s, string_view v) { s.text = v; }},
  {"token", answer, string, "the text of every token", [](step& s, string_view v) { s.token = v; }},
  {"tokens", answer, count, "how many tokens; the words of the text are repeated as needed", [](step& s, string_view v) { s.tokens = integer(v); }},
  {"size", answer, "BYTES", "an answer of this many bytes in one line", [](step& s, string_view v) { s.size = bytes(v); }},
  {"endless", answer, flag, "the answer never ends", [](step& s, string_view v) { s.endless = boolean(v); }},
  {"echo", answer, flag, "the answer repeats the last user message", [](step& s, string_view v) { s.echo = boolean(v); }},
  {"reasoning", answer, string, "reasoning that comes before the text", [](step& s, string_view v) { s.reasoning = v; }},
  {"reasoning_field", answer, "reasoning_content|reasoning", "chat completions: what the reasoning is called (default reasoning_content)", [](step& s, string_view v) { s.reasoning_field = one_of(v, reasoning_names); }},
  {"like", answer, "azure|xai|mantle|openrouter|ollama", "openai-responses: as this server does it (default: OpenAI's own)", [](step& s, string_view v) { s.like = one_of(v, server_names); }},
  {"call", answer, "\"NAME JSON\"", "a tool that the model calls, with its arguments; may be repeated", add_call},
  {"interleave", answer, flag, "chat completions: the pieces of several streamed calls take turns", [](step& s, string_view v) { s.interleave = boolean(v); }},
  {"wants", answer, "ITEM", "the answer hands this out, and a history that comes back without it is refused: reasoning_content, reasoning_details, thought_signature, thinking, encrypted_content", [](step& s, string_view v) { s.wants = item(v); }},
  {"strict", answer, flag, "chat completions: a history with reasoning or extra_content is refused", [](step& s, string_view v) { s.strict = boolean(v); }},
  {"finish", answer, string, "the finish reason: stop, length, content_filter, tool_calls, or a provider's own word", [](step& s, string_view v) { s.finish = v; }},
  {"finish_with_text", answer, flag, "the finish reason comes with the last token", [](step& s, string_view v) { s.finish_with_text = boolean(v); }},
  {"done", answer, flag, "chat completions: end the stream with [DONE]", [](step& s, string_view v) { s.done = boolean(v); }},
  {"usage", takes::usage, flag, "report usage", [](step& s, string_view v) { s.usage = boolean(v); }},
  {"prompt_tokens", takes::usage, count, "usage (default: the words of the prompt)", [](step& s, string_view v) { s.prompt_tokens = integer(v); }},
  {"completion_tokens", answer, count, "usage, without reasoning (default: the tokens sent)", [](step& s, string_view v) { s.completion_tokens = integer(v); }},
  {"reasoning_tokens", answer, count, "usage (default: the words of `reasoning`)", [](step& s, string_view v) { s.reasoning_tokens = integer(v); }},
  {"cached_tokens", answer, count, "usage (default: 0)", [](step& s, string_view v) { s.cached_tokens = integer(v); }},

  {"dimensions", takes::vectors, count, "of the vectors, where the request names no number (default 8)", [](step& s, string_view v) { s.dimensions = integer(v); }},
  {"vectors", takes::vectors, count, "answer with this many vectors, whatever was asked for", [](step& s, string_view v) { s.vectors = integer(v); }},
  {"max_texts", takes::vectors, count, "a request with more texts is refused", [](step& s, string_view v) { s.max_texts = integer(v); }},

  {"split", takes::bytes, "none|byte|N|random", "divide the body into pieces: each a chunk and a write of its own", [](step& s, string_view v) { s.split = split(v); }},
  {"seed", takes::bytes, count, "of split=random", [](step& s, string_view v) { s.seed = integer(v); }},
  {"batch", takes::stream, count, "the events of this many tokens go out in one write", [](step& s, string_view v) { s.batch = integer(v); }},
  {"eol", takes::stream, "lf|crlf|cr", "the line end of a stream (default: the provider's)", [](step& s, string_view v) { s.eol = one_of(v, line_ends); }},
  {"bom", takes::bytes, flag, "a UTF-8 byte order mark before the body", [](step& s, string_view v) { s.bom = boolean(v); }},
  {"comments", takes::stream, count, "a comment line (Ollama: an empty line) before every N-th event", [](step& s, string_view v) { s.comments = integer(v); }},
  {"framing", takes::bytes, "chunked|close", "how the body ends: its last chunk, or the connection", [](step& s, string_view v) { s.framing = one_of(v, framings); }},

  {"status", reply, "N", "the HTTP status", [](step& s, string_view v) { s.status = static_cast<unsigned>(std::min<std::uint64_t>(integer(v), 1000)); }},
  {"body", refusal, string, "the body; of a stream_error: what its event holds", [](step& s, string_view v) { s.body = v; }},
  {"content_type", reply, string, "the Content-Type", [](step& s, string_view v) { s.content_type = v; }},
  {"header", reply, "\"Name: value\"", "one more response header; may be repeated", add_header},
  {"retry_after", refusal, "SECONDS", "tell the client when to come back", [](step& s, string_view v) { s.retry_after = seconds(v); }},
  {"retry_form", refusal, "seconds|date|ms|retry_info", "how: Retry-After in seconds or as a date, retry-after-ms, or Gemini's RetryInfo (default: the provider's)", [](step& s, string_view v) { s.retry = one_of(v, retry_forms); }},
  {"echo_key", refusal, flag, "an error about the key quotes it whole", [](step& s, string_view v) { s.echo_key = boolean(v); }},

  {"param", takes::param, "NAME", "the parameter that is refused", [](step& s, string_view v) { s.param = v; }},
  {"error", takes::error, "STEP", "the error reply whose body the stream carries (default server_error)", [](step& s, string_view v) { s.error = v; }},
  {"form", takes::error, "data|event|raw|flat", "a data event, an `event: error`, JSON without `data:`, or an event without the inner `error` object", [](step& s, string_view v) { s.form = one_of(v, error_forms); }},
});
// clang-format on

} // namespace

std::span<const option_word> option_words() noexcept {
  return options;
}

} // namespace magna::simulator
