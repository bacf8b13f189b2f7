#include <magna/node/caf/tls_middleman.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/middleman.hpp>
#include <magna/node/caf/scribe.hpp>
#include <magna/node/caf/tls_context.hpp>
#include <magna/node/caf/tls_transport.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

class tls_multiplexer : public net::default_multiplexer {
public:
  explicit tls_multiplexer(caf::actor_system& sys)
    : default_multiplexer(multiplexer_argument(sys)), tls_(sys.config()) {}

  caf::expected<caf::io::scribe_ptr> new_tcp_scribe(const std::string& host, std::uint16_t port) override {
    auto fd = net::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    net::nonblocking(*fd, true);
    auto session = tls_.make_session(*fd, false);
    if (session)
      return caf::make_counted<scribe_on<tls_transport>>(*this, *fd, std::move(*session));
    net::close_socket(*fd);
    return std::move(session.error());
  }

private:
  tls_context tls_;
};

} // namespace

void load_tls_middleman(caf::actor_system_config& config) {
  config.load<middleman_on<tls_multiplexer>>();
}

} // namespace magna
