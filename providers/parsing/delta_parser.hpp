#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include <magna/providers/parsing/line_buffer.hpp>

// What the decoders' fast paths share: reading a small JSON document once, front to back, in place.

namespace magna {

static_assert(line_buffer::padding >= simdjson::SIMDJSON_PADDING);

/// Starts to read `json`, which has line_buffer::padding readable bytes behind it. The parser belongs to the
/// thread, so that an idle stream holds none: the document is valid until the thread's next call. Returns
/// false for what is certainly not JSON; structure that is never visited stays unchecked.
inline bool read_in_place(std::string_view json, simdjson::ondemand::document& document) {
  thread_local simdjson::ondemand::parser parser;
  if (parser.capacity() < json.size()
      && parser.allocate(std::bit_ceil(std::max<std::size_t>(json.size(), 4096))) != simdjson::SUCCESS)
    return false;
  return parser.iterate(json, json.size() + line_buffer::padding).get(document) == simdjson::SUCCESS;
}

/// Calls `f(key, value)` for each member of an object; `f` returns false to give up.
template <class F>
bool each_member(simdjson::ondemand::object object, F f) {
  for (auto entry : object) {
    simdjson::ondemand::field field;
    if (std::move(entry).get(field) != simdjson::SUCCESS)
      return false;
    if (!f(field.key(), field.value()))
      return false;
  }
  return true;
}

template <class F>
bool each_member(simdjson::ondemand::value value, F f) {
  simdjson::ondemand::object object;
  return value.get_object().get(object) == simdjson::SUCCESS && each_member(object, std::move(f));
}

template <class F>
bool each_element(simdjson::ondemand::value value, F f) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS)
    return false;
  for (auto entry : array) {
    simdjson::ondemand::value element;
    if (entry.get(element) != simdjson::SUCCESS || !f(element))
      return false;
  }
  return true;
}

inline bool is_null(simdjson::ondemand::value value) {
  bool result = false;
  return value.is_null().get(result) == simdjson::SUCCESS && result;
}

inline bool read_string(simdjson::ondemand::value value, std::string_view& result) {
  return value.get_string().get(result) == simdjson::SUCCESS;
}

inline bool read_count(simdjson::ondemand::value value, std::uint64_t& result) {
  return value.get_uint64().get(result) == simdjson::SUCCESS;
}

inline bool read_count(simdjson::ondemand::value value, std::optional<std::uint64_t>& result) {
  std::uint64_t count = 0;
  if (!read_count(value, count))
    return false;
  result = count;
  return true;
}

} // namespace magna
