#include <magna/node/introduction.hpp>

#include <set>
#include <string>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/policy/tcp.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <magna/messages/types.hpp>
#include <magna/node/scribe.hpp>

namespace magna {

namespace {

namespace net = caf::io::network;

caf::expected<caf::io::scribe_ptr> make_scribe(caf::actor_system& sys, int socket, bool with_tls) {
  auto& backend = static_cast<net::default_multiplexer&>(sys.middleman().backend());
  if (!with_tls)
    return caf::make_counted<scribe_on<caf::policy::tcp>>(backend, socket);
  auto session = make_tls_session(sys, socket, false);
  if (!session) {
    net::close_socket(socket);
    return std::move(session.error());
  }
  return caf::make_counted<scribe_on<tls_transport>>(backend, socket, std::move(*session));
}

} // namespace

caf::expected<node_actor> introduce(caf::actor_system& sys, int socket, const node_address& where,
                                    bool with_tls) {
  auto scribe = make_scribe(sys, socket, with_tls);
  if (!scribe)
    return std::move(scribe.error());
  caf::expected<node_actor> result{caf::sec::no_actor_published_at_port};
  caf::scoped_actor self{sys};
  // As CAF's own middleman actor does once it has a connection.
  blocking_request(self, sys.middleman().named_broker<caf::io::basp_broker>("BASP"), caf::infinite,
                   caf::connect_atom_v, std::move(*scribe), where.port)
    .receive(
      [&sys, &result](const caf::node_id&, const caf::strong_actor_ptr& found,
                      const std::set<std::string>& takes) {
        if (found && !sys.assignable(takes, sys.message_types<node_actor>()))
          result = caf::sec::unexpected_actor_messaging_interface;
        else if (found)
          result = caf::actor_cast<node_actor>(found);
      },
      [&result](const caf::error& reason) { result = reason; });
  return result;
}

} // namespace magna
