#pragma once

#include <caf/io/connection_handle.hpp>
#include <caf/io/fwd.hpp>

namespace magna {

/// Called when a connection is about to start. If CAF has made it, to another node, that node has 10 s from
/// now on to introduce itself. CAF counts the silence of such a connection from the beginning of time, and
/// gives it up when the next heartbeat is due, however young it is. A node to which many connect at once would
/// lose most of them before it could answer.
void give_time_to_introduce(caf::io::abstract_broker* broker, caf::io::connection_handle which);

} // namespace magna
