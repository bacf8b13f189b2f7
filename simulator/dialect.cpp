#include <magna/simulator/dialect.hpp>

#include <magna/simulator/traits.hpp>

namespace magna::simulator {

namespace {

std::string_view spell(line_end eol, const protocol_traits& traits) {
  switch (eol) {
    case line_end::lf:
      return "\n";
    case line_end::crlf:
      return "\r\n";
    case line_end::cr:
      return "\r";
    case line_end::provider:
      break;
  }
  return traits.eol;
}

} // namespace

line_writer::line_writer(protocol kind, bool sse, line_end eol) noexcept
  : traits_{traits_of(kind)}, sse_{sse && traits_.form != stream_form::ndjson}, eol_{spell(eol, traits_)} {}

std::string line_writer::event(std::string_view payload) {
  if (traits_.form == stream_form::ndjson)
    return std::string{payload} + eol_;
  if (!sse_)
    return element(payload);
  std::string result;
  constexpr std::string_view type = R"({"type":")";
  if (traits_.form == stream_form::named_sse && payload.starts_with(type)) {
    const auto name = payload.substr(type.size(), payload.find('"', type.size()) - type.size());
    result.append("event: ").append(name).append(eol_);
  }
  return result.append("data: ").append(payload).append(eol_).append(eol_);
}

std::string line_writer::element(std::string_view payload) {
  std::string result{first_ ? "[" : eol_ + "," + eol_};
  first_ = false;
  result += payload;
  return result;
}

std::string line_writer::error(const nlohmann::ordered_json& error, stream_error_form form) {
  if (!sse_)
    return event(dump(error));
  switch (form) {
    case stream_error_form::data:
      break;
    case stream_error_form::event:
      return (error.contains("type") ? "" : "event: error" + eol_) + event(dump(error));
    case stream_error_form::raw:
      return dump(error, 2) + eol_;
    case stream_error_form::flat:
      if (auto inner = error.value("error", nlohmann::ordered_json{}); inner.is_object()) {
        inner["object"] = "error";
        return event(dump(inner));
      }
      break;
  }
  return event(dump(error));
}

std::string line_writer::comment() const {
  if (!sse_)
    return eol_;
  std::string result;
  for (const auto c : traits_.comment)
    result += c == '\n' ? eol_ : std::string{c};
  return result + eol_ + eol_;
}

std::string line_writer::close() {
  if (sse_ || traits_.form == stream_form::ndjson)
    return {};
  return first_ ? "[]" : eol_ + "]" + eol_;
}

} // namespace magna::simulator
