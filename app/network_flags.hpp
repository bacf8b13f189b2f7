#pragma once

#include <string>
#include <vector>

#include <magna/messages/node_address.hpp>
#include <magna/node/network.hpp>

/// What command lines say about nodes, checked. All of these throw config_error, which names the flag.
namespace magna::app {

/// The three TLS flags stand together, and their files can be read.
void check_tls(const tls_files& tls);

/// Without TLS nobody but this host may reach a node.
node_address check_listen_address(const std::string& text, const tls_files& tls);

/// The addresses of nodes to connect to, separated by commas; `flag` is named in errors.
std::vector<node_address> check_node_addresses(const std::string& text, const char* flag = "--node");

} // namespace magna::app
