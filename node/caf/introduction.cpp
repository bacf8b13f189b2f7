#include <magna/node/caf/introduction.hpp>

#include <chrono>

#include <caf/actor_system_config.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/timespan.hpp>

namespace magna {

namespace {

constexpr std::chrono::seconds patience{10};

} // namespace

void give_time_to_introduce(caf::io::abstract_broker* broker, caf::io::connection_handle which) {
  auto* basp = dynamic_cast<caf::io::basp_broker*>(broker);
  if (basp == nullptr)
    return;
  const auto found = basp->ctx.find(which);
  if (found == basp->ctx.end())
    return;
  const auto timeout = get_or(basp->config(), "caf.middleman.connection-timeout", caf::timespan{0});
  found->second.last_seen = basp->clock().now() + patience - timeout;
}

} // namespace magna
