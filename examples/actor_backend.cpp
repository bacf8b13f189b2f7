// A backend made of CAF actors: ten of them ask at once, through one magna::runtime, and take their answers
// as streams. No thread waits for any of them.

#include <exception>
#include <iostream>
#include <latch>
#include <mutex>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/magna.hpp>

namespace {

constexpr int requesters = 10;

/// Prints whole lines, whoever says them.
void say(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard guard{mutex};
  std::cout << line << std::endl;
}

/// Asks one question. The service says who answers, sends any number of chunks, then exactly one
/// completion or failure.
class requester {
public:
  using handle_type = magna::requester_actor;
  static constexpr const char* name = "requester";

  requester(magna::self_pointer<magna::requester_actor> self, magna::service_actor service, int number,
            std::latch& done)
    : self_(self), service_(std::move(service)), number_(number), done_(done) {}

  magna::requester_actor::behavior_type make_behavior() {
    auto question = magna::make_request("Tell me about the number " + std::to_string(number_) + ".");
    self_->mail(std::move(question), magna::requester_actor{self_})
      .request(service_, caf::infinite)
      .then([](const magna::accepted&) { /* its `control` would take cancel and credit */ },
            // Refused: a request that is wrong, or too many at once.
            [this](const caf::error& reason) { end(magna::to_failure(reason).message); });
    return {
      [](const magna::started&) { /* who answers: provider, model, and which attempt */ },
      [this](const magna::chunk& what) { text_ += what.text(); },
      [this](const magna::completion& what) { end(text_ + " (" + what.provider + ")"); },
      [this](const magna::failure& what) { end("failed: " + what.message); },
    };
  }

private:
  void end(const std::string& how) {
    say(std::to_string(number_) + ": " + how);
    done_.count_down();
    self_->quit();
  }

  magna::self_pointer<magna::requester_actor> self_;
  magna::service_actor service_;
  int number_;
  std::latch& done_;
  std::string text_;
};

} // namespace

int main() {
  try {
    const auto options = magna::config::load(magna::config::sources::of_process());
    caf::actor_system_config config;
    magna::configure(config);
    // It outlives the actors that refer to it.
    std::latch done{requesters};
    caf::actor_system system{config};
    magna::runtime llm{system, options.settings};
    for (int number = 1; number <= requesters; ++number)
      magna::spawn_state<requester>(system, llm.service(), number, done);
    done.wait();
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
