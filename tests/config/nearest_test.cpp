#include <magna/config/nearest.hpp>

#include <magna/tests/support/test.hpp>

#include <array>
#include <string>
#include <string_view>

using namespace magna::config;

SUITE("config.nearest") {

TEST("a typing error finds the word that was meant") {
  constexpr std::array<std::string_view, 4> words{"temperature", "top_p", "timeout_seconds", "chain"};
  check_eq(nearest("temprature", words), "temperature");
  check_eq(nearest("tempreature", words), "temperature");
  check_eq(nearest("topp", words), "top_p");
  check_eq(nearest("chian", words), "chain");
  check_eq(nearest("timeout_second", words), "timeout_seconds");
}

TEST("the beginning of one word finds it, the beginning of several does not") {
  constexpr std::array<std::string_view, 4> words{"--temperature", "--timeout", "--idle-timeout",
                                                  "--idle-time"};
  check_eq(nearest("--temp", words), "--temperature");
  check_eq(nearest("--idle", words), "");
}

TEST("what resembles no word finds none") {
  constexpr std::array<std::string_view, 3> words{"temperature", "top_p", "x"};
  check_eq(nearest("colour", words), "");
  check_eq(nearest("y", words), "");
  check_eq(nearest("", words), "");
  check_eq(nearest(std::string(100'000, 't'), words), "");
  check_eq(nearest_hint("colour", words), "");
  check_eq(nearest_hint("top-p", words), "; did you mean 'top_p'?");
}

} // SUITE("config.nearest")
