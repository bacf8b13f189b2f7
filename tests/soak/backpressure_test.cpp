// Streams whose requesters take nothing must cost little memory and no speed. A program of its own, for
// memory is measured in processes that did nothing before: one with paused transfers of the bare transport,
// which shows what libcurl itself needs, and one for each amount of initial credit with the whole runtime.
// Prints its figures; exits 0 if all is within bounds.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/providers/transport/curl_transport.hpp>
#include <magna/tests/soak/figures.hpp>
#include <magna/tests/soak/requester.hpp>
#include <magna/tests/soak/simulator_process.hpp>

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::soak;

namespace {

constexpr std::size_t streams = is_sanitized ? 200 : 1'000;

/// What a stalled stream may need beyond libcurl's own, and how much all of them may still grow.
constexpr double most_kib_per_stream = 64;
constexpr double most_growth_kib_per_stream = 1;

/// How much slower an active stream may be beside the stalled ones.
constexpr double most_slowdown = is_sanitized ? 5 : 3;

constexpr std::size_t active_tokens = is_sanitized ? 4'000 : 40'000;
constexpr std::string_view token = "sixteen letters ";

/// What the system keeps of each stream at the simulator; left to itself it would be gigabytes in all.
constexpr std::size_t kernel_buffer = std::size_t{64} << 10;

/// All in KiB per stream but the times, which are seconds.
struct measured {
  double memory = 0;
  double growth = 0;
  double alone = 0;
  double beside = 0;
  /// Whether all was as it should be apart from the figures.
  bool sound = false;
};

void wait_for(const char* what, const std::function<bool()>& done) {
  const auto until = steady::now() + 60s;
  while (!done()) {
    if (steady::now() > until)
      throw std::runtime_error{std::string{"in vain: "} + what};
    std::this_thread::sleep_for(1ms);
  }
}

/// Waits until the simulator can't get rid of any more.
void wait_until_stalled(simulator_process& simulator) {
  wait_for("every stream is open", [&] { return simulator.busy() == streams; });
  auto before = std::size_t{0};
  wait_for("the simulator is stuck", [&] {
    std::this_thread::sleep_for(500ms);
    return std::exchange(before, simulator.bytes_sent()) == before;
  });
}

double kib_per_stream(std::size_t from, std::size_t to) {
  return (static_cast<double>(to) - static_cast<double>(from)) / 1024 / static_cast<double>(streams);
}

request question_for(std::string model) {
  request result;
  result.model = std::move(model);
  result.messages.push_back({role::user, "Go on."});
  result.deadline = 10min;
  return result;
}

class pausing_listener final : public transfer_listener {
public:
  explicit pausing_listener(std::atomic<std::size_t>& paused) : paused_(paused) {}
  void on_head(http_head) override {}
  bool on_data(std::string_view) override {
    ++paused_;
    return false;
  }
  void on_end(std::optional<transfer_error>) override {}

private:
  std::atomic<std::size_t>& paused_;
};

/// What paused transfers need without magna's actors.
measured measure_transport(simulator_process& simulator) {
  const auto question = question_for("endless");
  const auto& codec = codec_for(provider_kind::openai);
  const endpoint where{
    .base_url = simulator.url(simulator::protocol::openai), .key = "key", .extra_headers = {}};
  const call what{.question = question, .where = where, .model = "endless"};
  std::atomic<std::size_t> paused = 0;
  curl_transport transport;
  const auto start = [&] {
    transport.start(codec.encode(what), {}, std::make_shared<pausing_listener>(paused));
  };
  start();
  wait_for("the first transfer is paused", [&] { return paused == 1; });
  const auto before = trimmed_bytes();
  for (std::size_t i = 1; i < streams; ++i)
    start();
  wait_for("every transfer is paused", [&] { return paused == streams; });
  wait_until_stalled(simulator);
  return {.memory = kib_per_stream(before, trimmed_bytes()), .sound = paused == streams};
}

/// The runtime with stalled streams that begin with some credit.
class runtime_measurement {
public:
  explicit runtime_measurement(simulator_process& simulator) : simulator_(simulator) {
    provider_settings provider;
    provider.name = "openai";
    provider.kind = provider_kind::openai;
    provider.base_url = simulator.url(simulator::protocol::openai);
    provider.model = "active";
    provider.keys = {"key"};
    settings all;
    all.providers = {provider};
    configure(config_);
    system_.emplace(config_);
    llm_.emplace(*system_, std::move(all));
  }

