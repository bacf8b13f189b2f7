#include <magna/actors/requests/request_plan.hpp>

#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <source_location>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t gemini = 0;
constexpr std::size_t openai = 1;
constexpr std::size_t ollama = 2;

const steady_time start = steady_time{} + 1h;

candidate named(std::string name) {
  candidate result;
  result.name = std::move(name);
  return result;
}

attempt_end failed(errc error, std::optional<caf::timespan> retry_after = std::nullopt) {
  attempt_end result;
  result.error = error;
  result.message = "as the provider says";
  result.retry_after = retry_after;
  return result;
}

attempt_end failed_with_another_key(errc error, std::optional<caf::timespan> retry_after = std::nullopt) {
  auto result = failed(error, retry_after);
  result.another_key = true;
  result.key_refused = error == errc::authentication_failed;
  return result;
}

/// A plan over gemini, openai and ollama, or over some of them, with a clock that moves with each wait.
struct plan_fixture {
  std::vector<candidate> chain{named("gemini"), named("openai"), named("ollama")};
  request_plan_config config{.deadline = start + 5min};
  steady_time now = start;
  std::optional<request_plan> plan;
  /// Where the attempt under way is.
  std::size_t current = 0;

  void only(std::size_t providers) { chain.resize(providers); }

  request_plan::step begin() {
    plan.emplace(chain, config, now);
    return moved(plan->first(now));
  }

  /// The current attempt takes `duration` and fails; if there is a wait before what follows, it passes.
  request_plan::step after(const attempt_end& end, steady_duration duration = 0s, bool committed = false) {
    now += duration;
    return moved(plan->next(current, end, committed, now));
  }

  request_plan::step after(errc error) { return after(failed(error)); }

  request_plan::step moved(request_plan::step step) {
    if (const auto* next = std::get_if<start_attempt>(&step)) {
      current = next->candidate;
      now += next->wait;
    }
    return step;
  }

  void expect_attempt(const request_plan::step& step, std::size_t provider, steady_duration wait,
                      const std::source_location& location = std::source_location::current()) {
    auto& test = magna::test::runnable::current();
    const auto* next = std::get_if<start_attempt>(&step);
    test.require(next != nullptr, location);
    test.check_eq(next->candidate, provider, location);
    test.check_eq(next->wait, wait, location);
  }

  give_up expect_end(const request_plan::step& step, errc error,
                     const std::source_location& location = std::source_location::current()) {
    auto& test = magna::test::runnable::current();
    const auto* end = std::get_if<give_up>(&step);
    test.require(end != nullptr, location);
    test.check_eq(end->error, error, location);
    return *end;
  }
};

using delay = std::optional<steady_duration>;

} // namespace

SUITE("request plan") {

WITH_FIXTURE(plan_fixture) {

// -- what a provider can't do -------------------------------------------------------------------------------

TEST("a provider that can't do what is asked is passed over") {
  auto cannot = failed(errc::invalid_request);
  cannot.unsupported = true;
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(cannot), openai, 0s);
  expect_attempt(after(cannot), ollama, 0s);
  expect_end(after(cannot), errc::invalid_request);
}

TEST("who could not do it does not hide how the one who could has failed") {
  auto cannot = failed(errc::invalid_request);
  cannot.unsupported = true;
  only(2);
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(cannot), openai, 0s);
  expect_end(after(errc::model_not_found), errc::all_providers_failed);
}

TEST("what one provider calls invalid another may take") {
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::invalid_request), openai, 0s);
  expect_attempt(after(errc::invalid_request), ollama, 0s);
  expect_end(after(errc::invalid_request), errc::invalid_request);
}

TEST("a refusal beside other failures is one of them") {
  only(2);
  begin();
  expect_attempt(after(errc::invalid_request), openai, 0s);
  expect_end(after(errc::model_not_found), errc::all_providers_failed);
}

TEST("a refusal ends the request at once if so configured") {
  config.fallback_on_invalid_request = false;
  begin();
  expect_end(after(errc::invalid_request), errc::invalid_request);
}

