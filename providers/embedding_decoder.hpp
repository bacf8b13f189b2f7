#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>
#include <magna/providers/body_decoder.hpp>

namespace magna {

/// What the decoders of embeddings share: a document with a list of vectors, told at once.
class MAGNA_EXPORT embedding_decoder : public body_decoder {
public:
  /// `about` must outlive the decoder.
  explicit embedding_decoder(const protocol_info& about) : body_decoder(about, false) {}

protected:
  /// Takes a vector, a list of numbers or base64 of little-endian floats, to its place. One that can't be read
  /// ends the answer.
  void add_vector(part_sink& out, std::size_t index, const nlohmann::json& written);
};

/// Reads base64, with padding or without. Nothing: it is none.
MAGNA_EXPORT std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

} // namespace magna
