#pragma once

#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

namespace magna::test {

using nlohmann::json;
using refusals = std::set<std::string, std::less<>>;

/// The document with which a codec asks a model, without streaming.
inline json body_for(std::string_view kind, std::string_view model, const request& question,
                     const parameters& params = {}, const refusals& refused = {},
                     std::string_view base_url = "http://h") {
  const endpoint where{.base_url = std::string{base_url}, .key = "k"};
  return json::parse(codec_for(kind)
                       .encode({.question = question,
                                .where = where,
                                .model = std::string{model},
                                .stream = false,
                                .params = params,
                                .refused = refused})
                       .body);
}

/// The names of a document's members that the other one lacks or has otherwise, with their values.
inline std::string added_to(const json& plain, const json& more) {
  std::string result;
  for (const auto& [name, value] : more.items())
    if (!plain.contains(name) || plain[name] != value)
      result += (result.empty() ? "" : " ") + name + "=" + value.dump();
  return result;
}

} // namespace magna::test
