#include <magna/node/gate.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>
#include <caf/openssl/session.hpp>
#include <caf/policy/tcp.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/caf_io.hpp>
#include <magna/node/visitors.hpp>
#include <magna/node/wire_screen.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

using multiplexer = net::default_multiplexer;

/// An introduction takes two round trips; with TLS, four.
constexpr std::chrono::seconds patience{5};

/// What CAF wants of a transport: here that of a TLS session.
class tls_policy {
public:
  explicit tls_policy(caf::openssl::session_ptr session) : session_(std::move(session)) {}

  net::rw_state read_some(std::size_t& result, net::native_socket fd, void* to, std::size_t size) {
    return session_->read_some(result, fd, to, size);
  }
  net::rw_state write_some(std::size_t& result, net::native_socket fd, const void* from, std::size_t size) {
    return session_->write_some(result, fd, from, size);
  }
  bool must_read_more(net::native_socket fd, std::size_t threshold) {
    return session_->must_read_more(fd, threshold);
  }

private:
  caf::openssl::session_ptr session_;
};

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

/// CAF's connection on such a transport. CAF keeps those of its own with TLS to itself.
template <class Transport>
class screened_scribe : public caf::io::scribe {
public:
  template <class... Ts>
  screened_scribe(multiplexer& backend, net::native_socket fd, Ts&&... xs)
    : scribe(net::conn_hdl_from_socket(fd)), stream_(backend, fd, std::forward<Ts>(xs)...) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (std::exchange(launched_, true))
      return;
    stream_.start(this);
    // TLS has something to say first; without it nothing is written.
    stream_.force_empty_write(share<net::stream_manager>(this));
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  caf::byte_buffer& wr_buf() override { return stream_.wr_buf(); }
  caf::byte_buffer& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(share<net::stream_manager>(this)); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  std::string addr() const override {
    const auto found = net::remote_addr_of_fd(stream_.fd());
    return found ? *found : std::string{};
  }
  std::uint16_t port() const override {
    const auto found = net::remote_port_of_fd(stream_.fd());
    return found ? *found : std::uint16_t{0};
  }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

private:
  net::stream_impl<screened<Transport>> stream_;
  bool launched_ = false;
};

class screening_doorman : public net::doorman_impl {
public:
  screening_doorman(multiplexer& backend, net::native_socket fd, bool with_tls)
    : net::doorman_impl(backend, fd), with_tls_(with_tls) {}

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
    if (!with_tls_)
      return caf::make_counted<screened_scribe<caf::policy::tcp>>(backend, fd,
                                                                  visitors::visit{visitors_, fd});
    auto session = caf::openssl::make_session(parent()->system(), fd, true);
    if (!session) {
      logger()->error("no TLS session can be made; are certificate and key readable and of one pair?");
      net::close_socket(fd);
      return {};
    }
    return caf::make_counted<screened_scribe<tls_policy>>(backend, fd, visitors::visit{visitors_, fd},
                                                          std::move(session));
  }

  const bool with_tls_;
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
  caf::io::doorman_ptr doorman = caf::make_counted<screening_doorman>(backend, *fd, with_tls);
  // As CAF's own middleman actor does once it has opened a port.
  anon_mail(caf::publish_atom_v, std::move(doorman), *port, caf::actor_cast<caf::strong_actor_ptr>(whom),
            sys.message_types<node_actor>())
    .send(middleman.named_broker<caf::io::basp_broker>("BASP"));
  return port;
}

} // namespace magna
