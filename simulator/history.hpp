#pragma once

#include <magna/simulator/handouts.hpp>
#include <magna/simulator/reply.hpp>

#include <optional>

namespace magna::simulator {

/// Checks the conversation that a generation brings: that it has the form that the real API asks for, and what the step
/// that comes next wants of it: that what the server's answers handed out has come back, and, for a strict step, that no message has members of
/// other servers. The body must have passed `refuse`.
std::optional<reply> refuse_history(const incoming& request, const step& options, const handouts& given);

} // namespace magna::simulator
