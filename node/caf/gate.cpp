#include <magna/node/caf/gate.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/policy/tcp.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/caf/scribe.hpp>
#include <magna/node/caf/tls_context.hpp>
#include <magna/node/caf/tls_transport.hpp>
#include <magna/node/caf/visitors.hpp>
#include <magna/node/caf/wire_screen.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

using multiplexer = net::default_multiplexer;

/// An introduction takes two round trips; with TLS, four.
constexpr std::chrono::seconds patience{5};

/// A transport whose input is looked over as it comes in.
template <class Transport>
class screened : public Transport {
public:
  template <class... Ts>
  explicit screened(visitors::visit visit, Ts&&... xs)
    : Transport(std::forward<Ts>(xs)...), visit_(std::move(visit)) {}

  net::rw_state read_some(std::size_t& result, net::native_socket fd, void* to, std::size_t size) {
    result = 0;
    const auto state = Transport::read_some(result, fd, to, size);
    if (result == 0)
      return state;
    if (const auto problem = screen_.look_at({static_cast<const char*>(to), result}); !problem.empty()) {
      visit_.refuse(problem);
      return net::rw_state::failure;
    }
    if (screen_.introduced())
      visit_.introduced();
    return state;
  }

private:
  visitors::visit visit_;
  wire_screen screen_;
};

class screening_doorman : public net::doorman_impl {
public:
  /// `tls`: null without it.
  screening_doorman(multiplexer& backend, net::native_socket fd, std::unique_ptr<tls_context> tls)
    : net::doorman_impl(backend, fd), tls_(std::move(tls)) {}

  bool new_connection() override {
    if (detached())
      return false;
    auto& backend = acceptor_.backend();
    auto made = welcome(backend, acceptor_.accepted_socket());
    if (!made)
      return false;
    const auto handle = made->hdl();
    parent()->add_scribe(std::move(made));
    return doorman::new_connection(&backend, handle);
  }

private:
  caf::io::scribe_ptr welcome(multiplexer& backend, net::native_socket fd) {
    net::nonblocking(fd, true);
    net::keepalive(fd, true);
    visitors::visit visit{visitors_, fd};
    if (!tls_)
      return caf::make_counted<scribe_on<screened<caf::policy::tcp>>>(backend, fd, std::move(visit));
    auto session = tls_->make_session(fd, true);
    if (session)
      return caf::make_counted<scribe_on<screened<tls_transport>>>(backend, fd, std::move(visit),
                                                                   std::move(*session));
    visit.refuse(error_text(session.error()));
    net::close_socket(fd);
    return {};
  }

  const std::unique_ptr<tls_context> tls_;
  std::shared_ptr<visitors> visitors_ = std::make_shared<visitors>(patience);
};

} // namespace

caf::expected<std::uint16_t> open_gate(caf::actor_system& sys, const node_actor& whom,
                                       const node_address& where, bool with_tls) {
  auto fd = net::new_tcp_acceptor_impl(where.port, where.host.c_str(), true);
  if (!fd)
    return std::move(fd.error());
  auto port = net::local_port_of_fd(*fd);
  if (!port) {
    net::close_socket(*fd);
    return port;
  }
  auto& middleman = sys.middleman();
  auto& backend = static_cast<multiplexer&>(middleman.backend());
  auto tls = with_tls ? std::make_unique<tls_context>(sys.config()) : nullptr;
  caf::io::doorman_ptr doorman = caf::make_counted<screening_doorman>(backend, *fd, std::move(tls));
  // As CAF's own middleman actor does once it has opened a port.
  anon_mail(caf::publish_atom_v, std::move(doorman), *port, caf::actor_cast<caf::strong_actor_ptr>(whom),
            sys.message_types<node_actor>())
    .send(middleman.named_broker<caf::io::basp_broker>("BASP"));
  return port;
}

} // namespace magna
