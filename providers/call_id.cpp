#include <magna/providers/call_id.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <random>

namespace magna {

std::string make_call_id() {
  static std::atomic<std::uint64_t> last{(std::uint64_t{std::random_device{}()} << 32)
                                         | std::random_device{}()};
  // A walk through all 64-bit numbers that meets each one once.
  auto x = last.fetch_add(0x9E3779B97F4A7C15, std::memory_order_relaxed);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  x ^= x >> 31;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "call_%016llx", static_cast<unsigned long long>(x));
  return text.data();
}

} // namespace magna
