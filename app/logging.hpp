#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace magna::app {

/// Makes the default logger one that writes to stderr, in colour on a terminal, with every secret redacted
/// and no control character left in. `level` is one of trace, debug, info, warn, error and off; empty: error.
void set_up_logging(std::string_view level, std::vector<std::string> secrets);

} // namespace magna::app
