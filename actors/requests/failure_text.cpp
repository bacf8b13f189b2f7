#include <magna/actors/requests/failure_text.hpp>

#include <algorithm>

namespace magna {

namespace {

bool may_pass(errc error) {
  switch (error) {
    case errc::rate_limited:
    case errc::timeout:
    case errc::provider_unavailable:
    case errc::provider_error:
    case errc::stream_truncated:
    case errc::deadline_exceeded:
    case errc::overloaded:
    case errc::node_lost:
      return true;
    default:
      return false;
  }
}

} // namespace

bool is_retryable(errc error, const std::vector<attempt_record>& trail) {
  if (error != errc::all_providers_failed)
    return may_pass(error);
  return std::ranges::any_of(trail, [](const attempt_record& x) { return x.error && may_pass(*x.error); });
}

const attempt_record* told_attempt(errc error, const std::vector<attempt_record>& trail) noexcept {
  if (trail.empty())
    return nullptr;
  if (error == errc::invalid_request)
    for (const auto& record : trail)
      if (record.error == errc::invalid_request && !record.unsupported)
        return &record;
  return &trail.back();
}

std::string failure_text(errc error, const std::vector<attempt_record>& trail, std::string_view last_message,
                         std::uint64_t delivered_chars) {
  const auto last_provider = trail.empty() ? std::string{} : trail.back().provider;
  if (delivered_chars > 0)
    return "the answer of " + last_provider + " broke off after " + std::to_string(delivered_chars)
           + " characters: " + std::string{last_message};
  const auto one_provider = std::ranges::all_of(
    trail, [&trail](const attempt_record& x) { return x.provider == trail.front().provider; });
  if (error != errc::all_providers_failed && (error != errc::invalid_request || one_provider))
    return (trail.empty() ? std::string{} : last_provider + ": ") + std::string{last_message};
  // The last word of each target, in the order of the chain.
  std::vector<const attempt_record*> last_words;
  bool several_models = false;
  for (const auto& record : trail) {
    const auto is_same = [&record](const auto* x) {
      // Another node's own model is not known before that node has answered.
      return x->provider == record.provider
             && (x->model == record.model || x->model.empty() || record.model.empty());
    };
    const auto same = std::ranges::find_if(last_words, is_same);
    if (same != last_words.end())
      *same = &record;
    else {
      several_models = several_models || std::ranges::any_of(last_words, [&record](const auto* x) {
                         return x->provider == record.provider;
                       });
      last_words.push_back(&record);
    }
  }
  const auto* refusal = told_attempt(error, trail);
  auto text =
    error == errc::invalid_request && refusal->unsupported ? std::string{"no provider can do what is asked:"}
    : error == errc::invalid_request                       ? std::string{"no provider takes the request:"}
                                                           : "all " + std::to_string(last_words.size())
                                         + (several_models ? " targets failed:" : " providers failed:");
  for (const auto* record : last_words)
    text += (record == last_words.front() ? " " : "; ") + record->provider
            + (several_models ? "/" + record->model : "") + ": "
            + to_string(record->error.value_or(errc::provider_error)) + " (" + record->message + ")";
  return text;
}

} // namespace magna
