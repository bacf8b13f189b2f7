#pragma once

#include <string>
#include <string_view>

#include <magna/providers/codec.hpp>

/// The bytes of each protocol, written out by hand: what a script of the scripted server is made of.
namespace magna::test::wire {

/// The head of a 200 whose body ends with the connection; `more` are further header lines.
std::string head(provider_kind kind, bool stream, std::string_view more = {});

/// What a model says before it says anything: a role, and an empty text.
std::string role_only(provider_kind kind);

/// An event with text, which must need no escape in JSON.
std::string token(provider_kind kind, std::string_view text);

/// An event of the model thinking aloud.
std::string reasoning(provider_kind kind, std::string_view text);

/// The event that proves the answer complete, without text.
std::string finish(provider_kind kind);

/// What ends a stream after that: [DONE] for OpenAI, nothing for the others.
std::string done(provider_kind kind);

/// A [DONE] as an event of the protocol, whether it has one or not.
std::string done_marker(provider_kind kind);

/// A payload as an event.
std::string event(provider_kind kind, std::string_view payload);

/// The document of an answer that was not streamed.
std::string whole(provider_kind kind, std::string_view text);

} // namespace magna::test::wire
