#pragma once

#include <magna/simulator/director.hpp>
#include <magna/simulator/handouts.hpp>
#include <magna/simulator/journal.hpp>
#include <magna/simulator/net.hpp>
#include <magna/simulator/playback.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace magna::simulator {

/// What the connections of one server share. Outlives them.
struct house {
  director steps;
  journal log;
  handouts given{}; ///< Only the server's thread uses it.
  std::function<void(std::string_view)> say;
  std::atomic<std::size_t> connections{0};
};

/// One connection: reads a request, plays the answer, and again. Runs on the server's one thread; lives as
/// long as one of its operations is under way. While it answers, a read is always pending, so that a client
/// that leaves is noticed at once, also in a stall.
class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, house& shared, std::uint64_t number);
  ~session();

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  void start();

private:
  void read_head();
  void on_head(const boost::system::error_code& error);
  void read_body();
  void on_body(const boost::system::error_code& error);
  void refuse_body();
  void handle(const std::string& body);
  playback answer(const incoming& request);
  playback generate(const step& options, const incoming& request);
  void log_arrival(const incoming& request, const std::string& body);

  void play();
  void send(action what);
  void finish_answer();

  void watch();
  void on_watch(const boost::system::error_code& error, std::size_t size);
  void client_left();
  void linger();
  void drain();

  void end_entry(ending how);
  void close();

  tcp::socket socket_;
  house& house_;
  std::uint64_t number_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  incoming request_;
  std::optional<playback> playback_;
  std::optional<std::uint64_t> ticket_; // set while a logged request is being answered
  std::string outgoing_;
  std::array<char, 4096> scrap_{};
  bool watching_ = false;
  bool next_when_unwatched_ = false;
  bool closed_ = false;
};

} // namespace magna::simulator
