#include <magna/providers/keys/google_account.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <magna/messages/node_address.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/base64.hpp>
#include <magna/text/host.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/redact.hpp>

namespace magna {

namespace {

constexpr const char* usual_token_uri = "https://oauth2.googleapis.com/token";
constexpr std::chrono::seconds claim_lifetime{3600};
/// An answer with a token has about one KiB.
constexpr std::size_t max_answer = std::size_t{64} << 10;

using pkey_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// Null if it is none.
pkey_ptr read_private_key(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes{
    BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  // A file that asks for a passphrase must not make the process ask its terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return {bytes == nullptr ? nullptr : PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_passphrase, nullptr),
          EVP_PKEY_free};
}

std::string to_base64url(std::string_view bytes) {
  auto result = to_base64(bytes);
  result.erase(std::min(result.find('='), result.size()));
  std::ranges::replace(result, '+', '-');
  std::ranges::replace(result, '/', '_');
  return result;
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string result;
  for (const auto& [name, value] : fields)
    result.append(result.empty() ? "" : "&").append(name).append("=").append(percent_encode(value));
  return result;
}

/// Collects the answer of the token's server, and reads it.
class token_listener final : public transfer_listener {
public:
  token_listener(std::string whose, std::string server, std::vector<std::string> secrets,
                 std::function<void(key_answer)> done)
    : whose_(std::move(whose)),
      server_(std::move(server)),
      secrets_(std::move(secrets)),
      done_(std::move(done)) {}

  void on_head(http_head head) override { status_ = head.status; }

  bool on_data(std::string_view bytes) override {
    body_ += bytes;
    return true;
  }

  void on_end(std::optional<transfer_error> error) override {
    done_(error ? key_answer{no_key{.message = "no token for " + whose_ + ": " + error->message}} : answer());
  }

private:
  key_answer answer() const {
    const auto document = parse_object(body_);
    const auto token = find_string(document, "access_token");
    const auto lifetime = find_count(document, "expires_in");
    if (status_ == 200 && !token.empty() && std::ranges::all_of(token, is_graphic))
      return issued_key{.key = std::string{token},
                        .lifetime = std::chrono::seconds{static_cast<std::int64_t>(
                          std::min<std::uint64_t>(lifetime.value_or(3600), 86'400))}};
    std::string why;
    for (const auto* field : {"error", "error_description"})
      if (const auto text = find_string(document, field); !text.empty())
        why.append(why.empty() ? "" : ": ").append(printable(text, 300));
    if (why.empty())
      why = status_ == 200 ? "its answer has no token" : "HTTP " + std::to_string(status_);
    // What is wrong with the account stays wrong; all else may pass.
    const bool refused = status_ >= 400 && status_ < 500 && status_ != 408 && status_ != 429;
    return no_key{.code = refused ? errc::authentication_failed : errc::provider_unavailable,
                  .message = server_ + (refused ? " refuses a token for " : " has no token for ") + whose_
                             + ": " + redact(why, secrets_)};
  }

  std::string whose_;
  std::string server_;
  std::vector<std::string> secrets_;
  std::function<void(key_answer)> done_;
  int status_ = 0;
  std::string body_;
};

class google_source final : public key_source {
public:
  google_source(google_account account, std::function<std::chrono::system_clock::time_point()> clock)
    : account_(std::move(account)), clock_(std::move(clock)) {}

  void fetch(const std::shared_ptr<transport>& http, std::function<void(key_answer)> done) override {
    http_request request;
    request.url = account_.token_uri;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    request.body = account_.email.empty()
                     ? form({{"grant_type", "refresh_token"},
                             {"client_id", account_.client_id},
                             {"client_secret", account_.client_secret},
                             {"refresh_token", account_.refresh_token}})
                     : form({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                             {"assertion", signed_claim(account_, clock_())}});
    transfer_options options;
    options.max_response_bytes = max_answer;
    http->start(std::move(request), options,
                std::make_shared<token_listener>(
                  account_.email.empty() ? "the user of the credentials file" : account_.email,
                  std::string{host_of(account_.token_uri)}, secrets(), std::move(done)));
  }

  std::vector<std::string> secrets() const override {
    std::vector<std::string> result;
    for (const auto& secret : {account_.private_key, account_.client_secret, account_.refresh_token})
      if (!secret.empty())
        result.push_back(secret);
    return result;
  }

private:
  const google_account account_;
  const std::function<std::chrono::system_clock::time_point()> clock_;
};

} // namespace

google_account parse_google_account(std::string_view json) {
  const auto document = parse_any(json);
  if (!document.is_object())
    throw std::invalid_argument{"it is no JSON object"};
  const auto text = [&](const char* name) { return std::string{find_string(document, name)}; };
  const auto require = [&](const char* name) {
    auto result = text(name);
    if (result.empty())
      throw std::invalid_argument{"it has no " + std::string{name}};
    return result;
  };
  const auto type = require("type");
  google_account result;
  if (type == "service_account") {
    result.email = require("client_email");
    result.private_key = require("private_key");
    result.private_key_id = text("private_key_id");
    const auto key = read_private_key(result.private_key);
    if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
      throw std::invalid_argument{"its private_key is no RSA key in PEM"};
  } else if (type == "authorized_user") {
    result.client_id = require("client_id");
    result.client_secret = require("client_secret");
    result.refresh_token = require("refresh_token");
  } else {
    throw std::invalid_argument{"its type is \"" + printable(type, 60)
                                + "\", and magna knows service_account and authorized_user"};
  }
  result.project_id = text("project_id");
  result.token_uri = text("token_uri");
  if (result.token_uri.empty())
    result.token_uri = usual_token_uri;
  const auto parts = parts_of_url(result.token_uri);
  const bool is_here = is_loopback({.host = std::string{host_of(result.token_uri)}, .port = 0});
  if (parts.host.empty() || !std::ranges::all_of(result.token_uri, is_graphic)
      || !(parts.scheme == "https" || (parts.scheme == "http" && is_here)))
    throw std::invalid_argument{"its token_uri is no https:// URL"};
  return result;
}

std::string signed_claim(const google_account& account, std::chrono::system_clock::time_point now) {
  const auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.private_key_id.empty())
    header["kid"] = account.private_key_id;
  const nlohmann::json claim = {{"iss", account.email},
                                {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                                {"aud", account.token_uri},
                                {"iat", issued},
                                {"exp", issued + claim_lifetime.count()}};
  auto result = to_base64url(dump(header)) + '.' + to_base64url(dump(claim));
  const auto key = read_private_key(account.private_key);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  const auto* text = reinterpret_cast<const unsigned char*>(result.data());
  std::size_t size = 0;
  std::string signature;
  if (key == nullptr || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1
      || EVP_DigestSign(context.get(), nullptr, &size, text, result.size()) != 1)
    throw std::invalid_argument{"its private_key can't sign"};
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, text,
                     result.size())
      != 1)
    throw std::invalid_argument{"its private_key can't sign"};
  signature.resize(size);
  return result + '.' + to_base64url(signature);
}

std::shared_ptr<key_source> make_google_source(google_account account,
                                               std::function<std::chrono::system_clock::time_point()> clock) {
  return std::make_shared<google_source>(std::move(account), std::move(clock));
}

} // namespace magna
