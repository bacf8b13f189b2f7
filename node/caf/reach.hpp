#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include <magna/messages/node_address.hpp>

namespace magna {

/// Whether something accepts connections at the address: makes one and closes it. Blocks for at most
/// `patience`, or until it is told to stop, and as long as the name's lookup takes. Returns what is wrong;
/// empty: nothing.
std::string problem_with_reaching(const node_address& where, std::chrono::milliseconds patience,
                                  const std::stop_token& stop);

} // namespace magna
