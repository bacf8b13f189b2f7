#include <magna/node/caf/refusal_log.hpp>

namespace magna {

std::string refusal_log::on_refusal(const std::string& host, const std::string& why, clock::time_point now) {
  auto key = std::pair{host, why};
  if (entries_.size() >= most_entries && !entries_.contains(key))
    key = {"other hosts", "several reasons"};
  const auto [found, is_new] = entries_.try_emplace(key, entry{.since = now});
  if (!is_new) {
    ++found->second.more;
    return {};
  }
  return "refused a connection from " + key.first + ": " + key.second;
}

std::vector<std::string> refusal_log::on_tick(clock::time_point now) {
  std::vector<std::string> lines;
  std::erase_if(entries_, [&](const auto& x) {
    const auto& [key, value] = x;
    if (now - value.since < window)
      return false;
    if (value.more > 0)
      lines.push_back("refused " + std::to_string(value.more) + " more connection(s) from " + key.first + ": "
                      + key.second);
    return true;
  });
  return lines;
}

} // namespace magna
