#include <magna/providers/embedding_decoder.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/providers/parsing/json_fields.hpp>
#include <magna/text/base64.hpp>

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
  if (!bytes || bytes->size() % sizeof(float) != 0)
    return std::nullopt;
  std::vector<float> result;
  result.reserve(bytes->size() / sizeof(float));
  for (std::size_t i = 0; i < bytes->size(); i += sizeof(float)) {
    std::uint32_t bits = 0;
    for (std::size_t j = sizeof(float); j-- > 0;)
      bits = bits << 8 | static_cast<unsigned char>((*bytes)[i + j]);
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

} // namespace

bool embedding_decoder::decode_document(const nlohmann::json& document, bool, part_sink& out) {
  const auto* all = find_list(document, shape_.list);
  if (all == nullptr)
    return false;
  static const nlohmann::json none;
  info_.model = find_string(document, "model");
  // Ollama counts in a member of its own, the others that count do it as OpenAI does.
  info_.usage.prompt_tokens = find_count(document, "prompt_eval_count");
  if (const auto* counts = find_member(document, "usage"); counts != nullptr)
    info_.usage.prompt_tokens = find_count(*counts, "prompt_tokens");
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto& element = (*all)[i];
    const auto* vector = shape_.vector != nullptr ? find_member(element, shape_.vector) : &element;
    add_vector(out, find_count(element, "index").value_or(i), vector != nullptr ? *vector : none);
  }
  finish(finish_reason::stop, out);
  return true;
}

void embedding_decoder::add_vector(part_sink& out, std::size_t index, const nlohmann::json& written) {
  auto vector = written.is_array()    ? read_numbers(written)
                : written.is_string() ? read_bytes(written.get_ref<const std::string&>())
                                      : std::nullopt;
  const bool is_there = index < info_.embeddings.size() && !info_.embeddings[index].values.empty();
  if (!vector || !is_usable(*vector) || index >= most_vectors || is_there) {
    reject(errc::provider_error, "vector " + std::to_string(index) + " of the answer can't be used", out);
    return;
  }
  count_kept(vector->size() * sizeof(float));
  auto& all = info_.embeddings;
  if (index >= all.size())
    all.resize(index + 1);
  all[index].values = std::move(*vector);
}

} // namespace magna
