#include <magna/simulator/manners.hpp>

#include <algorithm>
#include <iterator>

namespace magna::simulator {

namespace {

using nlohmann::json;

bool is_reasoning(const json& item) {
  return text_in(item, "type") == "reasoning";
}

/// What came with the call must stand right before it, or before the calls and the text of the same answer.
bool follows_reasoning(const json& input, std::size_t call, const handout& made) {
  for (auto i = call; i-- > 0;) {
    const auto& item = input[i];
    if (is_reasoning(item) && text_in(item, "encrypted_content") == made.signature)
      return true;
    const auto type = text_in(item, "type");
    if (type == "function_call_output" || (text_in(item, "role") != "assistant" && item.contains("role")))
      return false;
  }
  return false;
}

} // namespace

std::optional<reply> refuse_responses_history(const incoming& request, const step& options,
                                              const handouts& given) {
  if (options.wants != wanted::encrypted_content)
    return std::nullopt;
  const auto& input = request.messages();
  for (std::size_t i = 0; i < input.size(); ++i) {
    const auto& item = input[i];
    const auto encrypted = text_in(item, "encrypted_content");
    if (is_reasoning(item) && encrypted != plain_signature
        && given.of_signature(request, options.wants, encrypted) == nullptr) {
      auto body =
        openai_refusal("The encrypted content for item " + text_in(item, "id")
                         + " could not be verified. Reason: Encrypted content could not be decrypted "
                           "or parsed.",
                       "");
      body["error"]["code"] = "invalid_encrypted_content";
      return json_reply(request, 400, body);
    }
    if (text_in(item, "type") != "function_call")
      continue;
    const auto call = text_in(item, "call_id");
    for (const auto* made : given.of_call(request, options.wants, {call, text_in(item, "name"), json{}}))
      if (!follows_reasoning(input, i, *made))
        return bad_request(
          request,
          "Item 'fc_" + call
            + "' of type 'function_call' was provided without its required 'reasoning' item.",
          "input");
  }
  return std::nullopt;
}

} // namespace magna::simulator