// -- the first generation's promise -------------------------------------------------------------------------

TEST("a provider that times out gets three attempts, after 1 s and 2 s, then the next one is asked at once") {
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::timeout), gemini, 1s);
  expect_attempt(after(errc::timeout), gemini, 2s);
  expect_attempt(after(errc::timeout), openai, 0s);
}

TEST("a rate limit goes to the next provider without a wait") {
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::rate_limited), openai, 0s);
}

TEST("a rate limit goes to the next provider at once, whatever delay its server names") {
  for (const auto retry_after : {0s, 1s, 30s, 61s, 3600s}) {
    begin();
    expect_attempt(after(failed(errc::rate_limited, retry_after)), openai, 0s);
  }
}

TEST("with the first two down the third is asked, with no wait") {
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::provider_unavailable), openai, 0s);
  expect_attempt(after(errc::provider_unavailable), ollama, 0s);
}

TEST("with all down the request fails with all_providers_failed") {
  begin();
  after(errc::provider_unavailable);
  after(errc::provider_unavailable);
  const auto end = expect_end(after(errc::provider_unavailable), errc::all_providers_failed);
  check_eq(end.retry_after, delay{});
}

TEST("three providers that time out get nine attempts in all, then the request fails") {
  begin();
  for (std::size_t provider = 0; provider < 3; ++provider) {
    expect_attempt(after(errc::timeout), provider, 1s);
    expect_attempt(after(errc::timeout), provider, 2s);
    const auto step = after(errc::timeout);
    if (provider < 2)
      expect_attempt(step, provider + 1, 0s);
    else
      expect_end(step, errc::all_providers_failed);
  }
  check_eq(now, start + 9s);
}

// -- the error table ----------------------------------------------------------------------------------------

TEST("a failure that another attempt may cure is retried at the same provider first") {
  for (const auto error : {errc::timeout, errc::provider_error, errc::stream_truncated}) {
    begin();
    expect_attempt(after(error), gemini, 1s);
  }
}

TEST("a failure that only another provider may cure goes to the next one at once") {
  for (const auto error : {errc::rate_limited, errc::provider_unavailable, errc::authentication_failed,
                           errc::model_not_found, errc::context_length_exceeded}) {
    begin();
    expect_attempt(after(error), openai, 0s);
  }
}

TEST("a failure that the request or its requester caused ends it") {
  for (const auto error : {errc::content_filtered, errc::cancelled, errc::deadline_exceeded}) {
    begin();
    expect_end(after(error), error);
  }
}

TEST("falling back from a content filter is opt-in, and is no retry") {
  config.fallback_on_content_filter = true;
  begin();
  expect_attempt(after(errc::content_filtered), openai, 0s);
  expect_attempt(after(errc::content_filtered), ollama, 0s);
  expect_end(after(errc::content_filtered), errc::all_providers_failed);
}

TEST("an attempt that failed without saying why counts as provider_error") {
  only(1);
  chain[0].max_attempts = 1;
  begin();
  expect_end(after(attempt_end{}), errc::provider_error);
}

TEST("a single provider's failure keeps its own name") {
  only(1);
  for (const auto error : {errc::authentication_failed, errc::model_not_found, errc::context_length_exceeded,
                           errc::invalid_request}) {
    begin();
    const auto end = expect_end(after(error), error);
    check_eq(end.message, "");
  }
}

TEST("a provider that is the only one is asked again when it was unavailable") {
  only(1);
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(failed(errc::provider_unavailable, 4s)), gemini, 4s);
  expect_attempt(after(errc::provider_unavailable), gemini, 2s);
  expect_end(after(errc::provider_unavailable), errc::provider_unavailable);
}

TEST("so is one whose others are all known to be down") {
  chain[1].unavailable = true;
  chain[2].unavailable = true;
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::provider_unavailable), gemini, 1s);
}

