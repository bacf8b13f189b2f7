#include <magna/simulator/handouts.hpp>

#include <string>

#include <magna/tests/simulator/played.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using nlohmann::json;

namespace {

const step thinking{.reasoning = "Hm.",
                    .calls = {{.name = "look", .arguments = R"({"word": "sky"})"}, {.name = "now"}},
                    .wants = wanted::thinking};

incoming question() {
  return magna::test::request_for(protocol::ollama, false);
}

} // namespace

SUITE("simulator handouts") {

TEST("an answer is known by the ids of its calls and by its signature") {
  handouts given;
  const answer said{thinking, question(), given.number(3)};
  given.remember(question(), said);
  for (const auto& call : said.calls()) {
    const auto made = given.of_call(question(), wanted::thinking, {call.id, "", {}});
    require_eq(made.size(), 1u);
    check_eq(made[0]->reasoning, "Hm.");
  }
  check(given.of_signature(question(), wanted::thinking, said.signature) != nullptr);
  check(given.of_call(question(), wanted::thinking, {"call_sim3_1", "look", {{"word", "sky"}}}).empty());
  check(given.of_call(question(), wanted::thought_signature, {said.calls()[0].id, "", {}}).empty());
  auto other = question();
  other.instance = "b";
  check(given.of_call(other, wanted::thinking, {said.calls()[0].id, "", {}}).empty());
}

TEST("a call without an id may be of each answer that made the same") {
  handouts given;
  for (std::uint64_t i = 0; i < 2; ++i)
    given.remember(question(), answer{thinking, question(), given.number(i)});
  check_eq(given.of_call(question(), wanted::thinking, {"", "look", {{"word", "sky"}}}).size(), 2u);
  check_eq(given.of_call(question(), wanted::thinking, {"", "now", nullptr}).size(), 2u);
  check(given.of_call(question(), wanted::thinking, {"", "look", {{"word", "sea"}}}).empty());
}

TEST("the oldest answers are forgotten") {
  handouts given{2};
  std::vector<answer> said;
  for (std::uint64_t i = 0; i < 3; ++i) {
    said.emplace_back(thinking, question(), given.number(i));
    given.remember(question(), said.back());
  }
  const auto known = [&](std::size_t index) {
    const auto by_signature = given.of_signature(question(), wanted::thinking, said[index].signature);
    for (const auto& call : said[index].calls())
      check_eq(given.of_call(question(), wanted::thinking, {call.id, "", {}}).size(),
               by_signature == nullptr ? 0u : 1u);
    return by_signature != nullptr;
  };
  check(!known(0));
  check(known(1));
  check(known(2));
}

TEST("numbers of several simulators differ, and signatures stay base64") {
  const handouts one;
  const handouts other;
  check_ne(one.number(0), other.number(0));
  check_eq(one.number(2), one.number(1) + 1);
  for (auto number : {std::uint64_t{0}, one.number(0), ~std::uint64_t{0}})
    check_eq(answer(thinking, question(), number).signature.size() % 4, 0u);
}

} // SUITE("simulator handouts")
