#include <magna/providers/protocols/responses_output.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/parsing/json_text.hpp>

namespace magna {

std::size_t responses_output::at(std::uint64_t position, std::string_view id, std::string_view type) {
  std::optional<std::size_t> found;
  if (const auto named = by_id_.find(id); !id.empty() && named != by_id_.end())
    found = named->second;
  else if (const auto placed = by_position_.find(position); placed != by_position_.end())
    if (const auto& known = items_[placed->second].type; known.empty() || type.empty() || known == type)
      found = placed->second;
  if (!found)
    found = add(position, id, type);
  if (items_[*found].type.empty())
    items_[*found].type = type;
  return *found;
}

std::size_t responses_output::add(std::uint64_t position, std::string_view id, std::string_view type) {
  const auto result = items_.size();
  items_.push_back({.position = position, .type = std::string{type}});
  by_position_.insert_or_assign(position, result);
  if (!id.empty())
    by_id_.insert_or_assign(std::string{id}, result);
  return result;
}

std::size_t responses_output::keep_thoughts(std::size_t at, const nlohmann::json& item, bool has_halves) {
  auto& known = items_[at];
  const bool are_encrypted = !find_string(item, "encrypted_content").empty();
  const auto* words = find_list(item, "content");
  const bool are_told = words != nullptr && !words->empty();
  if (!are_encrypted && (known.are_encrypted || !are_told))
    return 0;
  auto kept = item;
  // What says nothing is no part of it.
  for (auto member = kept.begin(); member != kept.end();)
    member = member->is_null() ? kept.erase(member) : std::next(member);
  known.thoughts = plain_text(dump(kept), has_halves);
  known.are_encrypted = are_encrypted;
  return known.thoughts.size();
}

void responses_output::settle(answer_info& info, const std::function<opaque_item(std::string)>& make_item) {
  for (auto& item : items_)
    if (item.call && !item.has_arguments && !item.first_arguments.empty())
      info.tool_calls[*item.call].arguments = std::move(item.first_arguments);
  std::ranges::stable_sort(items_, {}, &responses_item::position);
  std::vector<opaque_item> waiting;
  for (auto& item : items_) {
    if (!item.thoughts.empty()) {
      waiting.push_back(make_item(std::move(item.thoughts)));
      continue;
    }
    if (item.type != "message" && !item.call)
      continue;
    auto& to = item.call ? info.tool_calls[*item.call].items : info.items;
    std::ranges::move(waiting, std::back_inserter(to));
    waiting.clear();
  }
}

} // namespace magna
