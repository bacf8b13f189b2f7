#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>
#include <magna/providers/errors/error_facts.hpp>
#include <magna/providers/parsing/json_text.hpp>
#include <magna/providers/parsing/ndjson_parser.hpp>
#include <magna/providers/parsing/sse_parser.hpp>

namespace magna {

/// What the decoders of all protocols share: it finds out what kind of body comes (an event stream, lines of
/// JSON, one whole document, an error, a page), cuts it into JSON documents, maps errors, and judges whether
/// the answer is complete. What a document means is up to the protocol's own decoder: it overrides
/// `decode_document`, and calls `add_text`, `finish` and the like.
class MAGNA_EXPORT body_decoder : public response_decoder {
public:
  /// `about` must outlive the decoder; `stream`: what was asked for.
  body_decoder(const protocol_info& about, bool stream) : about_(about), stream_(stream) {}

  void head(const http_head& head) final;
  void feed(std::string_view bytes) final;
  decode_status next(std::string& text) final;
  decode_status end(std::string& text) final;
  bool complete() const noexcept final { return proven_ && state_ != decode_status::failed; }
  const answer_info& info() const noexcept final { return info_; }
  const response_error& error() const noexcept final { return error_; }

protected:
  /// Decodes one event of a stream if it is of the frequent kind: a delta of text and nothing else that
  /// matters. `json` has line_buffer::padding readable bytes behind it. Nothing: it is not, and nothing has
  /// changed; as the default has it, which takes some five times as long per event.
  virtual std::optional<decode_status> decode_delta(std::string_view json, std::string& text);

  /// Decodes the whole of a body if it is of the frequent kind: text, a reason to stop, usage, and nothing
  /// else that matters. Returns false if it is not, and then nothing has changed; as the default has it.
  /// `json` as for decode_delta.
  virtual bool decode_answer(std::string_view json, std::string& text);

  /// Decodes one document, an object that is no error; `has_halves` as in json_document. Returns false if it
  /// has nothing of an answer.
  virtual bool decode_document(const nlohmann::json& document, bool has_halves, std::string& text) = 0;

  /// Whether a document that was the whole body is complete by itself, without `finish`. The default: no.
  virtual bool is_whole_answer(const nlohmann::json& document) const;

  /// Whether "[DONE]" proves completion. The default: no.
  virtual bool trusts_done_marker() const noexcept { return false; }

  /// What the codec says of itself.
  const protocol_info& about() const noexcept { return about_; }

  /// Appends a piece of the answer.
  void add_text(std::string& text, std::string_view piece, bool has_halves);

  /// Whether `decode_delta` may append to the text by itself.
  bool plain() const noexcept { return !joiner_.waiting(); }

  /// The end of `decode_delta`: counts what it appended.
  decode_status delta_done(bool has_text, bool reasoning) noexcept;

  /// Appends to the model's own words on why it does not answer.
  void add_refusal(std::string_view piece, bool has_halves) { refusal_ += plain_text(piece, has_halves); }

  /// The model thinks aloud: tokens, but none of the answer.
  void saw_reasoning() noexcept { reasoning_ = true; }
  /// A call of a tool, or a piece of one, that says no more.
  void saw_tool_call() noexcept { has_tool_call_ = reasoning_ = true; }

  /// The call that the provider counts as `index`, made if it is new. Its arguments may come in pieces.
  tool_call& call_at(std::uint64_t index);

  /// A further call; `index` means this one from now on.
  tool_call& new_call(std::uint64_t index);

  /// A call that comes whole; `arguments` are an object.
  tool_call& add_call(std::string_view name, const nlohmann::json* arguments, bool has_halves);
  /// Whether there was any.
  bool has_tool_call() const noexcept { return has_tool_call_; }

  /// The provider says why it stopped, which proves that the answer is complete.
  void finish(finish_reason reason, std::string& text);

  /// The provider stopped, and what came is no answer. Decided when the response ends, so that usage that
  /// follows is still read; the first verdict stays.
  void reject(errc code, std::string message, std::string& text);

  /// Nothing that belongs to the answer follows.
  void is_over() noexcept { over_ = true; }

  /// The facts of the answer, for the decoder to fill in.
  answer_info info_;

private:
  enum class mode : std::uint8_t { undecided, sse, ndjson, whole, error };

  void decide(char first_character);
  void feed_body(std::string_view bytes, std::size_t limit);
  decode_status next_event(std::string& text);
  decode_status take_event(std::string_view data, bool at_end, std::string& text);
  bool take_document(const nlohmann::json& document, bool has_halves, std::string& text);
  decode_status end_whole(std::string& text);
  decode_status settle(std::string& text);
  /// Completes the calls; false if one is broken, and that was reported.
  bool settle_calls();
  decode_status fail(response_error error);
  decode_status fail(errc code, std::string message);

  const protocol_info& about_;
  const bool stream_;
  http_head head_;
  mode mode_ = mode::undecided;
  sse_parser sse_;
  ndjson_parser ndjson_;
  /// The body so far, where it is not cut into events.
  std::string body_;
  text_joiner joiner_;
  /// finished or failed, once that is decided.
  decode_status state_ = decode_status::need_more;
  response_error error_;
  std::optional<response_error> verdict_;
  std::string refusal_;
  /// The provider's index of each call, and where it stands in the answer.
  std::map<std::uint64_t, std::size_t> calls_;
  bool fed_ = false;
  bool over_ = false;
  bool proven_ = false;
  bool has_text_ = false;
  bool has_tool_call_ = false;
  bool reasoning_ = false;
};

} // namespace magna
