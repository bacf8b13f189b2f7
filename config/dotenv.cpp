#include <magna/config/dotenv.hpp>

#include <optional>

namespace magna::config {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view name_characters =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

class parser {
public:
  explicit parser(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF"))
      rest_.remove_prefix(3);
  }

  dotenv_file parse() && {
    while (!rest_.empty()) {
      parse_line();
      skip_line();
    }
    return std::move(result_);
  }

private:
  void parse_line() {
    skip_blanks();
    if (at_line_end() || rest_.front() == '#')
      return;
    const auto start = line_;
    if (const auto after = rest_.find_first_not_of(blanks, 6);
        rest_.starts_with("export") && after != 6 && after != std::string_view::npos)
      rest_.remove_prefix(after);
    const auto name = take_name();
    skip_blanks();
    if (name.empty())
      return fail(start, "a line is NAME=VALUE, and a name is letters, digits and '_'");
    if (at_line_end() || rest_.front() != '=')
      return fail(start, "'=' is missing after the name");
    rest_.remove_prefix(1);
    skip_blanks();
    const bool quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
    auto value = quoted ? take_quoted(start) : take_plain();
    if (!value)
      return;
    if (value->find('\0') != std::string::npos)
      return fail(start, "a value cannot hold a NUL byte");
    result_.entries.push_back({std::string{name}, std::move(*value), start});
  }

  std::string_view take_name() {
    if (rest_.empty() || letters.find(rest_.front()) == std::string_view::npos)
      return {};
    const auto name = rest_.substr(0, rest_.find_first_not_of(name_characters));
    rest_.remove_prefix(name.size());
    return name;
  }

  std::optional<std::string> take_plain() {
    auto value = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(value.size());
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] == '#' && (i == 0 || blanks.find(value[i - 1]) != std::string_view::npos))
        value = value.substr(0, i);
    const auto last = value.find_last_not_of(" \t\r");
    return std::string{last == std::string_view::npos ? std::string_view{} : value.substr(0, last + 1)};
  }

  std::optional<std::string> take_quoted(std::size_t start) {
    const char quote = rest_.front();
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == quote) {
        rest_.remove_prefix(i + 1);
        skip_blanks();
        if (at_line_end() || rest_.front() == '#')
          return value;
        fail(start, "after the closing quote only a comment may follow");
        return std::nullopt;
      }
      if (c == '\n')
        ++line_;
      if (c == '\r' && i + 1 < rest_.size() && rest_[i + 1] == '\n')
        continue;
      if (quote == '"' && c == '\\' && i + 1 < rest_.size() && is_escape(rest_[i + 1]))
        value += unescape(rest_[++i]);
      else
        value += c;
    }
    // What follows was taken for a part of the value; nothing sensible is left to read.
    rest_ = {};
    fail(start, "the closing quote is missing");
    return std::nullopt;
  }

  static bool is_escape(char c) { return std::string_view{"nrt\"\\$"}.find(c) != std::string_view::npos; }

  static char unescape(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return c;
    }
  }

  bool at_line_end() const { return rest_.empty() || rest_.front() == '\n' || rest_.starts_with("\r\n"); }

  void skip_blanks() {
    const auto next = rest_.find_first_not_of(blanks);
    rest_.remove_prefix(next == std::string_view::npos ? rest_.size() : next);
  }

  void skip_line() {
    const auto end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
  }

  void fail(std::size_t line, std::string message) { result_.errors.push_back({line, std::move(message)}); }

  std::string_view rest_;
  std::size_t line_ = 1;
  dotenv_file result_;
};

} // namespace

dotenv_file parse_dotenv(std::string_view text) {
  return parser{text}.parse();
}

} // namespace magna::config
