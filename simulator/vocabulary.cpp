#include <magna/simulator/vocabulary.hpp>

#include <magna/simulator/embedding.hpp>
#include <magna/simulator/traits.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace magna::simulator {

namespace {

using std::string_view;

constexpr unsigned faulty = takes::answers | takes::after;
constexpr unsigned breaking = faulty | takes::at;

/// Bounds what a step can make of a small request.
constexpr std::size_t most_vectors = 4096;

// clang-format off
constexpr auto steps = std::to_array<step_word>({
  {"ok", speaks::all, step_kind::answer, takes::answers, "a whole answer"},
  {"echo", speaks::all, step_kind::answer, takes::answers, "a whole answer that repeats the last user message"},
  {"empty", speaks::all, step_kind::answer, takes::answers, "an answer that stops as it should, without any text"},
  {"no_finish", speaks::all, step_kind::answer, takes::answers, "an answer that ends without a finish reason, though the HTTP message is whole"},
  {"safety_stop", speaks::gemini | speaks::openai | speaks::anthropic, step_kind::answer, takes::answers, "an answer stopped by a filter: finishReason SAFETY, finish_reason content_filter, stop_reason refusal"},
  {"refusal", speaks::openai, step_kind::answer, takes::answers, "the model refuses: message.refusal or delta.refusal instead of content"},
  {"stall", speaks::all, step_kind::stall, breaking, "silence with the connection open, from `at` (default start) until the client leaves"},
  {"cut", speaks::all, step_kind::cut, breaking, "the connection is closed at `at` (default token, after 1)"},
  {"reset", speaks::all, step_kind::reset, breaking, "the connection is reset (RST) at `at` (default token, after 1)"},
  {"stream_error", speaks::all, step_kind::stream_error, faulty | takes::error | takes::refusal, "an error event inside a 200 stream, after `after` (default 1) tokens; unary: a reply with that error"},
  {"malformed", speaks::all, step_kind::malformed, faulty, "an event of broken JSON after `after` (default 1) tokens, then the rest; unary: a broken body"},
  {"raw", speaks::all, step_kind::reply, takes::replies, "a status, headers and body of your own"},
  {"gateway_html", speaks::all, step_kind::reply, takes::replies, "502 with an HTML page, as a proxy writes it"},
  {"html_200", speaks::all, step_kind::reply, takes::replies, "200 with an HTML page, as a captive portal writes it"},

  {"bad_request", speaks::all, step_kind::reply, takes::replies, "400"},
  {"bad_key", speaks::gemini | speaks::openai | speaks::anthropic, step_kind::reply, takes::replies, "Gemini 400 API_KEY_INVALID, the others 401"},
  {"unauthorized", speaks::all, step_kind::reply, takes::replies, "401; Ollama's names a sign-in URL"},
  {"forbidden", speaks::all, step_kind::reply, takes::replies, "403"},
  {"failed_precondition", speaks::gemini, step_kind::reply, takes::replies, "400 FAILED_PRECONDITION: region or billing"},
  {"model_not_found", speaks::all, step_kind::reply, takes::replies, "404"},
  {"context_length", speaks::all, step_kind::reply, takes::replies, "400: the prompt is too long"},
  {"context_length_nested", speaks::ollama, step_kind::reply, takes::replies, "400 whose error string holds the JSON of llama-server"},
  {"context_length_limit", speaks::openai, step_kind::reply, takes::replies, "400 `Input tokens exceed the configured limit`, without a code"},
  {"blocked_prompt", speaks::gemini | speaks::openai, step_kind::reply, takes::replies, "Gemini 200 with promptFeedback.blockReason, OpenAI 400 invalid_prompt"},
  {"content_filtered", speaks::openai, step_kind::reply, takes::replies, "400 content_policy_violation"},
  {"unsupported_capability", speaks::ollama, step_kind::reply, takes::replies, "400 `does not support chat`"},
  {"payload_too_large", speaks::all, step_kind::reply, takes::replies, "413"},
  {"request_timeout", speaks::gemini | speaks::openai, step_kind::reply, takes::replies, "408"},
  {"conflict", speaks::openai, step_kind::reply, takes::replies, "409"},
  {"rate_limited", speaks::all, step_kind::reply, takes::replies, "429, transient"},
  {"slow_down", speaks::openai, step_kind::reply, takes::replies, "429 slow_down"},
  {"request_too_large", speaks::openai, step_kind::reply, takes::replies, "429 `Request too large` for the tokens per minute"},
  {"quota_exhausted", speaks::gemini | speaks::openai | speaks::anthropic, step_kind::reply, takes::replies, "429, not transient: Gemini's daily quota, OpenAI insufficient_quota; Anthropic's is a 400 about the credit balance"},
  {"cancelled", speaks::gemini | speaks::ollama, step_kind::reply, takes::replies, "499"},
  {"server_error", speaks::all, step_kind::reply, takes::replies, "500"},
  {"runner_crashed", speaks::ollama, step_kind::reply, takes::replies, "500: the model runner stopped"},
  {"loading_timeout", speaks::ollama, step_kind::reply, takes::replies, "500: the model took too long to load"},
  {"upstream_down", speaks::ollama, step_kind::reply, takes::replies, "502: the cloud behind Ollama is down"},
  {"overloaded", speaks::all, step_kind::reply, takes::replies, "503; Ollama's is that of server_busy, Anthropic's a 529"},
  {"server_busy", speaks::ollama, step_kind::reply, takes::replies, "503: the queue is full"},
  {"loading_model", speaks::openai, step_kind::reply, takes::replies, "503 of llama-server, with a numeric code"},
  {"gateway_timeout", speaks::gemini | speaks::openai | speaks::anthropic, step_kind::reply, takes::replies, "504; Gemini's is DEADLINE_EXCEEDED"},

  {"unsupported_parameter", speaks::gemini | speaks::openai | speaks::anthropic, step_kind::refuse, takes::answers | takes::param | takes::refusal, "400 while the request carries `param` (default: temperature or top_p), else a whole answer"},
  {"unsupported_value", speaks::openai, step_kind::refuse, takes::answers | takes::param | takes::refusal, "400 while `param` (default: temperature or top_p) is there and not 1, else a whole answer"},
});
// clang-format on

} // namespace

