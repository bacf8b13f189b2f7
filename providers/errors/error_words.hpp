#pragma once

#include <optional>
#include <string_view>

#include <magna/messages/errc.hpp>
#include <magna/providers/errors/error_dialect.hpp>

// What providers' codes and words mean: tables, and how they are looked up. Codes and messages are in lower case.

namespace magna {

/// The error that a verdict stands for.
errc errc_of(verdict what) noexcept;

/// What a code, type or reason settles by itself; the dialect's own ones first. Nothing: the words, or the status, say
/// more.
std::optional<errc> meaning_of_code(const error_dialect& dialect, std::string_view code);

/// The same for codes that mean something only where no words do.
std::optional<errc> meaning_of_general_code(std::string_view code);

/// Whether a code says that money or a budget is used up: waiting does not help.
bool is_money_code(std::string_view code) noexcept;

/// Whether a code says that the key itself is wrong.
bool is_key_code(std::string_view code) noexcept;

/// What the words say, the dialect's own ones first. `status`: the HTTP status, which not every meaning fits; 2xx for
/// an error inside a stream.
std::optional<verdict> meaning_of_words(const error_dialect& dialect, std::string_view message, int status);

/// Whether the words of an authentication error are about the key.
bool is_about_key(std::string_view message, int status) noexcept;

/// Whether the words of a refusal because of a limit say that it is one of money.
bool is_about_money(std::string_view message) noexcept;

} // namespace magna
