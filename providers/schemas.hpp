#pragma once

#include <nlohmann/json.hpp>

// JSON schemas as providers take them. encoding.hpp has the schema of a tool's arguments.

namespace magna {

/// Adds that there are no others than its properties to each object that says nothing of others: what fits the
/// narrower schema fits the one that was asked for.
void close_objects(nlohmann::json& schema);

/// Whether OpenAI can hold a model to the schema to the letter: objects require all of their properties and no
/// others, and of JSON Schema only a part is known.
bool openai_can_be_strict(const nlohmann::json& schema);

/// Whether Anthropic can: all objects are closed, few properties are optional, nothing refers to itself, and of JSON
/// Schema a smaller part is known.
bool anthropic_can_be_strict(const nlohmann::json& schema);

} // namespace magna
