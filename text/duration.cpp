#include <magna/text/duration.hpp>

#include <cstdint>
#include <ratio>

namespace magna {

std::string seconds_text(std::chrono::milliseconds value) {
  auto text = std::to_string(value.count() / 1000);
  if (const auto rest = value.count() % 1000; rest != 0) {
    auto digits = std::to_string(1000 + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.' + digits;
  }
  return text + " s";
}

std::string readable_duration(std::chrono::nanoseconds value) {
  using namespace std::chrono;
  const auto whole = round<milliseconds>(value);
  if (whole < seconds{1})
    return std::to_string(whole.count()) + " ms";
  if (whole < minutes{1})
    return seconds_text(whole < seconds{10} ? round<duration<std::int64_t, std::centi>>(whole)
                                            : round<duration<std::int64_t, std::deci>>(whole));
  const auto all = round<seconds>(whole).count();
  return std::to_string(all / 60) + " min" + (all % 60 == 0 ? "" : " " + std::to_string(all % 60) + " s");
}

} // namespace magna
