#pragma once

#include <optional>
#include <string_view>

#include <magna/messages/request.hpp>
#include <magna/providers/codec.hpp>

namespace magna {

/// What a complete answer lacks of what was no wish: a call that must be made, or JSON. A server that does not know the
/// demand drops it without a word, and the token limit cuts JSON into what nobody can read. Nothing: the answer is what
/// was asked for. `text` is the whole text.
std::optional<response_error> problem_with_answer(const answer_info& answer, std::string_view text,
                                                  const request& question);

/// Whether `problem_with_answer` looks at the text.
bool judges_text(const request& question) noexcept;

} // namespace magna
