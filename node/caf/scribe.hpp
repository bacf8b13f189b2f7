#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/connection_handles.hpp>
#include <magna/node/caf/introduction.hpp>

namespace magna {

/// CAF's connection, on a transport of ours. CAF keeps those of its own with TLS to itself.
template <class Transport>
class scribe_on : public caf::io::scribe {
public:
  template <class... Ts>
  scribe_on(caf::io::network::default_multiplexer& backend, caf::io::network::native_socket fd, Ts&&... xs)
    : scribe(new_connection_handle()), stream_(backend, fd, std::forward<Ts>(xs)...) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (std::exchange(launched_, true))
      return;
    give_time_to_introduce(parent(), hdl());
    stream_.start(this);
    // TLS has something to say first; without it nothing is written.
    stream_.force_empty_write(share<caf::io::network::stream_manager>(this));
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  caf::byte_buffer& wr_buf() override { return stream_.wr_buf(); }
  caf::byte_buffer& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(share<caf::io::network::stream_manager>(this)); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  std::string addr() const override {
    const auto found = caf::io::network::remote_addr_of_fd(stream_.fd());
    return found ? *found : std::string{};
  }
  std::uint16_t port() const override {
    const auto found = caf::io::network::remote_port_of_fd(stream_.fd());
    return found ? *found : std::uint16_t{0};
  }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

private:
  caf::io::network::stream_impl<Transport> stream_;
  bool launched_ = false;
};

} // namespace magna
