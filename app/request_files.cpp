#include <magna/app/request_files.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include <magna/app/prompt.hpp>
#include <magna/text/base64.hpp>
#include <magna/text/json_depth.hpp>
#include <magna/text/printable.hpp>

namespace magna::app {

namespace {

using nlohmann::json;

/// No provider takes more in one request.
constexpr std::uintmax_t largest_file = std::uintmax_t{32} << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw prompt_error{printable(path) + ": " + why};
}

} // namespace

std::string read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    refuse(path, "can't be read: it is a directory");
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    refuse(path, std::string{"can't be read: "} + std::strerror(errno));
  if (const auto size = std::filesystem::file_size(path, error); !error && size > largest_file)
    refuse(path, "is larger than 32 MiB");
  // A device has no size, and no end.
  std::string content;
  std::array<char, 65'536> piece;
  while (content.size() <= largest_file && (in.read(piece.data(), piece.size()) || in.gcount() > 0))
    content.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  if (content.size() > largest_file)
    refuse(path, "is larger than 32 MiB");
  if (in.bad())
    refuse(path, "can't be read");
  return content;
}

nlohmann::json to_document(const std::string& name, const std::string& content) {
  if (content.empty())
    refuse(name, "is empty");
  if (is_too_deep(content))
    refuse(name, "nests deeper than " + std::to_string(deepest_json) + " levels");
  try {
    return json::parse(content);
  } catch (const json::parse_error& error) {
    const auto before = std::string_view{content}.substr(0, error.byte == 0 ? 0 : error.byte - 1);
    refuse(name, "is not JSON: see line " + std::to_string(1 + std::ranges::count(before, '\n')));
  }
}

namespace {

json read_json(const std::string& path) {
  return to_document(path, read_file(path));
}

/// By the first bytes: a file's name may say anything.
std::string_view mime_type_of(std::string_view bytes) noexcept {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"))
    return "image/png";
  if (bytes.starts_with("\xff\xd8\xff"))
    return "image/jpeg";
  if (bytes.starts_with("GIF8"))
    return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(std::min<std::size_t>(bytes.size(), 8)).starts_with("WEBP"))
    return "image/webp";
  return {};
}

image read_image(const std::string& path) {
  if (path.starts_with("https://") || path.starts_with("http://"))
    return {.mime_type = {}, .data = {}, .url = path};
  if (path.find("://") != std::string::npos)
    refuse(path, "is no URL that a provider could read: http and https are taken");
  const auto bytes = read_file(path);
  if (bytes.empty())
    refuse(path, "is empty");
  const auto type = mime_type_of(bytes);
  if (type.empty())
    refuse(path, "is no picture: PNG, JPEG, GIF and WebP are taken");
  return {.mime_type = std::string{type}, .data = to_base64(bytes), .url = {}};
}

[[noreturn]] void refuse_tools(const std::string& path) {
  refuse(path,
         R"(must be a list of tools, [{"name": "...", "description": "...", "parameters": {...}}, ...])");
}

/// In the form of magna and Anthropic, or in OpenAI's, which wraps it.
tool_definition read_tool(const std::string& path, const json& listed) {
  const auto& entry = listed.is_object() && listed.contains("function") ? listed["function"] : listed;
  const auto text = [&entry](const char* name) {
    return entry.contains(name) && entry[name].is_string() ? entry[name].get<std::string>() : std::string{};
  };
  if (!entry.is_object() || text("name").empty())
    refuse_tools(path);
  tool_definition result{.name = text("name"), .description = text("description"), .parameters = {}};
  if (entry.contains("parameters"))
    result.parameters = entry["parameters"].dump();
  return result;
}

} // namespace

void add_files(request& question, const request_files& what) {
  if (!what.images.empty() && (question.messages.empty() || question.messages.back().from != role::user))
    throw prompt_error{
      "--image: a picture goes with the user's question, and the conversation does not end with one"};
  for (const auto& path : what.images)
    question.messages.back().images.push_back(read_image(path));
  if (!what.tools.empty()) {
    const auto list = read_json(what.tools);
    if (!list.is_array() || list.empty())
      refuse_tools(what.tools);
    for (const auto& entry : list)
      question.tools.push_back(read_tool(what.tools, entry));
  }
  if (!what.json_schema.empty()) {
    const auto schema = read_json(what.json_schema);
    if (!schema.is_object())
      refuse(what.json_schema, "is no JSON schema: an object is needed");
    question.format = answer_format::json_schema;
    question.json_schema = schema.dump();
  }
  if (what.tool_choice == "none")
    question.tool_choice = tool_choice::none;
  else if (what.tool_choice == "required")
    question.tool_choice = tool_choice::required;
  else if (!what.tool_choice.empty() && what.tool_choice != "auto") {
    question.tool_choice = tool_choice::named;
    question.required_tool = what.tool_choice;
  }
}

} // namespace magna::app
