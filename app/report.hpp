#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <caf/timespan.hpp>

#include <magna/actors/settings.hpp>
#include <magna/app/terminal.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/node.hpp>
#include <magna/messages/response.hpp>

/// What people read on stderr, and the table of `magna health`. No text of a provider gets to the terminal
/// raw.
namespace magna::app {

/// Who answered, how long it took, what it cost, and the attempts before.
std::string completion_report(const completion& what, const paint& style);

/// What went wrong, the attempts, and what the user can do about it.
std::string failure_report(const failure& what, const settings& config, const paint& style);

/// The attempts, one a line.
std::string attempts_report(const std::vector<attempt_record>& attempts, const paint& style);

/// What the user can do about an attempt that failed; empty: nothing comes to mind that follows from what happened.
std::string remedy(const attempt_record& failed, const provider_settings& provider);

/// A node, its providers and its peers.
std::string status_report_text(const node_status& what, std::string_view address, const paint& style);

std::string health_table(const std::vector<probe_report>& providers, const paint& style);

} // namespace magna::app
