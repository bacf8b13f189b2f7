#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/attempt.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/node.hpp>
#include <magna/messages/response.hpp>

/// What --json prints: one object per line, each line ending in a line feed. All text is valid UTF-8.
namespace magna::app {

std::string to_json_line(const accepted& what);
std::string to_json_line(const started& what);

/// `from`: the attempt that it is of.
std::string to_json_line(const chunk& what, const started& from);

/// With the whole answer, also after a stream.
std::string to_json_line(const completion& what);

std::string to_json_line(const failure& what);

/// {"type":"embedding","index","embedding":[...]}
std::string embedding_json_line(std::size_t index, const embedding& vector);
std::string to_json_line(const probe_report& what);

/// {"type":"status","node","address","version","draining","running_requests","providers":[...],"peers":[...]}
std::string to_json_line(const node_status& what, std::string_view address);

/// {"type":"unreachable","address","message"}
std::string unreachable_json_line(std::string_view address, std::string_view problem);

} // namespace magna::app
