#include <magna/providers/protocols/responses_decoder.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/responses_events.hpp>
#include <magna/providers/protocols/responses_output.hpp>

namespace magna {

namespace {

using nlohmann::json;
using namespace responses_wire;
namespace ondemand = simdjson::ondemand;

class responses_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  bool is_whole_answer(const json& document) const override;

private:
  /// A part of an item.
  struct part_place {
    voice says = voice::text;
    std::size_t item = 0;
    std::uint64_t index = 0;
    auto operator<=>(const part_place&) const = default;
  };

  void decode_event(const event_name& event, const json& document, bool has_halves, part_sink& out);
  void decode_item_event(const json& document, bool is_whole, bool has_halves, part_sink& out);
  void decode_item(std::size_t at, const json& item, bool has_halves, part_sink& out);
  void decode_parts(std::size_t at, const json& item, const char* list, bool has_halves, part_sink& out);
  void decode_call(std::size_t at, const json& item, bool is_whole, bool has_halves, part_sink& out);
  void decode_head(const json& answer);
  void decode_response(const json& answer, std::string_view status, bool has_halves, part_sink& out);
  void decode_output(const json& output, bool has_halves, part_sink& out);
  void decode_end(const json& answer, std::string_view status, bool has_halves, part_sink& out);
  void decode_usage(const json& counts);
  void add_last_items() override;

  std::size_t item_of(const json& event);
  std::size_t item_at(std::uint64_t position, std::string_view id, std::string_view type);
  std::size_t call_of(std::size_t at);
  void say(const part_place& where, std::string_view piece, bool has_halves, part_sink& out);
  void say_whole(const part_place& where, std::string_view text, bool has_halves, part_sink& out);
  bool said_any(voice says) const;

  responses_output items_;
  /// The parts of which something came.
  std::set<part_place> told_;
  /// The part that spoke last, as its events name it; empty names: none that the fast path can go on with.
  struct {
    part_place place;
    std::string type;
    std::string item_id;
    std::uint64_t output_index = 0;
    std::uint64_t index = 0;
  } last_;
  std::string phase_;
};

// -- the frequent events --------------------------------------------------------

/// Goes on with the part that spoke last. Where a part begins is worth a closer look.
std::optional<decode_status> responses_decoder::decode_delta(std::string_view data, part_sink& out) {
  if (last_.type.empty() || !plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view piece;
  std::string_view type;
  std::string_view item_id;
  std::uint64_t output_index = 0;
  std::uint64_t index = 0;
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "type")
      return read_string(value, type) && type == last_.type;
    if (key == "delta")
      return read_string(value, piece);
    if (key == "item_id")
      return read_string(value, item_id);
    if (key == "output_index")
      return read_count(value, output_index);
    if (key == "content_index" || key == "summary_index")
      return read_count(value, index);
    return !(key == "error") || is_null(value);
  });
  if (!usual || type.empty() || item_id != last_.item_id || output_index != last_.output_index
      || index != last_.index)
    return std::nullopt;
  return last_.place.says == voice::text ? add_delta(out, piece, {}) : add_delta(out, {}, piece);
}

// -- parts of items -------------------------------------------------------------

bool responses_decoder::said_any(voice says) const {
  return std::ranges::any_of(told_, [says](const part_place& x) { return x.says == says; });
}

void responses_decoder::say(const part_place& where, std::string_view piece, bool has_halves,
                            part_sink& out) {
  if (piece.empty())
    return;
  const bool is_new = told_.insert(where).second;
  if (is_new)
    count_kept(sizeof where);
  auto& type = items_[where.item].type;
  if (type.empty())
    type = where.says == voice::text || where.says == voice::refusal ? "message" : "reasoning";
  switch (where.says) {
    case voice::text:
      add_text(out, piece, has_halves);
      break;
    case voice::refusal:
      saw_tokens();
      add_refusal(piece, has_halves);
      break;
    case voice::summary:
    case voice::thought:
      // Each part is a paragraph.
      if (is_new && !info_.reasoning.empty())
        add_reasoning(out, "\n\n", false);
      add_reasoning(out, piece, has_halves);
      break;
  }
}

/// What a part says, unless it was told in pieces.
void responses_decoder::say_whole(const part_place& where, std::string_view text, bool has_halves,
                                  part_sink& out) {
  if (!told_.contains(where))
    say(where, text, has_halves, out);
}

// -- items ----------------------------------------------------------------------

std::size_t responses_decoder::item_at(std::uint64_t position, std::string_view id, std::string_view type) {
  const auto before = items_.size();
  const auto result = items_.at(position, id, type);
  if (items_.size() > before)
    count_kept(sizeof(responses_item) + 2 * id.size());
  return result;
}

std::size_t responses_decoder::item_of(const json& event) {
  const auto id = find_string(event, "item_id");
  const auto position = find_count(event, "output_index");
  // Without a position an ID that is not known is another item's, and none at all is the last one's.
  return item_at(position                          ? *position
                 : id.empty() && items_.size() > 0 ? items_[items_.size() - 1].position
                                                   : items_.size(),
                 id, {});
}