TEST("a provider that has nothing left is asked after the others, and not later than at once") {
  chain[0].spared = true;
  begin();
  check_eq(plan->at(0).name, "openai");
  check_eq(plan->at(2).name, "gemini");
  expect_attempt(after(errc::provider_unavailable), 1, 0s);
  expect_attempt(after(errc::provider_unavailable), 2, 0s);
}

TEST("a single provider that times out fails with timeout after three attempts") {
  only(1);
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::timeout), gemini, 1s);
  expect_attempt(after(errc::timeout), gemini, 2s);
  expect_end(after(errc::timeout), errc::timeout);
}

TEST("a provider that failed for good is not asked again when the others failed too") {
  begin();
  after(errc::model_not_found);
  after(errc::authentication_failed);
  expect_end(after(errc::context_length_exceeded), errc::all_providers_failed);
}

// -- after the commit point ---------------------------------------------------------------------------------

TEST("after the commit point every failure ends the request under its own name") {
  for (std::uint8_t i = 1; i <= errc_count; ++i) {
    begin();
    expect_end(after(failed(static_cast<errc>(i)), 1s, true), static_cast<errc>(i));
  }
}

TEST("after the commit point not even another key is tried") {
  for (const auto error : {errc::authentication_failed, errc::rate_limited}) {
    begin();
    expect_end(after(failed_with_another_key(error), 1s, true), error);
  }
}

// -- backoff ------------------------------------------------------------------------------------------------

TEST("the backoff doubles from one attempt to the next") {
  only(1);
  chain[0].max_attempts = 6;
  chain[0].retry_delay = 500ms;
  begin();
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms})
    expect_attempt(after(errc::provider_error), gemini, wait);
  expect_end(after(errc::provider_error), errc::provider_error);
}

TEST("the jitter scales each backoff") {
  for (const auto& [factor, first, second] :
       {std::tuple{0.8, 800ms, 1600ms}, std::tuple{1.2, 1200ms, 2400ms}}) {
    config.jitter = [value = factor] { return value; };
    begin();
    const auto near = [this](const request_plan::step& step, steady_duration wait) {
      const auto* next = std::get_if<start_attempt>(&step);
      return next != nullptr && next->candidate == gemini && std::chrono::abs(next->wait - wait) < 1us;
    };
    check(near(after(errc::timeout), first));
    check(near(after(errc::timeout), second));
  }
}

TEST("the jitter is drawn anew for each backoff") {
  auto draws = 0;
  config.jitter = [&draws] { return ++draws == 1 ? 0.8 : 1.2; };
  begin();
  const auto first = after(errc::timeout);
  const auto second = after(errc::timeout);
  check_lt(std::get<start_attempt>(first).wait, 1s);
  check_gt(std::get<start_attempt>(second).wait, 2s);
}

TEST("a retry delay of 0 retries at once") {
  chain[0].retry_delay = 0s;
  begin();
  expect_attempt(after(errc::timeout), gemini, 0s);
  expect_attempt(after(errc::timeout), gemini, 0s);
  expect_attempt(after(errc::timeout), openai, 0s);
}

TEST("each provider has its own number of attempts and its own delay") {
  chain[0].max_attempts = 1;
  chain[1].max_attempts = 2;
  chain[1].retry_delay = 3s;
  begin();
  expect_attempt(after(errc::timeout), openai, 0s);
  expect_attempt(after(errc::timeout), openai, 3s);
  expect_attempt(after(errc::timeout), ollama, 0s);
  expect_attempt(after(errc::timeout), ollama, 1s);
}

TEST("a server's own delay is a floor for the backoff, which jitter can't undercut") {
  config.jitter = [] { return 0.8; };
  begin();
  expect_attempt(after(failed(errc::timeout, 7s)), gemini, 7s);
}

TEST("a server's own delay does not shorten the backoff") {
  begin();
  expect_attempt(after(failed(errc::timeout, 10ms)), gemini, 1s);
}

