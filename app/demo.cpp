#include <magna/app/demo.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/app/demo_screen.hpp>
#include <magna/app/exit_status.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/session.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/terminal.hpp>
#include <magna/client/client.hpp>
#include <magna/messages/types.hpp>
#include <magna/simulator/server.hpp>

namespace magna::app {

namespace {

using namespace std::chrono_literals;
using simulator::protocol;

/// The demo was interrupted.
struct stopped {};

/// Shows the runtime's log on the screen while it lives.
class log_on_screen {
public:
  explicit log_on_screen(demo_screen& screen) : before_(logger()) {
    auto made = std::make_shared<spdlog::logger>("demo", std::make_shared<sink>(screen));
    made->set_level(spdlog::level::info);
    set_logger(std::move(made));
  }
  ~log_on_screen() { set_logger(before_); }

  log_on_screen(const log_on_screen&) = delete;
  log_on_screen& operator=(const log_on_screen&) = delete;

private:
  class sink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit sink(demo_screen& screen) : screen_(screen) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
      std::string text{message.payload.data(), message.payload.size()};
      // The demo runs one request at a time, and the screen says itself how it ended.
      if (const auto id = text.find("] "); text.starts_with("[req-") && id != std::string::npos)
        text.erase(0, id + 2);
      if (text.starts_with("completed by") || text.starts_with("failed:") || text.starts_with("draining")
          || text.find(" -> ") != std::string::npos)
        return;
      screen_.note(text);
    }
    void flush_() override {}

  private:
    demo_screen& screen_;
  };

  std::shared_ptr<spdlog::logger> before_;
};

/// Shows health events, and counts them for those who wait for one.
class health_watch {
public:
  explicit health_watch(demo_screen& screen) : screen_(screen) {}

  /// Any thread may call it.
  void note(const health_event& event) {
    screen_.health_change(event);
    ++changes_;
  }

  int changes() const { return changes_; }

private:
  demo_screen& screen_;
  std::atomic<int> changes_ = 0;
};

/// A runtime with its screen: what every step of the demo uses.
class stage {
public:
  stage(std::ostream& out, bool colour, settings config)
    : screen_(out, colour),
      log_(screen_),
      session_(std::move(config)),
      llm_(session_.system(), session_.llm().service()),
      watch_(screen_),
      health_(llm_.subscribe([this](const health_event& event) { watch_.note(event); })) {}

  ~stage() { session_.llm().shutdown(0ms); }

  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  demo_screen& screen() { return screen_; }
  health_watch& watch() { return watch_; }

  /// Asks, shows what comes, and says whether it was answered. `meanwhile` runs once after `after`.
  bool ask(const std::string& prompt, std::vector<target> targets = {}, std::chrono::milliseconds after = 0ms,
           const std::function<void()>& meanwhile = nullptr) {
    screen_.question(prompt);
    request what;
    what.messages.push_back({role::user, prompt});
    what.targets = std::move(targets);
    const auto answer = llm_.stream(std::move(what));
    const auto due = std::chrono::steady_clock::now() + after;
    auto pending = meanwhile;
    for (;;) {
      if (pending && std::chrono::steady_clock::now() >= due)
        std::exchange(pending, nullptr)();
      while (const auto next = answer.try_next())
        screen_.text(next->text());
      if (!answer.is_over()) {
        wait(20ms);
        continue;
      }
      settle();
      const auto end = answer.result();
      if (end)
        screen_.answered(*end);
      else
        screen_.failed(end.error());
      return end.has_value();
    }
  }

  /// Kills a provider's actor, as a bug in it would.
  void crash(const std::string& provider) {
    caf::anon_send_exit(session_.llm().provider(provider), caf::exit_reason::kill);
  }

  /// Waits until a provider's state has changed again.
  void await_change(int seen) {
    for (int i = 0; i < 200 && watch_.changes() <= seen; ++i)
      wait(50ms);
  }

  void show_status() {
    if (const auto report = llm_.provider_status())
      screen_.status(*report);
    else
      screen_.note("no status: " + report.error().message);
  }

private:
  /// What a request changed is shown with it: the health monitor has heard of it before the requester.
  void settle() { static_cast<void>(llm_.provider_status()); }

  void wait(std::chrono::milliseconds at_most) const {
    pollfd interrupt{.fd = interrupt_.fd(), .events = POLLIN, .revents = 0};
    ::poll(&interrupt, 1, static_cast<int>(at_most.count()));
    if (signals_.raised())
      throw stopped{};
  }

  wakeup interrupt_;
  cancel_signals signals_{interrupt_};
  demo_screen screen_;
  log_on_screen log_;
  session session_;
  client llm_;
  health_watch watch_;
  subscription health_;
};

constexpr std::string_view gemini_says =
  "An actor is a small process with a mailbox: it reads one message at a time, so it needs no locks, "
  "and when it crashes, only its supervisor has to know.";
constexpr std::string_view openai_says =
  "Falling back is asking the next provider when the first one can't answer; "
  "whoever asked sees only the answer.";

