#include <magna/providers/protocols/anthropic_decoder.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

namespace {

using anthropic_wire::thinking_item;
using nlohmann::json;
namespace ondemand = simdjson::ondemand;

/// The blocks that make an answer. Others are of tools that run at the provider, and of what is not known yet: they
/// are passed over, and so are their deltas.
constexpr std::array own_blocks = {std::string_view{"text"}, std::string_view{"tool_use"},
                                   std::string_view{"thinking"}, std::string_view{"redacted_thinking"}};

class anthropic_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  bool is_whole_answer(const json& document) const override;

private:
  void begin_message(const json& message);
  void begin_block(const json& block, std::uint64_t index, bool has_halves, part_sink& out);
  void decode_block(const json& block, std::uint64_t index, bool has_halves, part_sink& out);
  void decode_usage(const json& message);
  void note_stop(const json& from, bool has_halves);
  void decode_stop(part_sink& out);
  void add_last_items() override;

  /// A block of thoughts, which must be sent again as it was.
  struct thought_block {
    std::uint64_t index = 0;
    /// How many calls stand before it.
    std::size_t calls_before = 0;
    /// Where its text begins in info_.reasoning; it goes on to the next block's.
    std::size_t begin = 0;
    std::string signature{};
    /// Set for a block that nobody can read: it is kept as it is.
    json redacted{};
  };

  void begin_thoughts(const json& block, std::uint64_t index, bool has_halves, part_sink& out);
  void add_signature(std::uint64_t index, std::string_view piece);
  json block_again(std::size_t which) const;

  std::vector<thought_block> thoughts_;
  /// Inputs that stood at the start of their calls. In a stream they count only if no pieces follow.
  std::map<std::size_t, std::string> whole_inputs_;
  /// Indexes of blocks that are none of the answer's.
  std::set<std::uint64_t> foreign_;
  std::string message_id_;
  bool has_begun_ = false;
  /// Known before the end, told with it.
  std::string stop_reason_;
  /// Of a refusal: what it is about, and why, as far as told.
  std::string refusal_;
  std::optional<std::uint64_t> fresh_tokens_;
};

std::optional<decode_status> anthropic_decoder::decode_delta(std::string_view data, part_sink& out) {
  // Deltas of foreign blocks take a closer look.
  if (!plain() || !foreign_.empty())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view type;
  std::string_view piece;
  std::string_view thought;
  bool is_delta = false;
  const auto on_delta = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "type")
      return read_string(value, type);
    if (key == "text")
      return read_string(value, piece);
    return key == "thinking" && read_string(value, thought);
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "type") {
      std::string_view event;
      is_delta = read_string(value, event) && event == "content_block_delta";
      return is_delta;
    }
    if (key == "delta")
      return is_delta && each_member(value, on_delta);
    return key == "index";
  });
  if (!usual || !is_delta || (type != "text_delta" && type != "thinking_delta"))
    return std::nullopt;
  return add_delta(out, piece, thought);
}

bool anthropic_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  const auto type = find_string(document, "type");
  if (type == "message_start") {
    if (const auto* message = find_member(document, "message"); message != nullptr)
      begin_message(*message);
    return true;
  }
  const auto index = find_count(document, "index").value_or(0);
  if (type == "content_block_start") {
    if (const auto* block = find_member(document, "content_block"); block != nullptr)
      begin_block(*block, index, has_halves, out);
    return true;
  }
  if (type == "content_block_delta") {
    if (const auto* delta = find_member(document, "delta"); delta != nullptr && !foreign_.contains(index))
      decode_block(*delta, index, has_halves, out);
    else
      saw_tokens();
    return true;
  }
  if (type == "content_block_stop") {
    foreign_.erase(index);
    return true;
  }
  if (type == "message_delta") {
    note_stop(document, has_halves);
    if (const auto* delta = find_member(document, "delta"); delta != nullptr)
      note_stop(*delta, has_halves);
    decode_usage(document);
    return true;
  }
  if (type == "message_stop") {
    decode_stop(out);
    is_over();
    return true;
  }
  if (type != "message")
    return false;
  info_.model = find_string(document, "model");
  if (const auto* blocks = find_list(document, "content"); blocks != nullptr)
    for (std::size_t i = 0; i < blocks->size(); ++i)
      begin_block((*blocks)[i], i, has_halves, out);
  decode_usage(document);
  note_stop(document, has_halves);
  if (!stop_reason_.empty())
    decode_stop(out);
  return true;
}

