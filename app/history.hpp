#pragma once

#include <string>
#include <vector>

#include <magna/messages/request.hpp>

/// A conversation in a file.
namespace magna::app {

/// The messages in a file, "-" for `input`: a JSON list of them, or an object with `messages`, in magna's form or
/// in OpenAI's. Throws prompt_error, with the file's name.
std::vector<chat_message> read_history(const std::string& path, int input);

/// Throws prompt_error if nothing can be saved at `path`: better now than when the answer is there.
void require_savable(const std::string& path);

/// Writes what read_history reads, or leaves the file as it was, whose permissions stay. Throws prompt_error, with the file's name.
void save_history(const std::string& path, const std::vector<chat_message>& messages);

} // namespace magna::app
