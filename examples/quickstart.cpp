#include <iostream>

#include <magna/magna.hpp>

int main() {
  auto llm = magna::client::from_environment();
  const auto answer = llm.stream("Why is the sky blue?");
  for (const auto& chunk : answer)
    std::cout << chunk.text() << std::flush;
  std::cout << '\n';
  if (const auto end = answer.result(); !end)
    std::cerr << end.error().message << '\n';
  return answer.result() ? 0 : 1;
}
