#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <caf/json_reader.hpp>
#include <caf/json_writer.hpp>
#include <caf/message.hpp>

#include <magna/messages/types.hpp>
#include <magna/tests/support/test.hpp>

#include "versions.hpp"
#include "wire_bytes.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::literals;

namespace {

// For messages outside of magna's own namespace.
using magna::inspect;

/// The messages that are sent most: one for each few tokens of an answer.
struct answer_part {
  std::uint8_t kind = 1;
  std::uint32_t index = 0;
  std::string bytes;
  std::string id;
  std::string name;

  bool operator==(const answer_part&) const = default;
};

constexpr auto fields_of(const answer_part* /*type*/) {
  return list_fields(tagged<1>("kind", &answer_part::kind), tagged<2>("index", &answer_part::index),
                     tagged<3>("bytes", &answer_part::bytes), tagged<4>("id", &answer_part::id),
                     tagged<5>("name", &answer_part::name));
}

struct answer_piece {
  std::uint64_t seq = 0;
  std::vector<answer_part> parts;

  bool operator==(const answer_piece&) const = default;
};

constexpr auto fields_of(const answer_piece* /*type*/) {
  return list_fields(tagged<1>("seq", &answer_piece::seq), tagged<2>("parts", &answer_piece::parts));
}

struct with_handle {
  std::string name;
  requester_actor first;
  requester_actor second;
};

constexpr auto fields_of(const with_handle* /*type*/) {
  return list_fields(tagged<1>("name", &with_handle::name), tagged<2>("first", &with_handle::first),
                     tagged<3>("second", &with_handle::second));
}

requester_actor::behavior_type idle() {
  return {[](const started&) {}, [](const chunk&) {}, [](const completion&) {}, [](const failure&) {}};
}

} // namespace

SUITE("fields") {

TEST("a message survives the wire") {
  check(from_wire<v1::letter>(to_wire(v1::sample())) == v1::sample());
  check(from_wire<v2::letter>(to_wire(v2::sample())) == v2::sample());
  check(from_wire<v1::letter>(to_wire(v1::letter{})) == v1::letter{});
  check(from_wire<v2::letter>(to_wire(v2::letter{})) == v2::letter{});
}

TEST("numbers survive up to the ends of their range") {
  auto sent = v2::sample();
  for (const auto number : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                            std::numeric_limits<std::uint64_t>::max()}) {
    sent.number = number;
    check(from_wire<v2::letter>(to_wire(sent)) == sent);
  }
  for (const auto offset :
       {std::numeric_limits<std::int32_t>::min(), -1, 0, 1, std::numeric_limits<std::int32_t>::max()}) {
    sent.offset = offset;
    check(from_wire<v2::letter>(to_wire(sent)) == sent);
  }
  for (const auto wait :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    sent.wait = caf::timespan{wait};
    check(from_wire<v2::letter>(to_wire(sent)) == sent);
  }
}

TEST("texts survive whole, of whatever size, with their null bytes") {
  auto sent = v1::sample();
  for (const std::size_t size : {0, 1, 127, 128, 240, 255, 256, 257, 16'384, 70'000, 3'000'000}) {
    sent.id = std::string(size, '\0');
    sent.first.text = std::string(size, 'x');
    check(from_wire<v1::letter>(to_wire(sent)) == sent);
  }
}

// -- two versions -------------------------------------------------------------------------------------------

TEST("an older node skips what it does not know, wherever it stands") {
  check(from_wire<v1::letter>(to_wire(v2::sample())) == v1::sample());
}

TEST("a newer node fills in defaults for what it does not get") {
  const auto seen = from_wire<v2::letter>(to_wire(v1::sample()));
  require(seen.has_value());
  check_eq(seen->id, "a-letter");
  check_eq(seen->parts.size(), 3u);
  check_eq(seen->parts[2].text, "three");
  check(seen->parts[2].notes.empty());
  check(!seen->open);
  check(seen->urgent);
  check(seen->last == v2::part{});
  check(!seen->drafts);
  check(!seen->answered);
}

TEST("what the target held before is gone") {
  auto target = v1::sample();
  check(read_into(target, to_wire(v1::letter{})));
  check(target == v1::letter{});
}

