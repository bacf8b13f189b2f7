#include <magna/actors/health/retry_budget.hpp>

#include <magna/tests/support/test.hpp>

#include <stdexcept>

using namespace magna;
using namespace std::chrono_literals;

namespace {

constexpr retry_budget_config usual{.percent = 20, .minimum = 10};
const steady_time start = steady_time{} + 1h;

int taken(retry_budget& budget, const retry_budget_config& config, steady_time now, int tries = 10'000) {
  int result = 0;
  for (int i = 0; i < tries; ++i)
    result += budget.take(config, now) ? 1 : 0;
  return result;
}

} // namespace

SUITE("retry budget") {

TEST("without traffic ten retries are allowed in ten seconds") {
  retry_budget budget;
  check_eq(taken(budget, usual, start), 10);
}

TEST("retries are at most a fifth of the first attempts") {
  retry_budget budget;
  for (int i = 0; i < 1'000; ++i)
    budget.on_first_attempt(start + i * 1ms);
  check_eq(taken(budget, usual, start + 1s), 200);
}

TEST("what was more than ten seconds ago counts no more, neither attempts nor retries") {
  retry_budget budget;
  for (int i = 0; i < 1'000; ++i)
    budget.on_first_attempt(start);
  check_eq(taken(budget, usual, start + 9s), 200);
  check_eq(taken(budget, usual, start + 10s), 0);
  check_eq(taken(budget, usual, start + 19s), 10);
}

TEST("retries that were spread over the window come back one by one") {
  retry_budget budget;
  for (int i = 0; i < 10; ++i)
    check(budget.take(usual, start + i * 1s));
  check(!budget.take(usual, start + 9s));
  check_eq(taken(budget, usual, start + 10s), 1);
  check_eq(taken(budget, usual, start + 11s), 1);
}

TEST("a budget of nothing allows nothing") {
  retry_budget budget;
  budget.on_first_attempt(start);
  check_eq(taken(budget, {.percent = 0, .minimum = 0}, start), 0);
}

TEST("time begins with the clock") {
  retry_budget budget;
  check_throws<std::logic_error>([&] { budget.on_first_attempt(steady_time{} - 1s); });
  check_throws<std::logic_error>([&] { budget.take(usual, steady_time{} - 1s); });
}

} // SUITE("retry budget")
