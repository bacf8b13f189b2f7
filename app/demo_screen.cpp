#include <magna/app/demo_screen.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include <magna/app/report.hpp>
#include <magna/text/duration.hpp>

namespace magna::app {

namespace {

constexpr std::string_view indent = "      ";

std::string padded(std::string_view text, std::size_t width) {
  std::string result{text};
  result.resize(std::max(width, result.size()), ' ');
  return result;
}

} // namespace

void demo_screen::title(std::string_view text) {
  const mutex_lock guard{mutex_};
  out_ << paint(style::bold, text) << '\n' << std::flush;
}

void demo_screen::remark(std::string_view text) {
  const mutex_lock guard{mutex_};
  line(paint(style::dim, text));
}

void demo_screen::step(std::string_view name, std::string_view explanation) {
  const mutex_lock guard{mutex_};
  end_text();
  out_ << '\n'
       << paint(style::cyan, std::to_string(++step_) + "/" + std::to_string(total_)) << "   "
       << paint(style::bold, name) << '\n';
  line(explanation);
}

void demo_screen::question(std::string_view text) {
  const mutex_lock guard{mutex_};
  end_text();
  line(paint(style::bold, "> ") + std::string{text});
}

void demo_screen::text(std::string_view text) {
  const mutex_lock guard{mutex_};
  if (!in_text_)
    out_ << indent;
  in_text_ = true;
  for (const auto c : text) {
    out_ << c;
    if (c == '\n')
      out_ << indent;
  }
  out_ << std::flush;
}

void demo_screen::note(std::string_view text) {
  const mutex_lock guard{mutex_};
  aside(paint(style::dim, "  . " + std::string{text}));
}

void demo_screen::health_change(const health_event& event) {
  const mutex_lock guard{mutex_};
  aside("  * " + event.provider + ": " + paint(style_of(event.from), to_string(event.from)) + " -> "
        + paint(style_of(event.to), to_string(event.to)));
}

void demo_screen::answered(const completion& end) {
  const auto count = [](const std::optional<std::uint64_t>& x) { return x ? std::to_string(*x) : "?"; };
  const mutex_lock guard{mutex_};
  end_text();
  trail(end.attempts);
  line(paint(style::green, "answered") + " by " + end.provider + ", model " + end.model
       + ": first token after " + readable_duration(end.ttft) + ", " + readable_duration(end.total)
       + " in all, " + count(end.usage.prompt_tokens) + " + " + count(end.usage.completion_tokens)
       + " tokens");
}

void demo_screen::failed(const failure& end) {
  const mutex_lock guard{mutex_};
  end_text();
  trail(end.attempts);
  line(paint(style::red, "failed") + " with " + paint(style::bold, to_string(end.error)) + ": "
       + end.message);
}

void demo_screen::status(const status_report& report) {
  const mutex_lock guard{mutex_};
  end_text();
  line(paint(style::dim, padded("provider", 10) + padded("state", 13) + padded("ok", 5) + padded("failed", 8)
                           + padded("restarts", 10) + padded("TTFT p50", 10) + padded("p95", 9)
                           + "last error"));
  for (const auto& x : report.providers) {
    const auto time = [](const std::optional<caf::timespan>& value) {
      return value ? readable_duration(*value) : "-";
    };
    line(padded(x.name, 10) + paint(style_of(x.state), padded(to_string(x.state), 13))
         + padded(std::to_string(x.successes), 5) + padded(std::to_string(x.failures), 8)
         + padded(std::to_string(x.restarts), 10) + padded(time(x.ttft_p50), 10) + padded(time(x.ttft_p95), 9)
         + (x.last_error ? to_string(*x.last_error) : "-"));
  }
}

demo_screen::style demo_screen::style_of(health_state state) {
  switch (state) {
    case health_state::healthy:
      return style::green;
    case health_state::degraded:
      return style::yellow;
    case health_state::unavailable:
      return style::red;
    default:
      return style::dim;
  }
}

std::string demo_screen::paint(style how, std::string_view text) const {
  constexpr std::array<std::string_view, 7> codes = {"0", "1", "2", "32", "33", "31", "36"};
  if (!colour_ || how == style::plain)
    return std::string{text};
  return "\x1b[" + std::string{codes.at(static_cast<std::size_t>(how))} + "m" + std::string{text} + "\x1b[0m";
}

void demo_screen::line(std::string_view text) {
  out_ << indent << text << '\n' << std::flush;
}

void demo_screen::aside(std::string text) {
  if (in_text_)
    asides_.push_back(std::move(text));
  else
    line(text);
}

void demo_screen::trail(const std::vector<attempt_record>& attempts) {
  if (attempts.size() < 2)
    return;
  int number = 0;
  for (const auto& x : attempts) {
    auto text = "  attempt " + std::to_string(++number) + "  " + padded(x.provider, 8);
    text +=
      x.error ? paint(style::red, padded(to_string(*x.error), 22)) : paint(style::green, padded("ok", 22));
    text += "took ";
    text += x.wait.count() > 0
              ? padded(readable_duration(x.duration), 8) + " after a wait of " + readable_duration(x.wait)
              : readable_duration(x.duration);
    line(text);
  }
}

void demo_screen::end_text() {
  if (!std::exchange(in_text_, false))
    return;
  out_ << '\n';
  for (const auto& x : std::exchange(asides_, {}))
    line(x);
}

} // namespace magna::app
