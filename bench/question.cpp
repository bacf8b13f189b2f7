#include <magna/bench/subjects.hpp>

#include <magna/actors/settings.hpp>
#include <magna/providers/codec_registry.hpp>

namespace magna::bench {

request question_of(const load& what) {
  request out;
  out.stream = what.stream;
  out.messages.push_back({role::system, "You are terse."});
  for (std::uint32_t i = 0; i < what.messages; ++i)
    out.messages.push_back(
      {i % 2 == 0 ? role::user : role::assistant, "What does the fox do, and why, if at all?"});
  return out;
}

std::string base_url_of(const load& what) {
  if (!what.stream)
    return what.url + "/answer/v1";
  if (what.requests > 0)
    return what.url + "/stream/" + std::to_string(what.chunks) + "/v1";
  return what.url + "/paced/" + std::to_string(what.pause_us) + "/v1";
}

http_request http_request_of(const load& what) {
  const auto question = question_of(what);
  const endpoint where{.base_url = base_url_of(what), .key = "sk-bench"};
  return codec_for(provider_kind::openai)
    .encode({.question = question,
             .where = where,
             .model = "gpt-4o",
             .stream = what.stream,
             .defaults = default_parameters()});
}

} // namespace magna::bench
