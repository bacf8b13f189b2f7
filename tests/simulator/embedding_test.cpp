#include <magna/simulator/embedding.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;

SUITE("simulator embedding") {

TEST("a vector is of length 1, and all of its values are finite") {
  for (std::size_t size : {1U, 2U, 8U, 1536U, 4096U}) {
    const auto vector = embedding_of("m", "some text", size);
    check_eq(vector.size(), size);
    double squares = 0;
    for (auto value : vector) {
      check(std::isfinite(value));
      squares += double{value} * double{value};
    }
    check_lt(std::abs(squares - 1.0), 1e-5);
  }
}

TEST("the model and the text decide, and nothing else") {
  const auto vector = embedding_of("m", "hello");
  check_eq(vector.size(), default_dimensions);
  check(embedding_of("m", "hello") == vector);
  check(embedding_of("n", "hello") != vector);
  check(embedding_of("m", "hello ") != vector);
  check(embedding_of("mh", "ello") != vector);
  check(embedding_of("", "") != vector);
}

TEST("every machine computes the same values") {
  const auto vector = embedding_of("m", "hello", 3);
  // 8055, -44279 and -32063, divided by the root of the sum of their squares.
  check(vector == std::vector<float>{0.14576829969882965F, -0.8013004064559937F, -0.5802320837974548F});
}

TEST("fewer dimensions are the beginning of more, made as long as 1 again") {
  const auto whole = embedding_of("m", "hello", 8);
  const auto part = embedding_of("m", "hello", 4);
  for (std::size_t i = 1; i < part.size(); ++i)
    check_lt(std::abs(part[i] / part[0] - whole[i] / whole[0]), 1e-4F);
}

} // SUITE("simulator embedding")
