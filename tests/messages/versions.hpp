#pragma once

// A message of two versions of magna: what the second one added is in no type of the first one.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/fields.hpp>

namespace magna::v1 {

using magna::inspect;

enum class color : std::uint8_t { other = 1, red = 2 };

inline std::string to_string(color x) {
  return x == color::red ? "red" : "other";
}

inline bool from_string(caf_string_view name, color& x) {
  x = name == "red" ? color::red : color::other;
  return name == "red" || name == "other";
}

inline bool from_integer(std::uint8_t number, color& x) {
  if (number < 1 || number > 2)
    return false;
  x = static_cast<color>(number);
  return true;
}

template <class Inspector>
bool inspect(Inspector& f, color& x) {
  return inspect_enum(f, x, color::other);
}

struct part {
  std::string text;
  std::uint32_t index = 0;

  bool operator==(const part&) const = default;
};

constexpr auto fields_of(const part* /*type*/) {
  return list_fields(tagged<1>("text", &part::text), tagged<2>("index", &part::index));
}

struct letter {
  std::string id;
  std::uint64_t number = 0;
  bool open = true;
  std::vector<part> parts;
  std::optional<std::int32_t> offset;
  std::map<std::string, std::string> labels;
  color paint = color::other;
  part first;
  double weight = 0;
  caf::timespan wait{};

  bool operator==(const letter&) const = default;
};

constexpr auto fields_of(const letter* /*type*/) {
  return list_fields(tagged<1>("id", &letter::id), tagged<2>("number", &letter::number),
                     tagged<3>("open", &letter::open), tagged<4>("parts", &letter::parts),
                     tagged<5>("offset", &letter::offset), tagged<6>("labels", &letter::labels),
                     tagged<7>("paint", &letter::paint), tagged<8>("first", &letter::first),
                     tagged<9>("weight", &letter::weight), tagged<10>("wait", &letter::wait));
}

inline letter sample() {
  return {.id = "a-letter",
          .number = 300,
          .open = false,
          .parts = {{"one", 1}, {}, {"three", 70'000}},
          .offset = -2,
          .labels = {{"k", "v"}},
          .paint = color::red,
          .first = {"first", 0},
          .weight = 0.5,
          .wait = caf::timespan{-1}};
}

} // namespace magna::v1

namespace magna::v2 {

using magna::inspect;

enum class color : std::uint8_t { other = 1, red = 2, green = 3 };

inline std::string to_string(color x) {
  return x == color::red ? "red" : x == color::green ? "green" : "other";
}

inline bool from_string(caf_string_view name, color& x) {
  x = name == "red" ? color::red : name == "green" ? color::green : color::other;
  return name == "red" || name == "green" || name == "other";
}

inline bool from_integer(std::uint8_t number, color& x) {
  if (number < 1 || number > 3)
    return false;
  x = static_cast<color>(number);
  return true;
}

template <class Inspector>
bool inspect(Inspector& f, color& x) {
  return inspect_enum(f, x, color::other);
}

/// Has no fields yet.
struct mark {
  bool operator==(const mark&) const = default;
};

constexpr auto fields_of(const mark* /*type*/) {
  return list_fields();
}

struct part {
  std::string text;
  std::uint32_t index = 0;
  std::vector<std::string> notes;
  std::optional<mark> marked;

  bool operator==(const part&) const = default;
};

constexpr auto fields_of(const part* /*type*/) {
  return list_fields(tagged<1>("text", &part::text), tagged<2>("index", &part::index),
                     tagged<3>("notes", &part::notes), tagged<4>("marked", &part::marked));
}

struct letter {
  std::string id;
  std::uint64_t number = 0;
  bool open = true;
  std::vector<part> parts;
  std::optional<std::int32_t> offset;
  std::map<std::string, std::string> labels;
  color paint = color::other;
  part first;
  double weight = 0;
  caf::timespan wait{};
  bool urgent = true;
  part last;
  std::vector<part> pages;
  std::map<std::uint16_t, part> by_number;
  std::set<std::int8_t> days;
  std::optional<std::vector<part>> drafts;
  caf::timestamp sent{};
  std::optional<bool> answered;

  bool operator==(const letter&) const = default;
};

constexpr auto fields_of(const letter* /*type*/) {
  // In another order than the first version's.
  return list_fields(tagged<50>("answered", &letter::answered), tagged<11>("urgent", &letter::urgent),
                     tagged<10>("wait", &letter::wait), tagged<1>("id", &letter::id),
                     tagged<2>("number", &letter::number), tagged<3>("open", &letter::open),
                     tagged<4>("parts", &letter::parts), tagged<5>("offset", &letter::offset),
                     tagged<6>("labels", &letter::labels), tagged<7>("paint", &letter::paint),
                     tagged<8>("first", &letter::first), tagged<9>("weight", &letter::weight),
                     tagged<12>("last", &letter::last), tagged<13>("pages", &letter::pages),
                     tagged<14>("by_number", &letter::by_number), tagged<15>("days", &letter::days),
                     tagged<16>("drafts", &letter::drafts), tagged<0xFFFF>("sent", &letter::sent));
}

inline letter sample() {
  return {.id = "a-letter",
          .number = 300,
          .open = false,
          .parts = {{.text = "one", .index = 1, .notes = {"x", ""}, .marked = mark{}},
                    {},
                    {.text = "three", .index = 70'000, .notes = {}, .marked = {}}},
          .offset = -2,
          .labels = {{"k", "v"}},
          .paint = color::red,
          .first = {.text = "first", .index = 0, .notes = {"n"}, .marked = {}},
          .weight = 0.5,
          .wait = caf::timespan{-1},
          .urgent = false,
          .last = {.text = "last", .index = 1, .notes = {"x"}, .marked = mark{}},
          .pages = {{}, {.text = "page", .index = 0, .notes = {}, .marked = {}}},
          .by_number = {{0, {}}, {65'535, {.text = "t", .index = 9, .notes = {"n"}, .marked = {}}}},
          .days = {-128, 0, 127},
          .drafts = std::vector<part>{},
          .sent = caf::timestamp{caf::timespan{1'700'000'000'123'456'789}},
          .answered = false};
}

} // namespace magna::v2
