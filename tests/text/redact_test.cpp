#include <magna/text/redact.hpp>

#include <magna/tests/support/test.hpp>

using magna::redact;

SUITE("redact") {

TEST("a given secret is replaced wherever it stands") {
  check_eq(redact("x hunter2x hunter2", {"hunter2"}), "x [redacted]x [redacted]");
  check_eq(redact("", {"hunter2"}), "");
  check_eq(redact("hunter2 hunter22", {"hunter2", "hunter22"}), "[redacted] [redacted]");
}

TEST("a secret of fewer than four characters is none") {
  check_eq(redact("abc and abcd", {"abc", "", "abcd"}), "abc and [redacted]");
}

TEST("what looks like a secret is replaced though nobody knows it") {
  struct row {
    std::string_view text;
    std::string_view result;
  };
  static constexpr row rows[] = {
    {"GET /v1?key=abc&alt=sse failed", "GET /v1?key=[redacted]&alt=sse failed"},
    {"api_key = 'abc'", "api_key = '[redacted]'"},
    {"{\"api_key\": \"abc\", \"n\": 1}", "{\"api_key\": \"[redacted]\", \"n\": 1}"},
    {"x-goog-api-key: abc\r\nAccept: */*", "x-goog-api-key: [redacted]\r\nAccept: */*"},
    {"x-api-key: abc\r\nAccept: */*", "x-api-key: [redacted]\r\nAccept: */*"},
    {"invalid x-api-key sk-ant-api03-abcdef", "invalid x-api-key [redacted]"},
    {"Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"},
    {"authorization: Basic dXNlcg==", "authorization: Basic [redacted]"},
    {"got bearer abcdef, which", "got bearer [redacted], which"},
    {"Incorrect API key provided: sk-proj-1234567890abcdef. You can find",
     "Incorrect API key provided: [redacted]. You can find"},
    {"Incorrect API key provided: sk-ab***********************wxyz.",
     "Incorrect API key provided: [redacted]."},
    {"key AIzaSyA-1234567890_abcdefghijklmnopqrstu is", "key [redacted] is"},
    {"token ya29.a0Ab-1234567890 is", "token [redacted] is"},
    {"key ABSKQmVkcm9ja0FQSUtleS0x is", "key [redacted] is"},
    {"id AKIAIOSFODNN7EXAMPLE is", "id [redacted] is"},
    {"key AQ.Ab8RN6K-1234567890_abc is", "key [redacted] is"},
    {"(sk-1234567890)", "([redacted])"},
  };
  for (const auto& row : rows)
    check_eq(redact(row.text, {}), row.result);
}

TEST("ordinary text stays as it is") {
  for (const std::string text :
       {"the key: a good night's sleep", "task-force, risk-averse",
        "API key not valid. Please pass a valid API key.", "monkey=1", "keys are sk- and AIza", "tokens: 12",
        "the token count exceeds", "AQ. is short"})
    check_eq(redact(text, {}), text);
}

TEST("redacting twice changes nothing more") {
  const auto once = redact("Authorization: Bearer hunter2hunter2 key=hunter2", {"hunter2hunter2"});
  check_eq(redact(once, {"hunter2hunter2"}), once);
  check_eq(once, "Authorization: Bearer [redacted] key=[redacted]");
}

} // SUITE("redact")
