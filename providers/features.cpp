#include <magna/providers/features.hpp>

#include <algorithm>

namespace magna {

std::string_view to_string(feature x) noexcept {
  switch (x) {
    case feature::tools:
      return "tools";
    case feature::required_tool:
      return "required calls of tools";
    case feature::json_answer:
      return "answers in JSON without a schema";
    case feature::json_schema:
      return "answers that fit a JSON schema";
    case feature::image_data:
      return "images";
    case feature::image_url:
      return "image URLs";
    case feature::embeddings:
      return "embeddings";
  }
  return "unknown";
}

std::optional<feature> missing_feature(const request& question, const feature_set& can) {
  const auto lacks = [&can](bool asked, feature what) { return asked && !can.contains(what); };
  if (question.job == job_kind::embedding)
    return can.contains(feature::embeddings) ? std::nullopt : std::optional{feature::embeddings};
  const auto any_message = [&question](auto predicate) {
    return std::ranges::any_of(question.messages, predicate);
  };
  const auto any_image = [&](auto predicate) {
    return any_message([&](const chat_message& x) { return std::ranges::any_of(x.images, predicate); });
  };
  if (lacks(!question.tools.empty() || any_message([](const chat_message& x) {
        return x.from == role::tool || !x.tool_calls.empty();
      }),
            feature::tools))
    return feature::tools;
  if (lacks(question.tool_choice == tool_choice::required || question.tool_choice == tool_choice::named,
            feature::required_tool))
    return feature::required_tool;
  if (lacks(question.format == answer_format::json, feature::json_answer))
    return feature::json_answer;
  if (lacks(question.format == answer_format::json_schema, feature::json_schema))
    return feature::json_schema;
  if (lacks(any_image([](const image& x) { return x.url.empty(); }), feature::image_data))
    return feature::image_data;
  if (lacks(any_image([](const image& x) { return !x.url.empty(); }), feature::image_url))
    return feature::image_url;
  return std::nullopt;
}

} // namespace magna
