#include <magna/app/waiting.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>

using namespace magna;
using namespace std::chrono_literals;
using app::waiting_text;

SUITE("app.waiting") {

TEST("after 2 s of silence it says who is waited for") {
  const auto start = app::waiting_state::time_point{} + 1h;
  const app::waiting_state what{.provider = "gemini", .attempt = 2, .failed = {}, .since = start};
  check_eq(waiting_text(what, start, start + 1999ms), "");
  check_eq(waiting_text(what, start, start + 2s), "waiting for gemini (attempt 2, 2 s)");
  check_eq(waiting_text(what, start, start + 65s), "waiting for gemini (attempt 2, 65 s)");
  // The last word came later than the attempt began.
  check_eq(waiting_text(what, start + 64s, start + 65s), "");
}

TEST("a backoff is told after 1 s, with what it is for") {
  const auto start = app::waiting_state::time_point{} + 1h;
  const app::waiting_state what{.provider = "gemini", .attempt = 1, .failed = errc::timeout, .since = start};
  check_eq(waiting_text(what, start, start + 999ms), "");
  check_eq(waiting_text(what, start, start + 1s), "gemini: timeout; waiting before the next attempt (1 s)");
}

TEST("a node's attempts are its own; before the first provider there is nothing to tell") {
  const auto start = app::waiting_state::time_point{} + 1h;
  check_eq(waiting_text({.provider = "node h:4711", .since = start}, start, start + 3s),
           "waiting for node h:4711 (3 s)");
  check_eq(waiting_text({}, start, start + 3s), "");
}

TEST("a provider's name can't steer the terminal") {
  const auto start = app::waiting_state::time_point{} + 1h;
  const auto text = waiting_text({.provider = "a\x1b[2Jb", .since = start}, start, start + 3s);
  check_eq(text.find('\x1b'), std::string::npos);
}

} // SUITE("app.waiting")
