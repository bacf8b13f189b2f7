#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>
#include <magna/providers/errors/error_facts.hpp>
#include <magna/providers/parsing/json_text.hpp>
#include <magna/providers/parsing/ndjson_parser.hpp>
#include <magna/providers/parsing/object_scan.hpp>
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
  decode_status next(part_sink& out) final;
  decode_status end(part_sink& out) final;
  bool complete() const noexcept final { return proven_ && state_ != decode_status::failed; }
  const answer_info& info() const noexcept final { return info_; }
  const response_error& error() const noexcept final { return error_; }

protected:
  /// Decodes one event of a stream if it is of the frequent kind: a delta of text or of thoughts, and nothing
  /// else that matters. `json` has line_buffer::padding readable bytes behind it. Nothing: it is not, and
  /// nothing has changed; as the default has it, which takes some five times as long per event.
  virtual std::optional<decode_status> decode_delta(std::string_view json, part_sink& out);

  /// Decodes the whole of a body if it is of the frequent kind: text, a reason to stop, usage, and nothing
  /// else that matters. Returns false if it is not, and then nothing has changed; as the default has it.
  /// `json` as for decode_delta.
  virtual bool decode_answer(std::string_view json, part_sink& out);

  /// Decodes one document, an object that is no error; `has_halves` as in json_document. Returns false if it
  /// has nothing of an answer.
  virtual bool decode_document(const nlohmann::json& document, bool has_halves, part_sink& out) = 0;

  /// Whether a document that was the whole body is complete by itself, without `finish`. The default: no.
  virtual bool is_whole_answer(const nlohmann::json& document) const;

  /// Adds what the model wants to see again, where that is known only at the end: to `info_.items` and to
  /// the calls. The default: nothing.
  virtual void add_last_items() {}

  /// Whether "[DONE]" proves completion. The default: no.
  virtual bool trusts_done_marker() const noexcept { return false; }

  /// What the codec says of itself.
  const protocol_info& about() const noexcept { return about_; }

  /// Whether the provider has said why it stopped.
  bool has_ended() const noexcept { return proven_; }

  /// Whether there was any text.
  bool has_text() const noexcept { return text_size_ > 0; }

  /// Whether a piece is all of the text so far once more, which some servers send with their end.
  bool repeats_text(std::string_view piece) const noexcept;

  /// What of the text so far, told once more and further, is new.
  std::string_view new_text(std::string_view so_far) const noexcept;

  /// A sequence that ends the answer was met: it may well be empty.
  void met_stop_sequence() noexcept { may_be_empty_ = true; }

  /// Adds a piece of the answer.
  void add_text(part_sink& out, std::string_view piece, bool has_halves);

  /// Adds a piece of what the model thinks aloud.
  void add_reasoning(part_sink& out, std::string_view piece, bool has_halves);

  /// Whether `decode_delta` may add to the answer: no character waits for its second half.
  bool plain() const noexcept { return !text_joiner_.waiting() && !reasoning_joiner_.waiting(); }

  /// The end of `decode_delta`, if `plain`: adds what it has found.
  decode_status add_delta(part_sink& out, std::string_view text, std::string_view reasoning);

  /// Appends to the model's own words on why it does not answer.
  void add_refusal(std::string_view piece, bool has_halves);
  /// Whether there were any.
  bool has_refusal() const noexcept { return !refusal_.empty(); }

  /// The model thinks or works, and nothing of it can be shown.
  void saw_tokens() noexcept { said_ = true; }
  /// A call of a tool that can't be read any further.
  void saw_tool_call() noexcept { has_tool_call_ = said_ = true; }

  /// Where the call that the provider counts as `index` stands among info_.tool_calls; made if it is new. Its
  /// arguments may come in pieces.
  std::size_t call_at(std::uint64_t index);
  /// The same, or nothing if there is none.
  std::optional<std::size_t> find_call(std::uint64_t index) const;
  /// A further call; `index` means this one from now on.
  std::size_t new_call(std::uint64_t index);
  /// The call with this ID, or nothing if there is none. The ID is not empty.
  std::optional<std::size_t> call_with_id(std::string_view id) const;
  /// What the index means is no call any longer.
  void forget_call(std::uint64_t index) { calls_.erase(index); }
  /// Forgets all calls so far; false if one of them has gone out.
  bool forget_calls();
  /// The ID that the provider has told for the call, and be it another call's too; empty if none.
  std::string_view told_id(std::size_t call) const { return call_states_[call].told_id; }
  /// Whether a call's arguments are a whole object so far.
  bool is_whole_call(std::size_t call) const { return call_states_[call].arguments.whole(); }
  /// A call as a document tells it whole.
  struct told_call {
    /// May be empty.
    std::string_view id;
    /// May be empty.
    std::string_view name;
    /// JSON text.
    std::string arguments;
  };
  /// Whether this tells all of a call once more. What is empty says nothing.
  bool repeats_call(std::size_t call, std::string_view id, std::string_view name,
                    std::string_view arguments) const;
  /// Whether these are all calls so far, which some servers send with their end once more.
  bool repeats_calls(const std::vector<told_call>& calls) const;
  /// Arguments as JSON text, of an object, or of a text that has one, or of null.
  static std::string arguments_text(const nlohmann::json* arguments);
  /// Says who a call is, as far as known; what is empty says nothing, and nor does the ID of another call.
  void name_call(std::size_t call, std::string_view id, std::string_view name, bool has_halves);
  /// Appends to a call's arguments, also when the piece is empty: what there is of the call goes out.
  void add_arguments(part_sink& out, std::size_t call, std::string_view piece, bool has_halves);

  /// A call that comes whole, with JSON text for arguments. One that came before under the same ID is that one.
  std::size_t add_call(part_sink& out, std::string_view id, std::string_view name, std::string_view arguments,
                       bool has_halves);
  /// The same; `arguments` as in `arguments_text`.
  std::size_t add_call(part_sink& out, std::string_view id, std::string_view name,
                       const nlohmann::json* arguments, bool has_halves) {
    return add_call(out, id, name, arguments_text(arguments), has_halves);
  }
  /// Whether there was any.
  bool has_tool_call() const noexcept { return has_tool_call_; }

  /// Something that the model wants to see again.
  opaque_item make_item(std::string_view kind, std::string data) const;

  /// Counts what is kept until the end. Too much of it is the answer's end.
  void count_kept(std::size_t bytes);

  /// The provider says why it stopped, which proves that the answer is complete.
  void finish(finish_reason reason, part_sink& out);

  /// The provider stopped, and what came is no answer. Decided when the response ends, so that usage that
  /// follows is still read; the first verdict stays.
  void reject(errc code, std::string message, part_sink& out);
  /// The same with all that the provider told.
  void reject(response_error error, part_sink& out);
  /// The same at once.
  void give_up(std::string message) { fail(errc::provider_error, std::move(message)); }

  /// Nothing that belongs to the answer follows.
  void is_over() noexcept { over_ = true; }

  /// The facts of the answer, for the decoder to fill in.
  answer_info info_;

