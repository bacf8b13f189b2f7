#pragma once

#include <chrono>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/client/client.hpp>
#include <magna/simulator/server.hpp>
#include <magna/tests/support/test.hpp>

namespace magna::test {

using namespace std::chrono_literals;

/// A simulator, and settings of two providers that it plays: "gemini", then "openai". Threads, sockets and
/// time are the system's.
class client_fixture {
public:
  client_fixture() {
    for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      unsetenv(name);
    // Failures that are meant to happen.
    logger()->set_level(spdlog::level::off);
    add("gemini", provider_kind::gemini, sim.url(simulator::protocol::gemini));
    add("openai", provider_kind::openai, sim.url(simulator::protocol::openai));
    config.retry_delay = 10ms;
  }

  void add(std::string name, provider_kind kind, std::string base_url) {
    provider_settings made;
    made.name = std::move(name);
    made.kind = kind;
    made.base_url = std::move(base_url);
    made.model = default_model(kind);
    made.keys = {"key"};
    config.providers.push_back(made);
  }

  void steps(std::string_view text) { sim.set_scenario(simulator::parse_scenario(text)); }

  /// Whether so many requests have ended since their client closed the connection.
  bool closed_by_client(std::size_t count) const {
    return sim.wait_for(
      [count](const std::deque<simulator::request_log>& all) {
        std::size_t found = 0;
        for (const auto& x : all)
          found += x.end == simulator::ending::client_closed ? 1 : 0;
        return found >= count;
      },
      20s);
  }

  static std::string text_of(const answer_stream& from) {
    std::string result;
    for (const auto& x : from)
      result += x.text();
    return result;
  }

  simulator::server sim;
  settings config;
};

} // namespace magna::test