TEST("an enumerator that is not known yet becomes the fallback, and disturbs nothing else") {
  auto sent = v2::sample();
  sent.paint = v2::color::green;
  auto expected = v1::sample();
  expected.paint = v1::color::other;
  check(from_wire<v1::letter>(to_wire(sent)) == expected);
  check(from_wire<v1::color>(to_wire(v2::color::green)) == v1::color::other);
  check(from_wire<v1::color>(to_wire(v2::color::red)) == v1::color::red);
  check(from_wire<v1::color>("\xFF") == v1::color::other);
}

TEST("a number may get wider") {
  check(from_wire<v1::part>("\x08\x01\x00"sv).value().index == 1);
  // 2^32 does not fit: an error, not another number.
  check(!from_wire<v1::part>("\x08\x80\x80\x80\x80\x10\x00"sv));
}

// -- the bytes ----------------------------------------------------------------------------------------------

TEST("the format is the one that other nodes speak") {
  // Field 1, bytes, 3 of them; field 2, number, 1; the end.
  check_eq(printable(to_wire(v1::part{"one", 1})), "05 03 'o 'n 'e 08 01 00");
  check_eq(printable(to_wire(v1::part{})), "00");
  check_eq(printable(to_wire(v1::letter{})), "00");
  check_eq(printable(to_wire(v1::sample())),
           "05 08 'a '- 'l 'e 't 't 'e 'r "
           "08 ac 02 "
           "0c 00 "
           "13 0e 05 03 'o 'n 'e 08 01 00 00 05 05 't 'h 'r 'e 'e 08 f0 a2 04 00 "
           "14 03 "
           "1b 06 05 01 'k 09 01 'v 00 "
           "1c 02 "
           "22 05 05 'f 'i 'r 's 't 00 "
           "25 08 3f e0 00 00 00 00 00 00 "
           "28 01 "
           "00");
}

TEST("a chunk of an answer takes a few bytes beside its text") {
  const answer_piece piece{300, {{1, 0, std::string(20, 'x'), {}, {}}}};
  check_eq(printable(to_wire(piece)).substr(0, 32), "04 ac 02 0b 06 0d 14 'x 'x 'x 'x");
  check_eq(to_wire(piece).size(), 29u);
  check(from_wire<answer_piece>(to_wire(piece)) == piece);
}

TEST("fields come in any order, but each of them once") {
  check(from_wire<v1::part>("\x08\x01\x05\x03one\x00"sv) == v1::part{"one", 1});
  check(!from_wire<v1::part>("\x08\x01\x08\x01\x00"sv));
  check(!from_wire<v1::part>("\x05\x00\x05\x00\x00"sv));
}

TEST("a key stands once in a map, and an element once in a set") {
  check(from_wire<v1::letter>("\x1b\x06\x05\x01k\x00\x00"sv).value().labels.contains("k"));
  check(!from_wire<v1::letter>("\x1b\x0a\x05\x01k\x00\x05\x01k\x00\x00"sv));
  check(!from_wire<v2::letter>("\x3f\x08\x02\x02\x00"sv));
}

TEST("what follows a message is left for others") {
  const auto one = to_wire(v1::sample());
  const auto two = one + one;
  using pair = std::pair<v1::letter, v1::letter>;
  const auto both = from_wire<std::vector<v1::letter>>("\x02" + two);
  require(both.has_value());
  check(*both == std::vector{v1::sample(), v1::sample()});
  check(from_wire<pair>(two).has_value());
}

// -- bytes of strangers -------------------------------------------------------------------------------------

TEST("a message that is cut off anywhere is an error") {
  for (const auto& bytes : {to_wire(v1::sample()), to_wire(v2::sample())})
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      check(!from_wire<v1::letter>(bytes.substr(0, size)));
      check(!from_wire<v2::letter>(bytes.substr(0, size)));
    }
}

