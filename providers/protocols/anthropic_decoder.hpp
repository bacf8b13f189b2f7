#pragma once

#include <memory>
#include <string_view>

#include <magna/providers/codec.hpp>

// What comes back from a server of Anthropic's protocol.

namespace magna {

namespace anthropic_wire {

inline constexpr const char* protocol_name = "anthropic";

/// The kind of an item that is a block of thoughts, with its signature.
inline constexpr std::string_view thinking_item = "thinking";

} // namespace anthropic_wire

/// Of an answer; `about` must outlive it.
std::unique_ptr<response_decoder> make_anthropic_decoder(const protocol_info& about, bool stream);

} // namespace magna
