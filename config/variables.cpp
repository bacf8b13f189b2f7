#include <magna/config/variables.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include <magna/config/dotenv.hpp>
#include <magna/text/ascii.hpp>

namespace magna::config {

namespace {

/// No configuration is longer; what is was not meant to be one.
constexpr std::size_t max_file_size = 4 << 20;

} // namespace

std::optional<std::string> read_file(const std::filesystem::path& path, std::string& problem) {
  const auto refuse = [&](std::string why) {
    problem = std::move(why);
    return std::nullopt;
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return refuse(error && error != std::errc::no_such_file_or_directory ? error.message() : "no such file");
  if (std::filesystem::is_directory(status))
    return refuse("it is a directory");
  // To open a pipe waits for its writer; a terminal or a device has no end.
  if (!std::filesystem::is_regular_file(status))
    return refuse("it is no regular file");
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return refuse(std::strerror(errno));
  std::string content(max_file_size + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (in.bad())
    return refuse(std::strerror(errno));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > max_file_size)
    return refuse("it is larger than 4 MiB");
  return content;
}

std::optional<std::string> read_file(const std::filesystem::path& path, origins& out) {
  std::string problem;
  auto content = read_file(path, problem);
  if (!content)
    out.refuse(printable(path.string()) + ": can't be read: " + problem);
  return content;
}

namespace {

/// ":2", ": lines 2 and 5" or ": lines 2, 5, 7, 8, 9 and 40 more".
std::string list_of_lines(const std::vector<std::size_t>& lines) {
  constexpr std::size_t most = 5;
  if (lines.size() == 1)
    return ":" + std::to_string(lines[0]);
  const auto shown = std::min(lines.size(), most);
  std::string result = ": lines ";
  for (std::size_t i = 0; i < shown; ++i)
    result.append(i == 0 ? "" : i + 1 == lines.size() ? " and " : ", ").append(std::to_string(lines[i]));
  if (lines.size() > shown)
    result.append(" and ").append(std::to_string(lines.size() - shown)).append(" more");
  return result;
}

} // namespace

variables::variables(const sources& from, origins& out) : out_(out) {
  if (!from.directory.empty())
    read_dotenv(from);
  for (const auto& [name, content] : from.environment)
    if (const auto value = trim(content); !value.empty())
      table_.insert_or_assign(name, variable{std::string{value}, name});
}

void variables::read_dotenv(const sources& from) {
  const auto path = from.directory / ".env";
  std::error_code ignored;
  if (std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found)
    return;
  std::string problem;
  const auto text = read_file(path, problem);
  if (text && (text->starts_with("\xFF\xFE") || text->starts_with("\xFE\xFF")))
    problem = "it is UTF-16, not UTF-8";
  if (!problem.empty()) {
    out_.warn(".env was not read: " + problem);
    return;
  }
  const auto file = parse_dotenv(*text, [&](std::string_view name) -> const std::string* {
    const auto found = from.environment.find(name);
    return found == from.environment.end() ? nullptr : &found->second;
  });
  if (!file.skipped.empty())
    out_.warn(".env" + list_of_lines(file.skipped) + ": no NAME=VALUE, skipped");
  for (const auto& entry : file.entries) {
    const auto value = trim(entry.value);
    if (value.empty() && entry.problem.empty())
      table_.erase(entry.name);
    else
      table_.insert_or_assign(entry.name, variable{std::string{value},
                                                   entry.name + " (.env:" + std::to_string(entry.line) + ")",
                                                   entry.problem});
  }
}

const variable* variables::find(std::string_view name) const {
  const auto found = table_.find(name);
  if (found == table_.end())
    return nullptr;
  if (!found->second.problem.empty()) {
    out_.refuse(found->second.written + ": " + found->second.problem);
    table_.erase(found);
    return nullptr;
  }
  return &found->second;
}

} // namespace magna::config
