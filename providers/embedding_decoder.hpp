#pragma once

#include <cstddef>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>
#include <magna/providers/body_decoder.hpp>

namespace magna {

/// How a protocol writes the vectors of a batch.
struct embedding_shape {
  /// The member with their list.
  const char* list = "data";
  /// The member of an element that is its vector; null: the element itself is.
  const char* vector = nullptr;
};

/// Decodes the answer to a call for vectors: a document with a list of them, each a list of numbers or base64 of
/// little-endian floats. An element may have an `index` of its own.
class MAGNA_EXPORT embedding_decoder final : public body_decoder {
public:
  /// `about` must outlive the decoder.
  embedding_decoder(const protocol_info& about, embedding_shape shape)
    : body_decoder(about, false), shape_(shape) {}

protected:
  bool decode_document(const nlohmann::json& document, bool has_halves, part_sink& out) override;

private:
  /// Takes a vector to its place. One that can't be read ends the answer.
  void add_vector(part_sink& out, std::size_t index, const nlohmann::json& written);

  const embedding_shape shape_;
};

} // namespace magna
