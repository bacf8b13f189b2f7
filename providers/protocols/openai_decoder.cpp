#include <magna/providers/protocols/openai_decoder.hpp>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

namespace {

using nlohmann::json;
using openai_wire::extra_content;
using openai_wire::reasoning_content;
using openai_wire::reasoning_details;
namespace ondemand = simdjson::ondemand;

class openai_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_answer(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  bool is_whole_answer(const json& document) const override;
  bool trusts_done_marker() const noexcept override { return true; }

private:
  void decode_choice(const json& choice, bool has_halves, part_sink& out);
  void decode_message(const json& message, bool has_halves, part_sink& out);
  void decode_details(const json& entries, bool has_halves, bool is_shown, part_sink& out);
  void decode_call(const json& piece, std::size_t position, bool has_halves, part_sink& out);
  void decode_finish(std::string_view reason, part_sink& out);
  void decode_usage(const json& counts);
  void add_last_items() override;

  /// OpenRouter's account of the thoughts, its pieces put together.
  json details_;
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
  const auto on_choice = [&](ondemand::value choice) {
    return ++choices == 1 && each_member(choice, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "delta")
        return each_member(value, on_delta);
      if (key == "finish_reason" || key == "error")
        return is_null(value);
      return !(key == "message");
    });
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    return !(key == "usage" || key == "error") || is_null(value);
  });
  if (!usual || choices == 0)
    return std::nullopt;
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
        return !(name == "cache_write_tokens") || read_count(count, counts.cache_write_tokens);
      });
    if (key == "completion_tokens_details")
      // Reasoning that is counted apart takes a closer look.
      return each_member(value, [&](ondemand::raw_json_string name, ondemand::value count) {
        return !(name == "reasoning_tokens")
               || (read_count(count, counts.reasoning_tokens) && counts.reasoning_tokens == 0U);
      });
    return true;
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    if (key == "model")
      return read_string(value, model);
    if (key == "usage")
      return each_member(value, on_count);
    return !(key == "error") || is_null(value);
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
    decode_usage(*counts);
  }
  if (const auto* choices = find_list(document, "choices"); choices != nullptr) {
    recognized = true;
    // More than one answer is never asked for.
    if (!choices->empty())
      decode_choice(choices->front(), has_halves, out);
  }
  return recognized;
}

void openai_decoder::decode_choice(const json& choice, bool has_halves, part_sink& out) {
  for (const auto* name : {"delta", "message"})
    if (const auto* message = find_member(choice, name); message != nullptr)
      decode_message(*message, has_halves, out);
  if (const auto facts = find_error(choice, has_halves))
    reject(map_error(about(), {}, *facts, {}).code, facts->message, out);
  if (const auto reason = find_string(choice, "finish_reason"); !reason.empty())
    decode_finish(reason, out);
}

void openai_decoder::decode_message(const json& message, bool has_halves, part_sink& out) {
  // Thoughts come before the text; some say the same twice, under both names.
  const auto named = find_string(message, reasoning_content);
  const auto thought = named.empty() ? find_string(message, "reasoning") : named;
  has_reasoning_content_ = has_reasoning_content_ || !named.empty();
  add_reasoning(out, thought, has_halves);
  if (const auto* entries = find_list(message, reasoning_details); entries != nullptr)
    decode_details(*entries, has_halves, thought.empty(), out);
  if (const auto* content = find_list(message, "content"); content != nullptr) {
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
  } else {
    add_text(out, find_string(message, "content"), has_halves);
  }
  add_refusal(find_string(message, "refusal"), has_halves);
  if (const auto* calls = find_list(message, "tool_calls"); calls != nullptr)
    for (std::size_t i = 0; i < calls->size(); ++i)
      decode_call((*calls)[i], i, has_halves, out);
  if (find_member(message, "function_call") != nullptr)
    saw_tool_call();
}

/// In a stream an entry comes in pieces of one type and index, which belong together. `is_shown`: nothing else
/// tells the thoughts.
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
    const auto is_same = [&](const char* name, bool if_absent) {
      const auto* here = find_member(entry, name);
      const auto* there = find_member(details_.back(), name);
      return here != nullptr && there != nullptr ? *here == *there : if_absent;
    };
    const bool goes_on =
      !details_.empty() && is_same("type", false) && is_same("index", false) && is_same("id", true);
    if (!goes_on) {
      details_.push_back(entry);
      continue;
    }
    for (const auto& [name, value] : entry.items()) {
      auto& whole = details_.back()[name];
      if ((name == "text" || name == "summary" || name == "data") && whole.is_string() && value.is_string())
        whole.get_ref<std::string&>() += value.get_ref<const std::string&>();
      else if (!value.is_null())
        whole = value;
    }
  }
}

