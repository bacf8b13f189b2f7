#include <magna/providers/protocols/openai_decoder.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/openai_usage.hpp>
#include <magna/providers/protocols/reasoning_details.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using nlohmann::json;
using openai_wire::extra_content;
using openai_wire::reasoning_content;
using openai_wire::reasoning_details;
namespace ondemand = simdjson::ondemand;

/// What a finish reason means, in the words of all servers.
struct finish_meaning {
  /// In lower case.
  std::string_view name;
  /// Absent: what came is no answer, as `error` says.
  std::optional<finish_reason> finish;
  errc error = errc::provider_error;
};

constexpr finish_meaning finish_meanings[] = {
  {"stop", finish_reason::stop},
  {"eos", finish_reason::stop},
  {"eos_token", finish_reason::stop},
  {"end_turn", finish_reason::stop},
  {"stop_sequence", finish_reason::stop},
  {"length", finish_reason::length},
  {"max_tokens", finish_reason::length},
  {"model_length", finish_reason::length},
  {"tool_calls", finish_reason::tool_calls},
  {"tool_use", finish_reason::tool_calls},
  {"function_call", finish_reason::tool_calls},
  {"content_filter", std::nullopt, errc::content_filtered},
  {"safety", std::nullopt, errc::content_filtered},
  {"sensitive", std::nullopt, errc::content_filtered},
  {"error", std::nullopt},
  {"abort", std::nullopt},
  {"network_error", std::nullopt, errc::provider_unavailable},
  {"insufficient_system_resource", std::nullopt, errc::provider_unavailable},
};

/// A call, or a piece of one, as a server tells it.
struct call_piece {
  std::string_view id;
  std::string_view name;
  std::string_view arguments;
  /// What `arguments` looks at where the server sends an object.
  std::string written;

  call_piece(const call_piece&) = delete;
  explicit call_piece(const json& function) {
    name = find_string(function, "name");
    arguments = find_string(function, "arguments");
    if (const auto* object = find_member(function, "arguments"); object != nullptr && object->is_object())
      arguments = written = dump(*object);
  }
};

bool is_blank(std::string_view text) noexcept {
  return trim(text).empty();
}

/// The arguments begin, and go on in another piece.
bool is_fragment(std::string_view arguments) noexcept {
  object_scan scan;
  scan.add(arguments);
  return scan.has_begun() && !scan.whole();
}

class openai_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_answer(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  bool is_whole_answer(const json& document) const override;
  /// Chunks with a reason that is null promise one that is none.
  bool trusts_done_marker() const noexcept override { return !promises_reason_; }

private:
  /// Where the old form of a call stands among those with an index.
  static constexpr auto old_call = std::numeric_limits<std::uint64_t>::max();

  void decode_choice(const json& choice, bool has_halves, part_sink& out);
  void decode_message(const json& message, bool is_last, bool is_again, bool has_halves, part_sink& out);
  void decode_content(const json& message, bool is_last, bool is_again, bool has_halves, part_sink& out);
  void decode_details(const json& entries, bool has_halves, bool is_shown, part_sink& out);
  void decode_call(const json& entry, std::uint64_t position, bool has_halves, part_sink& out);
  std::optional<std::size_t> add_piece(const call_piece& piece, std::uint64_t index, bool is_told,
                                       bool has_halves, part_sink& out);
  std::optional<std::size_t> place(const call_piece& piece, std::uint64_t index, bool is_told);
  bool is_another(std::size_t call, const call_piece& piece);
  bool repeats_all(const json& calls) const;
  void decode_finish(std::string_view reason, part_sink& out);
  void add_last_items() override;

  openai_usage usage_;
  /// A choice came with a reason that was null.
  bool promises_reason_ = false;
  /// The answer comes in deltas.
  bool has_deltas_ = false;
  /// They have text, too.
  bool deltas_have_text_ = false;
  reasoning_details_list details_;
  bool details_have_halves_ = false;
  /// The thoughts came under the name that servers want back.
  bool has_reasoning_content_ = false;
};

