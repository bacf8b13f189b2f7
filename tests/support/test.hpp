#pragma once

// The one header that a test includes. Tests are written in the idiom of CAF 1.x's test framework:
//
//   SUITE("retry policy") {
//
//   TEST("the second attempt waits one second") {
//     check_eq(policy.delay(2), 1s);
//     SECTION("with jitter") { ... }       // the test runs once per innermost section
//   }
//
//   WITH_FIXTURE(magna::test::deterministic) {
//
//   TEST("a timer fires in virtual time") {
//     auto worker = sys.spawn(...);
//     dispatch_messages();
//     advance_time(1s);
//     dispatch_messages();
//   }
//
//   } // WITH_FIXTURE
//   } // SUITE
//
// A check that fails is reported and the test goes on; a failed `require` ends the test. Both fail the run,
// as does an exception that leaves a test. Functions that are not a test's own (helpers, fixtures) reach the
// running test by `magna::test::runnable::current()`.
//
// CAF 1.x provides all of this itself; CAF 0.18's framework gets these names from caf_018.hpp. Dropping CAF
// 0.18 means deleting that file and its #else here.

#include <caf/config.hpp>

#if CAF_VERSION >= 10000

#  include <caf/expected.hpp>
#  include <caf/scoped_actor.hpp>
#  include <caf/sec.hpp>
#  include <caf/test/approx.hpp>
#  include <caf/test/fixture/deterministic.hpp>
#  include <caf/test/runnable.hpp>
#  include <caf/test/test.hpp>

namespace magna::test {

using caf::test::approx;
using caf::test::runnable;

/// An actor system whose scheduler and clock only move when the test says so. Actors that are still alive at
/// the end of the test don't hold it up.
class deterministic : public caf::test::fixture::deterministic {
public:
  ~deterministic() noexcept override { sys.await_actors_before_shutdown(false); }

  /// Sends a request, dispatches all messages, and returns the response; `sec::request_timeout` if there is
  /// none yet.
  template <class T, class Handle, class... Ts>
  caf::expected<T> ask(const Handle& hdl, Ts&&... xs) {
    caf::scoped_actor self{sys};
    auto request = self->mail(std::forward<Ts>(xs)...).request(hdl, caf::infinite);
    dispatch_messages();
    if (!self->has_next_message())
      return caf::expected<T>{caf::unexpect, caf::sec::request_timeout};
    caf::expected<T> result{caf::unexpect};
    std::move(request).receive(
      [&](T& x) { result = std::move(x); },
      [&](caf::error& err) { result = caf::unexpected<caf::error>{std::move(err)}; });
    return result;
  }
};

} // namespace magna::test

#else

#  include "caf_018.hpp"

#endif

#include <regex>
#include <source_location>
#include <string>
#include <string_view>

namespace magna::test {

/// Checks whether the regular expression matches anywhere in the text. (CAF's own check_matches wants the
/// whole text.)
inline void check_found(std::string_view text, std::string_view pattern,
                        const std::source_location& location = std::source_location::current()) {
  if (std::regex_search(text.begin(), text.end(), std::regex{pattern.begin(), pattern.end()}))
    runnable::current().check(true, location);
  else
    runnable::current().check_eq(std::string{text}, "a text with " + std::string{pattern}, location);
}

} // namespace magna::test
