#include <magna/app/logging.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <magna/actors/printable.hpp>
#include <magna/app/terminal.hpp>
#include <magna/providers/redact.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

constexpr std::size_t longest_line = 4000;

/// Cleans every message on its way to stderr. Messages are redacted where they arise; this is for those that
/// nobody thought of.
class redacting_sink : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit redacting_sink(spdlog::sink_ptr target) : target_(std::move(target)) {}

  /// Those of before may still be on their way.
  void add_secrets(const std::vector<std::string>& more) {
    const std::lock_guard guard{mutex_};
    for (const auto& secret : more)
      if (std::ranges::find(secrets_, secret) == secrets_.end())
        secrets_.push_back(secret);
  }

protected:
  void sink_it_(const spdlog::details::log_msg& what) override {
    const auto text = printable(redact({what.payload.data(), what.payload.size()}, secrets_), longest_line);
    auto clean = what;
    clean.payload = text;
    target_->log(clean);
  }
  void flush_() override { target_->flush(); }
  void set_pattern_(const std::string& pattern) override { target_->set_pattern(pattern); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    target_->set_formatter(std::move(formatter));
  }

private:
  spdlog::sink_ptr target_;
  std::vector<std::string> secrets_;
};

/// Makes the default logger, once: threads that log look at it without a lock, so it must not be replaced
/// beside them.
std::shared_ptr<redacting_sink> install() {
  const auto colours = wants_colour(STDERR_FILENO) ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink =
    std::make_shared<redacting_sink>(std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colours));
  auto logger = std::make_shared<spdlog::logger>("magna", sink);
  logger->flush_on(spdlog::level::trace);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  spdlog::set_default_logger(std::move(logger));
  return sink;
}

} // namespace

void set_up_logging(std::string_view level, const std::vector<std::string>& secrets) {
  static const auto sink = install();
  sink->add_secrets(secrets);
  spdlog::default_logger_raw()->set_level(level.empty() ? spdlog::level::err
                                                        : spdlog::level::from_str(std::string{level}));
}

} // namespace magna::app