TEST("a server's delay of up to 60 s is waited out, a longer one sends the request on") {
  begin();
  expect_attempt(after(failed(errc::provider_error, 60s)), gemini, 60s);
  begin();
  expect_attempt(after(failed(errc::provider_error, 60s + 1ns)), openai, 0s);
}

TEST("a provider that says a retry makes no sense gets none") {
  for (const auto error : {errc::timeout, errc::provider_error, errc::stream_truncated, errc::rate_limited}) {
    begin();
    auto end = failed(error);
    end.should_retry = false;
    expect_attempt(after(end), openai, 0s);
    expect_attempt(after(errc::provider_unavailable), ollama, 0s);
    expect_end(after(errc::provider_unavailable), errc::all_providers_failed);
  }
}

TEST("a provider that asks for a retry gets no more of them than others") {
  only(1);
  begin();
  auto end = failed(errc::timeout);
  end.should_retry = true;
  expect_attempt(after(end), gemini, 1s);
  expect_attempt(after(end), gemini, 2s);
  expect_end(after(end), errc::timeout);
}

// -- rate limits when no other provider is left -------------------------------------------------------------

TEST("a single provider's rate limit is waited out for as long as its server says") {
  only(1);
  begin();
  expect_attempt(after(failed(errc::rate_limited, 20s)), gemini, 20s);
  expect_attempt(after(failed(errc::rate_limited, 40s)), gemini, 40s);
  const auto end = expect_end(after(failed(errc::rate_limited, 50s)), errc::rate_limited);
  check_eq(end.retry_after, delay{50s});
}

TEST("a single provider's rate limit with no delay backs off as other failures do") {
  only(1);
  begin();
  expect_attempt(after(errc::rate_limited), gemini, 1s);
  expect_attempt(after(errc::rate_limited), gemini, 2s);
  const auto end = expect_end(after(errc::rate_limited), errc::rate_limited);
  check_eq(end.retry_after, delay{});
}

TEST("a single provider's rate limit beyond the deadline fails at once and says when to come back") {
  only(1);
  config.deadline = start + 30s;
  begin();
  const auto end = expect_end(after(failed(errc::rate_limited, 31s)), errc::rate_limited);
  check_eq(end.retry_after, delay{31s});
}

TEST("a single provider's rate limit of more than 60 s fails at once and says when to come back") {
  only(1);
  begin();
  const auto end = expect_end(after(failed(errc::rate_limited, 61s)), errc::rate_limited);
  check_eq(end.retry_after, delay{61s});
}

TEST("when the others failed for good, the rate-limited provider is waited for") {
  begin();
  expect_attempt(after(failed(errc::rate_limited, 10s)), openai, 0s);
  expect_attempt(after(failed(errc::provider_unavailable), 3s), ollama, 0s);
  expect_attempt(after(failed(errc::model_not_found), 1s), gemini, 6s);
}

TEST("a rate limit that is over while others fail costs no further wait") {
  begin();
  expect_attempt(after(failed(errc::rate_limited, 10s)), openai, 0s);
  expect_attempt(after(failed(errc::provider_unavailable), 11s), gemini, 0s);
}

TEST("of several rate-limited providers the one that is free first is asked first") {
  begin();
  expect_attempt(after(failed(errc::rate_limited, 30s)), openai, 0s);
  expect_attempt(after(failed(errc::rate_limited, 5s)), ollama, 0s);
  expect_attempt(after(failed(errc::rate_limited, 20s)), openai, 5s);
  expect_attempt(after(errc::provider_unavailable), ollama, 15s);
  expect_attempt(after(errc::provider_unavailable), gemini, 10s);
}

TEST("when all are rate-limited for too long, the failure says when the first is back") {
  begin();
  after(failed(errc::rate_limited, 300s), 10s);
  after(failed(errc::rate_limited, 100s), 10s);
  const auto end = expect_end(after(failed(errc::rate_limited, 200s), 10s), errc::all_providers_failed);
  check_eq(end.retry_after, delay{90s});
}

