#pragma once

#include <string>
#include <string_view>

#include <magna/actors/settings.hpp>
#include <magna/config/origins.hpp>
#include <magna/config/variables.hpp>

// Where companies' servers are, and which variables of the environment their own programs read: what a [[provider]]
// table leaves out is filled in from there.

namespace magna::config {

/// What a table says that only services understand.
struct service_wishes {
  /// Empty: none is named; the host of the base URL may say it.
  std::string service;
  /// Google's. Empty: the variables', or the credentials'.
  std::string project;
  /// Google's. Empty: the variables', or "global".
  std::string location;
  /// The path of Google's credentials; empty: the variable's.
  std::string credentials_file;
  /// The table names keys, even if their variable is not set.
  bool has_keys = false;
};

/// The names of all services, for an error: "azure, bedrock or vertex".
std::string list_of_services();

/// Whether there is a service of this name.
bool is_service(std::string_view name);

/// The kind of a provider that names a service and no kind; empty: it must name one.
std::string_view kind_of_service(std::string_view name);

/// Fills in base URL, keys, region and credentials that `provider` has not. `scope` is its scope in `out`, `written`
/// how errors begin.
void apply_service(const service_wishes& wishes, provider_settings& provider, const variables& vars,
                   const std::string& scope, const std::string& written, origins& out);

/// Whether a provider is at a service, by its base URL and kind.
bool is_at_service(const provider_settings& provider);

/// What somebody can set to give a provider at a service its keys; empty: it has some, needs none, or is at no
/// service.
std::string missing_key_of_service(const provider_settings& provider);

} // namespace magna::config
