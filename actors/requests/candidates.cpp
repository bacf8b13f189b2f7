#include <magna/actors/requests/candidates.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <magna/actors/requests/embedding_targets.hpp>

namespace magna {

std::vector<candidate> candidates_for(const request& question, const routes& known, steady_time now) {
  const auto& all = *known.config;
  const bool embeds = question.job == job_kind::embedding;
  std::vector<candidate> result;
  std::vector<const provider_settings*> theirs;
  result.reserve(all.providers.size());
  const auto add = [&](std::size_t index, const std::string& model) {
    const auto& provider = all.providers[index];
    candidate made{.name = provider.name,
                   .model = embeds          ? embedding_model_of(provider, model)
                            : model.empty() ? provider.model
                                            : model};
    if (const auto* entry = known.find(provider.name, index)) {
      made.unavailable = entry->state == health_state::unavailable;
      made.rest_until = entry->rest_until;
      made.spared = entry->meter->is_spared(now);
    }
    made.max_attempts = std::max(provider.max_retries.value_or(all.max_retries), std::uint32_t{1});
    made.retry_delay = provider.retry_delay.value_or(all.retry_delay);
    result.push_back(std::move(made));
    theirs.push_back(&provider);
  };
  if (question.targets.empty()) {
    for (std::size_t i = 0; i < all.providers.size(); ++i)
      add(i, question.model);
    if (embeds)
      keep_one_space(result, std::move(theirs), question.model);
    return result;
  }
  for (auto wanted = question.targets.begin(); wanted != question.targets.end(); ++wanted) {
    // Named before.
    if (std::find(question.targets.begin(), wanted, *wanted) != wanted)
      continue;
    const auto found = std::ranges::find(all.providers, wanted->provider, &provider_settings::name);
    if (found != all.providers.end())
      add(static_cast<std::size_t>(found - all.providers.begin()),
          wanted->model.empty() ? question.model : wanted->model);
  }
  if (embeds)
    keep_one_space(result, std::move(theirs), {});
  return result;
}

provider_actor provider_for(const std::string& name, const routes& known, const routing_table& table) {
  const auto handle_in = [&name](const routes& all) {
    const auto* found = all.find(name);
    return found != nullptr ? found->handle : provider_actor{};
  };
  if (table.version() == known.version)
    return handle_in(known);
  const auto now = table.now();
  if (now->config != known.config)
    if (auto then = handle_in(known))
      return then;
  return handle_in(*now);
}

} // namespace magna
