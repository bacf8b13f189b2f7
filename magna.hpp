#pragma once

#include <magna/messages/export.hpp>

/// All that a program which embeds magna needs.
///
/// - Programs without actors: `magna::client`; their coroutines: `magna::async_client`.
/// - Programs with actors: `magna::configure` for the actor system's configuration, `magna::runtime` in it,
///   and the handle of `runtime::service`.
/// - Nodes: `magna::client::of_nodes`, or `magna::enable_network` and `magna::connection_state`.
/// - The log: `magna::logger`; what happens to requests: `magna::observer`.
/// - Providers of one's own: `magna::register_codec`, with `magna::json_codec` as a base.
/// - Settings: `magna::settings` in code, `magna::config::load` from environment and files.

#include <magna/actors/log.hpp>
#include <magna/actors/observers/observer.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/actors/settings.hpp>
#include <magna/client/async_client.hpp>
#include <magna/client/client.hpp>
#include <magna/client/task.hpp>
#include <magna/client/when.hpp>
#include <magna/config/load.hpp>
#include <magna/messages/caf.hpp>
#include <magna/messages/json.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/connection.hpp>
#include <magna/node/network.hpp>
#include <magna/providers/codec_registry.hpp>
