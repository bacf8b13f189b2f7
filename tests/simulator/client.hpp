#pragma once

#include <magna/simulator/net.hpp>
#include <magna/simulator/server.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace magna::test {

/// What a client got of one response: up to its end, or to the error that ended it.
struct response {
  unsigned status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
  boost::system::error_code error;

  std::string header(const std::string& name) const {
    auto i = headers.find(name);
    return i == headers.end() ? std::string{} : i->second;
  }
};

using header_list = std::vector<std::pair<std::string, std::string>>;

/// A blocking HTTP client with one connection. Its reads wait as long as the server takes: the test's own
/// time limit is the bound.
class client {
public:
  explicit client(std::uint16_t port) : socket_{io_} {
    namespace asio = boost::asio;
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  void send(std::string_view method, std::string_view target, std::string_view body = {},
            const header_list& headers = {}) {
    std::string request;
    request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (const auto& [name, value] : headers)
      request.append(name).append(": ").append(value).append("\r\n");
    if (method == "POST")
      request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    send_raw(request.append("\r\n").append(body));
  }

  void send_raw(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  /// Reads one response.
  response receive(bool to_head = false) {
    namespace http = boost::beast::http;
    http::response_parser<http::string_body> parser;
    parser.body_limit(1ULL << 32U);
    parser.eager(true);
    parser.skip(to_head);
    response result;
    http::read(socket_, buffer_, parser, result.error);
    if (!parser.is_header_done())
      return result;
    result.status = parser.get().result_int();
    for (const auto& field : parser.get())
      result.headers[std::string{field.name_string()}] = std::string{field.value()};
    result.body = parser.get().body();
    return result;
  }

  response ask(std::string_view method, std::string_view target, std::string_view body = {},
               const header_list& headers = {}) {
    send(method, target, body, headers);
    return receive(method == "HEAD");
  }

  /// Reads bytes until they end with `end`, or the connection does.
  std::string receive_until(std::string_view end) {
    std::string result;
    boost::system::error_code error;
    char byte = 0;
    while (!result.ends_with(end) && socket_.read_some(boost::asio::buffer(&byte, 1), error) == 1)
      result += byte;
    return result;
  }

  /// Waits until the server closes, and returns the error that tells how.
  boost::system::error_code wait_for_close() {
    boost::system::error_code error;
    char byte = 0;
    while (socket_.read_some(boost::asio::buffer(&byte, 1), error) == 1) {}
    return error;
  }

  void close() { socket_.close(); }

private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

/// A generation request of each protocol.
struct generation {
  std::string target;
  std::string body;
  header_list headers;
};

inline generation ask_for(simulator::protocol kind, bool stream, const std::string& prompt = "hi there",
                          const std::string& instance = {}) {
  using simulator::protocol;
  auto prefix = instance.empty() ? std::string{} : "/i/" + instance;
  std::string messages =
    R"("messages":[{"role":"system","content":"Be terse."},{"role":"user","content":")" + prompt + R"("}])";
  switch (kind) {
    case protocol::gemini:
      return {prefix + "/v1beta/models/g:" + (stream ? "streamGenerateContent?alt=sse" : "generateContent"),
              R"({"contents":[{"role":"user","parts":[{"text":")" + prompt + R"("}]}]})",
              {{"x-goog-api-key", "k"}}};
    case protocol::openai:
      return {prefix + "/v1/chat/completions",
              R"({"model":"o",)" + messages
                + (stream ? R"(,"stream":true,"stream_options":{"include_usage":true}})" : "}"),
              {{"Authorization", "Bearer k"}}};
    case protocol::openai_responses:
      return {prefix + "/v1/responses",
              R"({"model":"o","store":false,"include":["reasoning.encrypted_content"],"input":[)"
              R"({"role":"system","content":"Be terse."},{"role":"user","content":")"
                + prompt + R"("}])" + (stream ? R"(,"stream":true})" : "}"),
              {{"Authorization", "Bearer k"}}};
    case protocol::anthropic:
      return {prefix + "/v1/messages",
              R"({"model":"a","max_tokens":9,"system":"Be terse.","messages":[{"role":"user","content":")"
                + prompt + R"("}])" + (stream ? R"(,"stream":true})" : "}"),
              {{"x-api-key", "k"}, {"anthropic-version", "2023-06-01"}}};
    case protocol::ollama:
      break;
  }
  return {prefix + "/api/chat", R"({"model":"l",)" + messages + (stream ? "}" : R"(,"stream":false})"), {}};
}

inline constexpr auto every_protocol = {simulator::protocol::gemini, simulator::protocol::openai,
                                        simulator::protocol::openai_responses, simulator::protocol::ollama};

} // namespace magna::test
