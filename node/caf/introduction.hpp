#pragma once

#include <caf/io/connection_handle.hpp>
#include <caf/io/fwd.hpp>

namespace magna {

/// Called when a connection is about to start. If CAF has made it, to another node, that node has 10 s from
/// now on to introduce itself. CAF takes such a connection for silent since the beginning of time, and gives
/// it up when the next heartbeat is due, however young it is: a node to which many connect at once never gets
/// done.
void give_time_to_introduce(caf::io::abstract_broker* broker, caf::io::connection_handle which);

} // namespace magna
