#pragma once

#include <iosfwd>
#include <optional>

#include <magna/actors/settings.hpp>

namespace magna::app {

struct demo_options {
  /// The real providers to use; nothing: the simulator plays three.
  std::optional<settings> live;
  bool colour = false;
};

/// Shows, step by step, what magna does when providers fail. Returns the process's exit status: 130 after a
/// SIGINT or SIGTERM, which ends it at once.
int run_demo(std::ostream& out, const demo_options& options);

} // namespace magna::app
