#include <magna/providers/protocols/gemini_decoder.hpp>

#include <algorithm>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

namespace {

using nlohmann::json;
using gemini_wire::signature_item;
namespace ondemand = simdjson::ondemand;

/// How a finish reason is to be taken.
struct finish_meaning {
  std::string_view name;
  std::optional<finish_reason> finish;
  errc error = errc::provider_error;
};

constexpr finish_meaning finish_meanings[] = {
  {"STOP", finish_reason::stop},
  {"MAX_TOKENS", finish_reason::length},
  {"CONTINUATION", finish_reason::length},
  {"SAFETY", std::nullopt, errc::content_filtered},
  {"RECITATION", std::nullopt, errc::content_filtered},
  {"LANGUAGE", std::nullopt, errc::content_filtered},
  {"BLOCKLIST", std::nullopt, errc::content_filtered},
  {"PROHIBITED_CONTENT", std::nullopt, errc::content_filtered},
  {"SPII", std::nullopt, errc::content_filtered},
  {"IMAGE_SAFETY", std::nullopt, errc::content_filtered},
  {"IMAGE_PROHIBITED_CONTENT", std::nullopt, errc::content_filtered},
  {"IMAGE_RECITATION", std::nullopt, errc::content_filtered},
  {"IMAGE_OTHER", std::nullopt, errc::content_filtered},
  {"OTHER", std::nullopt},
  {"MALFORMED_FUNCTION_CALL", std::nullopt},
  {"UNEXPECTED_TOOL_CALL", std::nullopt},
  {"TOO_MANY_TOOL_CALLS", std::nullopt},
};

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
  if (!usual || candidates == 0)
    return std::nullopt;
  if (counts)
    info_.usage = counts->value();
  return add_delta(out, text, thoughts);
}

bool gemini_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  bool recognized = false;
  if (const auto model = find_string(document, "modelVersion"); !model.empty())
    info_.model = model;
  if (const auto* counts = find_member(document, "usageMetadata"); counts != nullptr) {
    recognized = true;
    info_.usage =
      gemini_usage{
        .prompt = find_count(*counts, "promptTokenCount"),
        .tool_prompt = find_count(*counts, "toolUsePromptTokenCount"),
        .candidates = find_count(*counts, "candidatesTokenCount"),
        .thoughts = find_count(*counts, "thoughtsTokenCount"),
        .cached = find_count(*counts, "cachedContentTokenCount"),
      }
        .value();
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
    const auto call = add_call(out, find_string(*function, "id"), find_string(*function, "name"),
                               find_member(*function, "args"), has_halves);
    if (!signature.empty())
      info_.tool_calls[call].items.push_back(make_item(signature_item, std::string{signature}));
  } else if (!signature.empty()) {
    info_.items = {make_item(signature_item, std::string{signature})};
  }
}

void gemini_decoder::decode_candidate(const json& candidate, bool has_halves, part_sink& out) {
  const auto* content = find_member(candidate, "content");
  const auto* parts = content == nullptr ? nullptr : find_list(*content, "parts");
  if (parts != nullptr)
    for (const auto& part : *parts)
      decode_part(part, has_halves, out);
  const auto reason = find_string(candidate, "finishReason");
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED")
    return;
  const auto* meaning = std::find_if(std::begin(finish_meanings), std::end(finish_meanings),
                                     [&](const finish_meaning& x) { return x.name == reason; });
  if (meaning == std::end(finish_meanings)) {
    finish(finish_reason::other, out);
  } else if (meaning->finish) {
    finish(*meaning->finish == finish_reason::stop && has_tool_call() ? finish_reason::tool_calls
                                                                      : *meaning->finish,
           out);
  } else {
    auto message = "the answer ended with " + std::string{reason};
    if (const auto why = find_string(candidate, "finishMessage"); !why.empty())
      message += ": " + plain_text(why, has_halves);
    reject(meaning->error, std::move(message), out);
  }
}

} // namespace

std::unique_ptr<response_decoder> make_gemini_decoder(const protocol_info& about, bool stream) {
  return std::make_unique<gemini_decoder>(about, stream);
}

} // namespace magna
