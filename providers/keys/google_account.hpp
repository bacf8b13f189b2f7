#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <magna/providers/keys/key_source.hpp>

namespace magna {

/// What a credentials file of Google says: a service account's, or a user's as `gcloud auth application-default login`
/// writes it.
struct google_account {
  /// The service account's address; empty: a user's.
  std::string email;
  /// In PEM.
  std::string private_key;
  std::string private_key_id;
  /// Of a user.
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  /// Where tokens come from.
  std::string token_uri;
  /// Empty: it names none.
  std::string project_id;
};

/// Reads the content of a credentials file. Throws std::invalid_argument, which says what is wrong and shows nothing
/// secret.
google_account parse_google_account(std::string_view json);

/// The signed claim that a service account exchanges for a token: a JSON Web Token, RS256. `now` is the time of its
/// issue; it is good for an hour.
std::string signed_claim(const google_account& account, std::chrono::system_clock::time_point now);

/// OAuth tokens of an account, for all of Google Cloud. `clock` tells the time of day.
std::shared_ptr<key_source> make_google_source(
  google_account account,
  std::function<std::chrono::system_clock::time_point()> clock = std::chrono::system_clock::now);

} // namespace magna