std::optional<decode_status> openai_decoder::decode_delta(std::string_view data, part_sink& out) {
  // The first event brings the model's name, and is worth a closer look anyway.
  if (info_.model.empty() || !plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view content;
  std::string_view named_thought;
  std::string_view thought;
  const auto on_delta = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "content")
      return is_null(value) || read_string(value, content);
    if (key == reasoning_content)
      return is_null(value) || read_string(value, named_thought);
    if (key == "reasoning")
      return is_null(value) || read_string(value, thought);
    return key == "role" || is_null(value);
  };
  std::size_t choices = 0;
  bool promises_reason = promises_reason_;
  const auto on_choice = [&](ondemand::value choice) {
    return ++choices == 1 && each_member(choice, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "delta")
        return each_member(value, on_delta);
      if (key == "finish_reason" || key == "error" || key == "usage") {
        promises_reason = promises_reason || key == "finish_reason";
        return is_null(value);
      }
      return !(key == "message");
    });
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    return !(key == "usage" || key == "error" || key == "timings" || key == "x_groq") || is_null(value);
  });
  if (!usual || choices == 0)
    return std::nullopt;
  if (has_ended() && repeats_text(content))
    return std::nullopt;
  promises_reason_ = promises_reason;
  has_deltas_ = true;
  deltas_have_text_ = deltas_have_text_ || !content.empty();
  has_reasoning_content_ = has_reasoning_content_ || !named_thought.empty();
  // Some say the same twice, under both names.
  return add_delta(out, content, named_thought.empty() ? thought : named_thought);
}

bool openai_decoder::decode_answer(std::string_view data, part_sink& out) {
  ondemand::document document;
  ondemand::object root;
  if (!plain() || !read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return false;
  std::string_view model;
  std::string_view content;
  std::string_view reason;
  usage counts;
  const auto on_message = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "content")
      return read_string(value, content);
    return key == "role" || key == "annotations" || is_null(value);
  };
  std::size_t choices = 0;
  const auto on_choice = [&](ondemand::value choice) {
    return ++choices == 1 && each_member(choice, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "message")
        return each_member(value, on_message);
      if (key == "finish_reason")
        return read_string(value, reason);
      return key == "index" || is_null(value);
    });
  };
  const auto on_count = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "prompt_tokens")
      return read_count(value, counts.prompt_tokens);
    if (key == "completion_tokens")
      return read_count(value, counts.completion_tokens);
    if (key == "prompt_tokens_details")
      return each_member(value, [&](ondemand::raw_json_string name, ondemand::value count) {
        if (name == "cached_tokens")
          return read_count(count, counts.cached_tokens);
        if (name == "cache_write_tokens")
          return read_count(count, counts.cache_write_tokens);
        return !(name == "cache_creation_tokens");
      });
    if (key == "completion_tokens_details")
      // Reasoning that is counted apart takes a closer look.
      return each_member(value, [&](ondemand::raw_json_string name, ondemand::value count) {
        return !(name == "reasoning_tokens")
               || (read_count(count, counts.reasoning_tokens) && counts.reasoning_tokens == 0U);
      });
    return key == "total_tokens" || !openai_usage::has_counts(key);
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    if (key == "model")
      return read_string(value, model);
    if (key == "usage")
      return each_member(value, on_count);
    return !(key == "error" || key == "timings" || key == "x_groq") || is_null(value);
  });
  // What follows the document, or its end is missing: not for here.
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!usual || !at_end || choices != 1 || content.empty() || reason != "stop")
    return false;
  info_.model = model;
  info_.usage = counts;
  add_text(out, content, false);
  decode_finish(reason, out);
  return true;
}

bool openai_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  if (const auto model = find_string(document, "model"); !model.empty())
    info_.model = model;
  bool recognized = false;
  if (const auto* counts = find_member(document, "usage"); counts != nullptr && counts->is_object()) {
    recognized = true;
    usage_.add(counts);
  } else if (const auto* groq = find_member(document, "x_groq"); groq != nullptr) {
    usage_.add(find_member(*groq, "usage"));
  }
  usage_.add_timings(find_member(document, "timings"));
  if (const auto* choices = find_list(document, "choices"); choices != nullptr) {
    recognized = true;
    // More than one answer is never asked for.
    if (!choices->empty())
      decode_choice(choices->front(), has_halves, out);
  }
  info_.usage = usage_.value();
  return recognized;
}

void openai_decoder::decode_choice(const json& choice, bool has_halves, part_sink& out) {
  auto reason = find_string(choice, "finish_reason");
  if (const auto stated = choice.find("finish_reason");
      reason == "null" || (stated != choice.end() && stated->is_null())) {
    promises_reason_ = true;
    reason = {};
  }
  // Moonshot's place for it
  usage_.add(find_member(choice, "usage"));
  const bool is_last = has_ended() || !reason.empty();
  const auto* delta = find_member(choice, "delta");
  if (delta != nullptr) {
    has_deltas_ = true;
    decode_message(*delta, is_last, false, has_halves, out);
  }
  if (const auto* message = find_member(choice, "message"); message != nullptr)
    decode_message(*message, is_last, has_deltas_, has_halves, out);
  if (const auto facts = find_error(choice, has_halves))
    reject(map_error(about(), {}, *facts, {}).code, facts->message, out);
  // vLLM and SGLang: the sequence that was met, or the number of a token.
  for (const auto* name : {"stop_reason", "matched_stop"})
    if (!find_string(choice, name).empty())
      met_stop_sequence();
  if (!reason.empty())
    decode_finish(reason, out);
}

