#include <magna/config/dotenv.hpp>

#include <map>
#include <optional>
#include <utility>

namespace magna::config {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view name_characters =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

/// Of what is put in for `${NAME}`, over the whole file: entries that name each other twice grow without end.
constexpr std::size_t max_expansion = std::size_t{1} << 20;

/// Pairs of what follows the backslash and what it means.
constexpr std::string_view double_escapes = "n\nr\rt\ta\ab\bf\fv\v\"\"''\\\\$$";
constexpr std::string_view single_escapes = "''\\\\";

/// The length of the name at the start of `text`; 0: there is none.
std::size_t name_length(std::string_view text) {
  if (text.empty() || letters.find(text.front()) == std::string_view::npos)
    return 0;
  const auto end = text.find_first_not_of(name_characters);
  return end == std::string_view::npos ? text.size() : end;
}

class parser {
public:
  parser(std::string_view text, const outer_variable& outer) : rest_(text), outer_(outer) {
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
    if (const auto after = rest_.find_first_not_of(blanks, 6);
        rest_.starts_with("export") && after != 6 && after != std::string_view::npos && rest_[after] != '=')
      rest_.remove_prefix(after);
    const auto name = rest_.substr(0, name_length(rest_));
    rest_.remove_prefix(name.size());
    skip_blanks();
    if (name.empty() || at_line_end() || rest_.front() != '=') {
      result_.skipped.push_back(line_);
      return;
    }
    rest_.remove_prefix(1);
    skip_blanks();
    dotenv_entry entry{std::string{name}, {}, line_};
    take_value(entry);
    if (entry.problem.empty() && entry.value.find('\0') != std::string::npos)
      entry.problem = "a value cannot hold a NUL byte";
    if (!entry.problem.empty())
      entry.value.clear();
    known_.insert_or_assign(entry.name, entry.value);
    result_.entries.push_back(std::move(entry));
  }

  void take_value(dotenv_entry& entry) {
    switch (rest_.empty() ? '\0' : rest_.front()) {
      case '"':
        return take_quoted(entry, double_escapes, true);
      case '\'':
        return take_quoted(entry, single_escapes, false);
      case '`':
        return take_quoted(entry, {}, false);
      default:
        return take_plain(entry);
    }
  }

  void take_plain(dotenv_entry& entry) {
    auto text = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '#' && (i == 0 || blanks.find(text[i - 1]) != std::string_view::npos))
        text = text.substr(0, i);
    const auto last = text.find_last_not_of(" \t\r");
    text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    while (!text.empty() && entry.problem.empty()) {
      if (!expand(text, entry)) {
        entry.value += text.front();
        text.remove_prefix(1);
      }
    }
  }

  /// A quote that is not closed, or only by what belongs to a line below, is a fault of its own line: the lines below
  /// are read as if it were not there.
  void take_quoted(dotenv_entry& entry, std::string_view escapes, bool expands) {
    const char quote = rest_.front();
    std::size_t lines = 0;
    for (auto text = rest_.substr(1); !text.empty();) {
      const char c = text.front();
      if (c == quote) {
        const auto opening = std::exchange(rest_, text.substr(1));
        skip_blanks();
        if (at_line_end() || rest_.front() == '#') {
          line_ += lines;
          return;
        }
        entry.problem =
          lines == 0 ? "after the closing quote only a comment may follow" : "the closing quote is missing";
        rest_ = opening;
        return;
      }
      if (expands && entry.problem.empty() && expand(text, entry))
        continue;
      if (const char meant = c == '\\' && text.size() > 1 ? meaning(escapes, text[1]) : '\0'; meant != '\0') {
        entry.value += meant;
        text.remove_prefix(2);
        continue;
      }
      lines += c == '\n';
      if (!text.starts_with("\r\n"))
        entry.value += c;
      text.remove_prefix(1);
    }
    entry.problem = "the closing quote is missing";
  }

  /// What a character means after a backslash; NUL: there is no such escape.
  static char meaning(std::string_view escapes, char c) {
    for (std::size_t i = 0; i < escapes.size(); i += 2)
      if (escapes[i] == c)
        return escapes[i + 1];
    return '\0';
  }

  /// Puts in what a reference at the start of `text` stands for, and takes it away; false: there is none.
  bool expand(std::string_view& text, dotenv_entry& entry) {
    if (!text.starts_with("${"))
      return false;
    const auto name = text.substr(2, name_length(text.substr(2)));
    const auto after = text.substr(2 + name.size());
    const bool has_otherwise = after.starts_with(":-");
    const auto end = after.find_first_of("}\n");
    if (name.empty() || end == std::string_view::npos || after[end] != '}' || (end != 0 && !has_otherwise))
      return false;
    std::string_view value;
    if (const auto* outer = outer_ ? outer_(name) : nullptr)
      value = *outer;
    else if (const auto inner = known_.find(name); inner != known_.end())
      value = inner->second;
    if (value.empty() && has_otherwise)
      value = after.substr(2, end - 2);
    text = after.substr(end + 1);
    expanded_ += value.size();
    if (expanded_ > max_expansion)
      entry.problem = "what ${...} stands for is longer than 1 MiB over all values";
    else
      entry.value += value;
    return true;
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

  std::string_view rest_;
  const outer_variable& outer_;
  std::size_t line_ = 1;
  std::size_t expanded_ = 0;
  std::map<std::string, std::string, std::less<>> known_;
  dotenv_file result_;
};

} // namespace

dotenv_file parse_dotenv(std::string_view text, const outer_variable& outer) {
  return parser{text, outer}.parse();
}

} // namespace magna::config
