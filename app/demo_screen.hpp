#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/health.hpp>
#include <magna/messages/response.hpp>
#include <magna/text/mutex.hpp>

namespace magna::app {

/// What the demo shows: numbered steps, streamed text, and what happens behind it. Thread-safe: log lines and
/// health events come from other threads while an answer is being streamed.
class demo_screen {
public:
  demo_screen(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  void title(std::string_view text);
  void remark(std::string_view text);
  /// Begins a step: its name, and a line that explains it.
  void step(std::string_view name, std::string_view explanation);
  void question(std::string_view text);
  /// A piece of the answer, as it arrives.
  void text(std::string_view text);
  /// Something that happens in the runtime meanwhile; shown after the text that is being streamed.
  void note(std::string_view line);
  void health_change(const health_event& event);
  void answered(const completion& end);
  void failed(const failure& end);
  void status(const status_report& report);

  void set_steps(int total) { total_ = total; }

private:
  enum class style : std::uint8_t { plain, bold, dim, green, yellow, red, cyan };

  static style style_of(health_state state);
  std::string paint(style how, std::string_view text) const;
  void line(std::string_view text) MAGNA_REQUIRES(mutex_);
  void aside(std::string text) MAGNA_REQUIRES(mutex_);
  void trail(const std::vector<attempt_record>& attempts) MAGNA_REQUIRES(mutex_);
  /// Streamed text may have left the cursor in the middle of a line.
  void end_text() MAGNA_REQUIRES(mutex_);

  mutex mutex_;
  std::ostream& out_ MAGNA_GUARDED_BY(mutex_);
  const bool colour_;
  int step_ MAGNA_GUARDED_BY(mutex_) = 0;
  int total_ = 0;
  bool in_text_ MAGNA_GUARDED_BY(mutex_) = false;
  /// What happened since the text began.
  std::vector<std::string> asides_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna::app
