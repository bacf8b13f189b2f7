#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/providers/codec.hpp>

namespace magna {

/// An element of the output of Responses. What it says may come in pieces, whole, or both.
struct responses_item {
  /// Where it stands in the output.
  std::uint64_t position = 0;
  /// "message", say; empty as long as it is not told.
  std::string type{};
  /// Of thoughts that the model wants to see again: the item itself.
  std::string thoughts{};
  bool are_encrypted = false;
  /// Where it stands among the calls, if it is one.
  std::optional<std::size_t> call{};
  bool has_arguments = false;
  /// Arguments that came with its beginning. They count only if none follow.
  std::string first_arguments{};
};

/// The items of an answer, as far as they came.
class responses_output {
public:
  std::size_t size() const noexcept { return items_.size(); }
  responses_item& operator[](std::size_t at) { return items_[at]; }

  /// The item with that ID; else the one of that type at that position, since some servers give each event another
  /// ID; else a new one. An ID or a type that is not told is empty.
  std::size_t at(std::uint64_t position, std::string_view id, std::string_view type);
  std::size_t add(std::uint64_t position, std::string_view id, std::string_view type);

  /// Keeps an item to go back as it came. At its end it may be another one than at its start, or come only there.
  /// Returns how many bytes that takes.
  std::size_t keep_thoughts(std::size_t at, const nlohmann::json& item, bool has_halves);

  /// Takes the thoughts to what they led to, a call or the text. Those after the last of these lead to nothing.
  void settle(answer_info& info, const std::function<opaque_item(std::string)>& make_item);

private:
  std::vector<responses_item> items_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  /// The latest at each position.
  std::map<std::uint64_t, std::size_t> by_position_;
};

} // namespace magna
