#include <magna/messages/types.hpp>

#include <magna/tests/support/test.hpp>

#include <caf/message.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace magna;

namespace {

template <class T>
struct named {
  T value;
  std::uint8_t number;
  std::string name;
};

// Numbers and names are part of the wire format and of the JSON output: they never change.

const std::vector<named<errc>> errcs = {
  {errc::rate_limited, 1, "rate_limited"},
  {errc::timeout, 2, "timeout"},
  {errc::provider_unavailable, 3, "provider_unavailable"},
  {errc::authentication_failed, 4, "authentication_failed"},
  {errc::provider_error, 5, "provider_error"},
  {errc::stream_truncated, 6, "stream_truncated"},
  {errc::model_not_found, 7, "model_not_found"},
  {errc::context_length_exceeded, 8, "context_length_exceeded"},
  {errc::content_filtered, 9, "content_filtered"},
  {errc::invalid_request, 10, "invalid_request"},
  {errc::cancelled, 11, "cancelled"},
  {errc::deadline_exceeded, 12, "deadline_exceeded"},
  {errc::overloaded, 13, "overloaded"},
  {errc::all_providers_failed, 14, "all_providers_failed"},
  {errc::node_lost, 15, "node_lost"},
};

const std::vector<named<role>> roles = {
  {role::system, 1, "system"},
  {role::user, 2, "user"},
  {role::assistant, 3, "assistant"},
  {role::tool, 4, "tool"},
};

const std::vector<named<tool_choice>> tool_choices = {
  {tool_choice::automatic, 1, "automatic"},
  {tool_choice::none, 2, "none"},
  {tool_choice::required, 3, "required"},
  {tool_choice::named, 4, "named"},
};

const std::vector<named<reasoning_effort>> reasoning_efforts = {
  {reasoning_effort::low, 1, "low"},         {reasoning_effort::medium, 2, "medium"},
  {reasoning_effort::high, 3, "high"},       {reasoning_effort::none, 4, "none"},
  {reasoning_effort::minimal, 5, "minimal"}, {reasoning_effort::xhigh, 6, "xhigh"},
  {reasoning_effort::max, 7, "max"},
};

const std::vector<named<answer_format>> answer_formats = {
  {answer_format::text, 1, "text"},
  {answer_format::json, 2, "json"},
  {answer_format::json_schema, 3, "json_schema"},
};

const std::vector<named<job_kind>> jobs = {
  {job_kind::chat, 1, "chat"},
  {job_kind::embedding, 2, "embedding"},
};

const std::vector<named<part_kind>> part_kinds = {
  {part_kind::text, 1, "text"},
  {part_kind::reasoning, 2, "reasoning"},
  {part_kind::tool_call, 3, "tool_call"},
};

const std::vector<named<finish_reason>> finish_reasons = {
  {finish_reason::stop, 1, "stop"},
  {finish_reason::length, 2, "length"},
  {finish_reason::tool_calls, 3, "tool_calls"},
  {finish_reason::other, 4, "other"},
};

const std::vector<named<health_state>> health_states = {
  {health_state::unknown, 1, "UNKNOWN"},
  {health_state::healthy, 2, "HEALTHY"},
  {health_state::degraded, 3, "DEGRADED"},
  {health_state::unavailable, 4, "UNAVAILABLE"},
};

struct enum_fixture : magna::test::deterministic {
  template <class T>
  void expect_names_and_numbers(const std::vector<named<T>>& all) {
    auto& test = magna::test::runnable::current();
    for (const auto& x : all) {
      test.check_eq(to_string(x.value), x.name);
      test.check_eq(static_cast<std::uint8_t>(x.value), x.number);
      // Both start from another enumerator.
      auto read = x.number == 1 ? all.back().value : all.front().value;
      test.check(from_string(x.name, read));
      test.check(read == x.value);
      read = x.number == 1 ? all.back().value : all.front().value;
      test.check(from_integer(x.number, read));
      test.check(read == x.value);
      const auto copy = serialization_roundtrip(x.value);
      test.check(copy && *copy == x.value);
    }
  }

