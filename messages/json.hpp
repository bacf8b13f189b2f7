#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <magna/messages/export.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>

// Messages as JSON, so that a history lives on disk:
//
//     nlohmann::json document = question;
//     auto question = document.get<magna::request>();
//
// Members have the names of the fields, durations are milliseconds (`ttft_ms`, `deadline_ms`), points in time
// milliseconds since 1970 (`started_unix_ms`), enumerators their names. What is absent or empty is left out, and
// what is left out is absent or empty. Members that are not known are ignored. A request, completion, failure
// and status have `version`, which is 1: a higher one can't be read.
//
// A message is read in OpenAI's form as well: a list as `content`, calls with a `function`, the role
// `developer`, thoughts in `reasoning_content` or `reasoning_details`.

namespace magna {

/// What is wrong with JSON that was to be read. `what()` names the place: "messages[2].role: ...".
class MAGNA_EXPORT json_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Writes a message of a conversation. Throws nothing but std::bad_alloc, as all of these.
MAGNA_EXPORT void to_json(nlohmann::json& to, const chat_message& from);
/// Writes a request, all of it.
MAGNA_EXPORT void to_json(nlohmann::json& to, const request& from);
/// Writes the good end of a request.
MAGNA_EXPORT void to_json(nlohmann::json& to, const completion& from);
/// Writes the bad end of a request.
MAGNA_EXPORT void to_json(nlohmann::json& to, const failure& from);
/// Writes the state of the providers.
MAGNA_EXPORT void to_json(nlohmann::json& to, const status_report& from);

/// Reads a message of a conversation. Throws json_error, as all of these.
MAGNA_EXPORT void from_json(const nlohmann::json& from, chat_message& to);
/// Reads a request.
MAGNA_EXPORT void from_json(const nlohmann::json& from, request& to);
/// Reads the good end of a request.
MAGNA_EXPORT void from_json(const nlohmann::json& from, completion& to);
/// Reads the bad end of a request.
MAGNA_EXPORT void from_json(const nlohmann::json& from, failure& to);
/// Reads the state of the providers.
MAGNA_EXPORT void from_json(const nlohmann::json& from, status_report& to);

} // namespace magna
