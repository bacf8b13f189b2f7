#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/timespan.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/fields.hpp>

namespace magna {

/// Who says a message of the conversation.
enum class role : std::uint8_t {
  system = 1,
  user = 2,
  assistant = 3,
  /// The result of a call that the model asked for: chat_message::tool_call_id says which.
  tool = 4,
};

/// The name as it appears in JSON, for instance "user".
MAGNA_EXPORT std::string to_string(role x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, role& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, role& x);

template <class Inspector>
bool inspect(Inspector& f, role& x) {
  return inspect_enum(f, x, role::user);
}

/// A function of the application that the model may ask it to call.
struct tool_definition {
  /// 1 to 64 of [A-Za-z0-9_-], each name once in a request.
  std::string name{};
  /// What it does, for the model. UTF-8.
  std::string description{};
  /// The JSON schema of its arguments: the text of an object. Empty: it takes none.
  std::string parameters{};
  /// Whether the provider holds the model to the schema to the letter. Absent: the protocol's own way. Sent where the
  /// protocol has a place for it and the schema is one that the provider can be strict about.
  std::optional<bool> strict{};

  bool operator==(const tool_definition&) const = default;
};

constexpr auto fields_of(const tool_definition* /*type*/) {
  return list_fields(
    tagged<1>("name", &tool_definition::name), tagged<2>("description", &tool_definition::description),
    tagged<3>("parameters", &tool_definition::parameters), tagged<4>("strict", &tool_definition::strict));
}

/// Whether the model calls tools.
enum class tool_choice : std::uint8_t {
  /// As it sees fit.
  automatic = 1,
  none = 2,
  /// At least one.
  required = 3,
  /// The one that request::required_tool names.
  named = 4,
};

/// The name as it appears in JSON.
MAGNA_EXPORT std::string to_string(tool_choice x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, tool_choice& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, tool_choice& x);

template <class Inspector>
bool inspect(Inspector& f, tool_choice& x) {
  return inspect_enum(f, x, tool_choice::automatic);
}

/// What a model wants to see again with the conversation, so that it can go on with its thoughts: a signature,
/// say. Opaque: keep it with its message, and send it back unchanged.
struct opaque_item {
  /// Whose it is: the kind of a codec. No other protocol sends it.
  std::string protocol{};
  /// What it is there, for instance "thinking".
  std::string kind{};
  /// UTF-8, most often JSON.
  std::string data{};

  bool operator==(const opaque_item&) const = default;
};

constexpr auto fields_of(const opaque_item* /*type*/) {
  return list_fields(tagged<1>("protocol", &opaque_item::protocol), tagged<2>("kind", &opaque_item::kind),
                     tagged<3>("data", &opaque_item::data));
}

/// What the model asks the application to do. To go on, the application sends the conversation again with the
/// assistant's message, these calls in it, and one message with role::tool for each.
struct tool_call {
  /// Names the call in the conversation; magna makes one up where the provider gives none.
  std::string id{};
  /// The tool's.
  std::string name{};
  /// JSON text, always an object; whether it fits the tool's schema is for the application to see.
  std::string arguments{};
  /// What the model wants to see again with the call, or before it.
  std::vector<opaque_item> items{};

  bool operator==(const tool_call&) const = default;
};

constexpr auto fields_of(const tool_call* /*type*/) {
  return list_fields(tagged<1>("id", &tool_call::id), tagged<2>("name", &tool_call::name),
                     tagged<3>("arguments", &tool_call::arguments), tagged<4>("items", &tool_call::items));
}

/// A picture for the model: either its bytes or where they are.
struct image {
  /// Such as "image/png". Of `data` only.
  std::string mime_type{};
  /// Base64, with neither line ends nor a "data:" before it.
  std::string data{};
  /// http or https; the provider fetches it. Not every provider does.
  std::string url{};

  bool operator==(const image&) const = default;
};

constexpr auto fields_of(const image* /*type*/) {
  return list_fields(tagged<1>("mime_type", &image::mime_type), tagged<2>("data", &image::data),
                     tagged<3>("url", &image::url));
}

/// One message of a conversation.
struct chat_message {
  /// Who says it.
  role from = role::user;
  /// UTF-8.
  std::string content{};
  /// The user's, beside the text.
  std::vector<image> images{};
  /// The assistant's, as a completion had them.
  std::vector<tool_call> tool_calls{};
  /// With role::tool: the call whose result `content` is.
  std::string tool_call_id{};
  /// With role::tool: the call has failed, and `content` says how. Protocols that have no place for it say so before
  /// the content.
  bool is_error = false;
  /// The assistant's: what the model wants to see again before its text.
  std::vector<opaque_item> items{};

