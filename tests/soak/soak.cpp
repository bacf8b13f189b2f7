//   main thread                        CAF's workers                              process of its own
//   -----------                        -------------                              ------------------
//   pace, scenarios, kills --spawns--> asker --request--> magna --HTTP (libcurl)--> simulator
//   checks                 <--ledger---'  ^---chunks, end---'

#include <magna/tests/soak/soak.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/tests/soak/crashing_transport.hpp>
#include <magna/tests/soak/figures.hpp>
#include <magna/tests/soak/progress.hpp>
#include <magna/tests/soak/requester.hpp>
#include <magna/tests/soak/traffic.hpp>

namespace magna::soak {

namespace {

using namespace std::chrono_literals;

/// More requests in flight than this mean that the machine can't keep up.
constexpr std::size_t most_in_flight = is_sanitized ? 2'000 : 1'000;

/// What a request may take beyond its deadline, and a cancellation until its end, on a busy machine.
constexpr auto tolerance = is_sanitized ? 20s : 3s;

/// How long the requests that run may take to end once no more are sent, and what they leave to be gone.
constexpr auto patience = is_sanitized ? 120s : 40s;

/// At the beginning so many requests are sent at once, so that what grows with the load and is kept (pools,
/// caches, arenas) has its size before memory is measured for the first time.
constexpr std::size_t first_burst = 1'000;

/// When memory is measured for the first time, once there is quiet.
constexpr auto first_minute = 60s;

/// Shorter runs say nothing about memory, and so do sanitizers, whose allocators keep what was freed.
constexpr auto shortest_for_memory = 120s;

settings runtime_settings(const simulator_process& simulator) {
  using simulator::protocol;
  const auto provider = [&](std::size_t index, provider_kind kind, protocol spoken,
                            std::vector<std::string> keys) {
    provider_settings made;
    made.name = provider_names[index];
    made.kind = kind;
    made.base_url = simulator.url(spoken);
    made.model = "short";
    made.keys = std::move(keys);
    return made;
  };
  settings result;
  result.providers = {provider(0, provider_kind::gemini, protocol::gemini, {"key-1", "key-2"}),
                      provider(1, provider_kind::openai, protocol::openai, {"key-1", "key-2"}),
                      provider(2, provider_kind::ollama, protocol::ollama, {})};
  // Everything is quicker than in life, so that much of it happens.
  result.timeout = is_sanitized ? 10s : 4s;
  result.retry_delay = 30ms;
  result.cooldown = 300ms;
  result.max_cooldown = 2s;
  result.hedge_delay = 200ms;
  result.max_in_flight = 600;
  result.max_queued = 200;
  return result;
}

/// One run of the soak.
class soak_run {
public:
  soak_run(const soak_options& options, simulator_process& simulator)
    : options_(options), simulator_(simulator), traffic_(options.seed) {}

  soak_result run();

private:
  void send_requests();
  void pace(std::chrono::seconds since_start);
  void kill_someone(const traffic::kill& what);
  void send_one();
  /// Waits until nothing of any request is left; returns whether that came in time.
  bool wait_for_quiet();
  bool measures_memory() const { return !is_sanitized && options_.duration >= shortest_for_memory; }
  void check_end();
  void check_leftovers(std::size_t files_before, std::size_t actors_before);
  void judge(std::string what, bool holds, std::string figures);
  static bool wait_until(const std::function<bool()>& done);

  soak_options options_;
  simulator_process& simulator_;
  traffic traffic_;
  progress screen_;
  std::shared_ptr<ledger> book_ = std::make_shared<ledger>();
  soak_result result_;
  double rate_ = 0;
  /// Actors of the runtime itself.
  std::size_t actors_idle_ = 0;

  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  std::shared_ptr<crashing_transport> http_;
  settings settings_;
  std::unique_ptr<runtime> llm_;

