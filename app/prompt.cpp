#include <magna/app/prompt.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <magna/text/ascii.hpp>
#include <magna/text/utf8.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

/// No model takes a tenth of it.
constexpr std::size_t longest_prompt = std::size_t{256} << 20;

std::string read_all(int input, const std::string& what) {
  std::string result;
  constexpr std::size_t step = 1 << 16;
  for (;;) {
    const auto size = result.size();
    result.resize(size + step);
    const auto count = ::read(input, result.data() + size, step);
    if (count < 0 && errno == EINTR) {
      result.resize(size);
      continue;
    }
    if (count < 0)
      throw prompt_error{what + " can't be read from standard input: " + std::strerror(errno)};
    result.resize(size + static_cast<std::size_t>(count));
    if (count == 0)
      return result;
    if (result.size() > longest_prompt)
      throw prompt_error{what + " is longer than 256 MiB"};
  }
}

} // namespace

void require_utf8(const std::string& text, const std::string& what) {
  if (!is_utf8(text))
    throw prompt_error{what + " is not UTF-8: byte " + std::to_string(valid_utf8_prefix(text) + 1)
                       + " does not fit; convert it first, for instance with iconv"};
}

std::string read_prompt(const std::string& argument, int input, const std::string& what) {
  auto prompt = argument == "-" ? read_all(input, what) : argument;
  if (trim(prompt).empty())
    throw prompt_error{what + " is empty"};
  require_utf8(prompt, what);
  return prompt;
}

} // namespace magna::app
