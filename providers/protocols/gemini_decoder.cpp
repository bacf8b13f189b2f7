#include <magna/providers/protocols/gemini_decoder.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/parsing/pieced_object.hpp>

namespace magna {

namespace {

using gemini_wire::signature_item;
using nlohmann::json;
namespace ondemand = simdjson::ondemand;

/// Good ends. Every other one, known or not, is a failure that says its name.
constexpr std::pair<std::string_view, finish_reason> good_ends[] = {
  {"STOP", finish_reason::stop},
  {"MAX_TOKENS", finish_reason::length},
  {"CONTINUATION", finish_reason::length},
};

/// Ends that are about what the prompt or the answer says.
constexpr std::string_view filters[] = {
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "ESCALATION",
  "MODEL_ARMOR",
  "JAILBREAK",
};

/// What Gemini puts before the names of functions now and then, from the programs that it was taught with.
constexpr std::string_view own_prefixes[] = {"default_api.", "default_api:"};

std::string_view function_name(const json& function) {
  auto name = find_string(function, "name");
  for (const auto prefix : own_prefixes)
    if (name.starts_with(prefix))
      name.remove_prefix(prefix.size());
  return name;
}

/// The counts as Gemini gives them; `candidates` are without the thoughts.
struct gemini_usage {
  std::optional<std::uint64_t> prompt;
  std::optional<std::uint64_t> tool_prompt;
  std::optional<std::uint64_t> candidates;
  std::optional<std::uint64_t> thoughts;
  std::optional<std::uint64_t> cached;

  static std::optional<std::uint64_t> sum(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
    return a || b ? std::optional{a.value_or(0) + b.value_or(0)} : std::nullopt;
  }
  void update(const gemini_usage& later) {
    update_count(prompt, later.prompt);
    update_count(tool_prompt, later.tool_prompt);
    update_count(candidates, later.candidates);
    update_count(thoughts, later.thoughts);
    update_count(cached, later.cached);
  }
  usage value() const {
    return {.prompt_tokens = sum(prompt, tool_prompt),
            .completion_tokens = sum(candidates, thoughts),
            .reasoning_tokens = thoughts,
            .cached_tokens = cached,
            .cache_write_tokens = {}};
  }
};

class gemini_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;

private:
  void decode_candidate(const json& candidate, bool has_halves, part_sink& out);
  void decode_part(const json& part, bool has_halves, part_sink& out);
  std::size_t decode_call(const json& function, bool has_halves, part_sink& out);
  void close_call(bool is_cut, part_sink& out);
  void decode_finish(std::string_view reason, const json& candidate, bool has_halves, part_sink& out);
  bool repeats(const json& parts) const;

  gemini_usage usage_;
  /// The call whose arguments come in pieces.
  std::optional<std::size_t> open_call_;
  pieced_object open_arguments_;
  bool open_has_halves_ = false;
};

std::optional<decode_status> gemini_decoder::decode_delta(std::string_view data, part_sink& out) {
  // The first event brings the model's name, and is worth a closer look anyway.
  if (info_.model.empty() || !plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view text;
  std::string_view thoughts;
  std::optional<gemini_usage> counts;

  std::size_t parts = 0;
  const auto on_part = [&](ondemand::value part) {
    std::string_view piece;
    bool is_thought = false;
    const auto found = each_member(part, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "text")
        return read_string(value, piece);
      return key == "thought" && value.get_bool().get(is_thought) == simdjson::SUCCESS;
    });
    (is_thought ? thoughts : text) = piece;
    return found && ++parts == 1;
  };
  const auto on_content = [&](ondemand::raw_json_string key, ondemand::value value) {
    return key == "parts" ? each_element(value, on_part) : true;
  };
  std::size_t candidates = 0;
  const auto on_candidate = [&](ondemand::value candidate) {
    return ++candidates == 1
           && each_member(candidate, [&](ondemand::raw_json_string key, ondemand::value value) {
                if (key == "content")
                  return each_member(value, on_content);
                return !(key == "finishReason");
              });
  };
  const auto on_usage = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "promptTokenCount")
      return read_count(value, counts->prompt);
    if (key == "candidatesTokenCount")
      return read_count(value, counts->candidates);
    if (key == "thoughtsTokenCount")
      return read_count(value, counts->thoughts);
    if (key == "cachedContentTokenCount")
      return read_count(value, counts->cached);
    if (key == "toolUsePromptTokenCount")
      return read_count(value, counts->tool_prompt);
    return true;
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "candidates")
      return each_element(value, on_candidate);
    if (key == "usageMetadata") {
      counts.emplace();
      return each_member(value, on_usage);
    }
    return !(key == "error") && !(key == "promptFeedback");
  });
  if (!usual || candidates == 0 || (has_ended() && repeats_text(text)))
    return std::nullopt;
  if (counts) {
    usage_.update(*counts);
    info_.usage = usage_.value();
  }
  return add_delta(out, text, thoughts);
}

bool gemini_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  bool recognized = false;
  if (const auto model = find_string(document, "modelVersion"); !model.empty())
    info_.model = model;
  if (const auto* counts = find_member(document, "usageMetadata"); counts != nullptr) {
    recognized = true;
    usage_.update({
      .prompt = find_count(*counts, "promptTokenCount"),
      .tool_prompt = find_count(*counts, "toolUsePromptTokenCount"),
      .candidates = find_count(*counts, "candidatesTokenCount"),
      .thoughts = find_count(*counts, "thoughtsTokenCount"),
      .cached = find_count(*counts, "cachedContentTokenCount"),
    });
    info_.usage = usage_.value();
  }
  if (const auto* candidates = find_list(document, "candidates"); candidates != nullptr) {
    recognized = true;
    if (!candidates->empty())
      decode_candidate(candidates->front(), has_halves, out);
  }
  if (const auto* feedback = find_member(document, "promptFeedback"); feedback != nullptr) {
    recognized = true;
    if (const auto reason = find_string(*feedback, "blockReason"); !reason.empty()) {
      auto message = "the prompt was blocked: " + std::string{reason};
      if (const auto why = find_string(*feedback, "blockReasonMessage"); !why.empty())
        message += " (" + plain_text(why, has_halves) + ")";
      reject(errc::content_filtered, std::move(message), out);
    }
  }
  return recognized;
}

