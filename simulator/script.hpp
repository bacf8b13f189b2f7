#pragma once

#include <magna/simulator/scenario.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What both forms of a scenario, text and TOML, are read into before the words get their meaning.
namespace magna::simulator {

struct place {
  std::size_t line = 1;
  std::size_t column = 1;
};

struct argument {
  std::string key;
  std::string value;
  place where;
};

/// `word(key=value, ...)`
struct call {
  std::string word;
  std::vector<argument> arguments;
  place where;
};

/// `target = step, step`
struct entry {
  call target;
  std::vector<call> steps;
};

/// Throws the `scenario_error` for that place.
[[noreturn]] void fail_at(std::string_view source, place where, std::string_view what);

/// Reads the text form. `origin` is where the text starts in its source.
std::vector<entry> parse_entries(std::string_view text, std::string_view source, place origin = {});

/// Reads a list of steps, e.g. `stall, ok(text=hi)`.
std::vector<call> parse_steps(std::string_view text, std::string_view source, place origin = {});

/// Gives the words their meaning. Throws `scenario_error`.
scenario build(const std::vector<entry>& entries, std::string_view source);

} // namespace magna::simulator
