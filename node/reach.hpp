#pragma once

#include <chrono>
#include <stop_token>

#include <caf/expected.hpp>

#include <magna/messages/node_address.hpp>

namespace magna {

/// Connects to the address. Blocks for at most `patience` with each address of the host, or until it is told
/// to stop, and as long as the name's lookup takes. Returns a socket that the caller owns, or an
/// `errc::node_lost` that says what is wrong.
caf::expected<int> reach(const node_address& where, std::chrono::milliseconds patience,
                         const std::stop_token& stop);

} // namespace magna
