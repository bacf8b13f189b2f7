#include <magna/providers/keys/google_account.hpp>

#include <magna/tests/providers/keys/rsa_key.hpp>
#include <magna/tests/support/test.hpp>
#include <magna/text/base64.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

using namespace magna;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const test::rsa_key& pair() {
  static const test::rsa_key only;
  return only;
}

json service_account() {
  return {{"type", "service_account"},
          {"project_id", "my-project"},
          {"private_key_id", "key-1"},
          {"private_key", pair().private_key()},
          {"client_email", "robot@my-project.iam.gserviceaccount.com"},
          {"token_uri", "https://tokens.example/token"}};
}

json user_account() {
  return {{"type", "authorized_user"},
          {"client_id", "id-1"},
          {"client_secret", "client-sesame"},
          {"refresh_token", "refresh-sesame"}};
}

/// What is wrong with the content of a credentials file; empty: nothing.
std::string fault_of(const json& content) {
  try {
    parse_google_account(content.dump());
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

std::string from_base64url(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return from_base64(text).value_or("<no base64>");
}

/// Takes one request; the test answers it.
struct one_request : transport {
  transfer_id start(http_request what, const transfer_options&,
                    std::shared_ptr<transfer_listener> who) override {
    request = std::move(what);
    listener = std::move(who);
    return 1;
  }
  void resume(transfer_id) override {}
  void cancel(transfer_id) override {}

  void answer(int status, std::string_view body) const {
    listener->on_head({status, {}});
    listener->on_data(body.substr(0, body.size() / 2));
    listener->on_data(body.substr(body.size() / 2));
    listener->on_end(std::nullopt);
  }

  http_request request;
  std::shared_ptr<transfer_listener> listener;
};

struct google_fixture {
  std::shared_ptr<one_request> http = std::make_shared<one_request>();
  std::vector<key_answer> answers;

  void fetch(const json& content) {
    const auto source = make_google_source(parse_google_account(content.dump()),
                                           [] { return std::chrono::system_clock::time_point{1'000'000s}; });
    source->fetch(http, [this](key_answer answer) { answers.push_back(std::move(answer)); });
  }

  /// "KEY for N s" or "ERROR: MESSAGE".
  std::string outcome() const {
    if (answers.size() != 1)
      return std::to_string(answers.size()) + " answers";
    if (const auto* why = std::get_if<no_key>(&answers[0]))
      return to_string(why->code) + ": " + why->message;
    const auto& issued = std::get<issued_key>(answers[0]);
    return issued.key + " for " + std::to_string(issued.lifetime.value_or(0s).count()) + " s";
  }
};

} // namespace

SUITE("google account") {

TEST("a service account is read") {
  const auto account = parse_google_account(service_account().dump());
  check_eq(account.email, "robot@my-project.iam.gserviceaccount.com");
  check_eq(account.project_id, "my-project");
  check_eq(account.token_uri, "https://tokens.example/token");
}

TEST("a token_uri is Google's own unless the file says another") {
  auto content = service_account();
  content.erase("token_uri");
  check_eq(parse_google_account(content.dump()).token_uri, "https://oauth2.googleapis.com/token");
}

TEST("what is wrong with a file is said without what it holds") {
  check_eq(fault_of(json::array()), "it is no JSON object");
  check_eq(fault_of(json::object()), "it has no type");
  check_eq(fault_of({{"type", "external_account"}}),
           "its type is \"external_account\", and magna knows service_account and authorized_user");
  for (const auto* field : {"client_email", "private_key"}) {
    auto content = service_account();
    content.erase(field);
    check_eq(fault_of(content), "it has no " + std::string{field});
  }
  auto content = service_account();
  content["private_key"] = "-----BEGIN PRIVATE KEY-----\nsesame\n-----END PRIVATE KEY-----\n";
  check_eq(fault_of(content), "its private_key is no RSA key in PEM");
  for (const auto* uri :
       {"http://tokens.example/token", "ftp://tokens.example", "tokens.example", "https://"}) {
    content = service_account();
    content["token_uri"] = uri;
    check_eq(fault_of(content), "its token_uri is no https:// URL");
  }
  content["token_uri"] = "http://127.0.0.1:8080/token";
  check_eq(fault_of(content), "");
}

TEST("the claim is a token of three parts, which the account's key has signed") {
  const auto claim = signed_claim(parse_google_account(service_account().dump()),
                                  std::chrono::system_clock::time_point{1'000'000s});
  const auto first = claim.find('.');
  const auto second = claim.rfind('.');
  require_ne(first, second);
  check_eq(json::parse(from_base64url(claim.substr(0, first))),
           json({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "key-1"}}));
  check_eq(json::parse(from_base64url(claim.substr(first + 1, second - first - 1))),
           json({{"iss", "robot@my-project.iam.gserviceaccount.com"},
                 {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                 {"aud", "https://tokens.example/token"},
                 {"iat", 1'000'000},
                 {"exp", 1'003'600}}));
  const auto signature = from_base64url(claim.substr(second + 1));
  check(pair().has_signed(claim.substr(0, second), signature));
  check(!pair().has_signed(claim.substr(0, second) + "x", signature));
  check_eq(claim.find_first_of("+/="), std::string::npos);
}

WITH_FIXTURE(google_fixture) {

TEST("a service account exchanges its claim for a token") {
  fetch(service_account());
  check_eq(http->request.method, "POST");
  check_eq(http->request.url, "https://tokens.example/token");
  check(http->request.body.starts_with(
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"));
  http->answer(200, R"({"access_token":"ya29.token","expires_in":3599,"token_type":"Bearer"})");
  check_eq(outcome(), "ya29.token for 3599 s");
}

TEST("a user's credentials exchange their refresh token") {
  fetch(user_account());
  check_eq(http->request.url, "https://oauth2.googleapis.com/token");
  check_eq(
    http->request.body,
    "grant_type=refresh_token&client_id=id-1&client_secret=client-sesame&refresh_token=refresh-sesame");
  http->answer(200, R"({"access_token":"t","expires_in":10})");
  check_eq(outcome(), "t for 10 s");
}

TEST("an account that is refused stays refused, in the server's words, without its secrets") {
  fetch(user_account());
  http->answer(400,
               R"({"error":"invalid_grant","error_description":"Token refresh-sesame has been revoked."})");
  check_eq(outcome(),
           "authentication_failed: oauth2.googleapis.com refuses a token for the user of the credentials "
           "file: invalid_grant: Token [redacted] has been revoked.");
}

TEST("a server that is busy, broken or away is no fault of the account") {
  const auto robot = std::string{"robot@my-project.iam.gserviceaccount.com: "};
  const auto no_token = "provider_unavailable: tokens.example has no token for " + robot;
  struct answer {
    int status;
    const char* body;
    const char* why;
  };
  for (const auto& [status, body, why] :
       {answer{503, "<html>busy</html>", "HTTP 503"}, answer{429, "", "HTTP 429"},
        answer{200, "{}", "its answer has no token"}, answer{200, "no JSON", "its answer has no token"},
        answer{200, R"({"access_token":"a b"})", "its answer has no token"}}) {
    answers.clear();
    fetch(service_account());
    http->answer(status, body);
    check_eq(outcome(), no_token + why);
  }
  answers.clear();
  fetch(service_account());
  http->listener->on_end(transfer_error{errc::provider_unavailable, "could not connect"});
  check_eq(outcome(), "provider_unavailable: no token for " + robot + "could not connect");
}

TEST("secrets are the key, and a user's secret and token") {
  const auto source = make_google_source(parse_google_account(user_account().dump()));
  check_eq(source->secrets(), (std::vector<std::string>{"client-sesame", "refresh-sesame"}));
  const auto robot = make_google_source(parse_google_account(service_account().dump()));
  check_eq(robot->secrets(), std::vector<std::string>{pair().private_key()});
}

} // WITH_FIXTURE(google_fixture)

} // SUITE("google account")
