#pragma once

#include <algorithm>
#include <magna/simulator/server.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <magna/tests/simulator/client.hpp>

namespace magna::test {

using nlohmann::json;

/// The JSON of a stream's events.
inline std::vector<json> events_of(std::string_view body) {
  std::vector<json> result;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    auto line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.starts_with("data: "))
      line.remove_prefix(6);
    if (line.starts_with("{"))
      result.push_back(json::parse(line));
  }
  return result;
}

/// The message that OpenAI's deltas add up to.
inline json join_openai(std::string_view body) {
  json result = {{"role", "assistant"}, {"content", ""}};
  const auto append = [](json& to, const json& from, const char* name) {
    if (from.contains(name) && from[name].is_string())
      to[name] = (to.contains(name) ? to[name].get<std::string>() : "") + from[name].get<std::string>();
  };
  for (const auto& event : events_of(body)) {
    const auto delta = event["choices"].empty() ? json::object() : event["choices"][0]["delta"];
    for (const auto* name : {"content", "reasoning", "reasoning_content"})
      append(result, delta, name);
    for (const auto& detail : delta.value("reasoning_details", json::array()))
      result["reasoning_details"].push_back(detail);
    for (const auto& piece : delta.value("tool_calls", json::array())) {
      auto& call = result["tool_calls"][piece["index"].get<std::size_t>()];
      for (const auto* name : {"id", "type", "extra_content"})
        if (piece.contains(name))
          call[name] = piece[name];
      append(call["function"], piece["function"], "name");
      append(call["function"], piece["function"], "arguments");
    }
  }
  return result;
}

inline json join_anthropic(std::string_view body) {
  auto blocks = json::array();
  for (const auto& event : events_of(body)) {
    if (event["type"] == "content_block_start") {
      blocks.push_back(event["content_block"]);
    } else if (event["type"] == "content_block_delta") {
      for (const auto* name : {"thinking", "signature", "text"})
        if (event["delta"].contains(name))
          blocks.back()[name] =
            blocks.back()[name].get<std::string>() + event["delta"][name].get<std::string>();
    }
  }
  return {{"role", "assistant"}, {"content", std::move(blocks)}};
}

inline json join_gemini(std::string_view body) {
  auto parts = json::array();
  for (const auto& event : events_of(body))
    for (const auto& part : event["candidates"][0]["content"].value("parts", json::array()))
      parts.push_back(part);
  return {{"role", "model"}, {"parts", std::move(parts)}};
}

inline json join_ollama(std::string_view body) {
  json result = {{"role", "assistant"}, {"content", ""}};
  for (const auto& event : events_of(body)) {
    const auto& message = event["message"];
    if (message.contains("thinking"))
      result["thinking"] = result.value("thinking", "") + message["thinking"].get<std::string>();
    for (const auto& call : message.value("tool_calls", json::array()))
      result["tool_calls"].push_back(call);
  }
  return result;
}

/// An answer as a client sends it back with the conversation.
inline json message_of(simulator::protocol kind, bool stream, const std::string& body) {
  using simulator::protocol;
  switch (kind) {
    case protocol::openai:
      return stream ? join_openai(body) : json::parse(body)["choices"][0]["message"];
    case protocol::anthropic:
      return stream ? join_anthropic(body)
                    : json{{"role", "assistant"}, {"content", json::parse(body)["content"]}};
    case protocol::gemini:
      return stream ? join_gemini(body) : json::parse(body)["candidates"][0]["content"];
    case protocol::openai_responses:
    case protocol::ollama:
      break;
  }
  return stream ? join_ollama(body) : json::parse(body)["message"];
}

/// The items of an answer of Responses, which are more than a message: they go back one by one.
inline json items_of(bool stream, const std::string& body) {
  return stream ? events_of(body).back()["response"]["output"] : json::parse(body)["output"];
}

