#include "fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/config/load.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>

using namespace magna;
using namespace magna::test;

namespace {

/// Variables of this process for as long as it lives.
class environment {
public:
  explicit environment(std::map<std::string, std::string> values) : values_(std::move(values)) {
    for (const auto& [name, value] : values_)
      setenv(name.c_str(), value.c_str(), 1);
  }
  ~environment() {
    for (const auto& [name, value] : values_)
      unsetenv(name.c_str());
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

private:
  std::map<std::string, std::string> values_;
};

} // namespace

WITH_FIXTURE(client_fixture) {

SUITE("client") {

TEST("a prompt is enough for an answer, and the answer says where it came from") {
  steps("gemini=ok(text=\"Because it scatters.\", prompt_tokens=7)");
  client llm{config};
  check_eq(llm.last_used_provider(), "");
  const auto answer = llm.generate("Why is the sky blue?");
  require(answer.has_value());
  check_eq(answer->text, "Because it scatters.");
  check_eq(answer->provider, "gemini");
  check_eq(answer->usage.prompt_tokens, 7u);
  check_eq(answer->attempts.size(), 1u);
  check(!answer->request_id.empty());
  check_eq(answer.value().text, answer->text);
}

TEST("the last used provider is the one that has answered") {
  steps("gemini=server_error; openai=ok(text=\"From the other one.\")");
  client llm{config};
  const auto answer = llm.generate(make_request("Hello", "Be brief."));
  require(answer.has_value());
  check_eq(answer->text, "From the other one.");
  check_eq(llm.last_used_provider(), "openai");
  check_ne(sim.requests().at(1).body.find("Be brief."), std::string::npos);
}

TEST("a failure has its facts as fields, and is thrown by value()") {
  steps("gemini=rate_limited(retry_after=30)");
  config.providers.resize(1);
  client llm{config};
  const auto answer = llm.generate("Hello", 10s);
  require(!answer);
  const auto& problem = answer.error();
  check_eq(problem.error, errc::rate_limited);
  check_eq(problem.provider, "gemini");
  check(problem.retryable);
  check(problem.retry_after == caf::timespan{30s});
  require_eq(problem.attempts.size(), 1u);
  check_eq(problem.attempts[0].http_status, std::uint16_t{429});
  try {
    static_cast<void>(answer.value());
    fail("nothing was thrown");
  } catch (const magna::error& thrown) {
    check_eq(thrown.kind(), errc::rate_limited);
    check(thrown.details() == problem);
    check_eq(std::string{thrown.what()}, "rate_limited: " + problem.message);
  }
}

TEST("a timeout ends the request at the provider as well") {
  steps("all=stall");
  client llm{config};
  const auto began = std::chrono::steady_clock::now();
  const auto answer = llm.generate("Hello", 300ms);
  require(!answer);
  check_eq(answer.error().error, errc::deadline_exceeded);
  check(std::chrono::steady_clock::now() - began < 15s);
  check(closed_by_client(1));
}

TEST("a request that is wrong fails at once, as does a timeout that is none") {
  client llm{config};
  const auto empty = llm.generate("");
  require(!empty);
  check_eq(empty.error().error, errc::invalid_request);
  const auto never = llm.generate("Hello", 0ms);
  require(!never);
  check_eq(never.error().error, errc::invalid_request);
  check_eq(sim.requests().size(), 0u);
}

TEST("an answer can be waited for later, or for a while, or as a std::future") {
  steps("gemini=ok(text=\"Later.\", first_token_delay=200)");
  client llm{config};
  const auto pending = llm.async_generate("Hello");
  check(!pending.wait_for(0ms));
  check(pending.wait_for(20s));
  check_eq(pending.get().value().text, "Later.");
  std::future<expected<completion>> future = llm.async_generate("Hello");
  require(future.wait_for(20s) == std::future_status::ready);
  check_eq(future.get().value().text, "Later.");
}

TEST("dropping a pending answer cancels its request; a future does not") {
  steps("gemini=stall,ok(text=\"Still.\", first_token_delay=100)");
  client llm{config};
  {
    const auto dropped = llm.async_generate("Hello");
    require(sim.wait_for_requests(1));
  }
  check(closed_by_client(1));
  { std::future<expected<completion>> dropped = llm.async_generate("Hello"); }
  check(sim.wait_for(
    [](const auto& all) { return all.size() == 2 && all[1].end == simulator::ending::answered; }));
}

TEST("settings that can't be used are all named") {
  config.providers[0].base_url = "ftp://example.org";
  config.max_attempts = 0;
  try {
    client llm{config};
    fail("nothing was thrown");
  } catch (const settings_error& thrown) {
    require_eq(thrown.errors().size(), 2u);
    check_found(thrown.what(), "max_attempts");
    check_found(thrown.what(), "provider\\[gemini\\]\\.base_url");
  }
}

TEST("the environment configures a client") {
  const environment of_test{{{"GEMINI_API_KEY", "key"},
                             {"GEMINI_BASE_URL", sim.url(simulator::protocol::gemini)},
                             {"GEMINI_MODEL", "gemini-of-the-environment"}}};
  auto llm = client::from_environment();
  check(llm.generate("Hello").has_value());
  check_eq(sim.requests().at(0).model, "gemini-of-the-environment");
}

TEST("a wrong variable is named") {
  const environment of_test{{{"GEMINI_API_KEY", "key"}, {"LLM_TEMPERATURE", "7"}}};
  try {
    const auto llm = client::from_environment();
    fail("nothing was thrown");
  } catch (const config::config_error& thrown) {
    require_eq(thrown.errors().size(), 1u);
    check_found(thrown.what(), "LLM_TEMPERATURE.*7");
  }
}

TEST("a file configures a client, and a wrong line of it is named") {
  const auto path =
    std::filesystem::temp_directory_path() / ("magna-client-test-" + std::to_string(getpid()) + ".toml");
  std::ofstream{path} << "[[provider]]\nname = \"mine\"\nkind = \"openai\"\nmodel = \"of-the-file\"\n"
                      << "base_url = \"" << sim.url(simulator::protocol::openai) << "\"\napi_key = \"k\"\n";
  {
    auto llm = client::from_file(path);
    check_eq(llm.generate("Hello").value().provider, "mine");
    check_eq(sim.requests().at(0).model, "of-the-file");
  }
  std::ofstream{path} << "max_retries = 99\n";
  try {
    const auto llm = client::from_file(path);
    fail("nothing was thrown");
  } catch (const config::config_error& thrown) {
    check_found(thrown.what(), "max_retries.*99");
  }
  std::filesystem::remove(path);
}

TEST("the providers are probed, and their figures are known") {
  steps("gemini(on=probe)=server_error");
  client llm{config};
  const auto health = llm.check_health();
  require(health.has_value());
  require_eq(health->providers.size(), 2u);
  check_eq(health->providers[0].provider, "gemini");
  check(!health->providers[0].usable);
  check_eq(health->providers[1].provider, "openai");
  check(health->providers[1].usable);
  auto question = make_request("Hello");
  question.targets = {"openai"};
  require(llm.generate(question).has_value());
  const auto status = llm.provider_status();
  require(status.has_value());
  check_eq(status->providers.at(1).name, "openai");
  check_eq(status->providers.at(1).successes, 1u);
  check_eq(status->providers.at(1).state, health_state::healthy);
}

TEST("a subscriber hears of a provider that becomes unavailable, until it leaves") {
  steps("gemini=server_error");
  config.failure_threshold = 1;
  client llm{config};
  std::promise<health_event> heard;
  std::atomic<int> calls{0};
  auto ear = llm.subscribe([&](const health_event& what) {
    if (++calls == 1)
      heard.set_value(what);
  });
  require(llm.generate("Hello").has_value());
  auto first = heard.get_future();
  require(first.wait_for(20s) == std::future_status::ready);
  const auto event = first.get();
  check_eq(event.provider, "gemini");
  check_eq(event.to, health_state::unavailable);
  ear = {};
  const auto before = calls.load();
  steps("openai=server_error");
  static_cast<void>(llm.generate("Hello"));
  check_eq(llm.provider_status().value().providers.at(1).state, health_state::unavailable);
  check_eq(calls.load(), before);
}

TEST("a reload is for the requests that follow; wrong settings change nothing") {
  client llm{config};
  require(llm.generate("Hello").has_value());
  auto other = config;
  other.providers[0].model = "another";
  check(llm.reload(other).empty());
  require(llm.generate("Hello").has_value());
  check_eq(sim.requests().at(1).model, "another");
  other.max_attempts = 0;
  const auto problems = llm.reload(other);
  require_eq(problems.size(), 1u);
  check_eq(problems[0].setting, "max_attempts");
  check(llm.generate("Hello").has_value());
}

TEST("a client shares a runtime with the actors of its program") {
  caf::actor_system_config cfg;
  configure(cfg);
  caf::actor_system sys{cfg};
  runtime shared{sys, config};
  steps("gemini=ok(text=\"Shared.\")");
  client llm{sys, shared.service()};
  check_eq(llm.generate("Hello").value().text, "Shared.");
  const auto refused = [&llm, this] { static_cast<void>(llm.reload(config)); };
  check_throws<std::logic_error>(refused);
  shared.shutdown(0ms);
  const auto late = llm.generate("Hello", 10s);
  check(!late);
  const auto status = llm.provider_status();
  check(!status);
}

TEST("a client in the program's own actor system leaves it as it was") {
  caf::actor_system_config cfg;
  configure(cfg);
  caf::actor_system sys{cfg};
  {
    client llm{sys, config};
    check(llm.generate("Hello").has_value());
  }
  client again{sys, config};
  check(again.generate("Hello").has_value());
}

TEST("nodes that nobody reaches fail a request, and wrong addresses are named") {
  auto llm = client::of_nodes({"127.0.0.1:1"});
  const auto answer = llm.generate("Hello", 20s);
  require(!answer);
  check_eq(answer.error().error, errc::node_lost);
  check_found(answer.error().message, "127\\.0\\.0\\.1:1");
  try {
    const auto wrong = client::of_nodes({"localhost"});
    fail("nothing was thrown");
  } catch (const std::invalid_argument& thrown) {
    check_found(thrown.what(), "localhost.*HOST:PORT");
  }
}

} // SUITE("client")

} // WITH_FIXTURE(client_fixture)
