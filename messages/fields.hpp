#pragma once

// Messages that may get new fields: nodes of two versions understand each other. A message lists its fields
// once,
//
//   struct credit {
//     std::string request_id;
//     std::uint64_t bytes = 0;
//   };
//
//   constexpr auto fields_of(const credit*) {
//     return list_fields(tagged<1>("request_id", &credit::request_id), tagged<2>("bytes", &credit::bytes));
//   }
//
// and needs no `inspect` of its own. Between nodes each field has its tag: a node skips what it does not
// know, and what does not come has its default. Everywhere else (JSON, configurations, logs) the fields have
// their names.
//
// A new field gets the next tag. A tag is never used again, and neither a field's type (a number may get
// wider) nor the default of a member ever changes: what has its default is not sent.

#include <concepts>
#include <tuple>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/serializer.hpp>

#include <magna/messages/wire/field_list.hpp>
#include <magna/messages/wire/reader.hpp>
#include <magna/messages/wire/writer.hpp>

namespace magna {

/// Reads and writes all messages that list their fields.
template <class Inspector, lists_fields T>
bool inspect(Inspector& f, T& x) {
  if constexpr (std::same_as<Inspector, caf::binary_serializer> || std::same_as<Inspector, caf::serializer>) {
    if (!f.has_human_readable_format())
      return wire_format::writer{f}.write(x);
  } else if constexpr (std::same_as<Inspector,
                                    caf::binary_deserializer> || std::same_as<Inspector, caf::deserializer>) {
    if (!f.has_human_readable_format())
      return wire_format::reader{f}.read(x);
  }
  const auto by_name = [&](const auto&... all) {
    return f.object(x).fields(f.field(all.name, x.*all.member)...);
  };
  return std::apply(by_name, fields_of(&x));
}

} // namespace magna