/// What a client sends behind a message: the results of its calls, and then what the user says. Where the user's
/// messages have blocks or parts, the results are some of them.
inline void answer_calls(simulator::protocol kind, json& history, const json& message, json user) {
  using simulator::protocol;
  auto results = json::array();
  if (kind == protocol::openai || kind == protocol::ollama) {
    for (const auto& call : message.value("tool_calls", json::array()))
      history.push_back({{"role", "tool"},
                         {kind == protocol::openai ? "tool_call_id" : "tool_name",
                          kind == protocol::openai ? call["id"] : call["function"]["name"]},
                         {"content", "42"}});
  } else if (kind == protocol::anthropic && message["content"].is_array()) {
    for (const auto& block : message["content"])
      if (block["type"] == "tool_use")
        results.push_back({{"type", "tool_result"}, {"tool_use_id", block["id"]}, {"content", "42"}});
    results.push_back({{"type", "text"}, {"text", user["content"]}});
    user["content"] = std::move(results);
  } else if (kind == protocol::gemini) {
    for (const auto& part : message["parts"])
      if (part.contains("functionCall")) {
        json result = {{"name", part["functionCall"]["name"]}, {"response", {{"output", "42"}}}};
        if (part["functionCall"].contains("id"))
          result["id"] = part["functionCall"]["id"];
        results.push_back({{"functionResponse", std::move(result)}});
      }
    results.push_back(user["parts"][0]);
    user["parts"] = std::move(results);
  }
  history.push_back(std::move(user));
}

/// The same behind the items of an answer of Responses.
inline void answer_items(json& history, const json& items, const json& user) {
  const auto is_answered = [&items](const json& call) {
    return std::ranges::any_of(items, [&call](const json& x) {
      return x.value("type", "") == "function_call_output" && x["call_id"] == call["call_id"];
    });
  };
  for (const auto& item : items)
    if (item.value("type", "") == "function_call" && !is_answered(item))
      history.push_back({{"type", "function_call_output"}, {"call_id", item["call_id"]}, {"output", "42"}});
  history.push_back(user);
}

/// A client of one protocol that talks with a simulator.
class conversation {
public:
  conversation(simulator::protocol kind, std::string_view scenario)
    : sim{{.scenario = simulator::parse_scenario(scenario)}}, kind_{kind}, user_{sim.port()} {}

  /// Sends a history: what the user says first, then each of these messages, with the results of its calls and what the
  /// user says next.
  response ask(const json& messages, bool stream = false, const std::string& instance = {}) {
    auto request = ask_for(kind_, stream, "hi there", instance);
    auto body = json::parse(request.body);
    auto& history = body[kind_ == simulator::protocol::gemini             ? "contents"
                         : kind_ == simulator::protocol::openai_responses ? "input"
                                                                          : "messages"];
    const auto user = history.back();
    for (const auto& message : messages) {
      history.push_back(message);
      // The items of an answer of Responses stand behind each other.
      if (kind_ != simulator::protocol::openai_responses)
        answer_calls(kind_, history, message, user);
    }
    if (kind_ == simulator::protocol::openai_responses && !messages.empty())
      answer_items(history, messages, user);
    return user_.ask("POST", request.target, body.dump(), request.headers);
  }

  /// The answer to a request without a history, as a message.
  json first_answer(bool stream = false, const std::string& instance = {}) {
    return message_of(kind_, stream, ask(json::array(), stream, instance).body);
  }

  /// The status with which a history of this one message is answered.
  unsigned status(const json& message, bool stream = false) {
    return ask(json::array({message}), stream).status;
  }

  /// The error with which a history of this one message is refused, its members in the order of the alphabet.
  std::string refusal(const json& message, bool stream = false) {
    const auto got = ask(json::array({message}), stream);
    return got.status == 400 ? json::parse(got.body).dump() : "status " + std::to_string(got.status);
  }

  simulator::server sim;

private:
  simulator::protocol kind_;
  client user_;
};

} // namespace magna::test
