#include <magna/simulator/reply.hpp>

#include <magna/simulator/traits.hpp>
#include <magna/simulator/vocabulary.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

constexpr auto html_page =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
  "Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

constexpr auto login_page =
  "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head><body><form "
  "action=\"/login\"></form></body></html>\n";

} // namespace

reply json_reply(const incoming& request, unsigned status, const json& body) {
  const std::string type{traits_of(request.kind).json_type};
  // Gemini pretty-prints, and a stream without alt=sse wraps even its errors in an array.
  if (request.kind == protocol::gemini)
    return {status, type, dump(request.sse ? body : json::array({body}), 2) + "\n"};
  return {status, type, dump(body)};
}

namespace {

std::string number(double value) {
  auto text = json(value).dump();
  if (text.ends_with(".0"))
    text.resize(text.size() - 2);
  return text;
}

void add_retry_header(reply& to, const step& options, bool gemini_has_info) {
  if (!options.retry_after)
    return;
  switch (options.retry) {
    case retry_form::retry_info:
      return;
    case retry_form::date:
      to.headers.emplace_back("Retry-After", http_date(*options.retry_after));
      return;
    case retry_form::milliseconds:
      to.headers.emplace_back("retry-after-ms", number(*options.retry_after * 1000));
      return;
    case retry_form::provider:
      if (gemini_has_info)
        return;
      [[fallthrough]];
    case retry_form::seconds:
      to.headers.emplace_back("Retry-After", number(*options.retry_after));
      return;
  }
}

json blocked_prompt(const incoming& request) {
  auto words = std::max<std::size_t>(request.prompt_words(), 1);
  return {{"promptFeedback", {{"blockReason", "PROHIBITED_CONTENT"}, {"safetyRatings", json::array()}}},
          {"usageMetadata", {{"promptTokenCount", words}, {"totalTokenCount", words}}},
          {"modelVersion", request.model},
          {"responseId", "sim-blocked"}};
}

reply named_reply(std::string_view name, const incoming& request, const step& options,
                  std::string_view param) {
  if (name == "raw")
    return {200, "application/json", ""};
  if (name == "gateway_html")
    return {502, "text/html", html_page};
  if (name == "html_200")
    return {200, "text/html; charset=utf-8", login_page};
  if (name == "blocked_prompt" && request.kind == protocol::gemini) {
    auto body = blocked_prompt(request);
    if (request.stream && request.sse)
      return {200, "text/event-stream", "data: " + dump(body) + "\r\n\r\n"};
    return json_reply(request, 200, body);
  }
  error_context context{.request = request, .options = options, .param = std::string{param}};
  if (options.retry == retry_form::provider || options.retry == retry_form::retry_info)
    context.retry_info = options.retry_after;
  auto error = error_of(name, context);
  // The status inside Gemini's body follows the one of the reply.
  if (options.status && request.kind == protocol::gemini)
    error.body["error"]["code"] = *options.status;
  return json_reply(request, error.status, error.body);
}

bool same_model(std::string_view a, std::string_view b, protocol kind) {
  if (a == b)
    return true;
  // Ollama's default tag.
  auto tagged = [](std::string_view name) {
    return name.find(':') == std::string_view::npos ? std::string{name} + ":latest" : std::string{name};
  };
  return kind == protocol::ollama && tagged(a) == tagged(b);
}

std::optional<reply> refuse_key(const incoming& request, const std::vector<std::string>& keys) {
  if (!traits_of(request.kind).needs_key && keys.empty())
    return std::nullopt;
  auto key = request.key();
  if (request.kind == protocol::gemini && !key.empty() && !request.header("authorization").empty())
    return error_reply("two_credentials", request, {});
  if (key.empty())
    return error_reply(request.kind == protocol::ollama ? "unauthorized" : "missing_key", request, {});
  if (!keys.empty() && std::ranges::find(keys, key) == keys.end())
    return error_reply(request.kind == protocol::ollama ? "unauthorized" : "bad_key", request, {});
  return std::nullopt;
}

} // namespace

namespace {

std::optional<reply> refuse_body(const incoming& request) {
  if (request.method != "POST")
    return std::nullopt;
  if (request.on() == route::embed)
    return traits_of(request.kind).embeddings->refuse_body(request);
  return traits_of(request.kind).refuse_body(request);
}

} // namespace

provider_error error_of(std::string_view name, const error_context& context) {
  return traits_of(context.request.kind).error(name, context);
}

reply bad_request(const incoming& request, const std::string& message, std::string_view param) {
  return json_reply(request, 400, traits_of(request.kind).refusal(message, param));
}

reply error_reply(std::string_view name, const incoming& request, const step& options,
                  std::string_view param) {
  auto result = named_reply(name, request, options, param);
  auto has_info = request.kind == protocol::gemini && is_error_case(name, protocol::gemini);
  add_retry_header(result, options, has_info);
  result.status = options.status.value_or(result.status);
  if (options.body)
    result.body = *options.body;
  if (options.content_type)
    result.content_type = *options.content_type;
  result.headers.insert(result.headers.end(), options.headers.begin(), options.headers.end());
  return result;
}

reply unrouted(const incoming& request) {
  return traits_of(request.kind).unrouted(request);
}

reply too_large(const incoming& request) {
  return error_reply("payload_too_large", request, {});
}

std::optional<reply> refuse(const incoming& request, const std::vector<std::string>& keys,
                            const std::vector<std::string>& models) {
  if (auto result = refuse_key(request, keys))
    return result;
  if (auto result = refuse_body(request))
    return result;
  if ((request.on() == route::probe && request.what != operation::get_model) || models.empty())
    return std::nullopt;
  auto known = std::ranges::any_of(
    models, [&](const std::string& name) { return same_model(name, request.model, request.kind); });
  if (known)
    return std::nullopt;
  return error_reply("model_not_found", request, {});
}

std::string refused_parameter(const incoming& request, const step& value) {
  std::vector<std::string> names{value.param};
  if (value.param.empty())
    names = request.on() == route::embed ? std::vector<std::string>{"dimensions"}
                                         : std::vector<std::string>{"temperature", "top_p"};
  for (const auto& name : names) {
    const auto* sent = request.parameter(name);
    if (sent == nullptr)
      continue;
    if (value.name == "unsupported_value" && sent->is_number() && sent->get<double>() == 1.0)
      continue;
    return request.spelled(name);
  }
  return {};
}

std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string rfc3339_now() {
  using namespace std::chrono;
  auto now = system_clock::now();
  auto seconds = system_clock::to_time_t(now);
  auto micros = duration_cast<microseconds>(now.time_since_epoch()).count() % 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  auto fraction = std::to_string(1'000'000 + micros).substr(1);
  return std::string{text.data()} + "." + fraction + "Z";
}

std::string http_date(double seconds_from_now) {
  auto when = std::time(nullptr) + static_cast<std::time_t>(std::ceil(seconds_from_now));
  std::tm parts{};
  gmtime_r(&when, &parts);
  // Not strftime: its names of days and months follow the locale.
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::string{days.at(static_cast<std::size_t>(parts.tm_wday))} + ", " + two(parts.tm_mday) + " "
         + months.at(static_cast<std::size_t>(parts.tm_mon)) + " " + std::to_string(1900 + parts.tm_year)
         + " " + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT";
}

} // namespace magna::simulator
