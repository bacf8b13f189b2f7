#pragma once

#include <nlohmann/json.hpp>

namespace magna {

/// OpenRouter's account of a model's thoughts. In a stream an entry comes in pieces of one type and index, which belong
/// together.
class reasoning_details_list {
public:
  /// An object: an entry, or the next piece of the last one.
  void add(const nlohmann::json& piece);

  bool empty() const noexcept { return all_.empty(); }
  /// The entries so far.
  const nlohmann::json& all() const noexcept { return all_; }

private:
  bool goes_on(const nlohmann::json& piece) const;

  nlohmann::json all_ = nlohmann::json::array();
};

} // namespace magna
