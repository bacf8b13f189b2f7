#include <magna/actors/requests/delivery.hpp>

#include <algorithm>
#include <utility>

#include <magna/text/utf8.hpp>

namespace magna {

chunk delivery::take(std::vector<part> parts) {
  for (const auto& x : parts) {
    if (x.kind != part_kind::reasoning)
      chars_ += count_characters(x.bytes);
    committed_ = committed_ || x.kind != part_kind::reasoning || commit_on_reasoning_;
  }
  return {next_seq_++, std::move(parts)};
}

bool has_text(const std::vector<part>& parts) {
  return std::ranges::any_of(parts, [](const part& x) { return x.kind == part_kind::text; });
}

} // namespace magna
