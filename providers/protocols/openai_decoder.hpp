#pragma once

#include <memory>

#include <magna/providers/codec.hpp>

// What comes back from a server of OpenAI's protocol.

namespace magna {

namespace openai_wire {

inline constexpr const char* protocol_name = "openai";

// What a server wants to see again, by the names of the members that have it.
inline constexpr const char* reasoning_content = "reasoning_content";
inline constexpr const char* reasoning_details = "reasoning_details";
inline constexpr const char* extra_content = "extra_content";

} // namespace openai_wire

/// Of an answer; `about` must outlive it.
std::unique_ptr<response_decoder> make_openai_decoder(const protocol_info& about, bool stream);

} // namespace magna
