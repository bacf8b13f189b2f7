#pragma once

#include <memory>

#include <magna/tests/faults/row.hpp>
#include <magna/tests/providers/transport/full_backlog.hpp>

namespace magna::test {

/// For row::where: connections neither succeed nor fail there.
inline place black_hole(provider_kind) {
  auto made = std::make_shared<full_backlog>();
  return {"http://" + made->authority(), made};
}

} // namespace magna::test
