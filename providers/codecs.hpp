#pragma once

#include <magna/providers/codec.hpp>

namespace magna {

/// Gemini's generateContent and streamGenerateContent, API version v1beta.
const codec& gemini_codec();

/// OpenAI's chat completions, and the servers that are compatible with them.
const codec& openai_codec();

/// Ollama's native /api/chat.
const codec& ollama_codec();

} // namespace magna
