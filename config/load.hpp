#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <magna/actors/settings.hpp>
#include <magna/messages/export.hpp>

/// Builds magna's settings from what a user can say, weakest first: defaults, a TOML file, the environment
/// (an .env file below the real one), command-line flags.
///
///     auto options = magna::config::load(magna::config::sources::of_process());
///     magna::runtime llm{sys, options.settings};
namespace magna::config {

/// Names and values.
using environment = std::map<std::string, std::string, std::less<>>;

/// Where settings come from.
struct sources {
  /// An empty variable counts as unset.
  config::environment environment;
  /// `.env` and `magna.toml` are read here, where they exist. Empty: neither is.
  std::filesystem::path directory;
  /// The TOML file to read instead of `magna.toml`; empty: what MAGNA_CONFIG says.
  std::filesystem::path file;
  /// Whether having no provider at all is an error. Not so where another node has them.
  bool needs_provider = true;
  /// Flags and their values ("--timeout", "5") in the order of the command line.
  std::vector<std::pair<std::string, std::string>> flags;

  /// The environment and current directory of this process.
  MAGNA_EXPORT static sources of_process();
};

/// What `load` found.
struct options {
  /// Valid, with at least one provider.
  magna::settings settings;
  /// Providers that are configured but not in the chain.
  std::vector<provider_settings> others;
  /// Empty: nobody said anything.
  std::string log_level;
  /// What was skipped and may have been meant, each in words of its own: no reason to stop, worth a word to the user.
  /// None holds a key.
  std::vector<std::string> warnings;

  /// Every key, header value and value of a URL's query in the configuration: what must not be shown.
  MAGNA_EXPORT std::vector<std::string> secrets() const;
};

/// One or more settings can't be used. No message holds a key.
class MAGNA_EXPORT config_error : public std::runtime_error {
public:
  /// At least one error; `warnings` as in `options`.
  explicit config_error(std::vector<std::string> errors, std::vector<std::string> warnings = {});

  /// All that is wrong, each in words of its own: the setting as the user wrote it, its value, and what is
  /// allowed.
  const std::vector<std::string>& errors() const noexcept { return errors_; }

  /// What else was odd, and may be why.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

private:
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

/// Throws `config_error` with everything that is wrong, not just the first.
MAGNA_EXPORT options load(const sources& from);

} // namespace magna::config
