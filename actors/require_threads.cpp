#include <magna/actors/require_threads.hpp>

#include <latch>
#include <system_error>
#include <thread>
#include <vector>

namespace magna {

void require_threads(std::size_t count) {
  std::latch all_started{1};
  std::vector<std::jthread> threads;
  threads.reserve(count);
  std::error_code problem;
  try {
    while (threads.size() < count)
      threads.emplace_back([&all_started] { all_started.wait(); });
  } catch (const std::system_error& error) {
    problem = error.code();
  }
  all_started.count_down();
  threads.clear();
  if (problem)
    throw std::system_error{problem, "too few threads for magna's actors"};
}

} // namespace magna