  bool operator==(const chat_message&) const = default;
};

constexpr auto fields_of(const chat_message* /*type*/) {
  return list_fields(
    tagged<1>("role", &chat_message::from), tagged<2>("content", &chat_message::content),
    tagged<3>("images", &chat_message::images), tagged<4>("tool_calls", &chat_message::tool_calls),
    tagged<5>("tool_call_id", &chat_message::tool_call_id), tagged<6>("is_error", &chat_message::is_error),
    tagged<7>("items", &chat_message::items));
}

/// How much the model thinks before it answers, where it can be told.
/// Each model has some of these; a codec sends the nearest that the model is known to have.
enum class reasoning_effort : std::uint8_t {
  low = 1,
  medium = 2,
  high = 3,
  /// Not at all, where the model can be told so.
  none = 4,
  /// Hardly.
  minimal = 5,
  /// More than high.
  xhigh = 6,
  /// As much as the model can.
  max = 7,
};

/// The name as it appears in JSON.
MAGNA_EXPORT std::string to_string(reasoning_effort x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, reasoning_effort& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, reasoning_effort& x);

template <class Inspector>
bool inspect(Inspector& f, reasoning_effort& x) {
  return inspect_enum(f, x, reasoning_effort::medium);
}

/// What steers the model. An absent value means the configuration's, and where that has none either the
/// model's own. These are wishes: a provider or model that has no such parameter answers without it.
struct parameters {
  /// 0 to 2.
  std::optional<double> temperature{};
  /// Nucleus sampling: more than 0, at most 1.
  std::optional<double> top_p{};
  /// Tokens the answer may have at most, reasoning included where the provider counts it; at least 1.
  std::optional<std::uint32_t> max_tokens{};
  /// The answer ends before any of these.
  std::vector<std::string> stop{};
  /// Seed of the sampling, where the provider takes one.
  std::optional<std::int64_t> seed{};
  /// How much the model thinks first.
  std::optional<reasoning_effort> effort{};
  /// Sampling among so many of the likeliest tokens; at least 1.
  std::optional<std::uint32_t> top_k{};
  /// Whether the model may ask for several calls of tools at once.
  std::optional<bool> parallel_tool_calls{};
  /// Whether the provider is asked to cache the beginning of the conversation, where it must be asked: what it charges
  /// for that differs. Providers that cache by themselves do so anyway.
  std::optional<bool> prompt_cache{};
  /// Names conversations that begin alike, for providers that keep them together by such a name. UTF-8, at most 512
  /// bytes. Empty: none is sent.
  std::string prompt_cache_key{};
  /// A JSON object that is merged into the document that asks the provider, by RFC 7396: objects are merged member by
  /// member, `null` takes a member out. For what a provider has and magna does not. Its members stand above all
  /// others; a request's are merged into the settings'. Empty: nothing.
  std::string extra_body{};

  bool operator==(const parameters&) const = default;
};

constexpr auto fields_of(const parameters* /*type*/) {
  return list_fields(tagged<1>("temperature", &parameters::temperature),
                     tagged<2>("top_p", &parameters::top_p), tagged<3>("max_tokens", &parameters::max_tokens),
                     tagged<4>("stop", &parameters::stop), tagged<5>("seed", &parameters::seed),
                     tagged<6>("effort", &parameters::effort), tagged<7>("top_k", &parameters::top_k),
                     tagged<8>("parallel_tool_calls", &parameters::parallel_tool_calls),
                     tagged<9>("prompt_cache", &parameters::prompt_cache),
                     tagged<10>("prompt_cache_key", &parameters::prompt_cache_key),
                     tagged<11>("extra_body", &parameters::extra_body));
}

/// What the answer's text is.
enum class answer_format : std::uint8_t {
  text = 1,
  /// A JSON object. The prompt should ask for JSON, too.
  json = 2,
  /// JSON that fits request::json_schema.
  json_schema = 3,
};

/// The name as it appears in JSON.
MAGNA_EXPORT std::string to_string(answer_format x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, answer_format& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, answer_format& x);

template <class Inspector>
bool inspect(Inspector& f, answer_format& x) {
  return inspect_enum(f, x, answer_format::text);
}

/// What a request wants.
enum class job_kind : std::uint8_t {
  /// An answer to a conversation.
  chat = 1,
  /// A vector for each of `inputs`.
  embedding = 2,
};

/// The name as it appears in JSON.
MAGNA_EXPORT std::string to_string(job_kind x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, job_kind& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, job_kind& x);

template <class Inspector>
bool inspect(Inspector& f, job_kind& x) {
  return inspect_enum(f, x, job_kind::chat);
}

/// Whom to ask, and for which model. A text is a provider's name: `targets = {"gemini", {"openai", "gpt-6-sol"}}`.
struct target {
  /// Of a configured provider.
  std::string provider{};
  /// Empty: request::model, and if that is empty the provider's configured one.
  std::string model{};

  target() = default;
  /// A provider with the model that it has anyway.
  target(const char* name) : provider(name) {}
  /// The same.
  target(std::string name) : provider(std::move(name)) {}
  /// A provider and the model to ask it for.
  target(std::string name, std::string which) : provider(std::move(name)), model(std::move(which)) {}

