#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <magna/actors/settings.hpp>
#include <magna/text/printable.hpp>

namespace magna::config {

/// Collects what is wrong, and remembers how the user wrote each setting, so that an error names it in the
/// user's own words: `--timeout`, `LLM_TIMEOUT_SECONDS (.env:3)` or `magna.toml:7: timeout_seconds`.
class origins {
public:
  /// `setting` is the name that `validate` uses. A value is shown in errors; leave out what may be secret.
  void note(std::string_view setting, std::string written, std::string value = {}) {
    entries_.insert_or_assign(std::string{setting}, origin{std::move(written), std::move(value)});
  }

  /// Something that is no reason to stop.
  void warn(std::string message) { warnings_.push_back(std::move(message)); }

  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  void refuse(std::string message) { errors_.push_back(std::move(message)); }

  void refuse(std::string_view written, std::string_view value, std::string_view allowed) {
    errors_.push_back(std::string{written} + ": \"" + printable(value)
                      + "\" is not allowed; allowed: " + std::string{allowed});
  }

  /// In the user's words, if the user wrote it.
  void refuse(const setting_error& error) {
    const auto found = entries_.find(error.setting);
    if (found == entries_.end())
      refuse(error.setting, error.value, error.allowed);
    else
      refuse(found->second.written, found->second.value.empty() ? error.value : found->second.value,
             error.allowed);
  }

  /// How the user wrote a setting.
  std::string written(std::string_view setting) const {
    const auto found = entries_.find(setting);
    return found == entries_.end() ? std::string{setting} : found->second.written;
  }

  const std::vector<std::string>& errors() const noexcept { return errors_; }

private:
  struct origin {
    std::string written;
    std::string value;
  };
  std::map<std::string, origin, std::less<>> entries_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

} // namespace magna::config
