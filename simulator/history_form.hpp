#pragma once

#include <magna/simulator/scenario.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace magna::simulator {

/// Whether calls must carry a signature.
enum class signatures : bool { may_be_missing, are_wanted };

/// What the real API has against the form of the conversation in the body of a generation, in its words: turns, calls,
/// their ids and names, their results. Nothing: it takes it.
std::optional<std::string> problem_with_history(protocol kind, const nlohmann::json& body,
                                                signatures wanted = signatures::may_be_missing);

} // namespace magna::simulator
