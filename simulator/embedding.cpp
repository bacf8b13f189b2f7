#include <magna/simulator/embedding.hpp>

#include <cmath>
#include <cstdint>

namespace magna::simulator {

namespace {

/// FNV-1a.
std::uint64_t hash(std::string_view bytes, std::uint64_t state) {
  for (auto c : bytes)
    state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return state;
}

/// The n-th number of SplitMix64, which scatters even seeds that are alike.
std::uint64_t scatter(std::uint64_t seed, std::uint64_t n) {
  auto result = seed + (n + 1) * 0x9E3779B97F4A7C15U;
  result = (result ^ result >> 30U) * 0xBF58476D1CE4E5B9U;
  result = (result ^ result >> 27U) * 0x94D049BB133111EBU;
  return result ^ result >> 31U;
}

} // namespace

std::vector<float> embedding_of(std::string_view model, std::string_view text, std::size_t dimensions) {
  constexpr std::string_view between{"\0", 1};
  const auto seed = hash(text, hash(between, hash(model, 0xCBF29CE484222325U)));
  // Odd numbers of 16 bits: none is 0, so there is a length. Their squares are added as integers because
  // compilers may round sums of floating point numbers in different ways.
  std::vector<std::int64_t> raw(dimensions);
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < dimensions; ++i) {
    raw[i] = 2 * static_cast<std::int64_t>(scatter(seed, i) >> 48U) - 65'535;
    squares += raw[i] * raw[i];
  }
  const auto length = std::sqrt(static_cast<double>(squares));
  std::vector<float> result;
  result.reserve(dimensions);
  for (auto value : raw)
    result.push_back(static_cast<float>(static_cast<double>(value) / length));
  return result;
}

} // namespace magna::simulator
