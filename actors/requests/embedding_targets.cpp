#include <magna/actors/requests/embedding_targets.hpp>

#include <algorithm>

#include <magna/providers/codec_registry.hpp>

namespace magna {

namespace {

std::string usual_model(const provider_settings& provider) {
  if (!provider.embedding_model.empty() || !provider.node.empty())
    return provider.embedding_model;
  return default_embedding_model(provider.kind);
}

/// Which vectors these can be compared with. Empty: with nobody else's.
std::string space_of(const candidate& x, const provider_settings& provider) {
  return x.model == usual_model(provider) && !provider.embedding_space.empty() ? provider.embedding_space
                                                                               : x.model;
}

bool can_embed(const candidate& x, const provider_settings& provider) {
  if (!provider.node.empty())
    return true;
  const auto* codec = find_codec(provider.kind);
  return codec != nullptr && codec->about().can.contains(feature::embeddings) && !x.model.empty();
}

} // namespace

std::string embedding_model_of(const provider_settings& provider, const std::string& wanted) {
  return wanted.empty() || wanted == provider.embedding_space ? usual_model(provider) : wanted;
}

void keep_one_space(std::vector<candidate>& candidates, std::vector<const provider_settings*> all,
                    const std::string& wanted) {
  const auto keep = [&](auto is_kept) {
    std::vector<candidate> kept;
    std::vector<const provider_settings*> theirs;
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (is_kept(candidates[i], *all[i])) {
        kept.push_back(candidates[i]);
        theirs.push_back(all[i]);
      }
    if (kept.empty())
      return;
    candidates = std::move(kept);
    all = std::move(theirs);
  };
  keep(can_embed);
  // A model's name alone means those who are known to have it, if there are any.
  if (!wanted.empty())
    keep([&](const candidate&, const provider_settings& x) {
      return usual_model(x) == wanted || x.embedding_space == wanted;
    });
  if (candidates.empty())
    return;
  const auto space = space_of(candidates.front(), *all.front());
  // One provider may stand there with several models; another node's own is only ever the first itself.
  const auto first = candidates.front();
  keep([&](const candidate& x, const provider_settings& y) {
    return space.empty() ? x.name == first.name && x.model == first.model : space_of(x, y) == space;
  });
}

} // namespace magna