std::span<const step_word> step_words() noexcept {
  return steps;
}

const step_word* find_step(string_view name) noexcept {
  auto i = std::ranges::find(steps, name, &step_word::name);
  return i == steps.end() ? nullptr : &*i;
}

const option_word* find_option(string_view name) noexcept {
  auto words = option_words();
  auto i = std::ranges::find(words, name, &option_word::name);
  return i == words.end() ? nullptr : &*i;
}

namespace {

void append(std::string& list, string_view name) {
  if (!list.empty())
    list += ", ";
  list += name;
}

/// Whether the protocol does that there. Of the whole answers only `ok` can have vectors: the others are
/// about a text and its end.
bool is_done(const step_word& word, protocol kind, route on) {
  if ((word.protocols & bit(kind)) == 0)
    return false;
  if (on != route::embed || word.name == "ok")
    return true;
  // Gemini blocks a prompt with an answer that has no text.
  return word.kind != step_kind::answer && (word.name != "blocked_prompt" || kind != protocol::gemini);
}

} // namespace

bool has_route(protocol kind, route on) noexcept {
  return on != route::embed || traits_of(kind).embeddings != nullptr;
}

unsigned options_of(const step_word& word, route on) noexcept {
  if (on != route::embed)
    return word.options;
  const auto common = word.options & ~(takes::answer | takes::stream);
  return (word.options & takes::answer) == 0 ? common : common | takes::vectors;
}

std::string step_names(protocol kind, route on) {
  std::string result;
  for (const auto& word : steps)
    if (is_done(word, kind, on))
      append(result, word.name);
  return result;
}

std::string option_names(const step_word& word, route on) {
  std::string result = "times";
  for (const auto& option : option_words())
    if (option.group & options_of(word, on))
      append(result, option.name);
  return result;
}

std::string wanted_names(unsigned protocols) {
  std::string result;
  for (const auto& word : wanted_words)
    if (word.protocols & protocols)
      append(result, word.name);
  return result;
}

