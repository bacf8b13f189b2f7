#pragma once

#include <magna/simulator/playback.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <magna/tests/simulator/client.hpp>

namespace magna::test {

/// What a playback did.
struct played {
  std::string head;
  std::string body; ///< Without HTTP's framing.
  std::vector<std::size_t> pieces;
  std::vector<std::chrono::milliseconds> waits;
  std::size_t tokens = 0;
  simulator::action::kind end = simulator::action::kind::done;
  bool last_chunk = false;
  unsigned status = 0;
};

/// A generation, as the server would have read it.
inline simulator::incoming request_for(simulator::protocol kind, bool stream,
                                       const std::string& prompt = "hi there") {
  auto generation = ask_for(kind, stream, prompt);
  simulator::incoming result;
  result.method = "POST";
  for (const auto& [name, value] : generation.headers)
    result.headers.emplace(name, value);
  result.target = generation.target;
  simulator::interpret(result, generation.body);
  return result;
}

/// Takes HTTP's chunk framing off one write.
inline std::string_view unchunk(std::string_view bytes) {
  auto start = bytes.find("\r\n") + 2;
  return bytes.substr(start, bytes.size() - start - 2);
}

/// Plays one step, "cut(after=3)", to its end. Nothing waits.
inline played play(std::string_view options, const simulator::incoming& request) {
  auto scenario =
    simulator::parse_scenario(std::string{simulator::to_string(request.kind)} + "=" + std::string{options});
  simulator::playback source{scenario.tracks.at(0).steps.at(0), request, 0};
  played result;
  result.status = source.status();
  for (auto next = source.next();; next = source.next()) {
    if (next.what == simulator::action::kind::wait) {
      result.waits.push_back(next.pause);
    } else if (next.what != simulator::action::kind::send) {
      result.end = next.what;
      return result;
    } else if (result.head.empty()) {
      result.head = next.bytes;
    } else if (next.bytes == "0\r\n\r\n") {
      result.last_chunk = true;
    } else {
      auto chunked = result.head.find("Transfer-Encoding: chunked") != std::string::npos;
      auto bytes = chunked ? unchunk(next.bytes) : std::string_view{next.bytes};
      result.body += bytes;
      result.pieces.push_back(bytes.size());
      result.tokens += next.tokens;
    }
  }
}

inline played play(std::string_view options, simulator::protocol kind, bool stream = true) {
  return play(options, request_for(kind, stream));
}

/// The payloads of a stream, which must be framed as its protocol says.
inline std::vector<std::string> payloads(std::string_view body, simulator::protocol kind) {
  const bool is_named = kind == simulator::protocol::openai_responses;
  std::string_view start = kind == simulator::protocol::ollama ? "" : "data: ";
  std::string_view end = kind == simulator::protocol::gemini               ? "\r\n\r\n"
                         : kind == simulator::protocol::openai || is_named ? "\n\n"
                                                                           : "\n";
  std::vector<std::string> result;
  while (!body.empty()) {
    std::string_view name;
    if (is_named && body.starts_with("event: ")) {
      name = body.substr(7, body.find('\n') - 7);
      body.remove_prefix(name.size() + 8);
    }
    auto stop = body.find(end);
    if (!name.empty() && !body.starts_with(R"(data: {"type":")" + std::string{name} + '"'))
      return {"wrongly named: " + std::string{name}};
    if (stop == std::string_view::npos || !body.starts_with(start))
      return {"badly framed: " + std::string{body}};
    result.emplace_back(body.substr(start.size(), stop - start.size()));
    body.remove_prefix(stop + end.size());
  }
  return result;
}

} // namespace magna::test
