#pragma once

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/node_address.hpp>

namespace magna {

/// Introduces this process to the node at the other end of a connected socket, which it takes over, and
/// learns who that is. Blocks until the node has answered or refused, or CAF's connection timeout is over.
caf::expected<node_actor> introduce(caf::actor_system& sys, int socket, const node_address& where,
                                    bool with_tls);

} // namespace magna
