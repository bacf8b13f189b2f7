#pragma once

#include <memory>

#include <magna/providers/codec.hpp>

// What comes back from a server that speaks OpenAI's Responses.

namespace magna {

namespace responses_wire {

inline constexpr const char* protocol_name = "openai-responses";

// What a server wants to see again: thoughts as the item that they were, and what a text was for.
inline constexpr const char* reasoning_item = "reasoning";
inline constexpr const char* phase_item = "phase";

} // namespace responses_wire

/// Of an answer; `about` must outlive it.
std::unique_ptr<response_decoder> make_responses_decoder(const protocol_info& about, bool stream);

} // namespace magna
