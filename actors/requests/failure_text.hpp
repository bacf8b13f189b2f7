#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/response.hpp>

namespace magna {

/// What a failure says in words, from the trail of its request. `last_message` is the last attempt's own;
/// `delivered_chars` went out before the break.
std::string failure_text(errc error, const std::vector<attempt_record>& trail, std::string_view last_message,
                         std::uint64_t delivered_chars);

/// The attempt that a failure's status and provider are told of: the last one, or the first of those that refused the
/// request itself. Null: there was none.
const attempt_record* told_attempt(errc error, const std::vector<attempt_record>& trail) noexcept;

/// Whether the same request may well succeed later.
bool is_retryable(errc error, const std::vector<attempt_record>& trail);

} // namespace magna
