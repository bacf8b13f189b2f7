#include <memory>
#include <vector>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/tests/faults/scene.hpp>
#include <magna/text/utf8.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Several at once";

constexpr std::size_t quarter = 25;
constexpr std::size_t half = 2 * quarter;

using clients = std::vector<std::unique_ptr<client>>;

/// Main and another provider with fifty streams each. Of main's, half have no text yet and half have three
/// tokens; the other's go on all the time.
class crowd {
public:
  explicit crowd(provider_kind kind)
    : kind_(kind),
      sim_({.scenario = simulator::parse_scenario(
              track(kind, "main")
              + "stall(at=headers, times=25), stall(after=3, times=25), ok(text=\"Again.\"); "
              + track(another(kind), "other") + "ok(token=x, tokens=40, token_delay=20)")}) {
    prepare_process();
    settings config;
    config.providers = {provider_at("main", kind, sim_.url() + "/i/main"),
                        provider_at("other", another(kind), sim_.url() + "/i/other")};
    config.timeout = 30s;
    config.request_deadline = 30s;
    config.retry_delay = 100ms;
    llm_ = std::make_unique<runtime>(system_.sys, std::move(config));
  }

  void start() {
    auto& test = runnable::current();
    uncommitted_ = ask("main", quarter);
    // The simulator's first requests are to be the first that were sent.
    test.require(sim_.wait_for([](const auto& log) {
      return static_cast<std::size_t>(
               std::count_if(log.begin(), log.end(), [](const auto& x) { return x.status == 200; }))
             == quarter;
    }));
    committed_ = ask("main", quarter);
    others_ = ask("other", half);
    for (const auto& x : committed_)
      test.require(x->log().wait_for([](const received& all) { return all.text().size() == 14; }));
    for (const auto& x : others_)
      test.require(x->log().wait_for([](const received& all) { return !all.chunks.empty(); }));
  }

  void kill_main() { caf::anon_send_exit(llm_->provider("main"), caf::exit_reason::kill); }

  void wait_for_ends() {
    for (const auto* all : {&uncommitted_, &committed_, &others_})
      for (const auto& x : *all)
        runnable::current().require(x->log().wait_for([](const received& got) { return got.ends() > 0; }));
  }

  void check_uncommitted() {
    auto& test = runnable::current();
    for (const auto& x : uncommitted_) {
      const auto got = x->settle();
      test.require_eq(got.ends(), 1u);
      test.require_eq(got.completions.size(), 1u);
      const auto& end = got.completions.front();
      test.require_eq(end.attempts.size(), 2u);
      test.check(end.attempts[0].error == errc::provider_error);
      test.check_eq(end.attempts[0].provider, "main");
      test.check_eq(got.text(), end.provider == "main" ? std::string{"Again."} : std::string(40, 'x'));
      (end.provider == "main" ? retried_ : fallen_back_) += 1;
    }
  }

  void check_committed() {
    auto& test = runnable::current();
    for (const auto& x : committed_) {
      const auto got = x->settle();
      test.require_eq(got.ends(), 1u);
      test.require_eq(got.failures.size(), 1u);
      const auto& end = got.failures.front();
      test.check_eq(end.error, errc::provider_error);
      test.check_eq(end.attempts.size(), 1u);
      test.check_eq(end.delivered_chars, 14u);
      test.check_eq(got.text(), "Hello! This is");
    }
  }

  void check_others() {
    auto& test = runnable::current();
    for (const auto& x : others_) {
      const auto got = x->settle();
      test.require_eq(got.ends(), 1u);
      test.require_eq(got.completions.size(), 1u);
      test.check_eq(got.completions.front().attempts.size(), 1u);
      test.check_eq(got.text(), std::string(40, 'x'));
      for (std::size_t i = 0; i < got.chunks.size(); ++i)
        test.check_eq(got.chunks[i].seq, i);
    }
  }

  /// The crash is over: main's actor has a successor.
  void check_new_requests() {
    auto& test = runnable::current();
    for (const auto& x : ask("main", 10)) {
      test.require(x->log().wait_for([](const received& got) { return got.ends() > 0; }));
      test.require_eq(x->log().content().completions.size(), 1u);
      test.check_eq(x->log().content().completions.front().provider, "main");
      test.check_eq(x->log().content().text(), "Again.");
    }
  }

  [[nodiscard]] std::string seen() const {
    return std::to_string(others_.size()) + " streams untouched; " + std::to_string(committed_.size())
           + " failures, 14 characters; " + std::to_string(retried_) + " retried, "
           + std::to_string(fallen_back_) + " fell back";
  }

private:
  static std::string track(provider_kind kind, std::string_view instance) {
    return std::string{to_string(protocol_of(kind))} + "(instance=" + std::string{instance} + ")=";
  }

  clients ask(std::string_view first, std::size_t count) {
    clients result;
    auto question = make_question(true);
    question.targets = {std::string{first}};
    if (first == "main")
      question.targets.emplace_back("other");
    for (std::size_t i = 0; i < count; ++i) {
      result.push_back(std::make_unique<client>(system_.sys));
      runnable::current().require(result.back()->ask(llm_->orchestrator(), question));
    }
    return result;
  }

  provider_kind kind_;
  simulator::server sim_;
  real_system system_;
  std::unique_ptr<runtime> llm_;
  clients uncommitted_;
  clients committed_;
  clients others_;
  std::size_t retried_ = 0;
  std::size_t fallen_back_ = 0;
};

custom_result kill_under_100_streams(provider_kind kind) {
  crowd world{kind};
  world.start();
  const auto killed = scene::clock::now();
  world.kill_main();
  world.wait_for_ends();
  const auto time = scene::clock::now() - killed;
  world.check_others();
  world.check_committed();
  world.check_uncommitted();
  world.check_new_requests();
  return {world.seen(), std::chrono::duration_cast<std::chrono::milliseconds>(time)};
}

} // namespace

SUITE("faults.hundred streams") {

FAULT_ROW("a provider's crash under a hundred streams breaks those of its own that have text, and no other",
          .fault = "provider actor killed under 100 streams", .phase = phases::stream,
          .expect = nothing_but("50 streams of another provider untouched; 25 with text end in one failure "
                                "`provider_error`, 14 characters; 25 without text are tried again or fall "
                                "back, and complete; new requests are answered"),
          .instead = kill_under_100_streams)

} // SUITE("faults.hundred streams")
