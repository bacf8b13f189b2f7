#include <magna/actors/supervision/routing_table.hpp>

#include <magna/actors/health/health_subscribers.hpp>
#include <magna/messages/types.hpp>
#include <magna/tests/support/test.hpp>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

caf::behavior idle(caf::event_based_actor*) {
  return {[](int) {}};
}

struct table_fixture : magna::test::deterministic {
  routing_table table;

  template <class Handle>
  Handle spawn_as() {
    return caf::actor_cast<Handle>(sys.spawn(idle));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    const auto all = table.now();
    for (const auto& x : all->providers)
      result.push_back(x.name);
    return result;
  }
};

} // namespace

SUITE("routing table") {

WITH_FIXTURE(table_fixture) {

TEST("an empty table knows nobody") {
  check(table.now()->providers.empty());
  check(!table.provider("gemini"));
  check(!table.health_monitor());
  check(!table.orchestrator());
}

TEST("providers stand in the order in which they were first named, by whomever") {
  table.set_provider("gemini", spawn_as<provider_actor>());
  table.set_health("openai", health_state::healthy, std::nullopt);
  table.set_provider("ollama", spawn_as<provider_actor>());
  table.set_provider("openai", spawn_as<provider_actor>());
  table.set_health("gemini", health_state::degraded, std::nullopt);
  check_eq(names(), std::vector<std::string>{"gemini", "openai", "ollama"});
}

TEST("a provider is found by its name") {
  const auto gemini = spawn_as<provider_actor>();
  const auto openai = spawn_as<provider_actor>();
  table.set_provider("gemini", gemini);
  table.set_provider("openai", openai);
  check(table.provider("gemini") == gemini);
  check(table.provider("openai") == openai);
  check(!table.provider("open"));
  check(!table.provider(""));
}

TEST("health and handle of a provider don't touch each other") {
  const auto rest = steady_time{} + 5s;
  const auto gemini = spawn_as<provider_actor>();
  table.set_provider("gemini", gemini);
  check_eq(table.now()->providers[0].state, health_state::unknown);
  table.set_health("gemini", health_state::unavailable, rest);
  check(table.provider("gemini") == gemini);
  table.set_provider("gemini", provider_actor{});
  check(!table.provider("gemini"));
  check_eq(table.now()->providers[0].state, health_state::unavailable);
  check(table.now()->providers[0].rest_until == rest);
  table.set_health("gemini", health_state::healthy, std::nullopt);
  check(!table.now()->providers[0].rest_until);
}

TEST("monitor and orchestrator are what was set last") {
  const auto monitor = spawn_as<health_monitor_actor>();
  const auto first = spawn_as<orchestrator_actor>();
  const auto second = spawn_as<orchestrator_actor>();
  table.set_health_monitor(monitor);
  table.set_orchestrator(first);
  table.set_orchestrator(second);
  check(table.health_monitor() == monitor);
  check(table.orchestrator() == second);
}

TEST("a configuration and its actors come in one step, and the health of who stays is kept") {
  const auto configure = [](std::vector<std::string> names) {
    auto made = std::make_shared<settings>();
    for (auto& name : names)
      made->providers.emplace_back().name = std::move(name);
    return made;
  };
  const auto old = spawn_as<provider_actor>();
  const auto gemini = spawn_as<provider_actor>();
  const auto ollama = spawn_as<provider_actor>();
  table.replace(configure({"gemini", "openai"}), {{"gemini", old}, {"openai", spawn_as<provider_actor>()}});
  table.set_health("gemini", health_state::degraded, std::nullopt);
  const auto before = table.now();
  table.replace(configure({"gemini", "ollama"}), {{"gemini", gemini}, {"ollama", ollama}});
  const auto after = table.now();
  check_eq(names(), std::vector<std::string>{"gemini", "ollama"});
  check(after->find("gemini")->handle == gemini);
  check_eq(after->find("gemini")->state, health_state::degraded);
  check(after->find("ollama")->handle == ollama);
  check(after->find("openai") == nullptr);
  // Who came before goes on with what there was.
  check(before->find("gemini")->handle == old);
  check(before->find("openai")->handle != nullptr);
  check_eq(before->config->providers.size(), 2u);
}

TEST("a configured provider is known before its actor is, and keeps its meter over reloads") {
  auto config = std::make_shared<settings>();
  config->providers.emplace_back().name = "gemini";
  table.replace(config, {});
  const auto meter = table.now()->find("gemini")->meter;
  require(meter != nullptr);
  check(table.meter("gemini") == meter);
  table.replace(config, {{"gemini", spawn_as<provider_actor>()}});
  table.set_health("gemini", health_state::degraded, std::nullopt);
  check(table.now()->find("gemini")->meter == meter);
}

TEST("a view shows each change, the same routes while there is none, and keeps none that are out of date") {
  auto shared = std::make_shared<routing_table>();
  routes_view view{shared};
  auto before = view.now();
  check(view.now() == before);
  const std::weak_ptr<const routes> old = before;
  before = nullptr;
  shared->set_health("gemini", health_state::degraded, std::nullopt);
  check(old.expired());
  check_eq(view.now()->find("gemini")->state, health_state::degraded);
  // The same state again is no change.
  const auto after = view.now();
  shared->set_health("gemini", health_state::degraded, std::nullopt);
  check(view.now() == after);
}

TEST("a subscriber is listed once, until it is removed") {
  health_subscribers list;
  const auto first = spawn_as<health_subscriber_actor>();
  const auto second = spawn_as<health_subscriber_actor>();
  for (const auto& who : {first, second, first})
    list.add(who);
  check(list.all() == std::vector{first, second});
  list.remove(first.address());
  list.remove(first.address());
  check(list.all() == std::vector{second});
  list.clear();
  check(list.all().empty());
}

TEST("clearing forgets everybody") {
  table.set_provider("gemini", spawn_as<provider_actor>());
  table.set_health_monitor(spawn_as<health_monitor_actor>());
  table.set_orchestrator(spawn_as<orchestrator_actor>());
  table.clear();
  check(table.now()->providers.empty());
  check(!table.provider("gemini"));
  check(!table.health_monitor());
  check(!table.orchestrator());
}

TEST("readers see each provider whole while others write") {
  constexpr auto writes = 2'000;
  const auto handle = spawn_as<provider_actor>();
  table.set_provider("gemini", handle);
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::vector<std::thread> readers;
  for (auto i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!stop) {
        const auto all = table.now();
        for (const auto& x : all->providers) {
          const auto rests = x.state == health_state::unavailable;
          if (x.name.empty() || rests != x.rest_until.has_value())
            ++torn;
        }
        if (const auto found = table.provider("gemini"); found && found != handle)
          ++torn;
      }
    });
  for (auto i = 0; i < writes; ++i) {
    table.set_health("gemini", health_state::unavailable, steady_time{} + 1s);
    table.set_provider("gemini", i % 2 == 0 ? provider_actor{} : handle);
    table.set_health("gemini", health_state::healthy, std::nullopt);
    table.set_health("provider " + std::to_string(i % 50), health_state::unknown, std::nullopt);
  }
  stop = true;
  for (auto& reader : readers)
    reader.join();
  check_eq(torn.load(), 0);
  check_eq(table.now()->providers.size(), 51u);
}

} // WITH_FIXTURE(table_fixture)

} // SUITE("routing table")