std::size_t responses_decoder::call_of(std::size_t at) {
  auto& known = items_[at].call;
  if (!known)
    known = new_call(at);
  return *known;
}

void responses_decoder::decode_item_event(const json& document, bool is_whole, bool has_halves,
                                          part_sink& out) {
  const auto* item = find_member(document, "item");
  if (item == nullptr || !item->is_object())
    return;
  const auto type = find_string(*item, "type");
  const auto at =
    item_at(find_count(document, "output_index").value_or(items_.size()), find_string(*item, "id"), type);
  if (is_whole)
    decode_item(at, *item, has_halves, out);
  else if (type == "function_call")
    decode_call(at, *item, false, has_halves, out);
  else if (type != "message")
    saw_tokens();
}

void responses_decoder::decode_item(std::size_t at, const json& item, bool has_halves, part_sink& out) {
  const auto type = find_string(item, "type");
  if (type == "function_call") {
    decode_call(at, item, true, has_halves, out);
    return;
  }
  if (type == "reasoning") {
    decode_parts(at, item, "summary", has_halves, out);
    count_kept(items_.keep_thoughts(at, item, has_halves));
  }
  if (const auto phase = find_string(item, "phase"); !phase.empty())
    phase_ = plain_text(phase, has_halves);
  decode_parts(at, item, "content", has_halves, out);
}

/// What the item says as a whole.
void responses_decoder::decode_parts(std::size_t at, const json& item, const char* list, bool has_halves,
                                     part_sink& out) {
  const auto* parts = find_list(item, list);
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    const auto& part = (*parts)[i];
    const auto type = find_string(part, "type");
    if (type == "output_text" || type == "text")
      say_whole({voice::text, at, i}, find_string(part, "text"), has_halves, out);
    else if (type == "refusal")
      say_whole({voice::refusal, at, i}, find_string(part, "refusal"), has_halves, out);
    else if (type == "summary_text")
      say_whole({voice::summary, at, i}, find_string(part, "text"), has_halves, out);
    else if (type == "reasoning_text")
      say_whole({voice::thought, at, i}, find_string(part, "text"), has_halves, out);
  }
}

/// A call that begins, or one that is whole.
void responses_decoder::decode_call(std::size_t at, const json& item, bool is_whole, bool has_halves,
                                    part_sink& out) {
  auto call = call_of(at);
  const auto id = find_string(item, "call_id");
  // A server that gives several calls one position.
  if (const auto known = told_id(call); !id.empty() && !known.empty() && known != id) {
    at = items_.add(items_[at].position, find_string(item, "id"), "function_call");
    count_kept(sizeof(responses_item));
    call = call_of(at);
  }
  name_call(call, id, find_string(item, "name"), has_halves);
  const auto arguments = find_string(item, "arguments");
  if (!is_whole)
    items_[at].first_arguments = plain_text(arguments, has_halves);
  const bool are_new = is_whole && !items_[at].has_arguments;
  items_[at].has_arguments = items_[at].has_arguments || (are_new && !arguments.empty());
  add_arguments(out, call, are_new ? arguments : std::string_view{}, has_halves);
}

// -- events ---------------------------------------------------------------------

bool responses_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  const auto type = find_string(document, "type");
  if (const auto* event = find_event(type)) {
    decode_event(*event, document, has_halves, out);
    return true;
  }
  if (!type.empty()) {
    // A tool that runs at the provider.
    if (type.find("_call") != std::string_view::npos)
      saw_tokens();
    return type.starts_with(event_prefix);
  }
  if (find_string(document, "object") != "response" && find_list(document, "output") == nullptr)
    return false;
  decode_response(document, find_string(document, "status"), has_halves, out);
  return true;
}

void responses_decoder::decode_event(const event_name& event, const json& document, bool has_halves,
                                     part_sink& out) {
  last_.type.clear();
  switch (event.kind) {
    case event_kind::delta:
    case event_kind::whole: {
      const bool is_summary = event.says == voice::summary;
      const auto index = find_count(document, is_summary ? "summary_index" : "content_index").value_or(0);
      const part_place where{event.says, item_of(document), index};
      if (event.kind == event_kind::whole) {
        say_whole(where, find_string(document, event.says == voice::refusal ? "refusal" : "text"), has_halves,
                  out);
        return;
      }
      say(where, find_string(document, "delta"), has_halves, out);
      if (event.says != voice::refusal && told_.contains(where))
        last_ = {where, std::string{find_string(document, "type")},
                 std::string{find_string(document, "item_id")},
                 find_count(document, "output_index").value_or(0), index};
      return;
    }
    case event_kind::arguments_delta:
    case event_kind::arguments_whole: {
      const auto at = item_of(document);
      const auto call = call_of(at);
      const bool is_delta = event.kind == event_kind::arguments_delta;
      const auto piece = find_string(document, is_delta ? "delta" : "arguments");
      name_call(call, {}, find_string(document, "name"), has_halves);
      if (is_delta || !items_[at].has_arguments)
        add_arguments(out, call, piece, has_halves);
      items_[at].has_arguments = items_[at].has_arguments || !piece.empty();
      return;
    }
    case event_kind::item_begins:
    case event_kind::item_whole:
      decode_item_event(document, event.kind == event_kind::item_whole, has_halves, out);
      return;
    case event_kind::progress:
      if (const auto* answer = find_member(document, "response"))
        decode_head(*answer);
      return;
    case event_kind::end:
      static const json nothing;
      const auto* found = find_member(document, "response");
      const auto& answer = found != nullptr ? *found : nothing;
      auto status = find_string(answer, "status");
      // The event says that it is the end, whatever its answer says.
      if (status.empty() || status == "in_progress" || status == "queued")
        status = event.type;
      decode_response(answer, status, has_halves, out);
      return;
  }
}

