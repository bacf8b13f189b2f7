#pragma once

#include <string>
#include <string_view>

namespace magna::test {

/// An event of Responses, with these members beside its type.
inline std::string responses_event(std::string_view type, std::string_view members = "") {
  const auto name = "response." + std::string{type};
  return "event: " + name + "\ndata: {\"type\":\"" + name + "\"" + (members.empty() ? "" : ",")
         + std::string{members} + "}\n\n";
}

/// The answer of parts_test.cpp as Responses tells it.
inline std::string responses_answer() {
  const auto piece = [](int call, std::string_view json_string) {
    const auto place = std::to_string(call + 2);
    return responses_event("function_call_arguments.delta", R"("item_id":"fc_)" + place
                                                              + R"(","output_index":)" + place
                                                              + R"(,"delta":)" + std::string{json_string});
  };
  const auto call = [](int at, std::string_view id, std::string_view name) {
    return responses_event("output_item.added",
                           R"("output_index":)" + std::to_string(at) + R"(,"item":{"id":"fc_)"
                             + std::to_string(at)
                             + R"(","type":"function_call","status":"in_progress","arguments":"","call_id":")"
                             + std::string{id} + R"(","name":")" + std::string{name} + "\"}");
  };
  const auto thought = [](std::string_view json_string) {
    return responses_event("reasoning_summary_text.delta",
                           R"("item_id":"rs_1","output_index":0,"summary_index":0,"delta":)"
                             + std::string{json_string});
  };
  const auto text = [](std::string_view json_string) {
    return responses_event("output_text.delta",
                           R"("item_id":"msg_1","output_index":1,"content_index":0,"delta":)"
                             + std::string{json_string});
  };
  return responses_event("created", R"("response":{"model":"m","status":"in_progress","output":[]})")
         + thought(R"("Let \ud83c")") + thought(R"("\udf89 me")")
         + responses_event(
           "output_item.done",
           R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"c2ln"})")
         + text(R"("I'll ")") + text(R"("look.")") + call(2, "c1", "look_up") + piece(0, R"("{\"word\":")")
         + call(3, "c2", "now") + piece(1, R"("{")") + piece(0, R"("\"caf\u00e9\"}")") + piece(1, R"("}")")
         + responses_event(
           "completed",
           R"("response":{"model":"m","status":"completed","output":[],"usage":{"input_tokens":5,)"
           R"("output_tokens":9,"output_tokens_details":{"reasoning_tokens":2}}})");
}

} // namespace magna::test
