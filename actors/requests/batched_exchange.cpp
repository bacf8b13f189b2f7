#include <magna/actors/requests/batched_exchange.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace magna {

namespace {

/// Calls under way at once for one request.
constexpr std::size_t most_at_once = 4;

std::optional<std::uint64_t> sum(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  return a && b ? std::optional{*a + *b} : std::nullopt;
}

} // namespace

std::optional<std::string> problem_with_vectors(const std::vector<embedding>& vectors,
                                                const request& question) {
  if (vectors.size() != question.inputs.size())
    return "the answer has " + std::to_string(vectors.size()) + " vectors for "
           + std::to_string(question.inputs.size()) + " texts";
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto length = vectors[i].values.size();
    if (length == 0)
      return "the answer lacks the vector of text " + std::to_string(i + 1);
    if (const auto wanted = question.dimensions.value_or(vectors.front().values.size()); length != wanted)
      return "the vector of text " + std::to_string(i + 1) + " has " + std::to_string(length)
             + " numbers, not " + std::to_string(wanted);
  }
  return std::nullopt;
}

std::vector<shared_request> split_inputs(const shared_request& question, const embedding_limits& limits) {
  std::vector<std::vector<std::string>> groups;
  std::size_t bytes = 0;
  for (const auto& text : question->inputs) {
    if (groups.empty() || groups.back().size() >= limits.texts
        || (bytes + text.size() > limits.bytes && !groups.back().empty())) {
      groups.emplace_back();
      bytes = 0;
    }
    groups.back().push_back(text);
    bytes += text.size();
  }
  if (groups.size() <= 1)
    return {question};
  std::vector<shared_request> result;
  result.reserve(groups.size());
  for (auto& group : groups) {
    auto part = *question;
    part.inputs = std::move(group);
    result.emplace_back(std::move(part));
  }
  return result;
}

batched_exchange::batched_exchange(std::vector<shared_request> parts, maker make)
  : parts_(std::move(parts)), make_(std::move(make)) {}

void batched_exchange::start(steady_time now) {
  start_more(now);
}

void batched_exchange::start_more(steady_time now) {
  while (batches_.size() < parts_.size() && batches_.size() - ended_ < most_at_once) {
    auto& next = batches_.emplace_back(batch{.talk = make_(parts_[batches_.size()]), .end = {}});
    next.talk->start(now);
  }
}

std::optional<exchange_news> batched_exchange::next(steady_time now) {
  for (std::size_t i = 0; i < batches_.size() && !over_; ++i)
    while (!over_ && !batches_[i].end) {
      auto news = batches_[i].talk->next(now);
      if (!news)
        break;
      if (auto last = take(batches_[i], std::move(*news), now))
        return last;
    }
  return std::nullopt;
}

std::optional<exchange_news> batched_exchange::take(batch& x, exchange_news news, steady_time now) {
  if (!news.end)
    return std::nullopt;
  if (news.end->result.error) {
    over_ = true;
    // The others are broken off.
    batches_.clear();
    return news;
  }
  x.end = std::move(news.end);
  x.talk.reset();
  if (++ended_ == parts_.size())
    return all_together();
  start_more(now);
  return std::nullopt;
}

exchange_news batched_exchange::all_together() {
  over_ = true;
  auto whole = std::move(*batches_.front().end);
  const auto& first = whole.result;
  for (const auto& x : batches_)
    if (&x != &batches_.front()
        && (x.end->result.model != first.model
            || x.end->result.embeddings.front().values.size() != first.embeddings.front().values.size()))
      return {.parts = {},
              .end = exchange_end{
                .result = {.error = errc::provider_error,
                           .message = "the calls of one request were answered by different models",
                           .model = first.model}}};
  for (auto i = std::next(batches_.begin()); i != batches_.end(); ++i) {
    auto& result = i->end->result;
    std::ranges::move(result.embeddings, std::back_inserter(whole.result.embeddings));
    whole.result.usage.prompt_tokens = sum(whole.result.usage.prompt_tokens, result.usage.prompt_tokens);
    whole.refused_parameters.insert(whole.refused_parameters.end(), i->end->refused_parameters.begin(),
                                    i->end->refused_parameters.end());
  }
  return {.parts = {}, .end = std::move(whole)};
}

std::optional<steady_time> batched_exchange::alarm() const {
  std::optional<steady_time> first;
  for (const auto& x : batches_)
    if (x.talk && !over_)
      if (const auto due = x.talk->alarm(); due && (!first || *due < *first))
        first = due;
  return first;
}

std::optional<exchange_news> batched_exchange::on_alarm(steady_time now) {
  for (std::size_t i = 0; i < batches_.size() && !over_; ++i)
    if (batches_[i].talk)
      if (auto news = batches_[i].talk->on_alarm(now))
        if (auto last = take(batches_[i], std::move(*news), now))
          return last;
  return std::nullopt;
}

} // namespace magna
