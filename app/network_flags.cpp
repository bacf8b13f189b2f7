#include <magna/app/network_flags.hpp>

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

#include <magna/config/load.hpp>
#include <magna/config/values.hpp>
#include <magna/text/printable.hpp>

namespace magna::app {

namespace {

[[noreturn]] void refuse(std::string what) {
  throw config::config_error{{std::move(what)}};
}

} // namespace

void check_tls(const tls_files& tls) {
  const std::pair<const char*, const std::string*> files[] = {
    {"--tls-cert", &tls.certificate}, {"--tls-key", &tls.key}, {"--tls-ca", &tls.authority}};
  std::size_t given = 0;
  for (const auto& [flag, file] : files)
    given += file->empty() ? 0 : 1;
  if (given == 0)
    return;
  std::vector<std::string> problems;
  for (const auto& [flag, file] : files) {
    if (file->empty())
      problems.push_back(std::string{flag}
                         + " is missing: --tls-cert, --tls-key and --tls-ca stand together");
    else if (!std::ifstream{*file}.good())
      problems.push_back(std::string{flag} + ": can't read \"" + printable(*file) + "\"");
  }
  if (!problems.empty())
    throw config::config_error{std::move(problems)};
}

node_address check_listen_address(const std::string& text, const tls_files& tls) {
  check_tls(tls);
  const auto address = parse_node_address(text);
  if (!address)
    refuse("--listen: \"" + printable(text)
           + "\" is not allowed; allowed: HOST:PORT, such as 127.0.0.1:4711");
  if (!tls.enabled() && !is_loopback(*address))
    refuse("--listen: " + to_string(*address)
           + " can be reached by other hosts; that needs --tls-cert, --tls-key and --tls-ca");
  return *address;
}

std::vector<node_address> check_node_addresses(const std::string& text, const char* flag) {
  std::vector<node_address> result;
  for (const auto& one : config::split_list(text)) {
    const auto address = parse_node_address(one);
    if (!address || address->port == 0)
      refuse(std::string{flag} + ": \"" + printable(one)
             + "\" is not allowed; allowed: HOST:PORT, such as 127.0.0.1:4711");
    if (std::ranges::find(result, *address) == result.end())
      result.push_back(*address);
  }
  if (result.empty())
    refuse(std::string{flag} + ": no address; allowed: HOST:PORT, such as 127.0.0.1:4711");
  return result;
}

} // namespace magna::app
