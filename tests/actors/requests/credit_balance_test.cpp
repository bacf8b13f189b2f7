#include <magna/actors/requests/credit_balance.hpp>

#include <magna/tests/support/test.hpp>

#include <stdexcept>

using namespace magna;

SUITE("credit balance") {

TEST("without a limit it is never exhausted") {
  credit_balance credit{std::nullopt};
  credit.spend(1'000'000);
  check(!credit.limited());
  check(!credit.exhausted());
  check(!credit.left().has_value());
}

TEST("what goes beyond the credit is paid by the next grants, however many rounds there are") {
  credit_balance credit{10};
  std::size_t granted = 10;
  std::size_t spent = 0;
  for (int round = 0; round < 100; ++round) {
    while (!credit.exhausted()) {
      credit.spend(7);
      spent += 7;
    }
    check_lt(spent, granted + 7);
    credit.grant(10);
    granted += 10;
  }
}

TEST("a debt leaves nothing to begin with") {
  credit_balance credit{5};
  credit.spend(8);
  check_eq(credit.left(), std::optional<std::uint64_t>{0});
  credit.grant(3);
  check(credit.exhausted());
  credit.grant(1);
  check_eq(credit.left(), std::optional<std::uint64_t>{1});
}

TEST("credit without end stays so, whatever is added") {
  credit_balance credit{~std::uint64_t{0}};
  for (int i = 0; i < 10; ++i)
    credit.grant(~std::uint64_t{0});
  check(!credit.exhausted());
}

TEST("a debt can't grow without end") {
  credit_balance credit{0};
  check_throws<std::logic_error>([&] {
    for (int i = 0; i < 10; ++i)
      credit.spend(~std::size_t{0});
  });
  check(credit.exhausted());
}

} // SUITE("credit balance")
