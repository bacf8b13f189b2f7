#include <magna/node/caf/plain_middleman.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/policy/tcp.hpp>

#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/middleman.hpp>
#include <magna/node/caf/scribe.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

class plain_multiplexer : public net::default_multiplexer {
public:
  explicit plain_multiplexer(caf::actor_system& sys) : default_multiplexer(multiplexer_argument(sys)) {}

  caf::io::scribe_ptr new_scribe(net::native_socket fd) override {
    net::keepalive(fd, true);
    return caf::make_counted<scribe_on<caf::policy::tcp>>(*this, fd);
  }
};

} // namespace

void load_plain_middleman(caf::actor_system_config& config) {
  config.load<middleman_on<plain_multiplexer>>();
}

} // namespace magna
