#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace magna {

/// `text` with every secret replaced by "[redacted]", for logs, errors and dumps. Secrets are those given, if
/// they have at least four characters, and what looks like one: the value of a parameter or header that
/// carries keys ("key=...", "Authorization: ..."), what follows "Bearer", and words with the prefixes of the
/// providers' keys ("sk-", "AIza", "AQ.", ...), also where a provider has masked a part of them itself.
std::string redact(std::string_view text, const std::vector<std::string>& secrets);

} // namespace magna
