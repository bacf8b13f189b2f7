// Coroutines: two drafts at once, then a stream that joins them. No thread waits but main's.

#include <exception>
#include <iostream>
#include <string>

#include <magna/magna.hpp>

namespace {

magna::request at(double temperature, std::string prompt) {
  auto result = magna::make_request(std::move(prompt));
  result.params.temperature = temperature;
  return result;
}

magna::task<std::string> draft(magna::async_client llm) {
  // Both requests run from here on; `co_await` waits for them in turn.
  const auto sober = llm.generate(at(0.1, "Praise C++ soberly."));
  const auto drunk = llm.generate(at(1.5, "Praise C++ wildly."));
  const auto first = co_await sober;
  const auto second = co_await drunk;
  // `value` throws magna::error, which goes to whoever awaits this.
  co_return first.value().text + "\n" + second.value().text;
}

magna::task<> write(magna::async_client llm) {
  const auto drafts = co_await draft(llm);
  std::cout << drafts << "\n--\n";
  const auto answer = llm.stream("Join these:\n" + drafts);
  while (const auto chunk = co_await answer.next())
    std::cout << chunk->text() << std::flush;
  std::cout << '\n';
  static_cast<void>(answer.result().value());
}

} // namespace

int main() {
  try {
    auto llm = magna::client::from_environment();
    magna::sync_wait(write(llm));
    return 0;
  } catch (const magna::error& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
