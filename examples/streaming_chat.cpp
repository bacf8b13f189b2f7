// A chat in a terminal that shows answers as they come. Ctrl-C ends the answer, not the program.

#include <csignal>
#include <exception>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include <magna/magna.hpp>

namespace {

/// Waits for Ctrl-C on a thread of its own, and cancels the stream of the moment.
class interruption {
public:
  interruption() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    // Threads that start later, magna's among them, take the signal no more than this one.
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread{[this] { run(); }}.detach();
  }

  void watch(const magna::answer_stream* what) {
    const std::lock_guard guard{mutex_};
    current_ = what;
  }

private:
  void run() {
    for (int signal = 0; sigwait(&signals_, &signal) == 0;) {
      const std::lock_guard guard{mutex_};
      if (current_ == nullptr)
        std::_Exit(130);
      current_->cancel();
    }
  }

  sigset_t signals_{};
  std::mutex mutex_;
  const magna::answer_stream* current_ = nullptr;
};

void chat(magna::client& llm, interruption& ctrl_c) {
  magna::request conversation;
  for (std::string line; std::cout << "> " << std::flush && std::getline(std::cin, line);) {
    conversation.messages.push_back({magna::role::user, line});
    const auto answer = llm.stream(conversation);
    ctrl_c.watch(&answer);
    for (const auto& chunk : answer)
      std::cout << chunk.text() << std::flush;
    ctrl_c.watch(nullptr);
    std::cout << '\n';
    const auto end = answer.result();
    if (end)
      conversation.messages.push_back(end->message());
    else
      conversation.messages.pop_back();
    if (!end)
      std::cout << (end.error().error == magna::errc::cancelled ? "(stopped)" : end.error().message) << '\n';
  }
  std::cout << '\n';
}

} // namespace

int main() {
  // Its thread uses it until the process ends.
  static interruption ctrl_c;
  try {
    auto llm = magna::client::from_environment();
    chat(llm, ctrl_c);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
