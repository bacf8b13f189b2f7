#include <magna/app/command_line.hpp>

#include <magna/tests/support/manual.hpp>
#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

using namespace magna;

namespace {

std::string help_of(const std::vector<const char*>& line) {
  const auto parsed = app::parse_command_line(static_cast<int>(line.size()), line.data());
  const auto* text = std::get_if<app::information>(&parsed);
  return text == nullptr ? std::string{} : text->text;
}

/// The long names of the options that a help lists.
std::set<std::string> flags_of(const std::string& help) {
  std::set<std::string> result;
  std::istringstream in{help};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("  -"))
      continue;
    const auto at = line.find("--");
    const auto is_name = [](char c) { return c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
    const auto end = std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_name);
    result.emplace(line.begin() + static_cast<std::ptrdiff_t>(at), end);
  }
  return result;
}

/// What magna(1) says about a command.
std::string section_of(const std::string& page, const std::string& command) {
  const auto at = page.find(".SS \"magna " + command);
  return at == std::string::npos ? std::string{} : page.substr(at, page.find("\n.S", at + 1) - at);
}

} // namespace

SUITE("app.manual") {

TEST("magna(1) has every option that no command needs") {
  const auto page = test::manual_page(MAGNA_MANUAL);
  const auto flags = flags_of(help_of({"magna", "--help"}));
  check_eq(flags, (std::set<std::string>{"--help", "--version"}));
  for (const auto& flag : flags)
    check_ne(page.find(flag), std::string::npos);
}

TEST("every line of a help reads like words, with what an option takes once behind its name") {
  for (const auto* command : {"ask", "demo", "health", "node", "status", "drain", "simulate"}) {
    const auto help = help_of({"magna", command, "--help"});
    check(!help.empty());
    for (const auto* noise : {"{", " ...", "REQUIRED", "Excludes", "Positionals"})
      if (help.find(noise) != std::string::npos)
        fail("{}: {}", command, noise);
  }
  test::check_found(help_of({"magna", "ask", "--help"}), "  --no-stream  ");
  test::check_found(help_of({"magna", "ask", "--help"}), "  --provider NAME,NAME... ");
}

TEST("magna(1) has every command with every option of its help") {
  const auto page = test::manual_page(MAGNA_MANUAL);
  for (const std::string command : {"ask", "demo", "health", "node", "status", "drain", "simulate"}) {
    auto section = section_of(page, command);
    if (section.empty())
      fail("magna(1) lacks the command {}", command);
    // "Takes the options of health", and others with TLS.
    if (command == "node")
      section += section_of(page, "health");
    if (section.find(".B --tls\n") != std::string::npos)
      section += "--tls-cert --tls-key --tls-ca";
    const auto flags = flags_of(help_of({"magna", command.c_str(), "--help"}));
    check_ge(flags.size(), 2u);
    for (const auto& flag : flags)
      if (flag != "--help" && section.find(flag) == std::string::npos)
        fail("magna(1) lacks {} of {}", flag, command);
  }
}

} // SUITE("app.manual")
