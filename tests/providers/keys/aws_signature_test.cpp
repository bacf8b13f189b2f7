// The vectors are those of AWS's own test suite for Signature Version 4 (aws-sig-v4-test-suite).

#include <magna/providers/keys/aws_signature.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <string>

using namespace magna;

namespace {

using clock_time = std::chrono::system_clock::time_point;

/// 2015-08-30 12:36:00 UTC.
const clock_time when{std::chrono::seconds{1'440'938'160}};

const aws_credentials suite_credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const aws_scope suite_scope{"us-east-1", "service"};

std::string header_of(const http_request& request, std::string_view name) {
  for (const auto& header : request.headers)
    if (header.first == name)
      return header.second;
  return {};
}

/// Signs a request of the suite, and returns what follows the credential in the Authorization header.
std::string signature(http_request request, const aws_credentials& credentials = suite_credentials) {
  sign_aws(request, credentials, suite_scope, when);
  if (header_of(request, "X-Amz-Date") != "20150830T123600Z")
    return "another date";
  const std::string front =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ";
  const auto all = header_of(request, "Authorization");
  return all.starts_with(front) ? all.substr(front.size()) : "another credential: " + all;
}

http_request request_of(std::string method, std::string path, http_headers headers = {},
                        std::string body = {}) {
  return {std::move(method), "https://example.amazonaws.com" + std::move(path), std::move(headers),
          std::move(body)};
}

} // namespace

SUITE("AWS signature") {

TEST("get-vanilla and post-vanilla") {
  check_eq(signature(request_of("GET", "/")),
           "SignedHeaders=host;x-amz-date, "
           "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  check_eq(signature(request_of("POST", "/")),
           "SignedHeaders=host;x-amz-date, "
           "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST("the path is normalized: get-relative, get-relative-relative, get-slash, get-slash-dot-slash") {
  for (const auto* path : {"/example/..", "/example1/example2/../..", "//", "/./"})
    check_eq(signature(request_of("GET", path)), signature(request_of("GET", "/")));
}

TEST("get-vanilla-query-order-key-case: the query is in order") {
  check_eq(signature(request_of("GET", "/?Param2=value2&Param1=value1")),
           "SignedHeaders=host;x-amz-date, "
           "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST("post-header-key-case and post-header-value-case: names in lower case, values as they are") {
  check_eq(signature(request_of("POST", "/", {{"My-Header1", "value1"}})),
           "SignedHeaders=host;my-header1;x-amz-date, "
           "Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c");
  check_eq(signature(request_of("POST", "/", {{"My-Header1", "VALUE1"}})),
           "SignedHeaders=host;my-header1;x-amz-date, "
           "Signature=cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d");
}

TEST("get-header-value-trim: blanks around a value go, and runs inside become one") {
  check_eq(signature(request_of("GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}})),
           "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
           "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST("post-x-www-form-urlencoded: the body is signed") {
  check_eq(signature(request_of("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                                "Param1=value1")),
           "SignedHeaders=content-type;host;x-amz-date, "
           "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST("post-sts-header-before: a session token is sent and signed") {
  auto credentials = suite_credentials;
  credentials.session_token =
    "AQoDYXdzEPT//////////"
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuw"
    "thAx7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNV"
    "XAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
    "scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  check_eq(signature(request_of("POST", "/"), credentials),
           "SignedHeaders=host;x-amz-date;x-amz-security-token, "
           "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
}

TEST("headers that proxies change are sent and not signed") {
  check_eq(signature(request_of("GET", "/", {{"User-Agent", "x"}, {"Connection", "close"}})),
           signature(request_of("GET", "/")));
}

TEST("the port is part of the host unless it is the usual one") {
  const auto at = [](std::string url) { return signature({"GET", std::move(url), {}, {}}); };
  check_eq(at("https://example.amazonaws.com:443/"), at("https://example.amazonaws.com/"));
  check_ne(at("https://example.amazonaws.com:8443/"), at("https://example.amazonaws.com/"));
}

TEST("the scope is in the host, and a region that is named stands above it") {
  check_eq(aws_scope_of("https://bedrock-mantle.us-east-1.api.aws/openai/v1", ""),
           (aws_scope{"us-east-1", "bedrock-mantle"}));
  check_eq(aws_scope_of("https://bedrock-runtime.eu-west-1.amazonaws.com", ""),
           (aws_scope{"eu-west-1", "bedrock-runtime"}));
  check_eq(aws_scope_of("https://bedrock-mantle.us-east-1.api.aws", "eu-north-1"),
           (aws_scope{"eu-north-1", "bedrock-mantle"}));
  check_eq(aws_scope_of("http://localhost:8080/v1", "us-east-1"), (aws_scope{"us-east-1", "bedrock-mantle"}));
  check_eq(aws_scope_of("http://localhost:8080/v1", ""), (aws_scope{"", "bedrock-mantle"}));
  check_eq(aws_scope_of("https://sts.amazonaws.com", "").region, "");
}

TEST("credentials are one text") {
  check_eq(parse_aws_credentials("ID:SECRET"), (aws_credentials{"ID", "SECRET", ""}));
  check_eq(parse_aws_credentials("ID:SE/CR+ET:TO:KEN=="), (aws_credentials{"ID", "SE/CR+ET", "TO:KEN=="}));
  for (const auto* text : {"", "ID", "ID:", ":SECRET", "::"})
    check(!parse_aws_credentials(text));
}

} // SUITE("AWS signature")