private:
  enum class mode : std::uint8_t { undecided, sse, ndjson, whole, error };

  /// What is known of a call beside the call itself.
  struct call_state {
    text_joiner joiner;
    object_scan arguments;
    std::string told_id;
    /// How much of the arguments went out.
    std::size_t sent = 0;
    bool announced = false;
  };

  void decide(char first_character);
  void feed_body(std::string_view bytes, std::size_t limit);
  decode_status next_event(part_sink& out);
  decode_status take_event(std::string_view data, bool is_error, bool at_end, part_sink& out);
  decode_status take_error(std::string_view data, bool at_end);
  decode_status take_done_marker(part_sink& out);
  bool take_document(const nlohmann::json& document, bool has_halves, part_sink& out);
  decode_status end_whole(part_sink& out);
  decode_status settle(part_sink& out);
  /// Completes the calls; false if one is broken, and that was reported.
  bool settle_calls(part_sink& out);
  /// Judges an answer that says nothing; false if it is no answer, and that was reported.
  bool settle_silence();
  /// Adds what is new of a call, once it is known who it is.
  void show_call(part_sink& out, std::size_t call);
  /// Halves of characters that wait become U+FFFD.
  void flush(part_sink& out);
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
  text_joiner text_joiner_;
  text_joiner reasoning_joiner_;
  /// finished or failed, once that is decided.
  decode_status state_ = decode_status::need_more;
  response_error error_;
  std::optional<response_error> verdict_;
  std::string refusal_;
  /// The provider's index of each call, and where it stands in the answer.
  std::map<std::uint64_t, std::size_t> calls_;
  std::map<std::string, std::size_t, std::less<>> call_ids_;
  /// As info_.tool_calls.
  std::vector<call_state> call_states_;
  /// Bytes of all that is kept until the end.
  std::size_t kept_ = 0;
  bool fed_ = false;
  bool over_ = false;
  bool proven_ = false;
  std::size_t text_size_ = 0;
  std::size_t text_pieces_ = 0;
  /// The first characters of the text: enough to know it again.
  std::string text_head_;
  bool may_be_empty_ = false;
  bool has_tool_call_ = false;
  bool said_ = false;
};

} // namespace magna
