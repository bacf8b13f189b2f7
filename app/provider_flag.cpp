#include <magna/app/provider_flag.hpp>

#include <set>

#include <magna/config/values.hpp>

namespace magna::app {

std::vector<target> targets_of(const std::string& list) {
  std::vector<target> result;
  for (const auto& each : config::split_list(list))
    result.push_back(parse_target(each));
  return result;
}

std::vector<target> take_targets(config::sources& from) {
  std::vector<target> result;
  for (auto& [flag, value] : from.flags) {
    if (flag != "--provider" || value.find('/') == std::string::npos)
      continue;
    result = targets_of(value);
    value.clear();
    std::set<std::string> names;
    for (const auto& x : result)
      if (names.insert(x.provider).second)
        value += (value.empty() ? "" : ",") + x.provider;
  }
  return result;
}

} // namespace magna::app
