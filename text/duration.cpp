#include <magna/text/duration.hpp>

namespace magna {

std::string tenths_of_seconds(std::chrono::nanoseconds value) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(value).count() / 100;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

std::string seconds_text(std::chrono::milliseconds value) {
  auto text = std::to_string(value.count() / 1000);
  if (const auto rest = value.count() % 1000; rest != 0) {
    auto digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.' + digits;
  }
  return text + " s";
}

} // namespace magna
