#pragma once

#include <cstdint>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/node_address.hpp>

namespace magna {

/// Opens a port for CAF's protocol, as CAF's own `publish` does, but looks over who comes in: strangers,
/// messages that are too large and connections that say nothing are refused, with a line in the log. Returns
/// the port. `with_tls`: both sides show a certificate, as the system's configuration says.
caf::expected<std::uint16_t> open_gate(caf::actor_system& sys, const node_actor& whom,
                                       const node_address& where, bool with_tls);

} // namespace magna