  /// `fallback`: what a node makes of a number that only newer ones know; none: it refuses it.
  template <class T>
  void expect_the_rest_refused(const std::vector<named<T>>& all, std::optional<T> fallback = std::nullopt) {
    auto& test = magna::test::runnable::current();
    for (auto number = 0; number < 256; ++number) {
      if (number >= 1 && number <= static_cast<int>(all.size()))
        continue;
      const auto bad = static_cast<T>(number);
      auto read = all[1].value;
      test.check(!from_integer(static_cast<std::uint8_t>(number), read));
      test.check(read == all[1].value);
      // What other nodes send is not trusted.
      const auto copy = serialization_roundtrip(bad);
      test.check(fallback ? copy && *copy == *fallback : !copy);
      // A log line about it must still be possible, and must not take it for one that exists.
      const auto name = to_string(bad);
      test.check(!name.empty());
      test.check(!from_string(name, read));
      test.check(read == all[1].value);
    }
    for (const auto& x : all) {
      for (const auto& bad : {std::string{}, x.name + " ", " " + x.name, x.name + std::string(1, '\0'),
                              x.name.substr(1), x.name.substr(0, x.name.size() - 1), other_case(x.name)}) {
        // "high" is a part of "xhigh".
        if (std::ranges::any_of(all, [&bad](const auto& y) { return y.name == bad; }))
          continue;
        auto read = all[1].value;
        test.check(!from_string(bad, read));
        test.check(read == all[1].value);
      }
    }
  }

  static std::string other_case(std::string text) {
    text[0] ^= 0x20;
    return text;
  }
};

} // namespace

SUITE("enumerations") {

WITH_FIXTURE(enum_fixture) {

TEST("every enumerator has its number and its name, and is found by either") {
  expect_names_and_numbers(errcs);
  expect_names_and_numbers(roles);
  expect_names_and_numbers(part_kinds);
  expect_names_and_numbers(jobs);
  expect_names_and_numbers(finish_reasons);
  expect_names_and_numbers(health_states);
  expect_names_and_numbers(tool_choices);
  expect_names_and_numbers(reasoning_efforts);
  expect_names_and_numbers(answer_formats);
}

TEST("any other number or name is refused and leaves the target as it was, but for numbers of newer nodes") {
  expect_the_rest_refused(errcs, std::optional{errc::provider_error});
  expect_the_rest_refused(roles, std::optional{role::user});
  expect_the_rest_refused(part_kinds, std::optional{part_kind::reasoning});
  expect_the_rest_refused(jobs, std::optional{job_kind::chat});
  expect_the_rest_refused(finish_reasons, std::optional{finish_reason::other});
  expect_the_rest_refused(health_states, std::optional{health_state::unknown});
  expect_the_rest_refused(tool_choices, std::optional{tool_choice::automatic});
  expect_the_rest_refused(reasoning_efforts, std::optional{reasoning_effort::medium});
  expect_the_rest_refused(answer_formats, std::optional{answer_format::text});
}

TEST("no error code is missing here") {
  check_eq(errcs.size(), std::size_t{errc_count});
}

TEST("a CAF error prints the name of its code") {
  for (const auto& x : errcs) {
    magna::test::check_found(to_string(caf::error{x.value}), x.name);
    magna::test::check_found(to_string(caf::make_error(x.value, "the provider's own words")),
                             x.name + ".*own words");
  }
}

TEST("a CAF error equals its own code and no other") {
  for (const auto& x : errcs) {
    const caf::error error{x.value};
    for (const auto& y : errcs)
      check_eq(error == y.value, x.value == y.value);
    check_eq(error.code(), x.number);
    check(error != caf::error{});
    const auto copy = unbox(serialization_roundtrip(caf::make_message(error)));
    check(copy.get_as<caf::error>(0) == error);
  }
}

TEST("a failure counts against health unless the request or its requester was the cause") {
  for (const auto x : {errc::rate_limited, errc::timeout, errc::provider_unavailable,
                       errc::authentication_failed, errc::provider_error, errc::stream_truncated})
    check(counts_against_health(x));
  for (const auto x : {errc::model_not_found, errc::context_length_exceeded, errc::content_filtered,
                       errc::invalid_request, errc::cancelled, errc::deadline_exceeded, errc::overloaded})
    check(!counts_against_health(x));
}

} // WITH_FIXTURE(enum_fixture)

} // SUITE("enumerations")
