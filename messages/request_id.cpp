#include <magna/messages/request_id.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>

namespace magna {

std::string make_request_id() {
  thread_local std::mt19937_64 engine{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "req-%016llx", static_cast<unsigned long long>(engine()));
  return text.data();
}

} // namespace magna
