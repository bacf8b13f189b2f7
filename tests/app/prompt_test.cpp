#include <magna/app/prompt.hpp>

#include <magna/tests/support/test.hpp>

#include <string>

#include <fcntl.h>
#include <unistd.h>

using namespace magna::app;

SUITE("app.prompt") {

TEST("an argument is the prompt") {
  check_eq(read_prompt("Hello", -1), "Hello");
  check_eq(read_prompt(" - ", -1), " - ");
}

TEST("a dash reads the input to its end") {
  int ends[2];
  require_eq(::pipe(ends), 0);
  require_eq(::write(ends[1], "a\nb\n", 4), 4);
  ::close(ends[1]);
  check_eq(read_prompt("-", ends[0]), "a\nb\n");
  ::close(ends[0]);
}

TEST("what is blank, not UTF-8 or can't be read is refused") {
  check_throws<prompt_error>([] { read_prompt("", -1); });
  check_throws<prompt_error>([] { read_prompt(" \r\n\t", -1); });
  check_throws<prompt_error>([] { read_prompt("\xed\xa0\x80", -1); });
  check_throws<prompt_error>([] { read_prompt("-", -1); });
  const int empty = ::open("/dev/null", O_RDONLY);
  check_throws<prompt_error>([empty] { read_prompt("-", empty); });
  ::close(empty);
}

TEST("an error says where the text stops being UTF-8") {
  try {
    require_utf8("ab\xff", "the prompt");
    fail("no error");
  } catch (const prompt_error& error) {
    magna::test::check_found(error.what(), "^the prompt is not UTF-8: byte 3 ");
  }
}

} // SUITE("app.prompt")
