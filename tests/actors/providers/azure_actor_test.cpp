// Azure OpenAI, through the whole runtime: where requests go, what a probe proves, what is never shown.

#include <magna/tests/actors/runtime_fixture.hpp>

using namespace magna;
using namespace magna::test;

namespace {

struct azure_fixture : runtime_fixture {
  azure_fixture() {
    config.providers.resize(1);
    auto& azure = config.providers[0];
    azure.base_url =
      "https://res.openai.azure.com/openai/deployments/d?api-version=2024-10-21&subscription-key=sesame-open";
    azure.keys = {"key-of-azure"};
  }

  /// What the server answers to everything.
  void answer_with(int status, std::string body) {
    http->scripts["res.openai.azure.com"].push_back(
      [status, body = std::move(body)](fake_transfer& transfer) {
        transfer.head(status, {{"content-type", "application/json"}});
        transfer.data(body);
        transfer.end();
      });
  }

  /// "usable" or the error of a probe.
  std::string probe_result(int status, std::string body) {
    http->scripts.clear();
    answer_with(status, std::move(body));
    const auto report = ask<probe_report>(table->provider("one"), probe{});
    if (!report)
      return "no report";
    return report->usable ? "usable" : to_string(*report->error);
  }
};

} // namespace

WITH_FIXTURE(azure_fixture) {

SUITE("azure") {

TEST("a request goes below the deployment, with the query, and with Azure's header") {
  http->scripts["res.openai.azure.com"].push_back(answer("Hello."));
  start();
  const auto log = ask_stream("Hi");
  dispatch_messages();
  check_eq(log->text(), "Hello.");
  require_eq(http->transfers.size(), 1u);
  const auto& request = http->transfers[0]->request;
  check_eq(request.url, "https://res.openai.azure.com/openai/deployments/d/chat/completions"
                        "?api-version=2024-10-21&subscription-key=sesame-open");
  std::string keys;
  for (const auto& [name, value] : request.headers)
    if (value.find("key-of-azure") != std::string::npos)
      keys += name + ": " + value + "\n";
  check_eq(keys, "api-key: key-of-azure\n");
}

TEST("a probe of deployments proves that the server lives and takes the key, and nothing of a model") {
  start();
  check_eq(probe_result(200, R"({"data":[{"id":"gpt-6-luna"}]})"), "usable");
  check_eq(probe_result(404, R"({"error":{"code":"404","message":"Resource not found"}})"), "usable");
  check_eq(probe_result(
             401, R"({"error":{"code":"401","message":"Access denied due to invalid subscription key"}})"),
           "authentication_failed");
  check_eq(probe_result(503, ""), "provider_unavailable");
}

TEST("elsewhere a model that is not listed is doubted") {
  config.providers[0].base_url = "https://res.openai.azure.com.example/v1";
  start();
  http->scripts["res.openai.azure.com.example"].push_back([](fake_transfer& transfer) {
    transfer.head(404, {{"content-type", "application/json"}});
    transfer.data(R"({"error":{"code":"404","message":"Resource not found"}})");
    transfer.end();
  });
  const auto report = ask<probe_report>(table->provider("one"), probe{});
  require(static_cast<bool>(report));
  check(report->usable);
  check(report->error == errc::model_not_found);
}

TEST("what a server echoes of key and query is hidden") {
  answer_with(
    400,
    R"({"error":{"message":"bad: key-of-azure, sesame-open, 2024-10-21","type":"invalid_request_error"}})");
  start();
  const auto log = ask_stream("Hi");
  dispatch_messages();
  require_eq(log->failures.size(), 1u);
  const auto& message = log->failures[0].attempts.at(0).message;
  check_eq(message.find("key-of-azure"), std::string::npos);
  check_eq(message.find("sesame"), std::string::npos);
  check_ne(message.find("2024-10-21"), std::string::npos);
}

} // SUITE("azure")

} // WITH_FIXTURE(azure_fixture)
