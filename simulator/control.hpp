#pragma once

#include <magna/simulator/director.hpp>
#include <magna/simulator/incoming.hpp>
#include <magna/simulator/journal.hpp>
#include <magna/simulator/reply.hpp>

#include <optional>
#include <string_view>

namespace magna::simulator {

/// Answers what comes under `/_simulator/`: the log, a new scenario, a reset. Nothing for any other path.
std::optional<reply> control(const incoming& request, std::string_view body, director& steps, journal& log);

} // namespace magna::simulator