TEST("a message with any byte changed is an error or a value") {
  std::size_t errors = 0;
  std::size_t values = 0;
  for (const auto& bytes : {to_wire(v1::sample()), to_wire(v2::sample())})
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        auto changed = bytes;
        changed[at] = static_cast<char>(value);
        if (const auto seen = from_wire<v2::letter>(changed)) {
          ++values;
          // What was read can be passed on.
          check(from_wire<v2::letter>(to_wire(*seen)) == seen);
        } else {
          ++errors;
        }
        ++(from_wire<v1::letter>(changed) ? values : errors);
      }
  check_gt(errors, 1'000u);
  check_gt(values, 1'000u);
}

TEST("a length that is not there makes no room") {
  for (const auto& length : {"\x7f"s, "\xff\xff\xff\xff\x0f"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}) {
    // A text, a list, an unknown text, an unknown list, and a list of objects that says nothing else.
    for (const auto& head : {"\x05"s, "\x13"s, "\x7d"s, "\x7f"s})
      check(!from_wire<v1::letter>(head + length));
  }
}

TEST("a number of more than 64 bits is an error") {
  check(from_wire<v1::letter>("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"sv).has_value());
  check(!from_wire<v1::letter>("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00"sv));
  check(!from_wire<v1::letter>("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00\x00"sv));
  check(!from_wire<v1::letter>("\x7c\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00"sv));
}

TEST("a field without a tag, or of another kind, is an error") {
  for (const auto* head : {"\x01", "\x02", "\x03"})
    check(!from_wire<v1::letter>(head + std::string(8, '\0')));
  check(!from_wire<v1::letter>("\x04\x01\x00"sv));
  check(!from_wire<v1::letter>("\x09\x01x\x00"sv));
  // A list of numbers instead of objects; an empty one is one like the other.
  check(!from_wire<v1::letter>("\x13\x04\x01\x00"sv));
  check(from_wire<v1::letter>("\x13\x00\x00"sv).has_value());
}

TEST("the unknown may be deep, but not bottomless") {
  const auto nested = [](std::size_t depth) {
    std::string result;
    for (std::size_t i = 0; i < depth; ++i)
      result += '\x7e';
    return result + std::string(depth + 1, '\0');
  };
  check(from_wire<v1::letter>(nested(30)).has_value());
  check(!from_wire<v1::letter>(nested(40)));
  check(!from_wire<v1::letter>(nested(1'000'000)));
  // Lists in lists, each with one element.
  check(!from_wire<v1::letter>("\x7f" + std::string(1'000'000, '\x07')));
}

TEST("elements of one byte each do not fill the memory") {
  static_assert(2'000'000 * sizeof(v1::part) > 64 << 20);
  const auto bytes = "\x13\x82\xa4\xe8\x03"s + std::string(2'000'001, '\0');
  check(!from_wire<v1::letter>(bytes));
  check_eq(from_wire<v1::letter>("\x13\x82\x80\x01"s + std::string(4'097, '\0')).value().parts.size(),
           4'096u);
}

// -- other forms --------------------------------------------------------------------------------------------

TEST("elsewhere the fields have their names") {
  caf::json_writer writer;
  require(writer.apply(v1::part{"one", 1}));
  const std::string text{writer.str().data(), writer.str().size()};
  check_ne(text.find("\"text\": \"one\""), std::string::npos);
  check_ne(text.find("\"index\": 1"), std::string::npos);
  caf::json_reader reader;
  v1::letter seen;
  require(reader.load(R"({"id": "a", "number": 0, "open": true, "parts": [], "offset": null, "labels": {},
                          "paint": "red", "first": {"text": "", "index": 0}, "weight": 0.5, "wait": "1s"})"));
  require(reader.apply(seen));
  check(seen.paint == v1::color::red);
  require(reader.load(R"({"id": "a", "number": 0, "open": true, "parts": [], "offset": null, "labels": {},
                          "paint":"green", "first": {"text": "", "index": 0}, "weight": 0.5, "wait": "1s"})"));
  check(!reader.apply(seen));
  check_ne(caf::deep_to_string(v1::part{"one", 1}).find("\"one\""), std::string::npos);
}

WITH_FIXTURE(magna::test::deterministic) {

TEST("handles are written as CAF writes them") {
  const auto someone = sys.spawn(idle);
  const auto seen = unbox(serialization_roundtrip(with_handle{"name", someone, {}}));
  check_eq(seen.name, "name");
  check(seen.first == someone);
  check(!seen.second);
  inject_exit(someone);
}

TEST("inside of CAF's messages the format is the same") {
  const health_fact fact{.provider = "p",
                         .identity = "i",
                         .state = health_state::degraded,
                         .open_for = 1s,
                         .rest_for = {},
                         .age = 2s};
  const auto seen = unbox(serialization_roundtrip(caf::make_message(fact, peer_status{"a", "n", true, "p"})));
  check(seen.get_as<health_fact>(0) == fact);
  check(seen.get_as<peer_status>(1) == peer_status{"a", "n", true, "p"});
  check_ne(to_wire(caf::make_message(fact)).find(to_wire(fact)), std::string::npos);
}

} // WITH_FIXTURE(magna::test::deterministic)

} // SUITE("fields")
