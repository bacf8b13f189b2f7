#pragma once

#include <optional>
#include <string_view>

#include <magna/providers/auth_scheme.hpp>

namespace magna {

/// What is known of a company's servers beside the protocol that they speak.
struct host_facts {
  /// The end of the host's name, from a dot on, or all of it. '*' stands for one label.
  std::string_view host;
  /// How the kinds begin that this is about; empty: all.
  std::string_view kind;
  /// Absent: as the protocol has it.
  std::optional<auth_scheme> auth;
  /// Whether a model that its list does not have, or a list that is not there, says that the model can't be asked.
  bool lists_all_models = true;
};

/// Null: nothing is known of the host of this URL for this kind.
const host_facts* find_host(std::string_view base_url, std::string_view kind);

/// Whether a probe's word that there is no such model, or no such page, proves anything there.
bool lists_all_models(std::string_view base_url, std::string_view kind);

/// Whether a base URL leads to Vertex AI: by its host, or since its path ends in /publishers/google, which is how a
/// proxy or a simulator is told.
bool is_vertex(std::string_view base_url);

} // namespace magna
