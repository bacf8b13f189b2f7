#include <magna/app/json_lines.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/text/json_depth.hpp>

namespace magna::app {

namespace {

using json = nlohmann::ordered_json;

std::int64_t to_ms(caf::timespan time) {
  return std::chrono::round<std::chrono::milliseconds>(time).count();
}

json to_json(const std::vector<attempt_record>& attempts) {
  auto result = json::array();
  for (const auto& attempt : attempts)
    result.push_back({{"provider", attempt.provider},
                      {"model", attempt.model},
                      {"outcome", attempt.error ? to_string(*attempt.error) : "ok"},
                      {"message", attempt.message},
                      {"provider_request_id", attempt.provider_request_id},
                      {"wait_ms", to_ms(attempt.wait)},
                      {"duration_ms", to_ms(attempt.duration)}});
  return result;
}

/// What a provider does not report is null.
json to_json(const std::optional<std::uint64_t>& count) {
  return count ? json(*count) : json(nullptr);
}

json to_json(const std::vector<part>& parts) {
  auto result = json::array();
  for (const auto& x : parts) {
    json made = {{"kind", to_string(x.kind)}};
    if (x.kind != part_kind::tool_call) {
      made["text"] = x.bytes;
    } else {
      made["index"] = x.index;
      if (!x.name.empty())
        made.update({{"id", x.id}, {"name", x.name}});
      made["arguments"] = x.bytes;
    }
    result.push_back(std::move(made));
  }
  return result;
}

json to_json(const std::vector<tool_call>& calls) {
  auto result = json::array();
  for (const auto& x : calls)
    result.push_back({{"id", x.id},
                      {"name", x.name},
                      {"arguments", is_too_deep(x.arguments) ? json(x.arguments)
                                                             : json::parse(x.arguments, nullptr, false)}});
  return result;
}

std::string to_line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace

std::string to_json_line(const accepted& what) {
  return to_line({{"type", "accepted"}, {"request_id", what.request_id}});
}

std::string to_json_line(const started& what) {
  return to_line({{"type", "started"},
                  {"request_id", what.request_id},
                  {"attempt", what.attempt},
                  {"provider", what.provider},
                  {"model", what.model}});
}

std::string to_json_line(const chunk& what, const started& from) {
  return to_line({{"type", "chunk"},
                  {"seq", what.seq},
                  {"provider", from.provider},
                  {"model", from.model},
                  {"text", what.text()},
                  {"parts", to_json(what.parts)}});
}

std::string to_json_line(const completion& what) {
  return to_line({{"type", "completion"},
                  {"request_id", what.request_id},
                  {"provider", what.provider},
                  {"model", what.model},
                  {"finish_reason", to_string(what.finish)},
                  {"text", what.text},
                  {"reasoning", what.reasoning},
                  {"tool_calls", to_json(what.tool_calls)},
                  {"usage",
                   {{"prompt_tokens", to_json(what.usage.prompt_tokens)},
                    {"completion_tokens", to_json(what.usage.completion_tokens)},
                    {"reasoning_tokens", to_json(what.usage.reasoning_tokens)},
                    {"cached_tokens", to_json(what.usage.cached_tokens)},
                    {"cache_write_tokens", to_json(what.usage.cache_write_tokens)},
                    {"total_tokens", to_json(what.usage.total_tokens())}}},
                  {"ttft_ms", to_ms(what.ttft)},
                  {"total_ms", to_ms(what.total)},
                  {"attempts", to_json(what.attempts)}});
}

std::string to_json_line(const failure& what) {
  return to_line({{"type", "failure"},
                  {"request_id", what.request_id},
                  {"error", to_string(what.error)},
                  {"message", what.message},
                  {"provider", what.provider},
                  {"delivered_chars", what.delivered_chars},
                  {"retry_after_ms", what.retry_after ? json(to_ms(*what.retry_after)) : json(nullptr)},
                  {"attempts", to_json(what.attempts)}});
}

std::string embedding_json_line(std::size_t index, const embedding& vector) {
  return to_line({{"type", "embedding"}, {"index", index}, {"embedding", vector.values}});
}

std::string to_json_line(const probe_report& what) {
  return to_line({{"type", "health"},
                  {"provider", what.provider},
                  {"model", what.model},
                  {"usable", what.usable},
                  {"state", to_string(what.state)},
                  {"error", what.error ? json(to_string(*what.error)) : json(nullptr)},
                  {"message", what.message},
                  {"latency_ms", to_ms(what.latency)}});
}

std::string to_json_line(const node_status& what, std::string_view address) {
  const auto ms = [](const std::optional<caf::timespan>& time) {
    return time ? json(to_ms(*time)) : json(nullptr);
  };
  auto providers = json::array();
  for (const auto& x : what.providers)
    providers.push_back({{"name", x.name},
                         {"kind", x.kind},
                         {"model", x.model},
                         {"state", to_string(x.state)},
                         {"consecutive_failures", x.consecutive_failures},
                         {"last_error", x.last_error ? json(to_string(*x.last_error)) : json(nullptr)},
                         {"last_error_message", x.last_error_message},
                         {"successes", x.successes},
                         {"failures", x.failures},
                         {"in_flight", x.in_flight},
                         {"restarts", x.restarts},
                         {"ttft_p50_ms", ms(x.ttft_p50)},
                         {"ttft_p95_ms", ms(x.ttft_p95)},
                         {"latency_p50_ms", ms(x.latency_p50)},
                         {"latency_p95_ms", ms(x.latency_p95)}});
  auto peers = json::array();
  for (const auto& x : what.peers)
    peers.push_back(
      {{"name", x.name}, {"address", x.address}, {"connected", x.connected}, {"problem", x.problem}});
  return to_line({{"type", "status"},
                  {"node", what.name},
                  {"address", address},
                  {"version", what.version},
                  {"draining", what.draining},
                  {"running_requests", what.running_requests},
                  {"providers", std::move(providers)},
                  {"peers", std::move(peers)}});
}

std::string unreachable_json_line(std::string_view address, std::string_view problem) {
  return to_line({{"type", "unreachable"}, {"address", address}, {"message", problem}});
}

} // namespace magna::app
