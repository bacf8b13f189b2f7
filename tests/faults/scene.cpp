#include "scene.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

namespace magna::test {

namespace {

constexpr auto long_time = std::chrono::milliseconds{20'000};

/// The backup speaks another protocol than main.
provider_kind kind_of_backup(provider_kind kind) {
  switch (kind) {
    case provider_kind::gemini:
      return provider_kind::openai;
    case provider_kind::openai:
      return provider_kind::ollama;
    case provider_kind::ollama:
      break;
  }
  return provider_kind::gemini;
}

simulator::scenario scenario_of(provider_kind kind, const row& what) {
  const auto main = std::string{to_string(protocol_of(kind))};
  const auto backup = std::string{to_string(protocol_of(kind_of_backup(kind)))};
  return simulator::parse_scenario(main + "(instance=main)=" + what.steps.of(kind) + "; " + backup
                                   + "(instance=backup)=ok(text=\"" + std::string{backup_text} + "\")");
}

caf::actor_system_config& configure(caf::actor_system_config& cfg) {
  cfg.set("caf.scheduler.policy", "sharing");
  cfg.set("caf.scheduler.max-threads", 2);
  return cfg;
}

/// Nothing stands between us and the servers, whatever the environment says; and failures that are meant to
/// happen are not logged.
void prepare_process() {
  for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  spdlog::set_level(spdlog::level::off);
}

template <class Predicate>
bool comes_true(Predicate holds, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

} // namespace

simulator::protocol protocol_of(provider_kind kind) {
  switch (kind) {
    case provider_kind::gemini:
      return simulator::protocol::gemini;
    case provider_kind::openai:
      return simulator::protocol::openai;
    case provider_kind::ollama:
      break;
  }
  return simulator::protocol::ollama;
}

real_system::real_system() : sys(configure(cfg)) {}

provider_settings provider_at(std::string name, provider_kind kind, const std::string& origin) {
  provider_settings result;
  result.name = std::move(name);
  result.kind = kind;
  result.base_url = origin + (kind == provider_kind::openai ? "/v1" : "");
  result.model = "m";
  if (kind != provider_kind::ollama)
    result.keys = {"key"};
  return result;
}

request make_question(bool stream) {
  request result;
  result.messages.push_back({role::user, "Hello"});
  result.stream = stream;
  return result;
}

scene::scene(provider_kind kind, const row& what) : kind_(kind), sim_({.scenario = scenario_of(kind, what)}) {
  prepare_process();
  if (what.where)
    elsewhere_ = what.where(kind);
  settings config;
  config.providers.push_back(
    provider_at("main", kind, what.where ? elsewhere_.origin : sim_.url() + "/i/main"));
  if (!what.alone)
    config.providers.push_back(provider_at("backup", kind_of_backup(kind), sim_.url() + "/i/backup"));
  config.timeout = long_time;
  config.timeouts.connect = long_time;
  config.request_deadline = long_time;
  config.max_retries = 2;
  config.retry_delay = 10ms;
  if (what.adjust)
    what.adjust(config);
  auto http = std::make_shared<watched_transport>();
  open_transfers_ = http->open_transfers();
  llm_ = std::make_unique<runtime>(system(), std::move(config), std::move(http));
  client_ = std::make_unique<test::client>(system());
}

std::vector<simulator::request_log> scene::requests_to_main() const {
  auto result = sim_.requests();
  std::erase_if(result, [](const auto& x) { return x.instance != "main"; });
  return result;
}

bool scene::calms_down() {
  const auto all_ended = [](const auto& log) {
    return std::all_of(log.begin(), log.end(),
                       [](const auto& x) { return x.end != simulator::ending::open; });
  };
  return comes_true([this] { return *open_transfers_ == 0; }, 10s) && sim_.wait_for(all_ended, 10s);
}

void scene::destroy() {
  llm_.reset();
}

} // namespace magna::test
