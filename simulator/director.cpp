#include <magna/simulator/director.hpp>

namespace magna::simulator {

namespace {

bool fits_instance(const track& rules, const incoming& request) {
  return rules.kind == request.kind && (rules.instance.empty() || rules.instance == request.instance);
}

bool fits(const track& rules, const incoming& request) {
  return fits_instance(rules, request) && (rules.model.empty() || rules.model == request.model)
         && rules.on == request.on() && !rules.steps.empty();
}

/// How narrow a track is; an instance says more than a model.
int narrowness(const track& rules) {
  return (rules.instance.empty() ? 0 : 2) + (rules.model.empty() ? 0 : 1);
}

const step& step_at(const track& rules, std::size_t index) {
  auto left = index;
  for (const auto& item : rules.steps) {
    if (left < item.times)
      return item;
    left -= item.times;
  }
  const auto round = index - left;
  return rules.cycle && round > 0 ? step_at(rules, left % round) : rules.steps.back();
}

} // namespace

void director::use(scenario value) {
  validate(value);
  std::vector<counted_track> tracks;
  tracks.reserve(value.tracks.size());
  for (auto& rules : value.tracks)
    tracks.push_back({std::move(rules), 0});
  auto lock = std::lock_guard{mutex_};
  tracks_ = std::move(tracks);
}

void director::restart() {
  auto lock = std::lock_guard{mutex_};
  for (auto& item : tracks_)
    item.taken = 0;
}

std::vector<std::string> director::keys_for(const incoming& request) const {
  return setting_for(request, &track::keys);
}

std::vector<std::string> director::models_for(const incoming& request) const {
  return setting_for(request, &track::models);
}

std::vector<std::string> director::setting_for(const incoming& request,
                                               std::vector<std::string> track::*setting) const {
  auto lock = std::lock_guard{mutex_};
  const track* best = nullptr;
  for (const auto& item : tracks_)
    if (fits_instance(item.rules, request) && !(item.rules.*setting).empty()
        && (best == nullptr || narrowness(item.rules) > narrowness(*best)))
      best = &item.rules;
  return best == nullptr ? std::vector<std::string>{} : best->*setting;
}

std::optional<step> director::next_step(const incoming& request,
                                        const std::function<bool(const step&)>& refuses) {
  auto lock = std::lock_guard{mutex_};
  counted_track* best = nullptr;
  for (auto& item : tracks_)
    if (fits(item.rules, request) && (best == nullptr || narrowness(item.rules) > narrowness(best->rules)))
      best = &item;
  if (best == nullptr)
    return step{};
  const auto& next = step_at(best->rules, best->taken);
  if (refuses(next))
    return std::nullopt;
  ++best->taken;
  return next;
}

} // namespace magna::simulator
