#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <magna/messages/part.hpp>

namespace magna {

/// Where a decoder puts what the model says, in its order: what follows on the same kind and index goes into
/// the same part. Takes only what the requester wants to see; text always.
class part_sink {
public:
  /// What goes in beside text.
  struct wishes {
    /// What the model thinks aloud.
    bool reasoning = false;
    /// Calls of tools, in pieces.
    bool tool_calls = false;
  };

  part_sink() = default;
  /// Takes text and what is wanted.
  explicit part_sink(wishes wanted) : wanted_(wanted) {}

  /// Whether parts of this kind go in.
  bool wants(part_kind kind) const noexcept {
    return kind == part_kind::text || (kind == part_kind::reasoning ? wanted_.reasoning : wanted_.tool_calls);
  }

  /// The bytes of the part that goes on, or of a new one, to append to.
  std::string& open(part_kind kind, std::uint32_t index = 0) {
    if (parts_.empty() || parts_.back().kind != kind || parts_.back().index != index)
      add(part{.kind = kind, .index = index, .bytes = {}, .id = {}, .name = {}});
    return parts_.back().bytes;
  }

  /// Appends, if it is wanted and not empty.
  void append(part_kind kind, std::uint32_t index, std::string_view bytes) {
    if (!bytes.empty() && wants(kind))
      open(kind, index) += bytes;
  }

  /// The first piece of a call, if calls are wanted.
  void begin_call(std::uint32_t index, std::string_view id, std::string_view name) {
    if (wants(part_kind::tool_call))
      add(part{.kind = part_kind::tool_call,
               .index = index,
               .bytes = {},
               .id = std::string{id},
               .name = std::string{name}});
  }

  /// How many bytes wait here.
  std::size_t size() const noexcept { return closed_ + (parts_.empty() ? 0 : parts_.back().size()); }
  /// Whether none do.
  bool empty() const noexcept { return size() == 0; }

  /// What waits here, without parts that stayed empty.
  std::vector<part> take() {
    closed_ = 0;
    std::erase_if(parts_, [](const part& x) { return x.size() == 0; });
    return std::exchange(parts_, {});
  }

private:
  void add(part next) {
    if (!parts_.empty())
      closed_ += parts_.back().size();
    parts_.push_back(std::move(next));
  }

  wishes wanted_;
  std::vector<part> parts_;
  /// Bytes of all parts but the last.
  std::size_t closed_ = 0;
};

} // namespace magna