TEST("a delay that was waited out is forgotten: the last word of each server counts") {
  only(1);
  begin();
  expect_attempt(after(failed(errc::rate_limited, 2s)), gemini, 2s);
  const auto end = expect_end(after(failed(errc::rate_limited, 90s)), errc::rate_limited);
  check_eq(end.retry_after, delay{90s});
}

TEST("a delay that has passed by the end of the request is not reported") {
  only(2);
  chain[1].max_attempts = 1;
  begin();
  auto end = failed(errc::rate_limited, 10s);
  end.should_retry = false;
  expect_attempt(after(end), openai, 0s);
  check_eq(expect_end(after(failed(errc::timeout), 30s), errc::all_providers_failed).retry_after, delay{});
}

TEST("a request that is at fault itself carries no other provider's delay") {
  config.fallback_on_invalid_request = false;
  begin();
  after(failed(errc::rate_limited, 30s));
  check_eq(expect_end(after(errc::invalid_request), errc::invalid_request).retry_after, delay{});
}

// -- keys ---------------------------------------------------------------------------------------------------

TEST("a refused key is followed by the provider's next key at once, then by the next provider") {
  begin();
  expect_attempt(after(failed_with_another_key(errc::authentication_failed)), gemini, 0s);
  expect_attempt(after(failed_with_another_key(errc::authentication_failed)), gemini, 0s);
  expect_attempt(after(errc::authentication_failed), openai, 0s);
}

TEST("every key gets its turn, also when they are more than the attempts per provider") {
  chain[0].max_attempts = 3;
  begin();
  for (auto key = 1; key < 6; ++key)
    expect_attempt(after(failed_with_another_key(errc::authentication_failed)), gemini, 0s);
  expect_attempt(after(errc::authentication_failed), openai, 0s);
}

TEST("a rate-limited key is followed by another one at once, within the provider's attempts") {
  begin();
  expect_attempt(after(failed_with_another_key(errc::rate_limited, 30s)), gemini, 0s);
  expect_attempt(after(failed_with_another_key(errc::rate_limited, 30s)), gemini, 0s);
  expect_attempt(after(failed_with_another_key(errc::rate_limited, 30s)), openai, 0s);
}

TEST("no other key is tried once the request's deadline has passed") {
  for (const auto error : {errc::authentication_failed, errc::rate_limited}) {
    now = start;
    begin();
    expect_end(after(failed_with_another_key(error), 5min), errc::deadline_exceeded);
  }
}

// -- caps and deadlines -------------------------------------------------------------------------------------

TEST("one cap holds for the attempts at all providers together") {
  config.max_attempts = 4;
  begin();
  expect_attempt(after(errc::timeout), gemini, 1s);
  expect_attempt(after(errc::timeout), gemini, 2s);
  expect_attempt(after(errc::timeout), openai, 0s);
  expect_end(after(errc::timeout), errc::all_providers_failed);
}

TEST("with one attempt in all, the failure is that attempt's") {
  config.max_attempts = 1;
  begin();
  expect_end(after(errc::provider_unavailable), errc::provider_unavailable);
}

TEST("keys count against the cap over all attempts") {
  config.max_attempts = 2;
  begin();
  expect_attempt(after(failed_with_another_key(errc::authentication_failed)), gemini, 0s);
  expect_end(after(failed_with_another_key(errc::authentication_failed)), errc::authentication_failed);
}

TEST("a deadline that leaves no time for the backoff sends the request on") {
  config.deadline = start + 10s;
  begin();
  expect_attempt(after(failed(errc::timeout), 9s), openai, 0s);
  now = start;
  begin();
  expect_attempt(after(failed(errc::timeout), 9s - 1ns), gemini, 1s);
}

TEST("a deadline that leaves no time for a single provider's backoff ends with that provider's error") {
  only(1);
  config.deadline = start + 10s;
  begin();
  expect_end(after(failed(errc::timeout), 9500ms), errc::timeout);
}

TEST("no attempt starts at the deadline or after it") {
  for (const auto late : {0ns, 1ns}) {
    now = start;
    begin();
    expect_end(after(failed(errc::provider_unavailable), 5min + late), errc::deadline_exceeded);
  }
}

