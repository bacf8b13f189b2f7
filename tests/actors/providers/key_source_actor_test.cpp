// Keys that a source issues, through the whole runtime.

#include <magna/tests/actors/runtime_fixture.hpp>
#include <magna/tests/providers/keys/rsa_key.hpp>

#include <functional>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct manual_source : key_source {
  void fetch(const std::shared_ptr<transport>&, std::function<void(key_answer)> done) override {
    if (at_once)
      done(*at_once);
    else
      pending.push_back(std::move(done));
  }
  std::optional<key_answer> at_once;
  std::vector<std::function<void(key_answer)>> pending;
};

struct source_fixture : runtime_fixture {
  source_fixture() {
    config.providers.resize(2);
    config.providers[0].keys.clear();
    config.providers[0].source = source;
  }

  void issue(std::string key, std::chrono::seconds lifetime = 1h) {
    source->pending.back()(issued_key{std::move(key), lifetime});
    dispatch_messages();
  }

  void refuse(errc code) {
    source->pending.back()(no_key{code, "no key for you"});
    dispatch_messages();
  }

  /// The key of each request that went to the first provider.
  std::vector<std::string> keys_sent() const {
    std::vector<std::string> result;
    for (const auto& transfer : http->to("one"))
      for (const auto& [name, value] : transfer->request.headers)
        if (name == "Authorization")
          result.push_back(value);
    return result;
  }

  std::shared_ptr<manual_source> source = std::make_shared<manual_source>();
};

} // namespace