  /// Somebody to kill: the actor of the stream that was accepted last. Nothing may be waited for with the
  /// mutex held, since actors need it.
  std::mutex mutex_;
  stream_control_actor youngest_;
};

template <class... Ts>
std::string text(const Ts&... xs) {
  std::ostringstream out;
  out.precision(1);
  out << std::fixed;
  (out << ... << xs);
  return out.str();
}

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double mebibytes(std::size_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

soak_result soak_run::run() {
  result_.asked = options_;
  configure(config_);
  config_.set("caf.scheduler.max-threads", std::clamp(std::thread::hardware_concurrency(), 2U, 4U));
  system_.emplace(config_);
  const auto files_before = open_files();
  const auto actors_before = running_actors(*system_);
  http_ = std::make_shared<crashing_transport>(options_.seed + 3);
  settings_ = runtime_settings(simulator_);
  llm_ = std::make_unique<runtime>(*system_, settings_, http_);
  actors_idle_ = running_actors(*system_);

  send_requests();
  result_.crashes = http_->crashes();
  screen_.say("no more requests; waiting for those that run");
  const auto quiet = wait_for_quiet();
  if (measures_memory())
    result_.memory_last = trimmed_bytes();
  check_end();
  judge("no actor of a request is left", quiet,
        text(running_actors(*system_), " actors, ", actors_idle_, " of the runtime itself"));
  const auto idle_upstream = wait_until([this] { return simulator_.busy() == 0; });
  judge("no request is still being answered upstream", idle_upstream,
        text(simulator_.busy(), " at the simulator"));
  check_leftovers(files_before, actors_before);
  return std::move(result_);
}

void soak_run::send_requests() {
  rate_ = options_.rate;
  result_.lowest_rate = rate_;
  simulator_.use(traffic_.next_scenario());
  const auto burst = measures_memory() ? first_burst : 0;
  for (std::size_t i = 0; i < burst; ++i)
    send_one();
  auto start = steady::now();
  auto next_second = start + 1s;
  auto next_scenario = start + 7s;
  auto kill = traffic_.next_kill();
  auto next_kill = start + kill.after;
  // What is due by now, in requests; grows with the rate.
  auto due = 0.0;
  auto last = start;
  for (auto now = start; now < start + options_.duration; now = steady::now()) {
    if (measures_memory() && result_.memory_first == 0 && now >= start + first_minute) {
      screen_.say("the first minute is over; waiting for quiet to measure memory");
      wait_for_quiet();
      result_.memory_first = trimmed_bytes();
      const auto pause = steady::now() - now;
      for (auto* time : {&start, &last, &next_second, &next_scenario, &next_kill})
        *time += pause;
      continue;
    }
    if (now >= next_scenario) {
      simulator_.use(traffic_.next_scenario());
      next_scenario = now + 7s;
    }
    due += seconds_of(now - last) * rate_;
    last = now;
    for (; due >= 1; due -= 1)
      send_one();
    if (now >= next_kill) {
      kill_someone(kill);
      kill = traffic_.next_kill();
      next_kill = now + kill.after;
    }
    if (now >= next_second) {
      pace(std::chrono::duration_cast<std::chrono::seconds>(now - start));
      next_second = std::max(next_second + 1s, now);
    }
    std::this_thread::sleep_for(2ms);
  }
  result_.mean_rate = static_cast<double>(book_->so_far().sent - burst) / seconds_of(steady::now() - start);
}

void soak_run::send_one() {
  asker_config config{
    .task = traffic_.next_order(),
    .book = book_,
    .front_door = [this] { return llm_->orchestrator(); },
    .on_accepted =
      [this](const stream_control_actor& control) {
        const std::lock_guard guard{mutex_};
        youngest_ = control;
      },
  };
  spawn_state<asker_state>(*system_, std::move(config));
}

/// Once a second: says how it goes, and slows down when more is in flight than the machine can carry.
void soak_run::pace(std::chrono::seconds since_start) {
  const auto in_flight = book_->in_flight();
  result_.most_in_flight = std::max(result_.most_in_flight, in_flight);
  screen_.show(since_start, book_->so_far(), in_flight);
  if (in_flight > most_in_flight) {
    rate_ *= 0.8;
    if (rate_ < result_.lowest_rate)
      screen_.say(text("more than ", most_in_flight, " requests are in flight; going on at ", rate_,
                       " requests a second"));
    result_.lowest_rate = std::min(result_.lowest_rate, rate_);
  } else if (in_flight < most_in_flight / 2) {
    rate_ = std::min(options_.rate, rate_ * 1.02);
  }
}

void soak_run::kill_someone(const traffic::kill& what) {
  const auto kill = [this](const auto& handle) {
    if (!handle)
      return;
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    ++result_.kills;
  };
  switch (what.whom) {
    case victim::provider:
      kill(llm_->provider(provider_names[what.index]));
      break;
    case victim::health_monitor: {
      // It is who answers.
      caf::scoped_actor self{*system_};
      caf::strong_actor_ptr monitor;
      blocking_request(self, llm_->orchestrator(), 1s, get_status{})
        .receive([&](const status_report&) { monitor = self->current_sender(); }, [](const caf::error&) {});
      kill(caf::actor_cast<caf::actor>(monitor));
      break;
    }
    case victim::orchestrator:
      kill(llm_->orchestrator());
      break;
    case victim::generation: {
      const std::lock_guard guard{mutex_};
      kill(caf::actor_cast<caf::actor>(std::exchange(youngest_, nullptr)));
      break;
    }
    case victim::configuration: {
      // Another actor takes the provider's place; the requests that run finish on the old one.
      auto& retries = settings_.providers.at(what.index).max_retries;
      retries = retries == 2 ? 3 : 2;
      if (const auto errors = llm_->reload(settings_); !errors.empty())
        throw std::logic_error{"the soak's settings are wrong: " + errors.front().to_string()};
      ++result_.reloads;
      break;
    }
  }
}

bool soak_run::wait_for_quiet() {
  // The askers listen on for a while after the end; what they hear then is part of the account.
  return wait_until([this] { return book_->in_flight() == 0; })
         && wait_until([this] { return running_actors(*system_) <= actors_idle_; });
}

void soak_run::check_end() {
  auto& requests = result_.requests = book_->so_far();
  auto open = book_->open();
  const auto ends = requests.completed + requests.failures() + requests.unheard + requests.abandoned;
  std::string missing;
  for (std::size_t i = 0; i < std::min<std::size_t>(open.size(), 5); ++i)
    missing += (i == 0 ? ": " : ", ") + open[i];
  judge("every request had exactly one end", open.empty() && ends == requests.sent,
        text(requests.sent, " sent, ", ends, " ends, ", open.size(), " without one", missing));
  judge("chunks in order, text right and whole, nothing after the end, no more than was granted",
        requests.violations == 0, text(requests.chunks, " chunks, ", requests.violations, " violations"));
  for (const auto& example : requests.examples)
    screen_.say("  " + example);
  judge("no request outlived its deadline", requests.latest_end <= tolerance,
        text("the latest ended ", seconds_of(requests.latest_end), " s after it"));
  judge("cancelling ends a request soon", requests.slowest_cancel <= tolerance,
        text("the slowest took ", seconds_of(requests.slowest_cancel), " s"));
}

void soak_run::check_leftovers(std::size_t files_before, std::size_t actors_before) {
  youngest_ = nullptr;
  const auto drained = llm_->shutdown(5s);
  llm_.reset();
  http_.reset();
  judge("the runtime had nothing left to cancel when it shut down", drained.cancelled_requests == 0,
        text(drained.cancelled_requests, " requests"));
  const auto actors = wait_until([&] { return running_actors(*system_) == actors_before; });
  judge("no actor is left, and no timer that keeps one", actors,
        text(running_actors(*system_), " actors, ", actors_before, " before"));
  const auto files = wait_until([&] { return open_files() <= files_before; });
  judge("no file descriptor is left", files, text(open_files(), " open, ", files_before, " before"));
  const auto connections = wait_until([this] { return simulator_.connections() == 0; });
  judge("no connection is left", connections, text(simulator_.connections(), " at the simulator"));
  if (!measures_memory())
    return;
  const auto first = mebibytes(result_.memory_first);
  const auto last = mebibytes(result_.memory_last);
  judge("memory at the end is within 5 % of that after the first minute", last <= first * 1.05,
        text(first, " MiB, then ", last, " MiB: ", (last / first - 1) * 100, " %"));
}

void soak_run::judge(std::string what, bool holds, std::string figures) {
  screen_.say(std::string{holds ? "ok      " : "FAILED  "} + what + " (" + figures + ")");
  result_.verdicts.push_back({std::move(what), holds, std::move(figures)});
}

bool soak_run::wait_until(const std::function<bool()>& done) {
  const auto until = steady::now() + patience;
  while (!done()) {
    if (steady::now() >= until)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

} // namespace

bool soak_result::passed() const {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const verdict& x) { return x.holds; });
}

soak_result run_soak(const soak_options& options, simulator_process& simulator) {
  return soak_run{options, simulator}.run();
}

} // namespace magna::soak
