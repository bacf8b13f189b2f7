#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <magna/providers/codec.hpp>

// How requests get the key of an endpoint, and what of an endpoint is secret.

namespace magna {

/// The scheme of an endpoint: its own, else the one that its host is known for, else the protocol's.
auth_scheme auth_of(const endpoint& where, const protocol_info& about);

/// Adds the key as the scheme has it; nothing without a key, or where the whole request is signed.
void add_key(http_headers& headers, const endpoint& where, const protocol_info& about);

/// Signs a request that is otherwise complete, where the endpoint's scheme asks for that.
void sign(http_request& request, const endpoint& where, const protocol_info& about);

/// What an endpoint has that must never be shown: its key with all parts of it, and what the query of its URL
/// holds.
std::vector<std::string> secrets_of(const endpoint& where);

} // namespace magna
