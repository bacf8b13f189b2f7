// A chat, one whole answer after the other: each line of standard input is a question, and the conversation
// so far goes with it.

#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include <magna/magna.hpp>

namespace {

using namespace std::chrono_literals;

/// What went wrong, as fields: nobody has to read it out of a text.
void explain(const magna::failure& problem) {
  std::cout << "no answer (" << to_string(problem.error) << "): " << problem.message << '\n';
  for (const auto& attempt : problem.attempts)
    std::cout << "  " << attempt.provider << ": " << attempt.message << '\n';
  if (problem.retry_after)
    std::cout << "  try again in " << std::chrono::ceil<std::chrono::seconds>(*problem.retry_after).count()
              << " s\n";
}

void chat(magna::client& llm) {
  magna::request conversation;
  conversation.system_prompt = "You are brief.";
  for (std::string line; std::cout << "> " << std::flush && std::getline(std::cin, line);) {
    if (line.empty())
      continue;
    conversation.messages.push_back({magna::role::user, line});
    const auto answer = llm.generate(conversation, 60s);
    if (!answer) {
      explain(answer.error());
      conversation.messages.pop_back();
      continue;
    }
    std::cout << answer->text << "\n  (" << answer->provider;
    // Not every provider counts.
    if (const auto tokens = answer->usage.total_tokens())
      std::cout << ", " << *tokens << " tokens";
    std::cout << ")\n";
    conversation.messages.push_back(answer->message());
  }
  std::cout << '\n';
}

} // namespace

int main() {
  try {
    auto llm = magna::client::from_environment();
    chat(llm);
    return 0;
  } catch (const std::exception& problem) {
    // A setting that can't be used: it is named.
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
