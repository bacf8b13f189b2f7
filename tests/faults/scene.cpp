#include "scene.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/simulator/traits.hpp>

namespace magna::test {

namespace {

constexpr auto long_time = std::chrono::milliseconds{20'000};

simulator::scenario scenario_of(provider_kind kind, const row& what) {
  const auto answer = "ok(text=\"" + std::string{backup_text} + "\")";
  const auto backup = another(kind);
  const auto track = [](provider_kind x, std::string_view name, const std::string& steps) {
    return std::string{to_string(protocol_of(x))} + "(instance=" + std::string{name} + ")=" + steps + "; ";
  };
  return simulator::parse_scenario(
    track(kind, "main", what.steps.of(kind))
    + track(backup, "backup", what.backup_steps.empty() ? answer : what.backup_steps)
    + track(another(backup), "third", what.third_steps.empty() ? answer : what.third_steps));
}

caf::actor_system_config& configure(caf::actor_system_config& cfg) {
  magna::configure(cfg);
  cfg.set("caf.scheduler.max-threads", 2);
  return cfg;
}

} // namespace

void prepare_process() {
  for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  logger()->set_level(spdlog::level::off);
}

simulator::protocol protocol_of(provider_kind kind) {
  const auto all = simulator::all_protocols();
  return std::ranges::find(all, kind.name(), &simulator::protocol_traits::name)->kind;
}

provider_kind another(provider_kind kind) {
  const auto all = all_kinds();
  const auto found = std::ranges::find(all, kind);
  return found + 1 == all.end() ? all.front() : *(found + 1);
}

real_system::real_system() : sys(configure(cfg)) {}

provider_settings provider_at(std::string name, provider_kind kind, const std::string& origin) {
  provider_settings result;
  result.name = std::move(name);
  result.kind = kind;
  const auto& traits = simulator::traits_of(protocol_of(kind));
  result.base_url = origin + std::string{traits.base_path};
  result.model = "m";
  if (traits.needs_key)
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
    config.providers.push_back(provider_at("backup", another(kind), sim_.url() + "/i/backup"));
  if (!what.third_steps.empty())
    config.providers.push_back(provider_at("third", another(another(kind)), sim_.url() + "/i/third"));
  config.timeout = long_time;
  config.timeouts.connect = long_time;
  config.request_deadline = long_time;
  config.max_retries = 2;
  config.retry_delay = 10ms;
  if (what.adjust)
    what.adjust(config);
  auto http = std::make_shared<watched_transport>();
  open_transfers_ = http->open_transfers();
  if (what.open)
    start_open(std::move(config), std::move(http));
  else
    llm_ = std::make_unique<runtime>(system(), std::move(config), std::move(http));
  client_ = std::make_unique<test::client>(system());
}

scene::~scene() {
  destroy();
}

void scene::start_open(settings config, transport_ptr http) {
  table_ = std::make_shared<routing_table>();
  supervisor_ = spawn_state<supervisor_state>(
    system(), runtime_context{.config = std::make_shared<const settings>(std::move(config)),
                              .table = table_,
                              .http = std::move(http)});
  caf::scoped_actor self{system()};
  blocking_request(self, supervisor_, caf::infinite, await_start{}).receive([] {}, [](const caf::error&) {});
  tapped_ = std::make_shared<tapped>();
  table_->set_provider("main", spawn_tap(system(), table_->provider("main"), tapped_));
}

orchestrator_actor scene::orchestrator() const {
  return llm_ ? llm_->orchestrator() : table_->orchestrator();
}

provider_actor scene::provider(std::string_view name) const {
  return llm_ ? llm_->provider(name) : table_->provider(name);
}

status_report scene::status() {
  status_report result;
  caf::scoped_actor self{system()};
  blocking_request(self, orchestrator(), 10s, get_status{})
    .receive([&](const status_report& x) { result = x; }, [](const caf::error&) {});
  return result;
}

void scene::until_connecting() {
  runnable::current().require(comes_true([this] { return *open_transfers_ > 0; }));
}

void scene::until_requested() {
  runnable::current().require(comes_true([this] { return !requests_to_main().empty(); }));
}

void scene::until_headers() {
  runnable::current().require(comes_true([this] {
    const auto requests = requests_to_main();
    return !requests.empty() && requests.front().status != 0;
  }));
}

void scene::until_text(std::size_t characters) {
  runnable::current().require(
    client().log().wait_for([&](const received& all) { return all.text().size() >= characters; }));
}

void scene::until_backoff() {
  // The request hears of the attempt's end right after the monitor.
  runnable::current().require(comes_true([this] {
    const auto now = status();
    return !now.providers.empty() && now.providers.front().failures > 0;
  }));
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

void scene::requester_leaves() {
  left_at_ = clock::now();
  client_->die();
}

std::uint64_t scene::drain() {
  return llm_->shutdown(10s).cancelled_requests;
}

void scene::destroy() {
  llm_.reset();
  if (!supervisor_)
    return;
  caf::scoped_actor self{system()};
  blocking_request(self, supervisor_, 10s, magna::drain{caf::timespan{0}})
    .receive([](const drained&) {}, [](const caf::error&) {});
  supervisor_ = nullptr;
  table_->clear();
  tapped_.reset();
}

} // namespace magna::test
