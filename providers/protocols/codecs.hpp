#pragma once

#include <memory>

#include <magna/providers/codec.hpp>

// The codecs that are built in; the registry asks for them.

namespace magna {

/// Gemini's generateContent and streamGenerateContent, API version v1beta.
std::shared_ptr<const codec> make_gemini_codec();

/// OpenAI: its Responses at its own addresses, chat completions everywhere else.
std::shared_ptr<const codec> make_openai_codec();

/// OpenAI's chat completions, and the servers that are compatible with them.
std::shared_ptr<const codec> make_openai_chat_codec();

/// OpenAI's /responses, and the servers that are compatible with it.
std::shared_ptr<const codec> make_openai_responses_codec();

/// Anthropic's /v1/messages.
std::shared_ptr<const codec> make_anthropic_codec();

/// Ollama's native /api/chat.
std::shared_ptr<const codec> make_ollama_codec();

} // namespace magna
