#include <magna/app/history.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include <magna/app/prompt.hpp>
#include <magna/app/request_files.hpp>
#include <magna/messages/json.hpp>
#include <magna/text/printable.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

using nlohmann::json;

/// Where a symbolic link leads: the link itself is to stay one.
std::filesystem::path followed(const std::string& path) {
  std::error_code error;
  auto result = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::path{path} : result;
}

} // namespace

std::vector<chat_message> read_history(const std::string& path, int input) {
  const auto name = path == "-" ? std::string{"standard input"} : printable(path);
  const auto text = path == "-" ? read_prompt(path, input, "the conversation") : read_file(path);
  auto document = to_document(name, text);
  if (document.is_array())
    document = json{{"messages", std::move(document)}};
  if (!document.is_object() || !document.contains("messages"))
    throw prompt_error{name + R"(: must be a list of messages, [{"role": "user", "content": "..."}, ...])"
                       + ", or an object with `messages`"};
  // Only what this is about: an object in OpenAI's form has a model and more beside it.
  json conversation{{"messages", std::move(document["messages"])}};
  if (document.contains("version"))
    conversation["version"] = document["version"];
  try {
    return conversation.get<request>().messages;
  } catch (const json_error& problem) {
    throw prompt_error{name + ": " + problem.what()};
  }
}

void require_savable(const std::string& path) {
  const auto refuse = [&path](const std::string& why) {
    throw prompt_error{printable(path) + ": the conversation can't be written there: " + why};
  };
  std::error_code error;
  const auto target = followed(path);
  // What is saved takes the file's place, which is nothing for a device.
  if (std::filesystem::exists(target, error) && !std::filesystem::is_regular_file(target, error))
    refuse("it is no file");
  const auto directory = target.has_parent_path() ? target.parent_path() : std::filesystem::path{"."};
  if (::access(directory.c_str(), W_OK) != 0)
    refuse(std::strerror(errno));
}

void save_history(const std::string& path, const std::vector<chat_message>& messages) {
  const auto target = followed(path);
  request conversation;
  conversation.messages = messages;
  const auto whole = json(conversation);
  const json document{{"version", whole["version"]}, {"messages", whole.value("messages", json::array())}};
  // Beside it first: who reads it meanwhile finds the old one or the new one, and a full disk loses nothing.
  auto beside = target;
  beside += ".new";
  std::error_code error;
  const auto refuse = [&](const std::string& why) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw prompt_error{printable(path) + ": the conversation can't be written: " + why};
  };
  errno = 0;
  std::ofstream out{beside, std::ios::binary | std::ios::trunc};
  // Who may read the old one may read the new one, and nobody else.
  if (const auto old = std::filesystem::status(target, error); std::filesystem::exists(old))
    std::filesystem::permissions(beside, old.permissions(), error);
  out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  if (!out)
    refuse(std::strerror(errno));
  std::filesystem::rename(beside, target, error);
  if (error)
    refuse(error.message());
}

} // namespace magna::app
