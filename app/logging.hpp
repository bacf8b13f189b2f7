#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <magna/config/load.hpp>

namespace magna::app {

/// Makes the default logger one that writes to stderr, in colour on a terminal, with every secret redacted
/// and no control character left in. `level` is one of trace, debug, info, warn, error and off; empty: error.
void set_up_logging(std::string_view level, std::vector<std::string> secrets);

/// The same as a configuration says, with its secrets; and tells its warnings to stderr, whatever the level.
void set_up_logging(const config::options& from, std::string_view usual_level = {});

/// Tells warnings to stderr, one a line.
void show_warnings(const std::vector<std::string>& warnings);

} // namespace magna::app
