#include <magna/messages/future_types.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <caf/detail/make_meta_object.hpp>
#include <caf/detail/meta_object.hpp>

#include <magna/messages/fields.hpp>
#include <magna/messages/types.hpp>

namespace magna {

namespace {

/// Has no fields here: a reader skips all that come.
struct future_message {};

[[maybe_unused]] constexpr auto fields_of(const future_message* /*type*/) {
  return list_fields();
}

} // namespace

void announce_future_types() {
  constexpr auto begin = static_cast<std::size_t>(caf::id_block::magna::end);
  constexpr auto end = static_cast<std::size_t>(first_free_type_id);
  static_assert(begin < end, "there is no room for new types: nodes of older versions know none beyond it");
  const auto unknown = caf::detail::make_meta_object<future_message>("magna::future_message");
  const auto announced = caf::detail::global_meta_objects();
  // What an application has announced stays.
  for (auto id = begin; id < std::min(end, announced.size()); ++id)
    if (announced[id].type_name.empty())
      caf::detail::set_global_meta_objects(static_cast<caf::type_id_t>(id), std::vector{unknown});
  const auto rest = std::max(begin, announced.size());
  if (rest < end)
    caf::detail::set_global_meta_objects(static_cast<caf::type_id_t>(rest), std::vector(end - rest, unknown));
}

} // namespace magna