TEST("a request whose deadline has passed when it arrives is not even tried") {
  config.deadline = start;
  expect_end(begin(), errc::deadline_exceeded);
}

// -- health -------------------------------------------------------------------------------------------------

TEST("a provider with an open circuit is skipped") {
  chain[0].unavailable = true;
  expect_attempt(begin(), openai, 0s);
  expect_attempt(after(errc::provider_unavailable), ollama, 0s);
  expect_end(after(errc::provider_unavailable), errc::all_providers_failed);
}

TEST("when every circuit is open, all are used in the order of the chain") {
  for (auto& x : chain)
    x.unavailable = true;
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::provider_unavailable), openai, 0s);
  expect_attempt(after(errc::provider_unavailable), ollama, 0s);
  expect_end(after(errc::provider_unavailable), errc::all_providers_failed);
}

TEST("a single provider is used even with an open circuit") {
  only(1);
  chain[0].unavailable = true;
  expect_attempt(begin(), gemini, 0s);
}

TEST("a resting provider is asked after the others") {
  chain[0].rest_until = start + 20s;
  expect_attempt(begin(), openai, 0s);
  expect_attempt(after(errc::provider_unavailable), ollama, 0s);
  expect_attempt(after(errc::provider_unavailable), gemini, 20s);
}

TEST("a rest that ends at this very moment is over") {
  chain[0].rest_until = start;
  expect_attempt(begin(), gemini, 0s);
}

TEST("when all rest, the first to be back is waited for") {
  chain[0].rest_until = start + 20s;
  chain[1].rest_until = start + 10s;
  chain[2].rest_until = start + 30s;
  expect_attempt(begin(), openai, 10s);
}

TEST("when all rest longer than a request may wait, it fails at once and says when to come back") {
  for (auto& x : chain)
    x.rest_until = start + 61s;
  const auto end = expect_end(begin(), errc::rate_limited);
  check_eq(end.retry_after, delay{61s});
  check_ne(end.message, "");
}

TEST("when all rest beyond the deadline, the request fails at once and says when to come back") {
  config.deadline = start + 5s;
  for (auto& x : chain)
    x.rest_until = start + 6s;
  check_eq(expect_end(begin(), errc::rate_limited).retry_after, delay{6s});
}

TEST("a provider with an open circuit is better than none while the others rest") {
  chain[0].rest_until = start + 2min;
  chain[1].unavailable = true;
  chain[2].rest_until = start + 2min;
  expect_attempt(begin(), openai, 0s);
}

TEST("a rest that was too long at first is waited out once it is short enough") {
  only(2);
  chain[0].rest_until = start + 90s;
  expect_attempt(begin(), openai, 0s);
  expect_attempt(after(failed(errc::provider_unavailable), 30s), gemini, 60s);
}

TEST("a plan knows its candidates by their place in the chain") {
  begin();
  check_eq(plan->at(gemini).name, "gemini");
  check_eq(plan->at(ollama).name, "ollama");
}

// -- whatever happens ---------------------------------------------------------------------------------------

