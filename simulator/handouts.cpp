#include <magna/simulator/handouts.hpp>

#include <random>

namespace magna::simulator {

namespace {

using nlohmann::json;

std::string owner_of(const incoming& request, wanted item) {
  return std::string{to_string(request.kind)} + "/" + request.instance + "/"
         + std::to_string(static_cast<unsigned>(item)) + "/";
}

/// A client may leave out arguments that are an empty object.
bool is_same(const call_of_answer& made, const past_call& call) {
  const auto arguments = call.arguments.is_null() ? json::object() : call.arguments;
  return made.name == call.name && json::parse(made.arguments) == arguments;
}

} // namespace

handouts::handouts(std::size_t capacity)
  : capacity_{capacity}, first_number_{static_cast<std::uint64_t>(std::random_device{}()) << 32U} {}

void handouts::remember(const incoming& request, const answer& what) {
  const auto& made = kept_.emplace_back(handout{.owner = owner_of(request, what.wants),
                                                .calls = what.calls(),
                                                .reasoning = what.reasoning_text(),
                                                .signature = what.signature});
  for (const auto& call : made.calls)
    by_key_[made.owner + call.id] = &made;
  by_key_[made.owner + made.signature] = &made;
  if (kept_.size() > capacity_)
    forget_oldest();
}

std::vector<const handout*> handouts::of_call(const incoming& request, wanted item,
                                              const past_call& call) const {
  const auto owner = owner_of(request, item);
  std::vector<const handout*> result;
  if (!call.id.empty()) {
    if (const auto* made = find(owner + call.id))
      result.push_back(made);
    return result;
  }
  for (const auto& made : kept_)
    for (const auto& one : made.calls)
      if (made.owner == owner && is_same(one, call))
        result.push_back(&made);
  return result;
}

const handout* handouts::of_signature(const incoming& request, wanted item,
                                      const std::string& signature) const {
  return find(owner_of(request, item) + signature);
}

const handout* handouts::find(const std::string& key) const {
  const auto i = by_key_.find(key);
  return i == by_key_.end() ? nullptr : i->second;
}

void handouts::forget_oldest() {
  const auto& oldest = kept_.front();
  for (const auto& call : oldest.calls)
    by_key_.erase(oldest.owner + call.id);
  by_key_.erase(oldest.owner + oldest.signature);
  kept_.pop_front();
}

} // namespace magna::simulator