settings simulated_providers(const simulator::server& sim) {
  settings result;
  const auto add = [&result](const provider_kind& kind, std::string base_url, std::vector<std::string> keys) {
    provider_settings made;
    made.name = kind.name();
    made.kind = kind;
    made.base_url = std::move(base_url);
    made.model = default_model(kind);
    made.keys = std::move(keys);
    result.providers.push_back(std::move(made));
  };
  add(provider_kind::gemini, sim.url(protocol::gemini), {"demo-key-of-gemini"});
  add(provider_kind::openai, sim.url(protocol::openai), {"demo-key-of-openai"});
  add(provider_kind::ollama, sim.url(protocol::ollama), {});
  // Shorter than the defaults, to save the spectator's time.
  result.timeout = 1000ms;
  result.retry_delay = 400ms;
  result.cooldown = 1500ms;
  return result;
}

simulator::scenario script(std::string_view text) {
  const auto says = [](std::string_view what) {
    return "text=\"" + std::string{what} + "\", token_delay=25";
  };
  std::string result{text};
  for (const auto& [word, meaning] : {std::pair{std::string{"GEMINI"}, says(gemini_says)},
                                      std::pair{std::string{"OPENAI"}, says(openai_says)}})
    for (auto at = result.find(word); at != std::string::npos; at = result.find(word))
      result.replace(at, word.size(), meaning);
  return simulator::parse_scenario(result);
}

bool simulated(stage& on, simulator::server& sim) {
  auto& screen = on.screen();
  screen.set_steps(7);
  auto good = true;

  screen.step("A streamed answer",
              "The first provider of the chain answers; the text is shown as it arrives.");
  sim.set_scenario(script("gemini=ok(GEMINI)"));
  good &= on.ask("What is an actor?");

  screen.step("A timeout, retried with backoff",
              "Gemini is silent twice. Each attempt ends after 1 s; the waits between them double.");
  sim.set_scenario(script("gemini=stall(times=2),ok(GEMINI)"));
  good &= on.ask("Are you there?");

  screen.step("A rate limit, falling back at once",
              "Gemini answers 429 and wants 3 s of rest. Nobody waits: OpenAI answers.");
  sim.set_scenario(script("gemini=rate_limited(retry_after=3); openai=ok(OPENAI)"));
  good &= on.ask("What is a fallback?");

  screen.step(
    "A crash, healed by the supervisor",
    "OpenAI's actor is killed while it waits for the first token. It is restarted, and the request goes on.");
  sim.set_scenario(script("openai=stall,ok(OPENAI)"));
  good &=
    on.ask("What if your own code crashes?", {"openai", "ollama"}, 300ms, [&on] { on.crash("openai"); });

  screen.step(
    "HEALTHY -> DEGRADED -> UNAVAILABLE, and back",
    "Ollama answers 503 three times and is skipped from then on, until a free probe finds it well again.");
  sim.set_scenario(script("ollama=ok(text=Fine.),server_busy(times=3),ok(text=\"Here I am again.\"); "
                          "openai=ok(text=\"I can take that.\")"));
  good &= on.ask("How are you, Ollama?", {"ollama", "openai"});
  for (int i = 0; i < 3; ++i)
    good &= on.ask("And now?", {"ollama", "openai"});
  auto changes = on.watch().changes();
  good &=
    on.ask("Who answers while Ollama is UNAVAILABLE? No attempt is wasted on it:", {"ollama", "openai"});
  on.await_change(changes);
  good &= on.ask("Ollama, are you back?", {"ollama", "openai"});

  screen.step("All providers fail",
              "The one failure at the end names what went wrong with each. Keys are never shown.");
  sim.set_scenario(script("gemini=overloaded; openai=bad_key(echo_key=true); ollama=model_not_found"));
  good &= !on.ask("Is anybody there?");

  screen.step("The status table", "What the health monitor knows after all this.");
  on.show_status();
  return good;
}

bool live(stage& on, const settings& config) {
  auto& screen = on.screen();
  screen.set_steps(static_cast<int>(config.providers.size()) + 3);
  auto good = true;

  screen.step("A streamed answer", "The chain as configured; the first provider that can answers.");
  good &= on.ask("In one sentence: what is an actor in the actor model?");
  for (const auto& provider : config.providers) {
    screen.step("Only " + provider.name, "The same from this provider alone, with retries but no fallback.");
    good &= on.ask("In one sentence: what is a supervisor in Erlang?", {provider.name});
  }

  const auto& first = config.providers.front().name;
  screen.step("A crash, healed by the supervisor",
              "The actor of " + first
                + " is killed while it works. It is restarted, and the request goes on.");
  good &=
    on.ask("In one sentence: why do supervisors restart processes?", {}, 50ms, [&] { on.crash(first); });

  screen.step("The status table",
              "What the health monitor knows now. Other faults are not provoked at real providers.");
  on.show_status();
  return good;
}

} // namespace

int run_demo(const demo_options& options) {
  const auto colour = wants_colour(STDOUT_FILENO);
  try {
    if (options.live) {
      auto loaded = config::load(options.sources);
      set_up_logging(loaded);
      const auto config = loaded.settings;
      stage on{std::cout, colour, config};
      on.screen().title("magna demo with the configured providers");
      return live(on, config) ? exit_ok : exit_failure;
    }
    simulator::server sim;
    stage on{std::cout, colour, simulated_providers(sim)};
    on.screen().title("magna demo: three simulated providers on 127.0.0.1:" + std::to_string(sim.port())
                      + ", no key and no network needed");
    on.screen().remark("chain gemini -> openai -> ollama; timeout 1 s, backoff from 0.4 s, cooldown 1.5 s: "
                       "shorter than the defaults");
    return simulated(on, sim) ? exit_ok : exit_failure;
  } catch (const stopped&) {
    return exit_cancelled;
  }
}

} // namespace magna::app
