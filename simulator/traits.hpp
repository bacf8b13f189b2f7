#pragma once

#include <magna/simulator/dialect.hpp>
#include <magna/simulator/handouts.hpp>
#include <magna/simulator/reply.hpp>
#include <magna/simulator/scenario.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

/// How a protocol frames the payloads of a stream.
enum class stream_form : std::uint8_t {
  sse,
  named_sse, ///< Each event is named after the type that its payload begins with.
  ndjson,
};

/// What tells a protocol from the others: its row in the table of all protocols.
struct protocol_traits {
  protocol kind;
  std::string_view name;      ///< As a scenario has it.
  std::string_view title;     ///< As whom its answers speak.
  std::string_view base_path; ///< Of a base URL, behind the server's origin.
  std::string_view json_type;
  const char* conversation;     ///< The member of a request that has the messages.
  const char* texts;            ///< The member of a message that has its text, or parts with texts.
  std::string_view call_prefix; ///< What the id of a call begins with.
  stream_form form = stream_form::sse;
  std::string_view eol = "\n";
  std::string_view comment = ": ping";      ///< A line of a stream that says nothing.
  bool needs_key = true;                    ///< Also where the scenario lists none.
  bool streams_unasked = false;             ///< A generation that does not say is streamed.
  std::span<const std::string_view> models; ///< Those that exist where a scenario lists none.

  /// How it writes answers.
  const dialect& (*speaker)() noexcept;
  /// The error of that name.
  provider_error (*error)(std::string_view name, const error_context& context);
  /// The error that a body makes which can't be right, in these words.
  nlohmann::ordered_json (*refusal)(const std::string& message, std::string_view param);
  /// 404 and 405.
  reply (*unrouted)(const incoming& request);
  /// Checks the body of a generation.
  std::optional<reply> (*refuse_body)(const incoming& request);
  /// Checks a conversation against what the answers handed out, as the step wants it.
  std::optional<reply> (*refuse_history)(const incoming& request, const step& options, const handouts& given);
  /// What a probe gets; `models` is not empty.
  nlohmann::ordered_json (*models_body)(const incoming& request, const std::vector<std::string>& models);
  /// Null: it has no embeddings.
  const struct embedding_manners* embeddings = nullptr;
};

/// How a protocol takes and answers requests for embeddings.
struct embedding_manners {
  nlohmann::ordered_json (*answer)(const incoming& request, const step& options);
  std::optional<reply> (*refuse_body)(const incoming& request);
  /// Of a request with more than `most` texts.
  reply (*too_many)(const incoming& request, std::size_t most);
};

const protocol_traits& traits_of(protocol kind) noexcept;

/// All protocols, in the order in which they are named.
std::span<const protocol_traits> all_protocols() noexcept;

/// The names of those for which `holds`, joined with ", ".
template <class Predicate>
std::string protocol_names(Predicate holds) {
  std::string result;
  for (const auto& x : all_protocols())
    if (holds(x))
      result.append(result.empty() ? "" : ", ").append(x.name);
  return result;
}

} // namespace magna::simulator
