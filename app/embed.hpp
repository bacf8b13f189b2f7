#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <magna/config/load.hpp>
#include <magna/node/network.hpp>

namespace magna::app {

struct embed_options {
  config::sources sources;
  /// "-" alone: the lines of standard input.
  std::vector<std::string> texts;
  /// Empty: the providers' own.
  std::string model;
  std::optional<std::uint32_t> dimensions;
  bool json = false;
  /// HOST:PORT of the nodes that have the providers, separated by commas; empty: this process has them.
  std::string node;
  tls_files tls;
};

/// `magna embed`: a vector for each text, to stdout. Returns the exit status. Throws config_error and prompt_error
/// before anything was sent.
int run_embed(const embed_options& options);

} // namespace magna::app
