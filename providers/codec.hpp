#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/errc.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>
#include <magna/providers/auth_scheme.hpp>
#include <magna/providers/errors/error_dialect.hpp>
#include <magna/providers/features.hpp>
#include <magna/providers/part_sink.hpp>
#include <magna/providers/provider_kind.hpp>
#include <magna/providers/transport/http.hpp>

namespace magna {

/// How a protocol cuts a streamed answer into documents.
enum class stream_framing : std::uint8_t {
  /// Server-sent events, each with a JSON document.
  sse,
  /// Lines of JSON.
  ndjson,
};

/// Of one call for vectors.
struct embedding_limits {
  /// How many.
  std::size_t texts = 100;
  /// Over all texts.
  std::size_t bytes = std::size_t{512} << 10;
};

/// A variable of the environment that becomes a header, as the provider's own SDK has it.
struct header_variable {
  /// In the environment: "OPENAI_ORG_ID".
  std::string name{};
  /// "OpenAI-Organization".
  std::string header{};
};

/// What a codec says of itself: all that the rest of magna knows of a protocol beside its bytes.
struct protocol_info {
  /// The kind's name: 1 to 64 of [a-z0-9._-]. Also the name of the provider that the variables below
  /// configure.
  std::string kind{};
  /// Whose opaque items it takes and makes: opaque_item::protocol. Kinds that speak one protocol share it. Empty:
  /// the kind's name.
  std::string items_of{};
  /// The name for people: "Gemini".
  std::string title{};
  /// Where the provider's own server is. Empty: settings must name one.
  std::string default_base_url{};
  /// Empty: settings must name one.
  std::string default_model{};
  /// What texts become vectors with. Empty: settings must name one.
  std::string default_embedding_model{};
  /// How much one call for vectors may have; more goes in several calls.
  embedding_limits embedding_batch{};
  /// The server at the default base URL takes nobody without a key.
  bool needs_key = true;
  /// Runs on the user's own machine: the environment configures it only with ENABLE_LOCAL_MODELS.
  bool is_local = false;
  /// What the environment says of a provider of this kind. All empty: nothing, it is configured in code or in
  /// the file.
  std::string key_variable{};
  /// Of the key as well, as the provider's own SDK has it: it stands above the other, as it does there.
  std::string sdk_key_variable{};
  /// Of the base URL.
  std::string url_variable{};
  /// Of the base URL as well, as the provider's own SDK has it. `url_variable` stands above it.
  std::string sdk_url_variable{};
  /// Makes a base URL of what stands in `sdk_url_variable`. Null: it is one.
  std::string (*read_sdk_url)(std::string_view text) = nullptr;
  /// What becomes headers.
  std::vector<header_variable> header_variables{};
  /// Of the model.
  std::string model_variable{};
  /// How the key is sent, unless settings or the server's host say otherwise.
  auth_scheme auth = auth_scheme::bearer;
  /// The command that fetches a model that is not there; the model's name follows. Empty: there is none.
  std::string fetch_model_command{};
  /// How long the first token is awaited unless settings say otherwise: a model may have to be loaded. Absent: the
  /// general timeout.
  std::optional<std::chrono::milliseconds> first_token_timeout{};
  /// How a streamed answer is cut.
  stream_framing framing = stream_framing::sse;
  /// What it can carry beside text. A request that asks for more goes to another provider.
  feature_set can{};
  /// How it words its errors.
  error_dialect errors{};
};

/// Where a call goes and as whom.
struct endpoint {
  /// As the provider's own SDK takes it; a path and a query are kept, a slash at the path's end is not.
  std::string base_url{};
  /// Empty: no authentication is sent.
  std::string key{};
  /// Sent with every call, for instance OpenAI-Organization.
  http_headers extra_headers{};
  /// How the key is sent. Absent: as is usual at this host, or for this protocol.
  std::optional<auth_scheme> auth{};
  /// With auth_scheme::aws_sigv4: the region that a signature names. Empty: the host's.
  std::string region{};
};

/// All that a codec needs to know to ask a provider.
struct call {
  /// What the requester asked.
  const request& question;
  /// Whom to ask.
  const endpoint& where;
  /// Never empty.
  std::string model{};
  /// Whether the answer is to come in pieces.
  bool stream = true;
  /// What the request or the user's settings ask for: sent, unless refused before.
  parameters params{};
  /// What magna suggests where neither said anything: sent only to models that are known to take it.
  parameters defaults{};
  /// Wire names of parameters that this model has refused before ("temperature"): never sent.
  std::set<std::string, std::less<>> refused{};
};

/// What went wrong in a response, as far as the provider told.
struct response_error {
  /// What happened.
  errc code = errc::provider_error;
  /// The provider's own words, or ours where it had none. May echo a key: redact before it leaves the
  /// attempt.
  std::string message{};
  /// 0 where none came.
  int http_status = 0;
  /// How long the provider asks us to wait.
  std::optional<std::chrono::milliseconds> retry_after{};
  /// The provider's own word on whether a retry makes sense (x-should-retry, a used-up quota).
  std::optional<bool> should_retry{};
  /// With invalid_request: the model can't do what is asked, another may.
  bool unsupported = false;
  /// The wire name of a parameter that the model refuses, or a fault of the history: the call is worth repeating
  /// without it.
  std::string refused_parameter{};
  /// It says nothing of the model's next calls.
  bool refused_once = false;
  /// With model_not_found: nobody says in so many words that the model is missing. A server without that page, or
  /// without the model on its list, may have it all the same.
  bool unproven = false;
  /// With authentication_failed: the words are about the key, and not about what it may do, or about who stands in
  /// between.
  bool key_refused = false;
};

/// All of an answer but its text.
struct answer_info {
  /// As the provider names it; empty if it does not.
  std::string model{};
  /// Why the model stopped; absent before the end.
  std::optional<finish_reason> finish{};
  /// Tokens, as far as the provider told.
  magna::usage usage{};
  /// Complete after `finished`, each with an ID and with an object as arguments.
  std::vector<tool_call> tool_calls{};
  /// What the model thought aloud so far.
  std::string reasoning{};
  /// What the model wants to see again before its text; complete after `finished`.
  std::vector<opaque_item> items{};
  /// Of an embedding.
  std::vector<embedding> embeddings{};
};

/// What `response_decoder::next` found.
enum class decode_status : std::uint8_t {
  /// All bytes so far are used up.
  need_more,
  /// The model says something: text, thoughts, or a piece of a call. Ends the wait for the first token.
  tokens,
  /// A sign of life without tokens: a role, usage, a comment, a ping.
  activity,
  /// The answer is complete, with proof; bytes that follow are ignored.
  finished,
  /// The provider reports an error, or sent what can't be understood; see `error`.
  failed,
};

/// Turns the bytes of one response into parts, incrementally: any split of the bytes gives the same result,
/// each byte is looked at once, and what `feed` got is decoded one event at a time, as the caller asks for
/// it. Responses of every kind go in: streams, whole answers, error bodies, a proxy's HTML. Not thread-safe.
class MAGNA_EXPORT response_decoder {
public:
  virtual ~response_decoder() = default;

