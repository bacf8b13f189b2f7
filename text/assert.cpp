#include <magna/text/assert.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace magna {

void assertion_failed(const char* condition, const char* file, int line) {
  // The compiler's path begins on the machine that built this: its last part will do.
  std::string_view name{file};
  name.remove_prefix(name.rfind('/') + 1);
  throw std::logic_error{std::string{name} + ':' + std::to_string(line) + ": this must hold: " + condition};
}

} // namespace magna
