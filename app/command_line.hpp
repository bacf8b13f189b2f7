#pragma once

#include <stdexcept>
#include <string>
#include <variant>

#include <magna/app/ask.hpp>
#include <magna/app/demo.hpp>
#include <magna/app/embed.hpp>
#include <magna/app/health.hpp>
#include <magna/app/node.hpp>
#include <magna/app/simulate.hpp>
#include <magna/app/status.hpp>

namespace magna::app {

/// The command line can't be understood; `what()` is the whole text for the user.
class usage_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Text that was asked for: --help, --version.
struct information {
  std::string text;
};

using command = std::variant<information, ask_options, embed_options, demo_options, health_options,
                             node_options, simulate_options, status_options, drain_options>;

/// Reads the command line. Settings are taken as texts; `config::load` reads them. Throws `usage_error`.
command parse_command_line(int argc, const char* const* argv);

} // namespace magna::app
