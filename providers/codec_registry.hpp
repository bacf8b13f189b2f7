#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>

// The protocols that this process speaks. The built-in ones are always there. All functions are thread-safe.

namespace magna {

/// Makes a protocol known, for the rest of the program: settings can name its kind, and where it has
/// variables, the environment configures a provider of that name, after the built-in ones. To be called
/// before settings are loaded or validated. Throws std::invalid_argument if `added` is null, its kind is no
/// name, or the kind is there already.
MAGNA_EXPORT void register_codec(std::shared_ptr<const codec> added);

/// The codec of a kind; null if there is none. Lives as long as the program.
MAGNA_EXPORT const codec* find_codec(const provider_kind& kind);

/// The same where there must be one, as after `validate`; throws std::invalid_argument otherwise.
MAGNA_EXPORT const codec& codec_for(const provider_kind& kind);

/// The codec that speaks with the server at this base URL, for a provider of this kind: `codec_for(kind).at(base_url)`.
MAGNA_EXPORT const codec& codec_for(const provider_kind& kind, std::string_view base_url);

/// All codecs, the built-in ones first, in the order of the default chain.
MAGNA_EXPORT std::vector<const codec*> all_codecs();

/// The names of all kinds, for an error: "gemini, openai or ollama".
MAGNA_EXPORT std::string list_of_kinds();

} // namespace magna
