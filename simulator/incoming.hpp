#pragma once

#include <magna/simulator/scenario.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

/// What a request asks for, by its path and method.
enum class operation : std::uint8_t {
  generate,
  list_models,
  get_model,
  greeting, ///< Ollama's `GET /`.
  version,
  running_models, ///< Ollama's `/api/ps`.
  embed,
  unknown_path,
  wrong_method,
};

/// What a request says, read once and the same for every protocol.
struct incoming {
  std::string method;
  std::string target; ///< Path and query as they came.
  std::string path;   ///< Without the query and the `/i/<instance>` prefix.
  std::string query;
  std::map<std::string, std::string> headers; ///< Names in lower case.
  unsigned http_version = 11;

  protocol kind = protocol::ollama; ///< For an unknown path: whose error to write.
  operation what = operation::unknown_path;
  std::string instance;

  nlohmann::json body; ///< Discarded when it is no JSON.
  std::string model;
  bool stream = false;
  bool sse = true;     ///< False: Gemini's stream without `alt=sse`, a JSON array.
  bool single = false; ///< Gemini's `embedContent`: one text, and no list.

  /// The content of a header, or an empty string.
  std::string_view header(std::string_view name) const;

  /// The API key, wherever this protocol's clients put it.
  std::string key() const;

  /// What this protocol calls a parameter that has that name with OpenAI.
  std::string spelled(std::string_view name) const;

  /// A request parameter by the name that OpenAI gives it, or nullptr when it isn't sent. Of Gemini's batch
  /// of embeddings, that of the first request.
  const nlohmann::json* parameter(std::string_view name) const;

  /// The messages of a generation, which are Gemini's contents and the input of Responses; an empty list where there is none.
  const nlohmann::json& messages() const;

  /// The text of the last message with the role user.
  std::string last_user_text() const;

  /// The texts that an embedding request is about; one of another type counts as an empty one.
  std::vector<std::string> texts() const;

  /// The number of words in all messages or texts.
  std::size_t prompt_words() const;

  /// What the request is for; empty for one that no path takes.
  std::optional<route> on() const noexcept;
};

/// A member of an object; empty where it is missing or something else than a string, or a list.
std::string text_in(const nlohmann::json& object, const char* name);
const nlohmann::json& list_in(const nlohmann::json& object, const char* name);

/// Fills what follows from method, target and body text.
void interpret(incoming& request, std::string_view body);

} // namespace magna::simulator
