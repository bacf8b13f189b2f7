#include <magna/providers/embedding_decoder.hpp>

#include <bit>
#include <cmath>
#include <string>

namespace magna {

namespace {

/// No batch has more: what an index of the provider's asks for is bounded.
constexpr std::size_t most_vectors = 65'536;

std::optional<std::vector<float>> read_numbers(const nlohmann::json& list) {
  std::vector<float> result;
  result.reserve(list.size());
  for (const auto& x : list) {
    if (!x.is_number())
      return std::nullopt;
    result.push_back(x.get<float>());
  }
  return result;
}

std::optional<std::vector<float>> read_bytes(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() % 4 != 0)
    return std::nullopt;
  std::vector<float> result;
  result.reserve(bytes->size() / 4);
  for (std::size_t i = 0; i < bytes->size(); i += 4) {
    std::uint32_t bits = 0;
    for (std::size_t j = 4; j-- > 0;)
      bits = bits << 8 | (*bytes)[i + j];
    result.push_back(std::bit_cast<float>(bits));
  }
  return result;
}

bool is_usable(const std::vector<float>& vector) {
  for (const auto x : vector)
    if (!std::isfinite(x))
      return false;
  return !vector.empty();
}

int digit_of(char c) noexcept {
  return c >= 'A' && c <= 'Z'   ? c - 'A'
         : c >= 'a' && c <= 'z' ? c - 'a' + 26
         : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+'             ? 62
         : c == '/'             ? 63
                                : -1;
}

} // namespace

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  while (text.ends_with('='))
    text.remove_suffix(1);
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::vector<std::uint8_t> result;
  result.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = digit_of(c);
    if (digit < 0)
      return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  return result;
}

void embedding_decoder::add_vector(part_sink& out, std::size_t index, const nlohmann::json& written) {
  auto vector = written.is_array()    ? read_numbers(written)
                : written.is_string() ? read_bytes(written.get_ref<const std::string&>())
                                      : std::nullopt;
  if (!vector || !is_usable(*vector) || index >= most_vectors) {
    reject(errc::provider_error, "vector " + std::to_string(index) + " of the answer can't be read", out);
    return;
  }
  count_kept(vector->size() * sizeof(float));
  auto& all = info_.embeddings;
  if (index >= all.size())
    all.resize(index + 1);
  all[index].values = std::move(*vector);
}

} // namespace magna
