#include <magna/simulator/dialect.hpp>

namespace magna::simulator {

namespace {

const char* spell(line_end eol, protocol kind) {
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
  return kind == protocol::gemini ? "\r\n" : "\n";
}

} // namespace

const dialect& dialect_of(protocol kind) noexcept {
  switch (kind) {
    case protocol::gemini:
      return gemini_dialect();
    case protocol::openai:
      return openai_dialect();
    case protocol::anthropic:
      return anthropic_dialect();
    case protocol::ollama:
      break;
  }
  return ollama_dialect();
}

line_writer::line_writer(protocol kind, bool sse, line_end eol) noexcept
  : kind_{kind}, sse_{sse}, eol_{spell(eol, kind)} {}

std::string line_writer::event(std::string_view payload) {
  if (kind_ == protocol::ollama)
    return std::string{payload} + eol_;
  if (!sse_)
    return element(payload);
  std::string result;
  constexpr std::string_view type = R"({"type":")";
  if (kind_ == protocol::anthropic && payload.starts_with(type)) {
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
  if (kind_ == protocol::ollama || !sse_)
    return event(dump(error));
  switch (form) {
    case stream_error_form::data:
      break;
    case stream_error_form::event:
      return (kind_ == protocol::anthropic ? "" : "event: error" + eol_) + event(dump(error));
    case stream_error_form::raw:
      return dump(error, 2) + eol_;
    case stream_error_form::flat: {
      auto inner = error.at("error");
      inner["object"] = "error";
      return event(dump(inner));
    }
  }
  return event(dump(error));
}

std::string line_writer::comment() const {
  if (kind_ == protocol::ollama || !sse_)
    return eol_;
  if (kind_ == protocol::anthropic)
    return "event: ping" + eol_ + R"(data: {"type": "ping"})" + eol_ + eol_;
  return ": ping" + eol_ + eol_;
}

std::string line_writer::close() {
  if (sse_ || kind_ != protocol::gemini)
    return {};
  return first_ ? "[]" : eol_ + "]" + eol_;
}

} // namespace magna::simulator