/// A second message in one stream is the next one of a server that ran the first one's tools itself, or the first one
/// begun anew.
void anthropic_decoder::begin_message(const json& message) {
  const auto id = find_string(message, "id");
  const bool is_same = has_begun_ && !id.empty() && id == message_id_;
  if (has_begun_ && !is_same) {
    if ((has_text() && stop_reason_.empty()) || !forget_calls()) {
      give_up("the answer began a second time after a part of it had been said");
      return;
    }
    whole_inputs_.clear();
    thoughts_.clear();
    foreign_.clear();
    stop_reason_.clear();
    refusal_.clear();
  }
  has_begun_ = true;
  message_id_ = id;
  info_.model = find_string(message, "model");
  decode_usage(message);
}

void anthropic_decoder::begin_block(const json& block, std::uint64_t index, bool has_halves, part_sink& out) {
  if (std::ranges::find(own_blocks, find_string(block, "type")) != own_blocks.end()) {
    foreign_.erase(index);
    decode_block(block, index, has_halves, out);
    return;
  }
  saw_tokens();
  foreign_.insert(index);
  forget_call(index);
  count_kept(sizeof index);
}

/// A block of content, or a piece of one.
void anthropic_decoder::decode_block(const json& block, std::uint64_t index, bool has_halves,
                                     part_sink& out) {
  const auto type = find_string(block, "type");
  if (type == "text" || type == "text_delta") {
    add_text(out, find_string(block, "text"), has_halves);
  } else if (type == "tool_use") {
    const auto call = new_call(index);
    name_call(call, find_string(block, "id"), find_string(block, "name"), has_halves);
    if (const auto* input = find_member(block, "input"); input != nullptr && !input->empty()) {
      auto whole = plain_text(dump(*input), has_halves);
      count_kept(whole.size());
      whole_inputs_.emplace(call, std::move(whole));
    }
    add_arguments(out, call, {}, has_halves);
  } else if (type == "input_json_delta") {
    saw_tokens();
    // Of a tool that runs at the provider: it is none of the application's calls.
    const auto piece = find_string(block, "partial_json");
    if (const auto call = find_call(index)) {
      if (!piece.empty())
        whole_inputs_.erase(*call);
      add_arguments(out, *call, piece, has_halves);
    }
  } else if (type == "thinking" || type == "redacted_thinking") {
    begin_thoughts(block, index, has_halves, out);
  } else if (type == "thinking_delta") {
    add_reasoning(out, find_string(block, "thinking"), has_halves);
  } else if (type == "signature_delta") {
    add_signature(index, find_string(block, "signature"));
  }
}

void anthropic_decoder::begin_thoughts(const json& block, std::uint64_t index, bool has_halves,
                                       part_sink& out) {
  saw_tokens();
  auto& made = thoughts_.emplace_back(
    thought_block{.index = index, .calls_before = info_.tool_calls.size(), .begin = info_.reasoning.size()});
  count_kept(sizeof made);
  if (find_string(block, "type") == "redacted_thinking") {
    made.redacted = {{"type", "redacted_thinking"},
                     {"data", plain_text(find_string(block, "data"), has_halves)}};
    count_kept(find_string(block, "data").size());
    return;
  }
  add_signature(index, find_string(block, "signature"));
  add_reasoning(out, find_string(block, "thinking"), has_halves);
}

void anthropic_decoder::add_signature(std::uint64_t index, std::string_view piece) {
  saw_tokens();
  count_kept(piece.size());
  const auto found = std::find_if(thoughts_.rbegin(), thoughts_.rend(),
                                  [index](const thought_block& x) { return x.index == index; });
  if (found != thoughts_.rend())
    found->signature += piece;
}

