#pragma once

#include <caf/fwd.hpp>

namespace magna {

/// Loads CAF's middleman, with TLS on the connections that it makes itself. CAF's own module for that has
/// sessions that end each other (see tls_transport).
void load_tls_middleman(caf::actor_system_config& config);

} // namespace magna