/// `is_last`: the end has been told. `is_again`: all of the answer so far, told once more beside its pieces.
void openai_decoder::decode_message(const json& message, bool is_last, bool is_again, bool has_halves,
                                    part_sink& out) {
  // Thoughts come before the text; some say the same twice, under both names.
  const auto named = find_string(message, reasoning_content);
  const auto thought = named.empty() ? find_string(message, "reasoning") : named;
  has_reasoning_content_ = has_reasoning_content_ || !named.empty();
  if (!is_again || info_.reasoning.empty()) {
    add_reasoning(out, thought, has_halves);
    if (const auto* entries = find_list(message, reasoning_details); entries != nullptr)
      decode_details(*entries, has_halves, thought.empty(), out);
  }
  decode_content(message, is_last, is_again, has_halves, out);
  if (!is_again || !has_refusal())
    add_refusal(find_string(message, "refusal"), has_halves);
  if (is_again && has_tool_call())
    return;
  const auto* calls = find_list(message, "tool_calls");
  if (calls != nullptr && !(is_last && repeats_all(*calls)))
    for (std::size_t i = 0; i < calls->size(); ++i)
      decode_call((*calls)[i], i, has_halves, out);
  // What came before there were several at once. Some send both, and some an empty one.
  const auto* old = find_member(message, "function_call");
  if (old == nullptr || (has_tool_call() && !find_call(old_call)))
    return;
  if (const call_piece piece{*old}; !piece.name.empty() || !piece.arguments.empty())
    add_piece(piece, old_call, true, has_halves, out);
}

void openai_decoder::decode_content(const json& message, bool is_last, bool is_again, bool has_halves,
                                    part_sink& out) {
  if (const auto* content = find_list(message, "content"); content != nullptr) {
    if (is_again && has_text())
      return;
    // Mistral sends a list of parts, some of them thoughts.
    for (const auto& part : *content) {
      if (find_string(part, "type") == "text")
        add_text(out, find_string(part, "text"), has_halves);
      else
        saw_tokens();
      if (const auto* thoughts = find_list(part, "thinking"); thoughts != nullptr)
        for (const auto& each : *thoughts)
          add_reasoning(out, find_string(each, "text"), has_halves);
    }
    return;
  }
  const auto content = find_string(message, "content");
  if (is_again) {
    // Perplexity tells both the new piece and the text so far. Where there are no pieces, this has them.
    if (!deltas_have_text_)
      add_text(out, new_text(content), has_halves);
  } else if (!is_last || !repeats_text(content)) {
    deltas_have_text_ = deltas_have_text_ || (has_deltas_ && !content.empty());
    add_text(out, content, has_halves);
  }
}

/// `is_shown`: nothing else tells the thoughts.
void openai_decoder::decode_details(const json& entries, bool has_halves, bool is_shown, part_sink& out) {
  for (const auto& entry : entries) {
    if (!entry.is_object())
      continue;
    saw_tokens();
    count_kept(dump(entry).size());
    details_have_halves_ = details_have_halves_ || has_halves;
    if (is_shown)
      for (const auto* name : {"text", "summary"})
        add_reasoning(out, find_string(entry, name), has_halves);
    details_.add(entry);
  }
}

/// `position`: in the list of calls. It stands for an index that is not told.
void openai_decoder::decode_call(const json& entry, std::uint64_t position, bool has_halves, part_sink& out) {
  if (!entry.is_object())
    return;
  static const json none;
  const auto* function = find_member(entry, "function");
  call_piece piece{function != nullptr ? *function : none};
  piece.id = find_string(entry, "id");
  const auto index = find_count(entry, "index");
  const auto call = add_piece(piece, index.value_or(position), index.has_value(), has_halves, out);
  const auto* extra = find_member(entry, extra_content);
  if (call && extra != nullptr && extra->is_object()) {
    auto item = make_item(extra_content, plain_text(dump(*extra), has_halves));
    count_kept(item.data.size());
    info_.tool_calls[*call].items = {std::move(item)};
  }
}

/// The call that the piece went to, if any.
std::optional<std::size_t> openai_decoder::add_piece(const call_piece& piece, std::uint64_t index,
                                                     bool is_told, bool has_halves, part_sink& out) {
  const auto call = place(piece, index, is_told);
  if (call) {
    name_call(*call, piece.id, piece.name, has_halves);
    add_arguments(out, *call, piece.arguments, has_halves);
  }
  return call;
}