  measured run(std::uint64_t initial_credit) {
    measured result;
    time_active_stream(); // The first one warms everything up.
    result.alone = median_time();
    const auto before = trimmed_bytes();
    std::vector<asker_actor> stalled;
    const auto book = std::make_shared<ledger>();
    for (std::size_t i = 0; i < streams; ++i) {
      auto question = question_for("endless");
      question.id = "stalled-" + std::to_string(i);
      question.initial_credit = initial_credit;
      stalled.push_back(ask(std::move(question), book));
    }
    wait_until_stalled(simulator_);
    const auto after = trimmed_bytes();
    result.memory = kib_per_stream(before, after);
    result.beside = median_time();
    std::this_thread::sleep_for(3s);
    result.growth = kib_per_stream(after, trimmed_bytes());
    const auto totals = book->so_far();
    result.sound = book->in_flight() == streams && totals.violations == 0
                   && totals.bytes >= initial_credit * streams
                   && totals.bytes <= (initial_credit + token.size()) * streams;
    for (const auto& asker : stalled)
      caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
    wait_for("the streams of requesters that are gone end", [&] { return simulator_.busy() == 0; });
    return result;
  }

private:
  asker_actor ask(request question, std::shared_ptr<ledger> book) {
    return spawn_state<asker_state>(*system_,
                                    asker_config{.task = {.question = std::move(question)},
                                                 .book = std::move(book),
                                                 .front_door = [this] { return llm_->orchestrator(); },
                                                 .on_accepted = [](const stream_control_actor&) {}});
  }

  double time_active_stream() {
    const auto book = std::make_shared<ledger>();
    const auto start = steady::now();
    ask(question_for("active"), book);
    wait_for("the active stream is complete", [&] { return book->so_far().completed == 1; });
    const auto seconds = std::chrono::duration<double>(steady::now() - start).count();
    if (const auto totals = book->so_far();
        totals.bytes != active_tokens * token.size() || totals.violations != 0)
      throw std::runtime_error{"the active stream is not whole"};
    return seconds;
  }

  double median_time() {
    std::array<double, 5> times{};
    std::generate(times.begin(), times.end(), [this] { return time_active_stream(); });
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

  simulator_process& simulator_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  std::optional<runtime> llm_;
};

/// Measures in a process of its own.
measured apart(const std::function<measured()>& f) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0)
    throw std::runtime_error{"pipe"};
  std::fflush(stdout);
  const auto child = ::fork();
  if (child == 0) {
    auto status = EXIT_FAILURE;
    try {
      const auto result = f();
      if (::write(ends[1], &result, sizeof result) == sizeof result)
        status = EXIT_SUCCESS;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "error: %s\n", error.what());
    }
    ::_exit(status);
  }
  ::close(ends[1]);
  measured result;
  const auto complete = ::read(ends[0], &result, sizeof result) == sizeof result;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!complete || status != 0)
    throw std::runtime_error{"a measurement failed"};
  return result;
}

bool holds(bool condition, const char* what) {
  if (!condition)
    std::printf("FAILED: %s\n", what);
  return condition;
}

bool judge(const measured& x, double own, std::uint64_t credit) {
  const auto beyond = x.memory - own;
  std::printf("%zu stalled streams, %llu bytes of credit: %.1f KiB each, %.1f KiB beyond libcurl's own; grew "
              "by %.2f KiB "
              "each afterwards\n"
              "an active stream: %.3f s alone, %.3f s beside them, ratio %.2f\n",
              streams, static_cast<unsigned long long>(credit), x.memory, beyond, x.growth, x.alone, x.beside,
              x.beside / x.alone);
  auto good = holds(x.sound, "every stream stalls after its credit");
  good = holds(x.beside / x.alone <= most_slowdown, "an active stream runs at full speed") && good;
  // A sanitizer's memory says nothing.
  if (!is_sanitized) {
    good = holds(beyond < most_kib_per_stream, "a stalled stream needs little memory") && good;
    good = holds(x.growth < most_growth_kib_per_stream, "memory stays as it is") && good;
  }
  return good;
}

int run() {
  magna::logger()->set_level(spdlog::level::err);
  for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  const auto text = std::string{token};
  simulator_process simulator{"openai(model=endless)=ok(endless=true, token=\"" + text
                                + "\", batch=400); openai(model=active)=ok(token=\"" + text
                                + "\", batch=20, tokens=" + std::to_string(active_tokens) + ")",
                              kernel_buffer};
  simulator::raise_open_file_limit();
  init_types();
  const auto bare = apart([&] { return measure_transport(simulator); });
  std::printf("libcurl's own: %.1f KiB for each of %zu paused transfers\n", bare.memory, streams);
  auto good = holds(bare.sound, "every transfer is paused");
  for (const std::uint64_t credit : {0, 1024}) {
    wait_for("the simulator is free again", [&] { return simulator.connections() == 0; });
    good =
      judge(apart([&] { return runtime_measurement{simulator}.run(credit); }), bare.memory, credit) && good;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
