#include <magna/providers/codec_registry.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <magna/providers/protocols/codecs.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

namespace {

bool is_kind_name(std::string_view text) {
  return is_name(text, "._-", 64) && std::ranges::none_of(text, is_upper);
}

class registry {
public:
  static registry& instance() {
    // Never destroyed: actors may still decode while the program's statics go. That it makes the built-in
    // codecs itself keeps them in a program that links magna statically, and settles the order.
    static auto& only = *new registry;
    return only;
  }

  void add(std::shared_ptr<const codec> added) {
    if (!added)
      throw std::invalid_argument{"there is no codec to register"};
    const auto& kind = added->about().kind;
    if (!is_kind_name(kind))
      throw std::invalid_argument{"'" + kind + "' is no name of a kind: 1 to 64 of [a-z0-9._-] are"};
    const mutex_lock guard{mutex_};
    if (find_locked(kind) != nullptr)
      throw std::invalid_argument{"there is a codec of kind '" + kind + "' already"};
    codecs_.push_back(std::move(added));
  }

  const codec* find(std::string_view kind) const {
    const mutex_lock guard{mutex_};
    return find_locked(kind);
  }

  std::vector<const codec*> all() const {
    const mutex_lock guard{mutex_};
    std::vector<const codec*> result;
    result.reserve(codecs_.size());
    for (const auto& x : codecs_)
      result.push_back(x.get());
    return result;
  }

private:
  registry()
    : codecs_{make_gemini_codec(), make_openai_codec(),      make_anthropic_codec(),
              make_ollama_codec(), make_openai_chat_codec(), make_openai_responses_codec()} {}

  const codec* find_locked(std::string_view kind) const MAGNA_REQUIRES(mutex_) {
    const auto found =
      std::ranges::find_if(codecs_, [kind](const auto& x) { return x->about().kind == kind; });
    return found == codecs_.end() ? nullptr : found->get();
  }

  mutable mutex mutex_;
  /// Only ever grows.
  std::vector<std::shared_ptr<const codec>> codecs_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace

void register_codec(std::shared_ptr<const codec> added) {
  registry::instance().add(std::move(added));
}

const codec* find_codec(const provider_kind& kind) {
  return registry::instance().find(kind.name());
}

const codec& codec_for(const provider_kind& kind) {
  if (const auto* found = find_codec(kind))
    return *found;
  throw std::invalid_argument{"there is no codec of kind '" + kind.name() + "'; there are "
                              + list_of_kinds()};
}

const codec& codec_for(const provider_kind& kind, std::string_view base_url) {
  return codec_for(kind).at(base_url);
}

std::vector<const codec*> all_codecs() {
  return registry::instance().all();
}

std::string list_of_kinds() {
  const auto all = all_codecs();
  std::string result;
  for (std::size_t i = 0; i < all.size(); ++i)
    result.append(i == 0 ? "" : i + 1 == all.size() ? " or " : ", ").append(all[i]->about().kind);
  return result;
}

} // namespace magna