/// The call that a piece belongs to. Nothing: it has been told before, or what it belongs to can't be said. Servers
/// number all calls 0, name no ID, name another one with each piece, or tell calls again. `is_told`: the index is the
/// server's.
std::optional<std::size_t> openai_decoder::place(const call_piece& piece, std::uint64_t index, bool is_told) {
  const auto is_repeated = [&](std::size_t call) {
    return is_whole_call(call) && !is_blank(piece.arguments)
           && repeats_call(call, {}, piece.name, piece.arguments);
  };
  const auto go_on = [&](std::size_t call) -> std::optional<std::size_t> {
    if (is_another(call, piece))
      return new_call(index);
    return is_repeated(call) ? std::nullopt : std::optional{call};
  };
  const auto there = find_call(index);
  if (there && (piece.id.empty() || told_id(*there).empty() || told_id(*there) == piece.id))
    return go_on(*there);
  if (const auto named = piece.id.empty() ? std::nullopt : call_with_id(piece.id)) {
    // One ID for several calls: the index knows better.
    const bool begins = !there && is_told && !piece.name.empty() && !is_repeated(*named);
    return begins ? new_call(index) : go_on(*named);
  }
  if (!there)
    return new_call(index);
  // Another ID at a place that is taken. A call begins with its name; an ID of each piece's own does not.
  const auto& known = info_.tool_calls[*there];
  const bool goes_on = piece.name.empty()
                       || (piece.name == known.name && !is_whole_call(*there)
                           && (!is_blank(known.arguments) || is_fragment(piece.arguments)));
  return goes_on ? go_on(*there) : new_call(index);
}

/// Whether a piece that stands where a call is begins another one.
bool openai_decoder::is_another(std::size_t call, const call_piece& piece) {
  const auto& known = info_.tool_calls[call];
  if (piece.name.empty() || known.name.empty())
    return false;
  const bool is_whole = is_whole_call(call);
  if (piece.name == known.name)
    return is_whole && !is_blank(piece.arguments) && !repeats_call(call, {}, piece.name, piece.arguments);
  if (!is_whole && !is_blank(known.arguments))
    give_up("the model's calls of '" + known.name + "' and '" + std::string{piece.name}
            + "' can't be told apart");
  return true;
}

/// Whether a list has all calls so far, and no other.
bool openai_decoder::repeats_all(const json& calls) const {
  if (calls.size() != info_.tool_calls.size())
    return false;
  std::vector<told_call> told;
  for (const auto& entry : calls) {
    const auto* function = find_member(entry, "function");
    if (function == nullptr)
      return false;
    told.push_back({.id = find_string(entry, "id"),
                    .name = find_string(*function, "name"),
                    .arguments = arguments_text(find_member(*function, "arguments"))});
  }
  return repeats_calls(told);
}

void openai_decoder::add_last_items() {
  if (has_reasoning_content_)
    info_.items.push_back(make_item(reasoning_content, info_.reasoning));
  if (!details_.empty())
    info_.items.push_back(
      make_item(reasoning_details, plain_text(dump(details_.all()), details_have_halves_)));
}

void openai_decoder::decode_finish(std::string_view reason, part_sink& out) {
  const auto lower = to_lower(reason);
  const auto* meaning = std::ranges::find(finish_meanings, lower, &finish_meaning::name);
  if (lower == "stop_sequence")
    met_stop_sequence();
  if (meaning == std::end(finish_meanings))
    finish(finish_reason::other, out);
  else if (meaning->finish)
    finish(meaning->finish == finish_reason::stop && has_tool_call() ? finish_reason::tool_calls
                                                                     : *meaning->finish,
           out);
  else
    reject(meaning->error,
           meaning->error == errc::content_filtered
             ? "the answer was stopped by the provider's content filter"
             : "the answer ended with " + std::string{reason},
           out);
}

bool openai_decoder::is_whole_answer(const json& document) const {
  const auto* choices = find_list(document, "choices");
  if (choices == nullptr || choices->empty() || find_member(choices->front(), "message") == nullptr)
    return false;
  // A reason that is null is what a stream that broke leaves when someone between us and the model made a
  // document of it. One that is absent or empty, as Snowflake's, says nothing.
  const auto reason = choices->front().find("finish_reason");
  return reason == choices->front().end() || *reason == "";
}

} // namespace

std::unique_ptr<response_decoder> make_openai_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<openai_decoder>(about, stream);
}

} // namespace magna
