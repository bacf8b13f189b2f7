#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <magna/providers/transport/http.hpp>

// AWS Signature Version 4, in the Authorization header.

namespace magna {

struct aws_credentials {
  std::string id;
  std::string secret;
  /// Empty: the credentials are no temporary ones.
  std::string session_token;

  bool operator==(const aws_credentials&) const = default;
};

/// Reads "ID:SECRET" or "ID:SECRET:SESSION_TOKEN"; nothing if a part is missing.
std::optional<aws_credentials> parse_aws_credentials(std::string_view key);

/// What a signature is good for.
struct aws_scope {
  std::string region;
  std::string service;

  bool operator==(const aws_scope&) const = default;
};

/// The scope of a server: SERVICE.REGION.api.aws and SERVICE.REGION.amazonaws.com say it. Elsewhere the service is
/// Bedrock's Mantle. A `region` that is named stands above the host's.
aws_scope aws_scope_of(std::string_view base_url, std::string_view region);

/// Adds the headers X-Amz-Date, X-Amz-Security-Token (with a session token) and Authorization to a request that is
/// otherwise complete. All of its headers are signed but those that proxies change.
void sign_aws(http_request& request, const aws_credentials& credentials, const aws_scope& scope,
              std::chrono::system_clock::time_point now);

} // namespace magna