// -- the whole ------------------------------------------------------------------

void responses_decoder::decode_head(const json& answer) {
  if (const auto model = find_string(answer, "model"); !model.empty())
    info_.model = model;
  if (const auto* counts = find_member(answer, "usage"); counts != nullptr)
    decode_usage(*counts);
}

void responses_decoder::decode_response(const json& answer, std::string_view status, bool has_halves,
                                        part_sink& out) {
  decode_head(answer);
  if (const auto* output = find_list(answer, "output"); output != nullptr)
    decode_output(*output, has_halves, out);
  decode_end(answer, status, has_halves, out);
}

/// A server that names no status is done when its document is.
bool responses_decoder::is_whole_answer(const json& document) const {
  return find_list(document, "output") != nullptr && !document.contains("status");
}

/// All items once more, or for the first time. What was told already is not told again, also where the IDs differ.
void responses_decoder::decode_output(const json& output, bool has_halves, part_sink& out) {
  const bool has_text = said_any(voice::text) || said_any(voice::refusal);
  const bool has_thoughts = said_any(voice::summary) || said_any(voice::thought);
  std::set<std::string, std::less<>> known_calls;
  for (const auto& call : info_.tool_calls)
    known_calls.insert(call.id);
  for (std::size_t i = 0; i < output.size(); ++i) {
    const auto& item = output[i];
    if (!item.is_object())
      continue;
    const auto type = find_string(item, "type");
    const auto at = item_at(i, find_string(item, "id"), type);
    items_[at].position = i;
    const bool is_told = type == "message" ? has_text
                                           : type == "function_call" && items_[at].has_arguments
                                               && known_calls.contains(find_string(item, "call_id"));
    if (is_told)
      continue;
    if (type == "reasoning" && has_thoughts)
      count_kept(items_.keep_thoughts(at, item, has_halves));
    else
      decode_item(at, item, has_halves, out);
  }
}

void responses_decoder::decode_end(const json& answer, std::string_view status, bool has_halves,
                                   part_sink& out) {
  // A document that was sent before the answer was there.
  if (status == "in_progress" || status == "queued")
    return;
  const auto* details = find_member(answer, "incomplete_details");
  const auto reason = details != nullptr ? find_string(*details, "reason") : std::string_view{};
  if (status == "completed")
    finish(has_tool_call() ? finish_reason::tool_calls : finish_reason::stop, out);
  else if (status == "incomplete" && reason == "content_filter")
    reject(errc::content_filtered, "the answer was stopped by the provider's content filter", out);
  else if (status == "incomplete")
    finish(reason.empty() || reason == "max_output_tokens" || reason == "max_tokens" ? finish_reason::length
                                                                                     : finish_reason::other,
           out);
  else if (const auto facts = find_error(answer, has_halves))
    reject(map_error(about(), {}, *facts, {}), out);
  else if (!status.empty())
    reject(errc::provider_error, "the answer ended with status " + std::string{status}, out);
  if (!status.empty())
    is_over();
}

void responses_decoder::decode_usage(const json& counts) {
  auto& usage = info_.usage;
  usage.prompt_tokens = find_count(counts, "input_tokens");
  usage.completion_tokens = find_count(counts, "output_tokens");
  if (const auto* details = find_member(counts, "input_tokens_details"); details != nullptr) {
    usage.cached_tokens = find_count(*details, "cached_tokens");
    usage.cache_write_tokens = find_count(*details, "cache_write_tokens");
  }
  if (const auto* details = find_member(counts, "output_tokens_details"); details != nullptr)
    usage.reasoning_tokens = find_count(*details, "reasoning_tokens");
  // Some servers count reasoning apart, which the total gives away.
  const auto reasoning = usage.reasoning_tokens.value_or(0);
  if (reasoning > 0 && usage.total_tokens()
      && find_count(counts, "total_tokens") == *usage.total_tokens() + reasoning)
    usage.completion_tokens = usage.completion_tokens.value_or(0) + reasoning;
}

void responses_decoder::add_last_items() {
  items_.settle(info_,
                [this](std::string thoughts) { return make_item(reasoning_item, std::move(thoughts)); });
  if (!phase_.empty())
    info_.items.push_back(make_item(phase_item, phase_));
}

} // namespace

std::unique_ptr<response_decoder> make_responses_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<responses_decoder>(about, stream);
}

} // namespace magna
