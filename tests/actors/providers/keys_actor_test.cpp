#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

using strings = std::vector<std::string>;

/// A whole response of JSON, or of a page.
fake_transport::script document(int code, std::string type, std::string body) {
  return [=](fake_transfer& x) {
    x.head(code, {{"content-type", type}});
    x.data(body);
    x.end();
  };
}

/// An answer whose headers say that the key has nothing left for 30 s.
void last_one(fake_transfer& x) {
  x.head(200, {{"content-type", "text/event-stream"},
               {"x-ratelimit-remaining-requests", "0"},
               {"x-ratelimit-reset-requests", "30s"}});
  x.token("one");
  x.finish();
  x.end();
}

class keys_fixture : public runtime_fixture {
public:
  /// "one ok" and the like, of one request.
  strings ask_all() {
    const auto got = ask_stream("hi");
    return trail(got->completions.empty() ? got->failures.at(0).attempts : got->completions[0].attempts);
  }

  /// The methods of all that went to a host.
  std::string methods(std::string_view host) const {
    std::string result;
    for (const auto& x : http->to(host))
      result += x->request.method + " ";
    return result;
  }
};

} // namespace

SUITE("keys") {

WITH_FIXTURE(keys_fixture) {

TEST("a provider whose only key was refused is left alone for ten minutes, but for a probe a minute") {
  config.providers.resize(1);
  http->scripts["one"] = {status(401, "invalid_api_key")};
  start();
  ask_stream("hi");
  const auto refused = ask_stream("hi");
  const auto& end = refused->failures.at(0);
  check(end.error == errc::authentication_failed);
  check(end.retry_after == caf::timespan{10min});
  check_eq(end.message,
           "one: every key was refused before; the first is tried again in 10 min; correct the key and "
           "reload or restart");
  ask_stream("hi");
  check_eq(methods("one"), "POST GET ");
  pass(1min, 1s);
  ask_stream("hi");
  check_eq(methods("one"), "POST GET GET ");
  pass(9min, 1s);
  ask_stream("hi");
  check_eq(methods("one"), "POST GET GET POST ");
  // Refused again: twice as long.
  pass(19min, 1s);
  ask_stream("hi");
  check_eq(methods("one"), "POST GET GET POST GET ");
}

TEST("a key that a probe finds accepted again is used at once") {
  config.providers.resize(1);
  http->scripts["one"] = {status(401, "invalid_api_key"),
                          document(200, "application/json", R"({"data":[{"id":"m"}]})"), answer("back")};
  start();
  check_eq(ask_all(), strings{"one authentication_failed"});
  check_eq(ask_all(), strings{"one authentication_failed"});
  check_eq(ask_all(), strings{"one ok"});
}

TEST("what is not about the key puts no key aside: a page, content, a region, a model") {
  const fake_transport::script none_about_the_key[] = {
    document(403, "text/html", "<html><title>Just a moment...</title></html>"),
    document(401, "text/html", "<html><title>401 Authorization Required</title></html>"),
    document(
      403, "application/json",
      R"({"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"]}}})"),
    document(403, "application/json", R"({"error":{"message":"Not available in your region"}})"),
    document(403, "application/json", R"({"error":{"message":"You do not have access to the model m"}})"),
    document(403, "application/json", ""),
  };
  config.fallback_on_content_filter = true;
  config.failure_threshold = 100;
  for (const auto& script : none_about_the_key)
    http->scripts["one"].push_back(script);
  http->scripts["one"].push_back(answer("one"));
  http->scripts["two"] = {answer("two")};
  start();
  for (std::size_t i = 0; i < std::size(none_about_the_key); ++i)
    check_eq(ask_all().back(), "two ok");
  check_eq(ask_all(), strings{"one ok"});
}

TEST("a key that has nothing left is spared while another one is there, and then its provider") {
  config.providers[0].keys = {"a", "b"};
  http->scripts["one"] = {last_one};
  http->scripts["two"] = {answer("two")};
  start();
  check_eq(ask_all(), strings{"one ok"});
  check_eq(ask_all(), strings{"one ok"});
  check_eq(ask_all(), strings{"two ok"});
  pass(30s, 1s);
  check_eq(ask_all(), strings{"one ok"});
}

TEST("who is alone is asked although it has nothing left") {
  config.providers.resize(1);
  http->scripts["one"] = {last_one};
  start();
  check_eq(ask_all(), strings{"one ok"});
  check_eq(ask_all(), strings{"one ok"});
}

TEST("what one provider calls invalid another answers; if all do, the first one's words are the error") {
  const auto invalid = [](const std::string& words) {
    return document(400, "application/json", R"({"error":{"message":")" + words + R"("}})");
  };
  http->scripts["one"] = {invalid("one says no")};
  http->scripts["two"] = {answer("two"), invalid("two says no")};
  http->scripts["three"] = {invalid("three says no")};
  start();
  check_eq(ask_all(), strings{"one invalid_request", "two ok"});
  const auto got = ask_stream("hi");
  const auto& end = got->failures.at(0);
  check(end.error == errc::invalid_request);
  check_eq(end.provider, "one");
  check_eq(end.http_status, 400u);
  check_eq(end.message,
           "no provider takes the request: one: invalid_request (one says no); two: invalid_request (two "
           "says no); three: invalid_request (three says no)");
  check_eq(status_of("one").state, health_state::unknown);
}

TEST("a provider that is alone is asked again when it is unavailable, after as long as it says") {
  config.providers.resize(1);
  http->scripts["one"] = {status(503, "", {{"retry-after", "4"}}), refused(), answer("at last")};
  start();
  const auto got = ask_stream("hi");
  pass(3900ms);
  check_eq(got->ends(), 0u);
  pass(200ms);
  check_eq(http->transfers.size(), 2u);
  pass(3s);
  check_eq(got->text(), "at last");
}

} // WITH_FIXTURE(keys_fixture)

} // SUITE("keys")