json anthropic_decoder::block_again(std::size_t which) const {
  const auto& x = thoughts_[which];
  if (!x.redacted.is_null())
    return x.redacted;
  const auto end = which + 1 < thoughts_.size() ? thoughts_[which + 1].begin : info_.reasoning.size();
  return {{"type", "thinking"},
          {"thinking", info_.reasoning.substr(x.begin, end - x.begin)},
          {"signature", x.signature}};
}

void anthropic_decoder::add_last_items() {
  auto& calls = info_.tool_calls;
  for (auto& [call, input] : whole_inputs_)
    calls[call].arguments = std::move(input);
  for (std::size_t i = 0; i < thoughts_.size(); ++i) {
    const auto before = thoughts_[i].calls_before;
    // Thoughts between calls stand with the later one; those after the last one lead to nothing.
    if (before == 0)
      info_.items.push_back(make_item(thinking_item, dump(block_again(i))));
    else if (before < calls.size())
      calls[before].items.push_back(make_item(thinking_item, dump(block_again(i))));
  }
}

/// What was used so far; counts that are not told again stay.
void anthropic_decoder::decode_usage(const json& message) {
  const auto* counts = find_member(message, "usage");
  if (counts == nullptr)
    return;
  const auto take = [counts](std::optional<std::uint64_t>& to, const char* name) {
    update_count(to, find_count(*counts, name));
  };
  auto& usage = info_.usage;
  take(fresh_tokens_, "input_tokens");
  take(usage.cache_write_tokens, "cache_creation_input_tokens");
  take(usage.cached_tokens, "cache_read_input_tokens");
  take(usage.completion_tokens, "output_tokens");
  if (const auto* details = find_member(*counts, "output_tokens_details"); details != nullptr)
    update_count(usage.reasoning_tokens, find_count(*details, "thinking_tokens"));
  // input_tokens are those that the cache neither had nor got.
  if (fresh_tokens_)
    usage.prompt_tokens =
      *fresh_tokens_ + usage.cache_write_tokens.value_or(0) + usage.cached_tokens.value_or(0);
}

void anthropic_decoder::note_stop(const json& from, bool has_halves) {
  if (const auto reason = find_string(from, "stop_reason"); !reason.empty())
    stop_reason_ = reason;
  const auto* details = find_member(from, "stop_details");
  if (details == nullptr)
    return;
  refusal_.clear();
  if (const auto category = find_string(*details, "category"); !category.empty())
    refusal_ += " (" + plain_text(category, has_halves) + ")";
  if (const auto why = find_string(*details, "explanation"); !why.empty())
    refusal_ += ": " + plain_text(why, has_halves);
}

void anthropic_decoder::decode_stop(part_sink& out) {
  if (stop_reason_ == "stop_sequence")
    met_stop_sequence();
  if (stop_reason_ == "refusal")
    reject(errc::content_filtered, "the model refused to answer" + refusal_, out);
  else if (stop_reason_ == "model_context_window_exceeded" && !has_text() && !has_tool_call())
    reject(errc::context_length_exceeded,
           "the model's context window was full before the answer's first word", out);
  else if (stop_reason_ == "max_tokens" || stop_reason_ == "model_context_window_exceeded")
    finish(finish_reason::length, out);
  else if (stop_reason_ == "tool_use")
    finish(finish_reason::tool_calls, out);
  else if (stop_reason_.empty() || stop_reason_ == "end_turn" || stop_reason_ == "stop_sequence")
    finish(has_tool_call() ? finish_reason::tool_calls : finish_reason::stop, out);
  else
    finish(finish_reason::other, out);
}

/// A reason that is null is what a stream that broke leaves; one that is empty, or not there at all, says nothing.
bool anthropic_decoder::is_whole_answer(const json& document) const {
  const auto reason = document.find("stop_reason");
  return find_string(document, "type") == "message" && (reason == document.end() || *reason == "");
}

} // namespace

std::unique_ptr<response_decoder> make_anthropic_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<anthropic_decoder>(about, stream);
}

} // namespace magna
