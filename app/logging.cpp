#include <magna/app/logging.hpp>

#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/app/terminal.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/redact.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

constexpr std::size_t longest_line = 4000;

/// Cleans every message on its way to stderr. Messages are redacted where they arise; this is for those that
/// nobody thought of.
class redacting_sink : public spdlog::sinks::base_sink<std::mutex> {
public:
  redacting_sink(spdlog::sink_ptr target, std::vector<std::string> secrets)
    : target_(std::move(target)), secrets_(std::move(secrets)) {}

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

} // namespace

void set_up_logging(std::string_view level, std::vector<std::string> secrets) {
  const auto colours = wants_colour(STDERR_FILENO) ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink = std::make_shared<redacting_sink>(std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colours),
                                               std::move(secrets));
  auto logger = std::make_shared<spdlog::logger>("magna", std::move(sink));
  logger->set_level(level.empty() ? spdlog::level::err : spdlog::level::from_str(std::string{level}));
  logger->flush_on(spdlog::level::trace);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  set_logger(std::move(logger));
}

void set_up_logging(const config::options& from, std::string_view usual_level) {
  set_up_logging(from.log_level.empty() ? usual_level : from.log_level, from.secrets());
  show_warnings(from.warnings);
}

void show_warnings(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings)
    std::fprintf(stderr, "magna: warning: %s\n", warning.c_str());
}

} // namespace magna::app
