#include <magna/simulator/script.hpp>
#include <magna/simulator/traits.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace magna::simulator {

namespace {

void append_utf8(std::string& to, std::uint32_t code) {
  auto byte = [&to](std::uint32_t value) { to += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// A recursive descent over the text; one character is enough to decide.
class reader {
public:
  reader(std::string_view text, std::string_view source, place origin)
    : text_{text}, source_{source}, where_{origin} {}

  std::vector<entry> entries() {
    std::vector<entry> result;
    for (skip_space(); !at_end(); skip_space()) {
      if (accept(';'))
        continue;
      auto target = read_call(protocol_names([](const protocol_traits&) { return true; }) + " or all");
      std::vector<call> steps;
      if (accept('='))
        steps = read_steps();
      result.push_back({std::move(target), std::move(steps)});
      if (!at_end() && peek() != ';')
        fail("expected ';' before the next entry, or the end");
    }
    return result;
  }

  std::vector<call> only_steps() {
    auto result = read_steps();
    if (!at_end())
      fail("expected ',' before the next step, or the end");
    return result;
  }

private:
  std::vector<call> read_steps() {
    std::vector<call> result;
    do
      result.push_back(read_call("the name of a step"));
    while (accept(','));
    return result;
  }

  call read_call(std::string_view expected) {
    skip_space();
    call result{.word = {}, .arguments = {}, .where = where_};
    result.word = read_word(expected);
    if (!accept('('))
      return result;
    if (accept(')'))
      return result;
    do {
      skip_space();
      argument option{.key = {}, .value = {}, .where = where_};
      option.key = read_word("the name of an option");
      if (!accept('='))
        fail("expected '=' after option '" + option.key + "'");
      option.value = read_value();
      result.arguments.push_back(std::move(option));
    } while (accept(','));
    if (!accept(')'))
      fail("expected ',' or ')' in the options of '" + result.word + "'");
    return result;
  }

  std::string read_word(std::string_view expected) {
    std::string result;
    while (!at_end() && is_word(peek()))
      result += take();
    if (result.empty())
      fail("expected " + std::string{expected});
    return result;
  }

  std::string read_value() {
    skip_space();
    if (!at_end() && peek() == '"')
      return read_quoted();
    std::string result;
    while (!at_end() && std::string_view{",();\"\n"}.find(peek()) == std::string_view::npos)
      result += take();
    while (!result.empty() && (result.back() == ' ' || result.back() == '\t' || result.back() == '\r'))
      result.pop_back();
    if (result.empty())
      fail("expected a value; one that is empty, or holds , ( ) ; or \", stands in double quotes");
    return result;
  }

  std::string read_quoted() {
    auto start = where_;
    take();
    std::string result;
    for (;;) {
      if (at_end())
        fail_at(source_, start, "this quote is never closed");
      auto c = take();
      if (c == '"')
        return result;
      if (c != '\\')
        result += c;
      else
        read_escape(result);
    }
  }

  void read_escape(std::string& to) {
    constexpr auto allowed = R"(expected \" \\ \n \r \t or \uXXXX)";
    if (at_end())
      fail(allowed);
    switch (take()) {
      case '"':
        to += '"';
        return;
      case '\\':
        to += '\\';
        return;
      case 'n':
        to += '\n';
        return;
      case 'r':
        to += '\r';
        return;
      case 't':
        to += '\t';
        return;
      case 'u': {
        auto digits = text_.substr(offset_, 4);
        std::uint32_t code = 0;
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4)
          fail(allowed);
        if (code >= 0xD800 && code <= 0xDFFF)
          fail(R"(\u of half a surrogate pair; write the character itself)");
        for (int i = 0; i < 4; ++i)
          take();
        append_utf8(to, code);
        return;
      }
      default:
        fail(allowed);
    }
  }

  /// Spaces, line ends and comments from `#` to the end of the line.
  void skip_space() {
    while (!at_end()) {
      if (peek() == '#')
        while (!at_end() && peek() != '\n')
          take();
      else if (std::string_view{" \t\r\n"}.find(peek()) != std::string_view::npos)
        take();
      else
        return;
    }
  }

  bool accept(char c) {
    skip_space();
    if (at_end() || peek() != c)
      return false;
    take();
    return true;
  }

  bool at_end() const { return offset_ == text_.size(); }

  char peek() const { return text_[offset_]; }

  char take() {
    auto c = text_[offset_++];
    if (c == '\n') {
      ++where_.line;
      where_.column = 1;
    } else {
      ++where_.column;
    }
    return c;
  }

  [[noreturn]] void fail(std::string_view what) const { fail_at(source_, where_, what); }

  std::string_view text_;
  std::string_view source_;
  place where_;
  std::size_t offset_ = 0;
};

} // namespace

std::vector<entry> parse_entries(std::string_view text, std::string_view source, place origin) {
  return reader{text, source, origin}.entries();
}

std::vector<call> parse_steps(std::string_view text, std::string_view source, place origin) {
  return reader{text, source, origin}.only_steps();
}

scenario parse_scenario(std::string_view text) {
  return build(parse_entries(text, "scenario"), "scenario");
}

} // namespace magna::simulator
