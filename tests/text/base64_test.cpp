#include <magna/text/base64.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

SUITE("base64") {

TEST("base64 is that of RFC 4648") {
  check_eq(to_base64(""), "");
  check_eq(to_base64("f"), "Zg==");
  check_eq(to_base64("fo"), "Zm8=");
  check_eq(to_base64("foo"), "Zm9v");
  check_eq(to_base64("foobar"), "Zm9vYmFy");
  check_eq(to_base64("\xff\xfe\xfd"), "//79");
}

TEST("base64 is read with its padding and without") {
  for (const std::string bytes : {"", "f", "fo", "foo", "foobar", "\xff\xfe\xfd"}) {
    const auto written = to_base64(bytes);
    check(from_base64(written) == bytes);
    check(from_base64(written.substr(0, written.find('='))) == bytes);
  }
}

TEST("what is no base64 is none") {
  check(!from_base64("Z"));
  check(!from_base64("Zm 9"));
  check(!from_base64("Zg=9"));
  check(!from_base64("Zm9v\n"));
}

} // SUITE("base64")
