#include <magna/text/enum_names.hpp>

#include <magna/tests/support/test.hpp>

#include <string>

using namespace magna;

namespace {

enum class fruit : std::uint8_t { apple = 1, pear };

constexpr enum_names<fruit, 2> fruits{"unknown_fruit", {"apple", "pear"}};

} // namespace

SUITE("names of enumerations") {

TEST("each value has its name, and other numbers one in common") {
  check_eq(fruits.name(fruit::apple), "apple");
  check_eq(fruits.name(fruit::pear), "pear");
  check_eq(fruits.name(fruit{0}), "unknown_fruit");
  check_eq(fruits.name(fruit{3}), "unknown_fruit");
}

TEST("names and numbers are read back; others change nothing") {
  auto x = fruit::apple;
  check(fruits.read_name(std::string{"pear"}, x));
  check(x == fruit::pear);
  check(!fruits.read_name(std::string{"unknown_fruit"}, x));
  check(!fruits.read_name(std::string{}, x));
  check(!fruits.read_number(0, x));
  check(!fruits.read_number(3, x));
  check(x == fruit::pear);
  check(fruits.read_number(1, x));
  check(x == fruit::apple);
}

} // SUITE("names of enumerations")
