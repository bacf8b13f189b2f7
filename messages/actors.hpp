#pragma once

// Every typed actor interface of magna, one comment per message. INTERNAL marks what an actor or its own
// children send to it; nobody else needs those.

#include <caf/typed_actor.hpp>

namespace magna {

struct accepted;
struct attempt_end;
struct attempt_verdict;
struct await_start;
struct cancel;
struct check_health;
struct chunk;
struct collect_answer;
struct completion;
struct credit;
struct deadline_tick;
struct dial;
struct dial_tick;
struct drain;
struct drained;
struct failure;
struct get_health_facts;
struct get_node_status;
struct get_peers;
struct get_status;
struct granted_lease;
struct health_event;
struct health_facts;
struct health_report;
struct hedge_tick;
struct join;
struct joined;
struct lease_request;
struct lease_return;
struct node_down;
struct node_status;
struct open_stream;
struct peer_list;
struct peer_news;
struct peer_tick;
struct pick_node;
struct picked_node;
struct probe;
struct probe_provider;
struct probe_report;
struct probe_tick;
struct provider_changed;
struct provider_stopping;
struct queue_tick;
struct reload;
struct request;
struct restart_tick;
struct retry_tick;
struct started;
struct status_report;
struct subscribe;
struct transfer_ready;
struct withdraw_request;

/// Who receives a stream: any number of chunks, then exactly one completion or failure.
using requester_actor = caf::typed_actor<
  // Who answers from now on. Comes before the first chunk of each attempt that delivers anything.
  caf::result<void>(started),
  // The next piece of the answer.
  caf::result<void>(chunk),
  // The good end; nothing follows.
  caf::result<void>(completion),
  // The bad end; nothing follows.
  caf::result<void>(failure)>;

/// How a requester steers a running stream without passing through the orchestrator.
using stream_control_actor = caf::typed_actor<
  // Ends it: one failure with errc::cancelled comes.
  caf::result<void>(cancel),
  // Lets more parts come.
  caf::result<void>(credit)>;

/// One request on its way: routing, retries, deadlines, attempts, accounting. Lives from the request to its
/// end. Providers on other nodes answer it as a requester.
using generation_actor = requester_actor::extend<
  // Ends the request.
  caf::result<void>(cancel),
  // Lets more parts come.
  caf::result<void>(credit),
  // INTERNAL: begins, and streams to the requester named at its spawning.
  caf::result<accepted>(open_stream),
  // INTERNAL: begins, and answers with the whole; an error carries a `failure`.
  caf::result<completion>(collect_answer),
  // INTERNAL, from the transport: head, bytes or the end wait in an inbox.
  caf::result<void>(transfer_ready),
  // INTERNAL, from a provider that ends: so does the attempt there.
  caf::result<void>(provider_stopping),
  // INTERNAL: the backoff is over.
  caf::result<void>(retry_tick),
  // INTERNAL: the first token is late.
  caf::result<void>(hedge_tick),
  // INTERNAL: a deadline of the request or of an attempt may have passed.
  caf::result<void>(deadline_tick)>;

/// One configured provider: admission, keys, what its models refuse.
using provider_actor = caf::typed_actor<
  // Gives a place for an attempt; waits for one where the provider is busy. An error carries an `attempt_end`
  // that says why there is none.
  caf::result<granted_lease>(lease_request),
  // Takes a lease_request back that still waits.
  caf::result<void>(withdraw_request),
  // Asks the provider for something free; answers also when it fails.
  caf::result<probe_report>(probe),
  // INTERNAL: a lease is back, with what its attempt has shown.
  caf::result<void>(lease_return),
  // INTERNAL: one of those who wait has waited long enough.
  caf::result<void>(queue_tick),
  // INTERNAL: the rest of a response has been awaited long enough, or the source of keys may have answered.
  caf::result<void>(deadline_tick)>;

/// Who is told of health changes.
using health_subscriber_actor = caf::typed_actor<caf::result<void>(health_event)>;

/// Aggregates the outcomes of all attempts into the providers' states, and probes those that are resting.
using health_monitor_actor = caf::typed_actor<
  // INTERNAL: an attempt is over, and its end is news.
  caf::result<void>(attempt_verdict),
  // State and figures of every provider.
  caf::result<status_report>(get_status),
  // Probes all providers side by side.
  caf::result<health_report>(check_health),
  // From now on events go to the subscriber; it is forgotten when it ends.
  caf::result<void>(subscribe),
  // INTERNAL, from the supervisor: a provider actor was started, or is gone for a while.
  caf::result<void>(provider_changed),
  // INTERNAL, from the supervisor: the providers are others now.
  caf::result<void>(reload),
  // What has been seen here, for other nodes.
  caf::result<health_facts>(get_health_facts),
  // What other nodes have seen.
  caf::result<void>(health_facts),
  // INTERNAL: a cooldown may be over.
  caf::result<void>(probe_tick)>;

/// All that an application needs. An orchestrator is one; so is the door in front of it, which outlives
/// crashes.
using service_actor = caf::typed_actor<
  // Streams the answer to the requester. The response comes before the first chunk.
  caf::result<accepted>(request, requester_actor),
  // The whole answer as the response; an error carries a `failure`.
  caf::result<completion>(request),
  // Ends a request by its ID; unknown IDs are ignored: the request may just have ended.
  caf::result<void>(cancel),
  // Grants credit by request ID.
  caf::result<void>(credit),
  // State and figures of every provider.
  caf::result<status_report>(get_status),
  // Probes all providers side by side.
  caf::result<health_report>(check_health),
  // Subscribes to health events.
  caf::result<void>(subscribe)>;

/// Takes requests, and all else that concerns the whole runtime.
using orchestrator_actor = service_actor::extend<
  // No new requests from now on; answers when the running ones have ended, by force at the deadline.
  caf::result<drained>(drain),
  // INTERNAL: the drain deadline may have passed.
  caf::result<void>(deadline_tick)>;

/// Starts, watches and restarts the others.
using supervisor_actor = caf::typed_actor<
  // Drains, then stops everything; answers when all is gone.
  caf::result<drained>(drain),
  // Goes over to a new configuration, provider by provider; answers when new requests go by it. Running ones
  // finish on the old one.
  caf::result<void>(reload),
  // Answers when all children have been started.
  caf::result<void>(await_start),
  // INTERNAL: a child's restart is due.
  caf::result<void>(restart_tick)>;

/// Where a node hears the news of another one.
using peer_actor = caf::typed_actor<caf::result<void>(peer_news)>;

/// Exchanges health facts with the other nodes.
using peering_actor = peer_actor::extend<
  // Another node introduces itself.
  caf::result<joined>(join), caf::result<peer_list>(get_peers),
  // INTERNAL: news may be due.
  caf::result<void>(peer_tick),
  // INTERNAL: a peer that is not connected is tried again.
  caf::result<void>(dial_tick)>;

/// What a node publishes.
using node_actor =
  service_actor::extend<caf::result<node_status>(get_node_status),
                        // Takes no new requests; answers when the running ones have ended.
                        // The node's process ends then.
                        caf::result<drained>(drain),
                        // Another node introduces itself.
                        caf::result<joined>(join),
                        // Probes one of the providers; an error if there is none of that name.
                        caf::result<probe_report>(probe_provider)>;

/// Connects to one node, on a thread of its own.
using dialer_actor = caf::typed_actor<caf::result<node_actor>(dial)>;

/// The way to one or several nodes.
using connection_actor = service_actor::extend<
  // The connected node with the fewest requests; waits while none is connected but one may be soon.
  caf::result<picked_node>(pick_node),
  // INTERNAL: a node that is not connected is tried again.
  caf::result<void>(dial_tick)>;

/// One request on its way through a connection: moves to another node before its commit point.
using relay_actor =
  requester_actor::extend<caf::result<void>(cancel), caf::result<void>(credit),
                          // INTERNAL: begins, and streams to the requester named at its spawning.
                          caf::result<accepted>(open_stream),
                          // INTERNAL: begins, and answers with the whole.
                          caf::result<completion>(collect_answer),
                          // INTERNAL, from the connection.
                          caf::result<void>(node_down)>;

} // namespace magna
