#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <magna/messages/request.hpp>

namespace magna::app {

/// What a request gets beside its prompt, as the command line says it. Empty: nothing.
struct request_files {
  /// Paths of pictures, or their URLs.
  std::vector<std::string> images;
  /// A file with a list in JSON: [{"name": ..., "description": ..., "parameters": {...}}].
  std::string tools;
  /// A file with the JSON schema of the answer.
  std::string json_schema;
  /// auto, none, required, or a tool's name.
  std::string tool_choice;
};

/// Reads the files into a request. Pictures go to its last message, which is the user's. Throws prompt_error, with the file's
/// name, for what can't be read or makes no sense.
void add_files(request& question, const request_files& what);

/// What stands in a file. Throws prompt_error, with the file's name, if it can't be read or is too long.
std::string read_file(const std::string& path);

/// What a file says. Throws prompt_error, with its name and the line, if that is no JSON, or nests too deep.
nlohmann::json to_document(const std::string& name, const std::string& content);

} // namespace magna::app
