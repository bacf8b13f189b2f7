#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>

// What the codecs share in building requests.

namespace magna {

/// The system prompt and all messages with role::system, in order, parted by blank lines.
MAGNA_EXPORT std::string system_text(const request& question);

/// What to send: `params`, and where they say nothing `defaults`, of the sampling ones only if the model
/// takes them.
MAGNA_EXPORT parameters effective_parameters(const call& what, bool takes_sampling);

/// Adds `value` under `name` unless it is absent or the model has refused it.
template <class T>
void put_unless_refused(nlohmann::json& object, const call& what, const char* name,
                        const std::optional<T>& value) {
  if (value && !what.refused.contains(name))
    object[name] = *value;
}

/// Adds `values` under `name` unless there are none or the model has refused it.
inline void put_unless_refused(nlohmann::json& object, const call& what, const char* name,
                               const std::vector<std::string>& values) {
  if (!values.empty() && !what.refused.contains(name))
    object[name] = values;
}

/// The stop sequences, the first `most` of them.
MAGNA_EXPORT std::vector<std::string> first_of(const std::vector<std::string>& stop, std::size_t most);

/// Sets a header; the endpoint's own ones replace it.
MAGNA_EXPORT void add_extra_headers(http_headers& headers, const endpoint& where);

/// A text as a document; discarded if it is no JSON, or nests deeper than magna follows.
MAGNA_EXPORT nlohmann::json parse_any(std::string_view text);

/// A text that is an object of JSON, as a document. An empty or broken one is an empty object.
MAGNA_EXPORT nlohmann::json parse_object(std::string_view text);

/// Objects of JSON as one, by RFC 7396: the later ones stand above the earlier ones. Empty texts are skipped; empty if all
/// are.
MAGNA_EXPORT std::string merge_objects(std::initializer_list<std::string_view> texts);

/// The schema of a tool's arguments, with what most providers miss in it: it is an object, it has properties, and its
/// lists have items.
MAGNA_EXPORT nlohmann::json schema_of(const tool_definition& tool);

/// The name of the tool whose result stands in the conversation at `index`; empty if no call has its ID.
MAGNA_EXPORT std::string_view called_tool(const request& question, std::size_t index) noexcept;

/// The bytes of an image as a URL.
MAGNA_EXPORT std::string data_url(const image& picture);

/// Whether tools go with the request: not if the model may not call any and none was called before.
MAGNA_EXPORT bool sends_tools(const request& question) noexcept;

/// The effort's name, for put_unless_refused.
MAGNA_EXPORT std::optional<std::string> effort_name(const parameters& params);

/// JSON text; what is not UTF-8 becomes U+FFFD.
MAGNA_EXPORT std::string dump(const nlohmann::json& value);

/// Reads the body of a successful response to a probe: a document, or the error that it is instead.
MAGNA_EXPORT std::optional<response_error> read_probe(const protocol_info& about, const http_head& head,
                                                      std::string_view body, nlohmann::json& document);

/// What a probe reports for a model that the provider does not have.
MAGNA_EXPORT response_error missing_model(std::string message);

} // namespace magna
