#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the simulator answers, request by request. A scenario is built in code, from a line of text
/// (`parse_scenario`) or from a TOML file (`load_scenario`); simulator/README.md lists every word.
namespace magna::simulator {

enum class protocol : std::uint8_t { gemini, openai, ollama, anthropic, openai_responses };

std::string_view to_string(protocol value) noexcept;

/// What a track of steps is for: requests that generate text, the free ones (model lists, versions) that
/// health probes use, or those for embeddings.
enum class route : std::uint8_t { generate, probe, embed };

std::string_view to_string(route value) noexcept;

/// Where in an answer a `stall`, `cut` or `reset` strikes.
enum class position : std::uint8_t {
  start,   ///< Before the first byte of the answer.
  headers, ///< After the response headers.
  token,   ///< After `after` tokens, between two events.
  line,    ///< After `after` tokens, in the middle of the next one's line.
  utf8,    ///< After `after` tokens, in the middle of a UTF-8 character of the next one.
  finish,  ///< After the event with the finish reason; what follows it (usage, [DONE]) is missing.
  end,     ///< After the last event; only the end of the HTTP message is missing.
};

/// How the bytes of a body are divided: every piece is an HTTP chunk and a write of its own.
enum class split_kind : std::uint8_t { none, fixed, random };

struct split_rule {
  split_kind kind = split_kind::none;
  std::size_t size = 1; ///< Bytes per piece (fixed), or the largest piece (random).
};

enum class line_end : std::uint8_t { provider, lf, crlf, cr };

enum class body_framing : std::uint8_t { provider, chunked, close };

/// How a `retry_after` is told to the client.
enum class retry_form : std::uint8_t { provider, seconds, date, milliseconds, retry_info };

/// How an error inside a 200 stream is written.
enum class stream_error_form : std::uint8_t { data, event, raw, flat };

/// What an answer hands out beside its text and calls, for the client to send back with the conversation.
enum class wanted : std::uint8_t {
  nothing,
  reasoning_content,
  reasoning_details,
  thought_signature,
  thinking,
  encrypted_content
};

/// What OpenAI's answers call their reasoning: DeepSeek, Kimi and llama-server have one name for it, vLLM,
/// OpenRouter and Groq another.
enum class reasoning_name : std::uint8_t { provider, reasoning_content, reasoning };

/// Whose server speaks Responses: those that do differ a little from OpenAI's own.
enum class server_name : std::uint8_t { provider, azure, xai, mantle, openrouter, ollama };

/// One step: what one request gets. `name` says what happens, the rest adjusts it; what an option means
/// nothing for is refused when the scenario is taken.
/// A call of a tool that the model makes.
struct called_tool {
  std::string name;
  std::string arguments = "{}"; ///< A JSON object.
};

struct step {
  std::string name = "ok";
  std::size_t times = 1; ///< How many requests in a row get this step. At least 1.

  // Timing.
  std::chrono::milliseconds delay{0};             ///< Before the response headers.
  std::chrono::milliseconds first_token_delay{0}; ///< Between the headers and the first event.
  std::chrono::milliseconds token_delay{0};       ///< Between two tokens.
  std::chrono::milliseconds byte_delay{0};        ///< After every piece of `split`, by default every byte.
  std::chrono::milliseconds ping{0};              ///< A comment line this often while a stream is silent.

  // Where a fault strikes.
  std::optional<position> at{};
  std::optional<std::size_t> after{};

  // The answer.
  std::optional<std::string> text{};
  std::optional<std::string> token{};  ///< The text of every token.
  std::optional<std::size_t> tokens{}; ///< How many tokens; repeats the words of the text as needed.
  std::optional<std::size_t> size{};   ///< The answer is this many bytes in one event.
  bool endless = false;
  bool echo = false; ///< The answer repeats the last user message.
  std::string reasoning{};
  reasoning_name reasoning_field = reasoning_name::provider; ///< OpenAI only.
  std::vector<called_tool> calls{};         ///< After the text; with them there is none unless it is given.
  bool interleave = false;                  ///< OpenAI's streams: the pieces of several calls take turns.
  server_name like = server_name::provider; ///< Responses only.
  wanted wants = wanted::nothing;           ///< Handed out; a history that comes back without it is refused.
  bool strict = false; ///< OpenAI: a history with members that OpenAI has not is refused.
  std::optional<std::string>
    finish{};                    ///< stop, length, content_filter, tool_calls, or a provider's own word.
  bool finish_with_text = false; ///< The finish reason comes in the event of the last token.
  bool done = true;              ///< OpenAI: end the stream with [DONE].
  bool usage = true;
  std::optional<std::uint64_t> prompt_tokens{};
  std::optional<std::uint64_t> completion_tokens{};
  std::optional<std::uint64_t> reasoning_tokens{};
  std::optional<std::uint64_t> cached_tokens{};

  // The answer with embeddings.
  std::optional<std::size_t> dimensions{}; ///< Where the request names none; 1 to 4096.
  std::optional<std::size_t> vectors{};    ///< How many, whatever was asked for; up to 4096.
  std::optional<std::size_t> max_texts{};  ///< A request with more is refused; at least 1.

  // The bytes.
  split_rule split{};
  std::uint64_t seed = 1;
  std::size_t batch = 1; ///< Tokens whose events go out in one write.
  line_end eol = line_end::provider;
  bool bom = false;
  std::size_t comments = 0; ///< A comment line before every n-th event.
  body_framing framing = body_framing::provider;

  // The reply.
  std::optional<unsigned> status{};
  std::optional<std::string> body{};
  std::optional<std::string> content_type{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<double> retry_after{}; ///< Seconds.
  retry_form retry = retry_form::provider;
  std::string param{};                ///< The parameter that `unsupported_parameter` refuses.
  std::string error = "server_error"; ///< The error case inside a `stream_error`.
  stream_error_form form = stream_error_form::data;
  bool echo_key = false; ///< An error about the key quotes it whole.
};

/// The steps of one protocol, optionally narrowed to an instance or a model. Of all tracks that fit a request
/// the narrowest one counts it; after the last step, that one repeats forever, or all do. No step at all
/// means `ok`.
struct track {
  protocol kind = protocol::gemini;
  std::string instance{}; ///< Only requests under `/i/<instance>/`.
  std::string model{};
  route on = route::generate;
  std::vector<step> steps{};
  bool cycle = false;                ///< After the last step comes the first again.
  std::vector<std::string> keys{};   ///< The API keys that are right; empty: any key that is not empty.
  std::vector<std::string> models{}; ///< The models that exist; empty: every model.
};

struct scenario {
  std::vector<track> tracks{};
};

/// A scenario that can't be: `what()` names the place and lists what is allowed.
class scenario_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Reads the text form, e.g. `gemini=stall,stall,ok; openai=rate_limited(retry_after=3)`.
/// Throws `scenario_error`.
scenario parse_scenario(std::string_view text);

/// Reads the TOML form. `source` is the name that errors give. Throws `scenario_error`.
scenario parse_scenario_toml(std::string_view text, std::string_view source = "scenario");

/// Reads a TOML file. Throws `scenario_error`, also when the file can't be read.
scenario load_scenario(const std::string& path);

/// Checks a scenario that was built in code as strictly as the parsers do. Throws `scenario_error`.
void validate(const scenario& value);

/// Every word with its meaning, one per line, for `--help`.
std::string scenario_help();

} // namespace magna::simulator
