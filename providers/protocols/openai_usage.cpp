#include <magna/providers/protocols/openai_usage.hpp>

#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

void openai_usage::add(const nlohmann::json* counts) {
  if (counts == nullptr)
    return;
  for (const auto& x : places)
    if (const auto* from = x.details == nullptr ? counts : find_member(*counts, x.details); from != nullptr)
      update_count(this->*x.which, find_count(*from, x.name));
}

void openai_usage::add_timings(const nlohmann::json* timings) {
  if (timings == nullptr || prompt_ || completion_)
    return;
  cached_ = find_count(*timings, "cache_n");
  if (const auto fresh = find_count(*timings, "prompt_n"))
    prompt_ = *fresh + cached_.value_or(0);
  completion_ = find_count(*timings, "predicted_n");
}

usage openai_usage::value() const {
  usage result{.prompt_tokens = prompt_,
               .completion_tokens = completion_,
               .reasoning_tokens = reasoning_,
               .cached_tokens = cached_,
               .cache_write_tokens = written_};
  // Some servers count reasoning apart, which the total gives away.
  const auto reasoning = reasoning_.value_or(0);
  if (const auto sum = result.total_tokens(); reasoning > 0 && sum && total_ == *sum + reasoning)
    result.completion_tokens = completion_.value_or(0) + reasoning;
  return result;
}

} // namespace magna
