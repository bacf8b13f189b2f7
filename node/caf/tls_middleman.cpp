#include <magna/node/caf/tls_middleman.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/sec.hpp>

#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/scribe.hpp>
#include <magna/node/caf/tls_transport.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

class tls_multiplexer : public net::default_multiplexer {
public:
  explicit tls_multiplexer(caf::actor_system& sys)
    : default_multiplexer(multiplexer_argument(sys)), system_(sys) {}

  caf::expected<caf::io::scribe_ptr> new_tcp_scribe(const std::string& host, std::uint16_t port) override {
    auto fd = net::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    net::nonblocking(*fd, true);
    auto session = make_tls_session(system_, *fd, false);
    if (session && *session)
      return caf::make_counted<scribe_on<tls_transport>>(*this, *fd, std::move(*session));
    net::close_socket(*fd);
    if (!session)
      return std::move(session.error());
    return caf::sec::cannot_connect_to_node;
  }

private:
  caf::actor_system& system_;
};

class tls_middleman : public caf::io::middleman {
public:
  explicit tls_middleman(caf::actor_system& sys) : middleman(sys), backend_(sys) {}

  template <class... Ts>
  static caf_module* make(caf::actor_system& sys, Ts...) {
    return new tls_middleman(sys);
  }

  net::multiplexer& backend() override { return backend_; }

private:
  tls_multiplexer backend_;
};

} // namespace

void load_tls_middleman(caf::actor_system_config& config) {
  config.load<tls_middleman>();
}

} // namespace magna
