#pragma once

#include <caf/fwd.hpp>

namespace magna {

/// Loads CAF's middleman for connections without TLS, with handles that are never used again (see
/// new_connection_handle).
void load_plain_middleman(caf::actor_system_config& config);

} // namespace magna
