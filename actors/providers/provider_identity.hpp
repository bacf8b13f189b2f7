#pragma once

#include <string>

#include <magna/actors/settings.hpp>

namespace magna {

/// What two nodes must have in common for a provider of one name to be the same to both: kind, base URL and
/// model. What only this host reaches, or what is reached through another node, is the same for nobody else:
/// there the host or that node is part of it.
std::string provider_identity(const provider_settings& provider, const std::string& host);

} // namespace magna