  bool operator==(const target&) const = default;
};

constexpr auto fields_of(const target* /*type*/) {
  return list_fields(tagged<1>("provider", &target::provider), tagged<2>("model", &target::model));
}

/// Reads "PROVIDER" or "PROVIDER/MODEL"; the model may have slashes of its own.
MAGNA_EXPORT target parse_target(std::string_view text);

/// One question to whichever provider can answer it.
struct request {
  /// Names the request in messages and logs. Empty: the orchestrator chooses one.
  std::string id{};
  /// Instructions that stand above the conversation; messages with role::system are appended to it.
  std::string system_prompt{};
  /// The conversation so far, oldest first; the last one is usually the user's.
  std::vector<chat_message> messages{};
  /// What steers the model; each stands above the configuration's.
  parameters params{};
  /// The model to ask for wherever a target names none. Empty: each provider's configured one.
  std::string model{};
  /// Whom to ask, in this order, at most 100; one provider may stand there with several models. Empty: the
  /// configured chain.
  std::vector<target> targets{};
  /// Whether the provider is asked to stream, and chunks go to the requester as they come.
  bool stream = true;
  /// How long the whole request may take over all attempts. Absent: the configured request deadline.
  std::optional<caf::timespan> deadline{};
  /// Attempts over all providers, 1 to 100. Absent: the configured max_attempts.
  std::optional<std::uint32_t> max_attempts{};
  /// How many nodes have passed the request on to a provider of another node. Magna counts; leave it 0.
  std::uint32_t hops = 0;
  /// How many bytes of parts the requester takes before it grants more with `credit`. Absent: no limit.
  std::optional<std::uint64_t> initial_credit{};
  /// The application's own labels; they stay inside magna and stand in its log.
  std::map<std::string, std::string> metadata{};
  /// Whether a late provider is joined by the next one. Absent: what the configuration says.
  std::optional<bool> hedge{};
  /// Tools, images and a format other than text are no wishes: a provider that can't do what is asked is left
  /// out, and if none is left, the request fails with invalid_request.
  std::vector<tool_definition> tools{};
  /// Whether the model must, may or may not call them.
  magna::tool_choice tool_choice = magna::tool_choice::automatic;
  /// With tool_choice::named.
  std::string required_tool{};
  /// What the answer's text is to be.
  answer_format format = answer_format::text;
  /// With answer_format::json_schema: the text of an object.
  std::string json_schema{};
  /// Whether the model's thoughts are streamed as parts of their own. The completion has them in any case.
  bool stream_reasoning = false;
  /// Whether calls of tools are streamed in pieces. The completion has them whole in any case.
  bool stream_tool_calls = false;
  /// A chat has messages, an embedding has inputs. What steers a chat means nothing to an embedding, and its answer
  /// comes whole.
  job_kind job = job_kind::chat;
  /// Of an embedding: 1 to 2048 texts, none of them empty. UTF-8.
  std::vector<std::string> inputs{};
  /// Of an embedding: how many numbers a vector is to have, 1 to 65536. Absent: as many as the model's own.
  std::optional<std::uint32_t> dimensions{};

  bool operator==(const request&) const = default;
};

constexpr auto fields_of(const request* /*type*/) {
  return list_fields(
    tagged<1>("id", &request::id), tagged<2>("system_prompt", &request::system_prompt),
    tagged<3>("messages", &request::messages), tagged<4>("params", &request::params),
    tagged<5>("model", &request::model), tagged<6>("targets", &request::targets),
    tagged<7>("stream", &request::stream), tagged<8>("deadline", &request::deadline),
    tagged<9>("max_attempts", &request::max_attempts), tagged<10>("hops", &request::hops),
    tagged<11>("initial_credit", &request::initial_credit), tagged<12>("metadata", &request::metadata),
    tagged<13>("hedge", &request::hedge), tagged<14>("tools", &request::tools),
    tagged<15>("tool_choice", &request::tool_choice), tagged<16>("required_tool", &request::required_tool),
    tagged<17>("format", &request::format), tagged<18>("json_schema", &request::json_schema),
    tagged<19>("stream_reasoning", &request::stream_reasoning),
    tagged<20>("stream_tool_calls", &request::stream_tool_calls), tagged<21>("job", &request::job),
    tagged<22>("inputs", &request::inputs), tagged<23>("dimensions", &request::dimensions));
}

/// A request that several attempts look at: copied between nodes, shared inside one.
class shared_request {
public:
  shared_request() : value_(std::make_shared<const request>()) {}
  /// Takes the request over.
  explicit shared_request(request value) : value_(std::make_shared<const request>(std::move(value))) {}

  /// The request; good as long as this or a copy lives.
  const request& operator*() const noexcept { return *value_; }
  /// The same.
  const request* operator->() const noexcept { return value_.get(); }

  template <class Inspector>
  friend bool inspect(Inspector& f, shared_request& x) {
    if constexpr (Inspector::is_loading) {
      request value;
      if (!f.apply(value))
        return false;
      x = shared_request{std::move(value)};
      return true;
    } else {
      return f.apply(*x.value_);
    }
  }

private:
  std::shared_ptr<const request> value_;
};

} // namespace magna
