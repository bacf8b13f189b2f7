#pragma once

#include <memory>
#include <string_view>

#include <magna/providers/codec.hpp>

// What comes back from Gemini.

namespace magna {

namespace gemini_wire {

inline constexpr const char* protocol_name = "gemini";

/// The kind of an item that signs a call, or the message's text.
inline constexpr std::string_view signature_item = "thought_signature";

} // namespace gemini_wire

/// Of an answer; `about` must outlive it.
std::unique_ptr<response_decoder> make_gemini_decoder(const protocol_info& about, bool stream);

} // namespace magna
