#pragma once

#include <span>
#include <string_view>

#include <magna/messages/request.hpp>

// What the names of OpenAI's own models tell.

namespace magna {

struct openai_model {
  /// Of OpenAI's own.
  bool official = false;
  /// Sampling parameters are no error.
  bool takes_sampling = true;
  /// It may think before it answers; of a model that is not known, true.
  bool reasons = true;
  /// The efforts that it takes, the least first. Empty: not known.
  std::span<const reasoning_effort> efforts{};
};

openai_model openai_model_of(std::string_view name) noexcept;

/// The effort nearest to `wanted` that a model takes; of two, the greater.
reasoning_effort nearest_effort(reasoning_effort wanted, std::span<const reasoning_effort> known) noexcept;

} // namespace magna
