#pragma once

#include <string>

#include <caf/fwd.hpp>

#include <magna/actors/settings.hpp>
#include <magna/bench/load.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/request.hpp>
#include <magna/providers/transport/http.hpp>

namespace magna::bench {

/// Each runs a load to its end.
figures run_raw(const load& what);
figures run_transport(const load& what);
figures run_actors(const load& what);
figures run_client(const load& what);
figures run_remote(const load& what);

/// Runs a load against whatever takes requests in an actor system.
figures drive(caf::actor_system& system, const load& what, service_actor service);

/// The request that every subject sends, as applications and as codecs see it.
request question_of(const load& what);
http_request http_request_of(const load& what);

settings settings_for(const load& what);

/// The base URL of the provider that does what the load asks for.
std::string base_url_of(const load& what);

} // namespace magna::bench
