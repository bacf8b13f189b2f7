#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <magna/providers/codec.hpp>
#include <magna/providers/errors/error_facts.hpp>

namespace magna {

/// What an HTTP status means when nothing else is known.
errc errc_from_status(int status) noexcept;

/// Judges an error by the provider's own code first, its message second, the HTTP status last.
response_error map_error(const protocol_info& about, const http_head& head, const error_facts& facts,
                         std::chrono::system_clock::time_point now);

/// Judges a response with a status other than 2xx by its body, of which the start suffices.
response_error map_error_response(const protocol_info& about, const http_head& head, std::string_view body,
                                  std::chrono::system_clock::time_point now);

} // namespace magna
