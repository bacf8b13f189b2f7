#include <magna/config/variables.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <magna/config/dotenv.hpp>
#include <magna/text/ascii.hpp>

namespace magna::config {

namespace {

/// No configuration is longer; what is was not meant to be one.
constexpr std::size_t max_file_size = 4 << 20;

} // namespace

std::optional<std::string> read_file(const std::filesystem::path& path, origins& out) {
  const auto refuse = [&](std::string_view why) {
    out.refuse(printable(path.string()) + ": can't be read: " + std::string{why});
    return std::nullopt;
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return refuse(error && error != std::errc::no_such_file_or_directory ? error.message() : "no such file");
  if (std::filesystem::is_directory(status))
    return refuse("it is a directory");
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

variables::variables(const sources& from, origins& out) {
  const auto path = from.directory / ".env";
  std::error_code ignored;
  if (!from.directory.empty()
      && std::filesystem::status(path, ignored).type() != std::filesystem::file_type::not_found) {
    if (const auto text = read_file(path, out)) {
      const auto file = parse_dotenv(*text);
      for (const auto& error : file.errors)
        out.refuse(".env:" + std::to_string(error.line) + ": " + error.message);
      for (const auto& entry : file.entries) {
        if (const auto value = trim(entry.value); !value.empty())
          table_.insert_or_assign(
            entry.name,
            variable{std::string{value}, entry.name + " (.env:" + std::to_string(entry.line) + ")"});
        else
          table_.erase(entry.name);
      }
    }
  }
  for (const auto& [name, content] : from.environment)
    if (const auto value = trim(content); !value.empty())
      table_.insert_or_assign(name, variable{std::string{value}, name});
}

const variable* variables::find(std::string_view name) const {
  const auto found = table_.find(name);
  return found == table_.end() ? nullptr : &found->second;
}

} // namespace magna::config