WITH_FIXTURE(source_fixture) {

SUITE("keys of a source") {

TEST("requests wait for the first key, and all get it") {
  http->scripts["one"].push_back(answer("Hello."));
  start();
  const auto first = ask_stream("a");
  const auto second = ask_stream("b");
  dispatch_messages();
  check_eq(source->pending.size(), 1u);
  check(http->transfers.empty());
  issue("token-1");
  check_eq(first->text(), "Hello.");
  check_eq(second->text(), "Hello.");
  check_eq(keys_sent(), (std::vector<std::string>{"Bearer token-1", "Bearer token-1"}));
}

TEST("a key is used until shortly before its end, and renewed without anybody waiting") {
  http->scripts["one"].push_back(answer("Hello."));
  start();
  ask_stream("a");
  dispatch_messages();
  issue("token-1");
  pass(56min, 10s);
  const auto second = ask_stream("b");
  dispatch_messages();
  check_eq(second->text(), "Hello.");
  check_eq(source->pending.size(), 2u);
  issue("token-2");
  ask_stream("c");
  dispatch_messages();
  check_eq(keys_sent(), (std::vector<std::string>{"Bearer token-1", "Bearer token-1", "Bearer token-2"}));
}

TEST("a source that refuses sends requests to the next provider, with its words in the trail") {
  http->scripts["two"].push_back(answer("From two."));
  start();
  const auto log = ask_stream("a");
  dispatch_messages();
  refuse(errc::authentication_failed);
  check_eq(log->text(), "From two.");
  require_eq(log->completions.size(), 1u);
  const auto& attempts = log->completions[0].attempts;
  check_eq(trail(attempts), (std::vector<std::string>{"one authentication_failed", "two ok"}));
  check_eq(attempts[0].message, "no key for you");
  check(http->to("one").empty());
}

TEST("a source that never answers fails after 30 s") {
  http->scripts["two"].push_back(answer("From two."));
  start();
  const auto log = ask_stream("a");
  dispatch_messages();
  pass(31s);
  check_eq(log->text(), "From two.");
  require_eq(log->completions.size(), 1u);
  check_eq(log->completions[0].attempts[0].message, "the source of keys did not answer within 30 s");
  check_eq(to_string(*log->completions[0].attempts[0].error), "provider_unavailable");
}

TEST("a key that the provider refuses is fetched anew for the next request") {
  http->scripts["one"].push_back(answer("Hello."));
  http->scripts["one"].push_back(status(401, "invalid_api_key"));
  http->scripts["one"].push_back(answer("Hello again."));
  http->scripts["two"].push_back(answer("From two."));
  start();
  ask_stream("a");
  dispatch_messages();
  issue("token-1");
  pass(2min, 10s);
  const auto refused = ask_stream("b");
  dispatch_messages();
  check_eq(refused->text(), "From two.");
  const auto third = ask_stream("c");
  dispatch_messages();
  require_eq(source->pending.size(), 2u);
  issue("token-2");
  check_eq(third->text(), "Hello again.");
  check_eq(keys_sent().back(), "Bearer token-2");
}

TEST("a request that is cancelled while it waits for a key is over, and takes no key with it") {
  start();
  const auto log = ask_stream("a");
  dispatch_messages();
  inject_exit(requester, caf::exit_reason::kill);
  dispatch_messages();
  issue("token-1");
  check(http->transfers.empty());
  check_eq(status_of("one").in_flight, 0u);
}

TEST("no error shows the key") {
  http->scripts["one"].push_back([](fake_transfer& transfer) {
    transfer.head(400, {{"content-type", "application/json"}});
    transfer.data(R"({"error":{"message":"bad key token-sesame-1","type":"invalid_request_error"}})");
    transfer.end();
  });
  config.providers.resize(1);
  start();
  const auto log = ask_stream("a");
  dispatch_messages();
  issue("token-sesame-1");
  require_eq(log->failures.size(), 1u);
  for (const auto& attempt : log->failures[0].attempts)
    check_eq(attempt.message.find("sesame"), std::string::npos);
  check_eq(log->failures[0].message.find("sesame"), std::string::npos);
}

TEST("a service account of Google gets its token over the same transport as all else") {
  const rsa_key pair;
  config.providers.resize(1);
  auto& vertex = config.providers[0];
  vertex.source = nullptr;
  vertex.kind = provider_kind::gemini;
  vertex.base_url = "http://one/v1beta1/projects/p/locations/global/publishers/google";
  vertex.google_credentials = nlohmann::json{
    {"type", "service_account"},
    {"client_email", "robot@p.iam.gserviceaccount.com"},
    {"private_key", pair.private_key()},
    {"token_uri",
     "https://tokens/token"}}.dump();
  http->scripts["tokens"].push_back([](fake_transfer& transfer) {
    transfer.head(200, {{"content-type", "application/json"}});
    transfer.data(R"({"access_token":"ya29.abc","expires_in":3600})");
    transfer.end();
  });
  http->scripts["one"].push_back([](fake_transfer& transfer) {
    transfer.head(200);
    transfer.data(
      "data: "
      "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello.\"}]},\"finishReason\":\"STOP\"}]}\n\n");
    transfer.end();
  });
  start();
  const auto log = ask_stream("a");
  dispatch_messages();
  check_eq(log->text(), "Hello.");
  check_eq(keys_sent(), std::vector<std::string>{"Bearer ya29.abc"});
  check_eq(http->to("one")[0]->request.url, "http://one/v1beta1/projects/p/locations/global/publishers/"
                                            "google/models/m:streamGenerateContent?alt=sse");
}

TEST("a probe waits for a key as well, and tells why there is none") {
  http->scripts["one"].push_back([](fake_transfer& transfer) {
    transfer.head(200, {{"content-type", "application/json"}});
    transfer.data(R"({"data":[{"id":"m"}]})");
    transfer.end();
  });
  config.providers.resize(1);
  start();
  const auto probe_one = [&] { return ask<probe_report>(table->provider("one"), probe{}); };
  check(!probe_one());
  check(http->transfers.empty());
  refuse(errc::provider_unavailable);
  pass(2s);
  source->at_once = no_key{errc::authentication_failed, "no key for you"};
  const auto refused = probe_one();
  require(static_cast<bool>(refused));
  check(!refused->usable);
  check_eq(to_string(refused->error.value_or(errc::timeout)), "authentication_failed");
  check_eq(refused->message, "no key for you");
  pass(11s);
  source->at_once = issued_key{"token-1", 1h};
  const auto usable = probe_one();
  require(static_cast<bool>(usable));
  check(usable->usable);
  check_eq(keys_sent(), std::vector<std::string>{"Bearer token-1"});
}

} // SUITE("keys of a source")

} // WITH_FIXTURE(source_fixture)
