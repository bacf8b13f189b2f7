#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include <magna/messages/export.hpp>
#include <magna/messages/request.hpp>

namespace magna {

/// What a request may ask for that not every protocol can carry.
enum class feature : std::uint8_t {
  /// Definitions, calls and results.
  tools,
  /// A call of a tool, or of a certain one, that the model must make.
  required_tool,
  /// An answer that is a JSON object, whatever is in it.
  json_answer,
  json_schema,
  /// The bytes of images.
  image_data,
  image_url,
  embeddings,
};

/// What a protocol can carry.
using feature_set = std::set<feature>;

/// For people: "tools", "the URLs of images".
MAGNA_EXPORT std::string_view to_string(feature x) noexcept;

/// The first that a request asks for and `can` lacks.
MAGNA_EXPORT std::optional<feature> missing_feature(const request& question, const feature_set& can);

} // namespace magna
