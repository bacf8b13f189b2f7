#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <magna/messages/caf.hpp>
#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/fields.hpp>

namespace magna {

/// What a piece of an answer is.
enum class part_kind : std::uint8_t {
  /// Of the answer itself.
  text = 1,
  /// The model thinks aloud. No part of the answer, and no promise that one follows.
  reasoning = 2,
  /// A call of a tool, or a piece of its arguments.
  tool_call = 3,
};

/// The name as it appears in JSON, for instance "tool_call".
MAGNA_EXPORT std::string to_string(part_kind x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, part_kind& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, part_kind& x);

template <class Inspector>
bool inspect(Inspector& f, part_kind& x) {
  return inspect_enum(f, x, part_kind::reasoning);
}

/// A piece of what a model says. Pieces of one kind and index, in their order, make the whole.
struct part {
  /// What it is.
  part_kind kind = part_kind::text;
  /// Of a tool_call: which one, counted from 0 as the calls begin; several may go on side by side. Else 0.
  std::uint32_t index = 0;
  /// UTF-8, never cut inside a character. Of a tool_call: JSON of its arguments, which may be cut anywhere else.
  std::string bytes{};
  /// Of the first piece of a tool_call: as tool_call::id.
  std::string id{};
  /// Of the first piece of a tool_call: the tool's.
  std::string name{};

  /// How much of the requester's credit it takes.
  std::size_t size() const noexcept { return bytes.size() + id.size() + name.size(); }
  bool operator==(const part&) const = default;
};

constexpr auto fields_of(const part* /*type*/) {
  return list_fields(tagged<1>("kind", &part::kind), tagged<2>("index", &part::index),
                     tagged<3>("bytes", &part::bytes), tagged<4>("id", &part::id),
                     tagged<5>("name", &part::name));
}

} // namespace magna
