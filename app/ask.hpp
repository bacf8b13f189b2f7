#pragma once

#include <optional>
#include <string>

#include <magna/app/request_files.hpp>
#include <magna/config/load.hpp>
#include <magna/node/network.hpp>

namespace magna::app {

struct ask_options {
  config::sources sources;
  std::string system_prompt;
  /// "-": standard input. Absent: the history asks.
  std::optional<std::string> prompt;
  /// The file with the conversation so far, "-" for standard input; empty: there is none.
  std::string history;
  /// Where the conversation goes when the answer is there; empty: nowhere.
  std::string save;
  request_files files;
  bool stream = true;
  bool json = false;
  bool show_reasoning = false;
  bool verbose = false;
  /// HOST:PORT of the nodes that have the providers, separated by commas; empty: this process has them.
  std::string node;
  tls_files tls;
};

/// `magna ask`: one request, its answer to stdout as it comes. Returns the exit status. Throws config_error
/// and prompt_error before anything was sent.
int run_ask(const ask_options& options);

} // namespace magna::app
