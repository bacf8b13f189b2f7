#pragma once

// The type-ID block of magna. The order is part of the wire format between nodes: append only.

#include <cstddef>

#include <caf/type_id.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/attempt.hpp>
#include <magna/messages/embedding.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/node.hpp>
#include <magna/messages/part.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(magna, first_custom_type_id)

CAF_ADD_TYPE_ID(magna, (magna::errc))
CAF_ADD_TYPE_ID(magna, (magna::role))
CAF_ADD_TYPE_ID(magna, (magna::finish_reason))
CAF_ADD_TYPE_ID(magna, (magna::health_state))

CAF_ADD_TYPE_ID(magna, (magna::chat_message))
CAF_ADD_TYPE_ID(magna, (magna::parameters))
CAF_ADD_TYPE_ID(magna, (magna::request))
CAF_ADD_TYPE_ID(magna, (magna::shared_request))

CAF_ADD_TYPE_ID(magna, (magna::usage))
CAF_ADD_TYPE_ID(magna, (magna::attempt_record))
CAF_ADD_TYPE_ID(magna, (magna::accepted))
CAF_ADD_TYPE_ID(magna, (magna::chunk))
CAF_ADD_TYPE_ID(magna, (magna::completion))
CAF_ADD_TYPE_ID(magna, (magna::failure))
CAF_ADD_TYPE_ID(magna, (magna::cancel))
CAF_ADD_TYPE_ID(magna, (magna::credit))

CAF_ADD_TYPE_ID(magna, (magna::lease_request))
CAF_ADD_TYPE_ID(magna, (magna::granted_lease))
CAF_ADD_TYPE_ID(magna, (magna::lease_return))
CAF_ADD_TYPE_ID(magna, (magna::attempt_end))
CAF_ADD_TYPE_ID(magna, (magna::restart_tick))
CAF_ADD_TYPE_ID(magna, (magna::drain))
CAF_ADD_TYPE_ID(magna, (magna::drained))
CAF_ADD_TYPE_ID(magna, (magna::collect_answer))
CAF_ADD_TYPE_ID(magna, (magna::deadline_tick))
CAF_ADD_TYPE_ID(magna, (magna::open_stream))
CAF_ADD_TYPE_ID(magna, (magna::provider_stopping))
CAF_ADD_TYPE_ID(magna, (magna::retry_tick))
CAF_ADD_TYPE_ID(magna, (magna::transfer_ready))

CAF_ADD_TYPE_ID(magna, (magna::attempt_verdict))
CAF_ADD_TYPE_ID(magna, (magna::provider_status))
CAF_ADD_TYPE_ID(magna, (magna::status_report))
CAF_ADD_TYPE_ID(magna, (magna::probe_report))
CAF_ADD_TYPE_ID(magna, (magna::health_report))
CAF_ADD_TYPE_ID(magna, (magna::health_event))
CAF_ADD_TYPE_ID(magna, (magna::subscribe))
CAF_ADD_TYPE_ID(magna, (magna::provider_changed))
CAF_ADD_TYPE_ID(magna, (magna::check_health))
CAF_ADD_TYPE_ID(magna, (magna::get_status))
CAF_ADD_TYPE_ID(magna, (magna::probe))
CAF_ADD_TYPE_ID(magna, (magna::probe_tick))

CAF_ADD_TYPE_ID(magna, (magna::requester_actor))
CAF_ADD_TYPE_ID(magna, (magna::stream_control_actor))
CAF_ADD_TYPE_ID(magna, (magna::generation_actor))
CAF_ADD_TYPE_ID(magna, (magna::provider_actor))
CAF_ADD_TYPE_ID(magna, (magna::health_subscriber_actor))
CAF_ADD_TYPE_ID(magna, (magna::health_monitor_actor))
CAF_ADD_TYPE_ID(magna, (magna::orchestrator_actor))
CAF_ADD_TYPE_ID(magna, (magna::supervisor_actor))

CAF_ADD_TYPE_ID(magna, (magna::await_start))
CAF_ADD_TYPE_ID(magna, (magna::hedge_tick))
CAF_ADD_TYPE_ID(magna, (magna::queue_tick))
CAF_ADD_TYPE_ID(magna, (magna::reload))
CAF_ADD_TYPE_ID(magna, (magna::withdraw_request))
CAF_ADD_TYPE_ID(magna, (magna::service_actor))

CAF_ADD_TYPE_ID(magna, (magna::peer_status))
CAF_ADD_TYPE_ID(magna, (magna::node_status))
CAF_ADD_TYPE_ID(magna, (magna::health_fact))
CAF_ADD_TYPE_ID(magna, (magna::health_facts))
CAF_ADD_TYPE_ID(magna, (magna::peer_news))
CAF_ADD_TYPE_ID(magna, (magna::join))
CAF_ADD_TYPE_ID(magna, (magna::joined))
CAF_ADD_TYPE_ID(magna, (magna::probe_provider))
CAF_ADD_TYPE_ID(magna, (magna::pick_node))
CAF_ADD_TYPE_ID(magna, (magna::picked_node))
CAF_ADD_TYPE_ID(magna, (magna::node_down))
CAF_ADD_TYPE_ID(magna, (magna::dial_tick))
CAF_ADD_TYPE_ID(magna, (magna::peer_list))
CAF_ADD_TYPE_ID(magna, (magna::dial))
CAF_ADD_TYPE_ID(magna, (magna::get_health_facts))
CAF_ADD_TYPE_ID(magna, (magna::get_node_status))
CAF_ADD_TYPE_ID(magna, (magna::get_peers))
CAF_ADD_TYPE_ID(magna, (magna::peer_tick))
CAF_ADD_TYPE_ID(magna, (magna::peer_actor))
CAF_ADD_TYPE_ID(magna, (magna::peering_actor))
CAF_ADD_TYPE_ID(magna, (magna::node_actor))
CAF_ADD_TYPE_ID(magna, (magna::dialer_actor))
CAF_ADD_TYPE_ID(magna, (magna::connection_actor))
CAF_ADD_TYPE_ID(magna, (magna::relay_actor))

CAF_ADD_TYPE_ID(magna, (magna::tool_definition))
CAF_ADD_TYPE_ID(magna, (magna::tool_choice))
CAF_ADD_TYPE_ID(magna, (magna::tool_call))
CAF_ADD_TYPE_ID(magna, (magna::image))
CAF_ADD_TYPE_ID(magna, (magna::reasoning_effort))
CAF_ADD_TYPE_ID(magna, (magna::answer_format))

CAF_ADD_TYPE_ID(magna, (magna::part_kind))
CAF_ADD_TYPE_ID(magna, (magna::part))
CAF_ADD_TYPE_ID(magna, (magna::opaque_item))
CAF_ADD_TYPE_ID(magna, (magna::started))
CAF_ADD_TYPE_ID(magna, (magna::job_kind))
CAF_ADD_TYPE_ID(magna, (magna::embedding))

CAF_END_TYPE_ID_BLOCK(magna)

namespace magna {

/// The type IDs below are magna's, also those that only later versions will use. The block of an
/// application's own types begins here or further on: `CAF_BEGIN_TYPE_ID_BLOCK(mine,
/// ::magna::first_free_type_id)`.
inline constexpr auto first_free_type_id =
  static_cast<caf::type_id_t>(static_cast<std::size_t>(caf::first_custom_type_id) + 512);

} // namespace magna