void gemini_decoder::decode_part(const json& part, bool has_halves, part_sink& out) {
  const auto* thought = find_member(part, "thought");
  const auto text = find_string(part, "text");
  if (thought != nullptr && thought->is_boolean() && thought->get<bool>()) {
    saw_tokens();
    add_reasoning(out, text, has_halves);
  } else {
    add_text(out, text, has_halves);
  }
  const auto signature = find_string(part, "thoughtSignature");
  count_kept(signature.size());
  if (const auto* function = find_member(part, "functionCall"); function != nullptr) {
    const auto call = decode_call(*function, has_halves, out);
    if (!signature.empty())
      info_.tool_calls[call].items = {make_item(signature_item, std::string{signature})};
  } else if (!signature.empty()) {
    info_.items = {make_item(signature_item, std::string{signature})};
  }
}

/// A whole call, or a piece of one, which Vertex sends where it is asked to: the first names the function, and the last
/// has nothing.
std::size_t gemini_decoder::decode_call(const json& function, bool has_halves, part_sink& out) {
  const auto* goes_on = find_member(function, "willContinue");
  const auto* pieces = find_list(function, "partialArgs");
  const auto name = function_name(function);
  const auto id = find_string(function, "id");
  const auto* arguments = find_member(function, "args");
  const bool is_open = goes_on != nullptr && goes_on->is_boolean() && goes_on->get<bool>();
  if (pieces == nullptr && !is_open && !(open_call_ && name.empty() && arguments == nullptr)) {
    close_call(false, out);
    return add_call(out, id, name, arguments, has_halves);
  }
  saw_tool_call();
  if (!name.empty() && open_call_)
    close_call(false, out);
  if (!open_call_) {
    open_call_ = new_call(info_.tool_calls.size());
    open_arguments_ = {};
    open_has_halves_ = false;
  }
  const auto call = *open_call_;
  name_call(call, id, name, has_halves);
  open_has_halves_ = open_has_halves_ || has_halves;
  if (pieces != nullptr) {
    count_kept(dump(*pieces).size());
    for (const auto& piece : *pieces)
      if (!open_arguments_.add(piece))
        give_up("a piece of the arguments of '" + std::string{name} + "' can't be placed");
  }
  if (!is_open)
    close_call(false, out);
  return call;
}

/// `is_cut`: its end did not come.
void gemini_decoder::close_call(bool is_cut, part_sink& out) {
  if (!open_call_)
    return;
  const auto call = *std::exchange(open_call_, std::nullopt);
  // What is broken off is no call, which the end sees by this.
  if (is_cut)
    info_.tool_calls[call].arguments = "{";
  else
    add_arguments(out, call, dump(open_arguments_.value()), open_has_halves_);
}

void gemini_decoder::decode_candidate(const json& candidate, bool has_halves, part_sink& out) {
  const auto reason = find_string(candidate, "finishReason");
  const bool is_last = has_ended() || !(reason.empty() || reason == "FINISH_REASON_UNSPECIFIED");
  const auto* content = find_member(candidate, "content");
  const auto* parts = content == nullptr ? nullptr : find_list(*content, "parts");
  if (parts != nullptr && !(is_last && repeats(*parts)))
    for (const auto& part : *parts)
      decode_part(part, has_halves, out);
  if (is_last && !reason.empty())
    decode_finish(reason, candidate, has_halves, out);
}

/// Whether the parts are the text so far, or all calls so far, once more.
bool gemini_decoder::repeats(const json& parts) const {
  std::string text;
  std::vector<told_call> calls;
  for (const auto& part : parts) {
    const auto* thought = find_member(part, "thought");
    if (thought != nullptr && *thought == true)
      continue;
    text += find_string(part, "text");
    if (const auto* function = find_member(part, "functionCall"); function != nullptr)
      calls.push_back({.id = find_string(*function, "id"),
                       .name = function_name(*function),
                       .arguments = arguments_text(find_member(*function, "args"))});
  }
  if (calls.empty())
    return repeats_text(text);
  return repeats_calls(calls) && (text.empty() || repeats_text(text));
}

void gemini_decoder::decode_finish(std::string_view reason, const json& candidate, bool has_halves,
                                   part_sink& out) {
  const auto* good = std::ranges::find(good_ends, reason, [](const auto& x) { return x.first; });
  if (good != std::end(good_ends)) {
    close_call(good->second == finish_reason::length, out);
    finish(good->second == finish_reason::stop && has_tool_call() ? finish_reason::tool_calls : good->second,
           out);
    return;
  }
  auto message = "the answer ended with " + std::string{reason};
  if (const auto why = find_string(candidate, "finishMessage"); !why.empty())
    message += ": " + plain_text(why, has_halves);
  const bool is_filter = std::ranges::find(filters, reason) != std::end(filters);
  reject(is_filter ? errc::content_filtered : errc::provider_error, std::move(message), out);
}

} // namespace

std::unique_ptr<response_decoder> make_gemini_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<gemini_decoder>(about, stream);
}

} // namespace magna