bool is_error_case(string_view name, protocol kind) noexcept {
  const auto* word = find_step(name);
  return word != nullptr && word->kind == step_kind::reply && (word->protocols & bit(kind)) != 0
         && name != "raw" && name != "gateway_html" && name != "html_200"
         && !(name == "blocked_prompt" && kind == protocol::gemini);
}

namespace {

/// What only OpenAI's answers can be told.
void check_openai_options(const step& value, protocol kind) {
  const auto who = std::string{to_string(kind)};
  if (value.reasoning_field != reasoning_name::provider && kind != protocol::openai)
    throw std::invalid_argument{"reasoning_field is OpenAI's; " + who + " has one name for its reasoning"};
  if (value.interleave && kind != protocol::openai)
    throw std::invalid_argument{"interleave is OpenAI's; " + who + " ends a call before the next one begins"};
  if (value.interleave && value.calls.size() < 2)
    throw std::invalid_argument{"interleave: only the pieces of two calls or more can take turns"};
  if (value.strict && kind != protocol::openai)
    throw std::invalid_argument{"strict is OpenAI's; " + who + " takes whatever members a message has"};
}

void check_server(const step& value, protocol kind) {
  if (value.like == server_name::provider)
    return;
  if (kind != protocol::openai_responses)
    throw std::invalid_argument{"like is for openai-responses; " + std::string{to_string(kind)}
                                + " has no such servers"};
  if (value.wants == wanted::encrypted_content && value.like == server_name::mantle)
    throw std::invalid_argument{
      "like=mantle and wants=encrypted_content exclude one another: it encrypts nothing"};
  if (value.wants == wanted::encrypted_content && value.like == server_name::ollama)
    throw std::invalid_argument{
      "like=ollama and wants=encrypted_content exclude one another: it checks nothing"};
}

/// What only answers with embeddings can be told.
void check_embed_options(const step& value, route on) {
  if (on != route::embed) {
    if (value.dimensions || value.vectors || value.max_texts)
      throw std::invalid_argument{"dimensions, vectors and max_texts are for on=embed"};
    return;
  }
  if (value.dimensions && (*value.dimensions == 0 || *value.dimensions > most_dimensions))
    throw std::invalid_argument{"dimensions must be 1 to " + std::to_string(most_dimensions)};
  if (value.vectors && *value.vectors > most_vectors)
    throw std::invalid_argument{"vectors must be at most " + std::to_string(most_vectors)};
  if (value.max_texts && *value.max_texts == 0)
    throw std::invalid_argument{"max_texts must be at least 1"};
}

/// What is wanted must be the protocol's, and nothing may contradict it.
void check_wanted(const step& value, protocol kind) {
  if (value.wants == wanted::nothing)
    return;
  auto word = std::ranges::find(wanted_words, value.wants, &wanted_word::item);
  const auto what = "wants=" + std::string{word->name};
  if ((word->protocols & bit(kind)) == 0)
    throw std::invalid_argument{what + " is nothing that " + std::string{to_string(kind)}
                                + " hands out; allowed for " + std::string{to_string(kind)} + ": "
                                + wanted_names(bit(kind))};
  if (value.strict)
    throw std::invalid_argument{what + " and strict exclude one another: strict refuses what is wanted"};
  const auto other = value.wants == wanted::reasoning_content   ? reasoning_name::reasoning
                     : value.wants == wanted::reasoning_details ? reasoning_name::reasoning_content
                                                                : reasoning_name::provider;
  if (value.reasoning_field != reasoning_name::provider && value.reasoning_field == other)
    throw std::invalid_argument{what + " has a reasoning_field of its own"};
}

} // namespace

