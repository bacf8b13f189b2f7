#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace magna {

/// An object of JSON that comes in pieces, as Vertex AI sends arguments: each names its place and has a value, or a part
/// of a text, `{"jsonPath": "$.where.cities[0]", "stringValue": "Bos", "willContinue": true}`.
class pieced_object {
public:
  /// Puts a piece in its place. Returns false if there is no such place.
  bool add(const nlohmann::json& piece);

  /// What there is so far.
  const nlohmann::json& value() const noexcept { return value_; }

private:
  nlohmann::json value_ = nlohmann::json::object();
  /// Where a text goes on.
  std::string open_path_;
};

} // namespace magna