/// A call, or a piece of one. `position` stands for an index that is not told.
void openai_decoder::decode_call(const json& piece, std::size_t position, bool has_halves, part_sink& out) {
  if (!piece.is_object())
    return;
  const auto index = find_count(piece, "index").value_or(position);
  const auto id = find_string(piece, "id");
  auto call = call_at(index);
  // Some servers give every call the same index.
  if (has_other_id(call, id))
    call = new_call(index);
  name_call(call, id, {}, has_halves);
  if (const auto* extra = find_member(piece, extra_content); extra != nullptr && extra->is_object()) {
    auto item = make_item(extra_content, plain_text(dump(*extra), has_halves));
    count_kept(item.data.size());
    info_.tool_calls[call].items = {std::move(item)};
  }
  const auto* function = find_member(piece, "function");
  if (function == nullptr) {
    saw_tool_call();
    return;
  }
  name_call(call, {}, find_string(*function, "name"), has_halves);
  if (const auto* arguments = find_member(*function, "arguments");
      arguments != nullptr && arguments->is_object())
    add_arguments(out, call, dump(*arguments), has_halves);
  else
    add_arguments(out, call, find_string(*function, "arguments"), has_halves);
}

void openai_decoder::add_last_items() {
  if (has_reasoning_content_)
    info_.items.push_back(make_item(reasoning_content, info_.reasoning));
  if (!details_.empty())
    info_.items.push_back(make_item(reasoning_details, plain_text(dump(details_), details_have_halves_)));
}

void openai_decoder::decode_finish(std::string_view reason, part_sink& out) {
  if (reason == "content_filter")
    reject(errc::content_filtered, "the answer was stopped by the provider's content filter", out);
  else if (reason == "error" || reason == "abort")
    reject(errc::provider_error, "the answer ended with " + std::string{reason}, out);
  else if (reason == "insufficient_system_resource")
    reject(errc::provider_unavailable, "the answer ended with " + std::string{reason}, out);
  else if (reason == "length" || reason == "max_tokens")
    finish(finish_reason::length, out);
  else if (reason == "tool_calls" || reason == "function_call")
    finish(finish_reason::tool_calls, out);
  else if (reason == "stop" || reason == "eos" || reason == "end_turn" || reason == "stop_sequence")
    finish(has_tool_call() ? finish_reason::tool_calls : finish_reason::stop, out);
  else
    finish(finish_reason::other, out);
}

void openai_decoder::decode_usage(const json& counts) {
  auto& usage = info_.usage;
  usage.prompt_tokens = find_count(counts, "prompt_tokens");
  usage.completion_tokens = find_count(counts, "completion_tokens");
  if (const auto* details = find_member(counts, "prompt_tokens_details"); details != nullptr) {
    usage.cached_tokens = find_count(*details, "cached_tokens");
    usage.cache_write_tokens = find_count(*details, "cache_write_tokens");
  }
  if (const auto* details = find_member(counts, "completion_tokens_details"); details != nullptr)
    usage.reasoning_tokens = find_count(*details, "reasoning_tokens");
  // Some servers count reasoning apart, which the total gives away.
  const auto reasoning = usage.reasoning_tokens.value_or(0);
  if (reasoning > 0 && usage.total_tokens()
      && find_count(counts, "total_tokens") == *usage.total_tokens() + reasoning)
    usage.completion_tokens = usage.completion_tokens.value_or(0) + reasoning;
}

bool openai_decoder::is_whole_answer(const json& document) const {
  const auto* choices = find_list(document, "choices");
  // A reason that is null is what a stream that broke leaves when someone between us and the model made a
  // document of it.
  return choices != nullptr && !choices->empty() && find_member(choices->front(), "message") != nullptr
         && !choices->front().contains("finish_reason");
}

} // namespace

std::unique_ptr<response_decoder> make_openai_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<openai_decoder>(about, stream);
}

} // namespace magna