void check_step(const step& value, protocol kind, route on) {
  const auto* word = find_step(value.name);
  auto who = std::string{to_string(kind)};
  if (word == nullptr || !is_done(*word, kind, on)) {
    const auto where = who + (on == route::embed ? " with on=embed" : "");
    throw std::invalid_argument{(word == nullptr
                                   ? "unknown step '" + value.name + "'"
                                   : "step '" + value.name + "' is nothing that " + where + " does")
                                + "; allowed for " + where + ": " + step_names(kind, on)};
  }
  if (value.times == 0)
    throw std::invalid_argument{"times must be at least 1"};
  if (value.batch == 0)
    throw std::invalid_argument{"batch must be at least 1"};
  if (value.split.kind != split_kind::none && value.split.size == 0)
    throw std::invalid_argument{"split must be at least 1 byte"};
  if (value.status && (*value.status < 200 || *value.status > 599))
    throw std::invalid_argument{"status must be 200 to 599"};
  if (kind == protocol::ollama && value.eol == line_end::cr)
    throw std::invalid_argument{"eol=cr ends no line of NDJSON; allowed for ollama: lf, crlf"};
  if (word->kind == step_kind::stream_error && !is_error_case(value.error, kind))
    throw std::invalid_argument{"error=" + value.error + " is no error reply of " + who};
  if (kind == protocol::ollama && value.form != stream_error_form::data)
    throw std::invalid_argument{"form: ollama writes an error inside a stream in one way only"};
  if (kind == protocol::anthropic
      && (value.form == stream_error_form::raw || value.form == stream_error_form::flat))
    throw std::invalid_argument{"form: anthropic writes an error inside a stream as an event"};
  if ((kind == protocol::anthropic || kind == protocol::openai_responses) && value.finish_with_text)
    throw std::invalid_argument{"finish_with_text: " + who + " gives its stop reason in an event of its own"};
  if (value.retry == retry_form::retry_info && kind != protocol::gemini)
    throw std::invalid_argument{"retry_form=retry_info is Gemini's; allowed for " + who
                                + ": seconds, date, ms"};
  auto text_sources = int{value.text.has_value()} + int{value.token.has_value()} + int{value.size.has_value()}
                      + int{value.echo};
  if (text_sources > 1)
    throw std::invalid_argument{"text, token, size and echo exclude one another"};
  if (value.endless && !value.calls.empty())
    throw std::invalid_argument{"call: an endless answer has no end that calls could stand at"};
  check_openai_options(value, kind);
  check_server(value, kind);
  check_wanted(value, kind);
  check_embed_options(value, on);
}

namespace {

/// A server that wants reasoning back has always thought.
void resolve_reasoning(step& value) {
  if (value.wants == wanted::nothing || value.wants == wanted::thought_signature)
    return;
  if (value.reasoning.empty())
    value.reasoning = "Let me think about this.";
  if (value.wants == wanted::reasoning_details)
    value.reasoning_field = reasoning_name::reasoning;
}

} // namespace

step resolve(step value) {
  resolve_reasoning(value);
  if (value.name == "echo") {
    value.echo = true;
  } else if (value.name == "empty") {
    value.text = "";
    value.tokens = 0;
    value.token.reset();
    value.size.reset();
    value.echo = value.endless = false;
  } else if (value.name == "no_finish") {
    value.finish = "";
    value.done = false;
  } else if (value.name == "safety_stop") {
    value.finish = "content_filter";
  }
  auto kind = find_step(value.name)->kind;
  if (kind == step_kind::stall || kind == step_kind::cut || kind == step_kind::reset) {
    if (!value.at)
      value.at = value.after || kind != step_kind::stall ? position::token : position::start;
  } else if (kind == step_kind::stream_error || kind == step_kind::malformed) {
    value.at = position::token;
  }
  if (value.at && !value.after)
    value.after = 1;
  return value;
}

std::string scenario_help() {
  std::string result = "Steps:\n";
  auto line = [&result](string_view name, string_view meaning) {
    result += "  ";
    result += name;
    result.append(name.size() < 24 ? 24 - name.size() : 1, ' ');
    result += meaning;
    result += '\n';
  };
  for (const auto& word : steps)
    line(word.name, word.meaning);
  result += "Options of a step:\n";
  line("times=N", "the next N requests get this step");
  for (const auto& word : option_words())
    line(std::string{word.name} + "=" + std::string{word.value}, word.meaning);
  result += "Options of a protocol:\n";
  line("instance=NAME", "only requests under /i/NAME/");
  line("model=NAME", "only requests for this model");
  line("on=generate|probe|embed", "generations (default), model lists and versions, or embeddings");
  line("repeat=last|all", "after the last step, that one again (default), or all from the first");
  line("keys=KEY|KEY", "the API keys that are right (default: every key)");
  line("models=NAME|NAME", "the models that exist (default: every model)");
  return result;
}

} // namespace magna::simulator