TEST("whatever fails in whatever order, a plan keeps its promises") {
  std::mt19937 random{20261122};
  const auto below = [&random](std::uint32_t n) {
    return std::uniform_int_distribution<std::uint32_t>{0, n - 1}(random);
  };
  for (auto round = 0; round < 20'000; ++round) {
    std::vector<candidate> providers(1 + below(4));
    for (auto& x : providers) {
      x.unavailable = below(4) == 0;
      if (below(5) == 0)
        x.rest_until = start + std::chrono::seconds{below(120)};
      x.max_attempts = 1 + below(4);
      x.retry_delay = std::chrono::milliseconds{below(3000)};
    }
    const auto deadline = start + std::chrono::seconds{1 + below(400)};
    const auto cap = 1 + below(14);
    const auto falls_back = below(2) == 0;
    const auto any_closed = std::any_of(providers.begin(), providers.end(), [](const auto& x) {
      return !x.unavailable && (!x.rest_until || *x.rest_until <= start);
    });
    const auto any_rests =
      std::any_of(providers.begin(), providers.end(), [](const auto& x) { return x.rest_until; });
    request_plan tried{providers,
                       {.max_attempts = cap,
                        .fallback_on_invalid_request = falls_back,
                        .fallback_on_content_filter = below(2) == 0,
                        .deadline = deadline,
                        .jitter = [&] { return 0.8 + 0.4 * below(1001) / 1000; }},
                       start};
    std::vector<std::uint32_t> attempts(providers.size());
    std::vector<bool> lost(providers.size());
    std::uint32_t total = 0;
    auto at = start;
    auto step = tried.first(at);
    if (std::holds_alternative<give_up>(step))
      require(any_rests && !any_closed);
    while (const auto* next = std::get_if<start_attempt>(&step)) {
      const auto who = next->candidate;
      require_lt(who, providers.size());
      require_ge(next->wait, 0s);
      require_le(next->wait, 60s);
      at += next->wait;
      require(at < deadline);
      require(!lost[who]);
      if (any_closed)
        require(!providers[who].unavailable);
      require_le(++total, cap);
      ++attempts[who];

      auto end = failed(static_cast<errc>(1 + below(errc_count)));
      if (below(3) == 0)
        end.retry_after = std::chrono::seconds{below(90)};
      if (below(8) == 0)
        end.should_retry = below(2) == 0;
      end.another_key = below(4) == 0;
      end.key_refused = end.error == errc::authentication_failed;
      auto alone = true;
      for (std::size_t other = 0; other < providers.size(); ++other)
        alone =
          alone && (other == who || (attempts[other] == 0 && any_closed && providers[other].unavailable));
      const auto committed = below(30) == 0;
      // Only a key that is refused may bring an attempt beyond the provider's own cap.
      if (end.error != errc::authentication_failed || !end.another_key)
        lost[who] = attempts[who] >= providers[who].max_attempts
                    || (end.should_retry == false && !(end.error == errc::rate_limited && end.another_key))
                    || (end.error == errc::provider_unavailable && !alone)
                    || end.error == errc::invalid_request || end.error == errc::model_not_found
                    || end.error == errc::context_length_exceeded || end.error == errc::content_filtered
                    || end.error == errc::authentication_failed || end.error == errc::overloaded;
      at += std::chrono::milliseconds{below(20'000)};
      step = tried.next(who, end, committed, at);
      const auto ends = committed || (end.error == errc::invalid_request && !falls_back)
                        || end.error == errc::cancelled || end.error == errc::deadline_exceeded;
      if (ends)
        require(std::holds_alternative<give_up>(step));
    }
    const auto& last = std::get<give_up>(step);
    if (last.retry_after)
      require_ge(*last.retry_after, 0s);
    if (total == 0)
      require_eq(last.error, errc::rate_limited);
  }
}

// -- overload -----------------------------------------------------------------------------------------------

TEST("a provider that has no place for one more is passed over at once") {
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(failed(errc::overloaded, 3s)), openai, 0s);
  expect_attempt(after(errc::invalid_request), ollama, 0s);
  expect_end(after(errc::invalid_request), errc::all_providers_failed);
}

TEST("when no provider has a place the request is overloaded, and told when one may be free") {
  begin();
  after(failed(errc::overloaded, 3s));
  after(failed(errc::overloaded, 1s));
  const auto end = expect_end(after(failed(errc::overloaded, 2s)), errc::overloaded);
  check_eq(end.retry_after, delay{1s});
  check(!end.message.empty());
}

TEST("one provider that failed and others that have no place are all providers failed") {
  begin();
  after(errc::provider_unavailable);
  after(errc::overloaded);
  expect_end(after(errc::overloaded), errc::all_providers_failed);
}

TEST("a retry that the budget forbids goes to the next provider instead") {
  config.may_retry = [](const candidate& who) { return who.name != "gemini"; };
  expect_attempt(begin(), gemini, 0s);
  expect_attempt(after(errc::timeout), openai, 0s);
  expect_attempt(after(errc::timeout), openai, 1s);
}

TEST("without another provider a retry that the budget forbids is the provider's own failure") {
  only(1);
  config.may_retry = [](const candidate&) { return false; };
  begin();
  expect_end(after(errc::timeout), errc::timeout);
}

TEST("a retry that waits for another attempt takes from the budget when it starts, not before") {
  auto asked = 0;
  config.may_retry = [&asked](const candidate&) { return ++asked > 0; };
  begin();
  check_eq(plan->hedge(now).value().candidate, openai);
  const auto waits = plan->next(gemini, failed(errc::timeout), false, now);
  check(std::holds_alternative<keep_waiting>(waits));
  check_eq(asked, 0);
  expect_attempt(moved(plan->next(openai, failed(errc::provider_unavailable), false, now)), ollama, 0s);
  check_eq(asked, 0);
  expect_attempt(moved(plan->next(ollama, failed(errc::provider_unavailable), false, now)), gemini, 1s);
  check_eq(asked, 1);
}

TEST("the budget is asked for each retry, and not for first attempts nor for another key") {
  auto asked = 0;
  config.may_retry = [&asked](const candidate&) { return ++asked > 0; };
  begin();
  after(failed_with_another_key(errc::authentication_failed));
  check_eq(asked, 0);
  expect_attempt(after(errc::timeout), gemini, 2s);
  check_eq(asked, 1);
  expect_attempt(after(errc::provider_unavailable), openai, 0s);
  check_eq(asked, 1);
}

TEST("a step says whether it is the first attempt at its provider") {
  check(!std::get<start_attempt>(begin()).again);
  check(std::get<start_attempt>(after(errc::timeout)).again);
  check(!std::get<start_attempt>(after(errc::provider_unavailable)).again);
}

// -- hedging ------------------------------------------------------------------------------------------------

TEST("a hedge goes to the next provider, and another one to the one after it") {
  begin();
  check_eq(plan->hedge(now).value().candidate, openai);
  check_eq(plan->hedge(now).value().candidate, ollama);
  check(!plan->hedge(now).has_value());
}

TEST("a hedge skips providers that are UNAVAILABLE or rest") {
  chain[1].unavailable = true;
  chain[2].rest_until = start + 10s;
  begin();
  check(!plan->hedge(now).has_value());
  now += 10s;
  check_eq(plan->hedge(now).value().candidate, ollama);
}

TEST("no hedge goes beyond the cap on attempts or the deadline") {
  config.max_attempts = 1;
  begin();
  check(!plan->hedge(now).has_value());
  config.max_attempts = 12;
  begin();
  now = config.deadline;
  check(!plan->hedge(now).has_value());
}

TEST("while a hedge runs, the failure of the other attempt starts nothing") {
  begin();
  require(plan->hedge(now).has_value());
  check(std::holds_alternative<keep_waiting>(plan->next(gemini, failed(errc::timeout), false, now)));
  // The hedge fails too. Its own backoff comes first: 1 s.
  expect_attempt(moved(plan->next(openai, failed(errc::timeout), false, now)), openai, 1s);
  // Gemini has rested long enough by then.
  expect_attempt(after(errc::provider_unavailable), gemini, 0s);
}

TEST("a failure that no provider can mend ends the request though a hedge still runs") {
  begin();
  require(plan->hedge(now).has_value());
  expect_end(plan->next(gemini, failed(errc::content_filtered), false, now), errc::content_filtered);
}

TEST("an attempt that was given up for a faster one does not hold the request up") {
  begin();
  require(plan->hedge(now).has_value());
  plan->withdraw(gemini);
  expect_attempt(moved(plan->next(openai, failed(errc::provider_unavailable), false, now)), gemini, 0s);
}

} // WITH_FIXTURE(plan_fixture)

} // SUITE("request plan")