  /// Tells status and headers, before any bytes.
  virtual void head(const http_head& head) = 0;

  /// Takes bytes of the body.
  virtual void feed(std::string_view bytes) = 0;

  /// Decodes the next event and puts what the model says into `out`. After `finished` or `failed` it says the
  /// same again.
  virtual decode_status next(part_sink& out) = 0;

  /// Tells that the body is over; call `next` until it returns need_more first. Adds what was still held
  /// back, returns `finished` if the answer is complete, else `failed`, for a stream without proof of
  /// completion with errc::stream_truncated.
  virtual decode_status end(part_sink& out) = 0;

  /// Whether the proof of completion has been seen. When the transfer breaks after it (or stays silent),
  /// nothing of the answer is missing: call `end` as if the body were over.
  virtual bool complete() const noexcept = 0;

  /// Valid as far as the answer was decoded; complete after `finished`.
  virtual const answer_info& info() const noexcept = 0;

  /// Valid after `failed`.
  virtual const response_error& error() const noexcept = 0;
};

/// One wire protocol: pure functions from calls to bytes and from bytes to answers. Thread-safe: any number
/// of requests use one object at the same time. json_codec and body_decoder do most of it for protocols of
/// JSON over HTTP. See codec_registry.hpp for how one becomes known.
class MAGNA_EXPORT codec {
public:
  virtual ~codec() = default;

  /// Always the same.
  virtual const protocol_info& about() const noexcept = 0;

  /// The codec that speaks with the server at this base URL, for a kind whose servers differ in their protocol. It
  /// lives as long as this one. The default: this one.
  virtual const codec& at(std::string_view base_url) const {
    static_cast<void>(base_url);
    return *this;
  }

  /// Makes the HTTP request for a call.
  virtual http_request encode(const call& what) const = 0;

  /// A decoder for the response to a call of this kind; must not outlive the codec. It is asked for embeddings only
  /// if `about().can` has them.
  virtual std::unique_ptr<response_decoder> make_decoder(job_kind job, bool stream) const = 0;

  /// A request that costs no tokens and shows whether provider and key are usable.
  virtual http_request encode_probe(const endpoint& where, std::string_view model) const = 0;

  /// Judges the whole response to a probe; nothing: usable.
  virtual std::optional<response_error> judge_probe(const http_head& head, std::string_view body,
                                                    std::string_view model) const = 0;
};

} // namespace magna
