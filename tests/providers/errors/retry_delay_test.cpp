#include <magna/providers/errors/retry_delay.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;
using namespace std::chrono_literals;

namespace {

using ms = std::optional<std::chrono::milliseconds>;

/// 0 is Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
constexpr auto example = std::chrono::sys_seconds{784'111'777s};

} // namespace

SUITE("retry delay") {

TEST("durations are read as Go and protobuf write them") {
  check(parse_duration("26.660853464s") == ms{26'661});
  check(parse_duration("373.8ms") == ms{374});
  check(parse_duration("1m30s") == ms{90'000});
  check(parse_duration("0.5h") == ms{1'800'000});
  check(parse_duration("0s") == ms{0});
  check(parse_duration(" 6ms ") == ms{6});
  check(parse_duration("99999999999999h") == ms{max_retry_delay});
  for (const auto* text : {"", "5", "s", "-1s", "1x", "1s!", "nan", "inf s", "1e5s", "0x1s"})
    check(!parse_duration(text));
}

TEST("an HTTP date is read in the form that servers must send") {
  check(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == example);
  check(parse_http_date("Thu, 29 Feb 2024 23:59:60 GMT") == std::chrono::sys_seconds{1'709'251'200s});
  for (const auto* text :
       {"", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT"})
    check(!parse_http_date(text));
}

TEST("headers are read in order of precision") {
  const auto delay = [](http_headers headers) {
    return retry_delay_from_headers({429, std::move(headers)}, example);
  };
  check(delay({}) == ms{});
  check(delay({{"retry-after", "20"}}) == ms{20'000});
  check(delay({{"retry-after", "0.25"}}) == ms{250});
  check(delay({{"retry-after", " 20 "}}) == ms{20'000});
  check(delay({{"retry-after-ms", "1500"}, {"retry-after", "20"}}) == ms{1500});
  check(delay({{"retry-after-ms", "soon"}, {"retry-after", "20"}}) == ms{20'000});
  check(delay({{"retry-after", "-5"}}) == ms{});
  check(delay({{"retry-after", "soon"}}) == ms{});
  check(delay({{"retry-after", "1e999"}}) == ms{});
  check(delay({{"retry-after", "99999999999999999999"}}) == ms{max_retry_delay});
  check(delay({{"retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"}}) == ms{60'000});
  check(delay({{"retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"}}) == ms{0});
  check(delay({{"retry-after", "Sun, 06 Nov 2094 08:49:00 GMT"}}) == ms{max_retry_delay});
  // The server's clock, not ours.
  check(delay({{"retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"}, {"date", "Sun, 06 Nov 1994 08:50:27 GMT"}})
        == ms{10'000});
}

TEST("a moment instead of a span is taken for what it is, and none is believed beyond an hour") {
  const auto delay = [](std::string_view text) {
    return retry_delay_from_headers({429, {{"retry-after", std::string{text}}}},
                                    std::chrono::sys_seconds{1'795'680'000s});
  };
  check(delay("1795680030") == ms{30'000});
  check(delay("1795680030000") == ms{30'000});
  check(delay("1795679999") == ms{0});
  check(delay("2026-11-26T08:00:30Z") == ms{30'000});
  check(delay("1m30s") == ms{90'000});
  check(delay("86400") == ms{3'600'000});
}

TEST("moments are read as RFC 3339 has them") {
  const auto eight = std::chrono::sys_time<std::chrono::milliseconds>{1'795'680'000'000ms};
  check(parse_rfc3339("2026-11-26T08:00:00Z") == eight);
  check(parse_rfc3339("2026-11-26T08:00:00.250Z") == eight + 250ms);
  check(parse_rfc3339("2026-11-26t09:30:00+01:30") == eight);
  check(parse_rfc3339("2026-11-26T00:00:00-08:00") == eight);
  for (const auto* text : {"", "2026-11-26", "2026-11-26T08:00:00", "2026-13-26T08:00:00Z",
                           "2026-02-30T08:00:00Z", "2026-11-26T24:00:00Z", "2026-11-26T08:00:00+1:00",
                           "2026-11-26T08:00:00+99:00", "2026-11-26 08:00:00Z", "20261126T080000Z-----"})
    check(!parse_rfc3339(text));
}

TEST("prose is the last resort") {
  check(retry_delay_from_prose("Quota. Please retry in 26.660853464s.") == ms{26'661});
  check(retry_delay_from_prose("Please try again in 1m30s. Visit") == ms{90'000});
  check(retry_delay_from_prose("Please try again in 350ms.") == ms{350});
  check(retry_delay_from_prose("Retry after 3 s") == ms{3000});
  check(retry_delay_from_prose("Please retry in a while") == ms{});
  check(retry_delay_from_prose("") == ms{});
}

} // SUITE("retry delay")
