#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace magna::simulator {

/// How many dimensions a vector has unless the request or the step says otherwise, and how many it can have.
inline constexpr std::size_t default_dimensions = 8;
inline constexpr std::size_t most_dimensions = 4096;

/// The vector that the simulator gives for a text: of length 1, with `dimensions` values, at least 1. It is
/// the same on every machine and in every run, so that a test can tell it in advance. A vector of fewer
/// dimensions is the beginning of a longer one, made as long as 1 again.
std::vector<float> embedding_of(std::string_view model, std::string_view text,
                                std::size_t dimensions = default_dimensions);

} // namespace magna::simulator
