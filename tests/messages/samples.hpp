#pragma once

#include <chrono>
#include <concepts>
#include <string>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <magna/messages/types.hpp>

/// One example of each message in which every field has a value of its own that is not the default. A type of
/// the type-ID block that has no `fill` does not compile in round_trip_test.cpp.
namespace magna::samples {

/// Text that every format has to escape or keep: quotes, control characters, two to four bytes per character.
inline const std::string awkward = "\"a\\b\"\n\t\x01 caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8e\x89";

/// Human-readable formats keep milliseconds only, here and in durations.
inline const caf::timestamp moment{std::chrono::milliseconds{1'795'000'000'123}};

inline void fill(errc& x, const caf::actor&) {
  x = errc::stream_truncated;
}

inline void fill(role& x, const caf::actor&) {
  x = role::assistant;
}

inline void fill(finish_reason& x, const caf::actor&) {
  x = finish_reason::tool_calls;
}

inline void fill(health_state& x, const caf::actor&) {
  x = health_state::degraded;
}

inline void fill(tool_choice& x, const caf::actor&) {
  x = tool_choice::named;
}

inline void fill(reasoning_effort& x, const caf::actor&) {
  x = reasoning_effort::high;
}

inline void fill(answer_format& x, const caf::actor&) {
  x = answer_format::json_schema;
}

inline void fill(tool_definition& x, const caf::actor&) {
  x = {"look_up", awkward, R"({"type":"object"})", true};
}

inline void fill(tool_call& x, const caf::actor&) {
  x = {"call-1", "look_up", R"({"word":"caf\u00e9"})", {{"gemini", "thought_signature", awkward}}};
}

inline void fill(opaque_item& x, const caf::actor&) {
  x = {"anthropic", "thinking", awkward};
}

inline void fill(part_kind& x, const caf::actor&) {
  x = part_kind::tool_call;
}

inline void fill(part& x, const caf::actor&) {
  x = {part_kind::tool_call, 3, awkward, "call-1", "look_up"};
}

inline void fill(image& x, const caf::actor&) {
  x = {"image/png", "iVBORw0KGgo=", "https://example.org/a.png"};
}

inline void fill(chat_message& x, const caf::actor& someone) {
  x = {role::assistant, awkward};
  x.images.resize(2);
  fill(x.images[1], someone);
  x.tool_calls.resize(2);
  fill(x.tool_calls[0], someone);
  x.tool_call_id = "call-0";
  x.is_error = true;
  x.items.resize(2);
  fill(x.items[1], someone);
}

inline void fill(parameters& x, const caf::actor&) {
  x = {.temperature = 0.25,
       .top_p = 0.5,
       .max_tokens = 4'294'967'295,
       .stop = {"END", awkward},
       .seed = -7,
       .effort = reasoning_effort::medium,
       .top_k = 40,
       .parallel_tool_calls = false,
       .prompt_cache = true,
       .prompt_cache_key = awkward,
       .extra_body = R"({"num_ctx":8192})"};
}

inline void fill(request& x, const caf::actor& someone) {
  x.id = "request-1";
  x.system_prompt = awkward;
  x.messages = {{role::user, "hello"}, {role::assistant, awkward}};
  fill(x.params, someone);
  x.model = "gemini-3.8-flash";
  x.targets = {"openai", {"gemini", "gemini-4"}};
  x.stream = false;
  x.deadline = std::chrono::seconds{90};
  x.max_attempts = 3;
  x.hops = 2;
  x.initial_credit = 65'536;
  x.metadata = {{"tenant", awkward}, {"user", ""}};
  x.hedge = true;
  x.tools.resize(2);
  fill(x.tools[1], someone);
  fill(x.tool_choice, someone);
  x.required_tool = "look_up";
  fill(x.format, someone);
  x.json_schema = R"({"type":"object"})";
  x.stream_reasoning = true;
  x.stream_tool_calls = true;
  x.job = job_kind::embedding;
  x.inputs = {"a", awkward};
  x.dimensions = 256;
}

inline void fill(embedding& x, const caf::actor&) {
  x.values = {0.5F, -0.25F};
}

inline void fill(job_kind& x, const caf::actor&) {
  x = job_kind::embedding;
}

inline void fill(shared_request& x, const caf::actor& someone) {
  request value;
  fill(value, someone);
  x = shared_request{value};
}

inline void fill(usage& x, const caf::actor&) {
  x = {.prompt_tokens = 1,
       .completion_tokens = 20,
       .reasoning_tokens = 300,
       .cached_tokens = 4'000,
       .cache_write_tokens = 50'000,
       .estimated = true};
}

inline void fill(attempt_record& x, const caf::actor&) {
  x.provider = "gemini";
  x.model = "gemini-3.8-flash";
  x.error = errc::timeout;
  x.message = awkward;
  x.http_status = 65'535;
  x.started = moment;
  x.wait = std::chrono::milliseconds{1'017};
  x.duration = std::chrono::milliseconds{30'125};
  x.retry_after = std::chrono::seconds{2};
  x.should_retry = false;
  x.another_key = true;
  x.unsupported = true;
  x.provider_request_id = "req_011";
}

inline void fill(accepted& x, const caf::actor& someone) {
  x = {"request-1", caf::actor_cast<stream_control_actor>(someone)};
}

inline void fill(started& x, const caf::actor&) {
  x = {"request-1", 2, "gemini", "gemini-3.8-flash"};
}

inline void fill(chunk& x, const caf::actor& someone) {
  x.seq = 4'000'000'000'000;
  x.parts.resize(2);
  fill(x.parts[1], someone);
}

inline void fill(completion& x, const caf::actor& someone) {
  x.request_id = "request-1";
  x.provider = "gemini";
  x.model = "gemini-3.8-flash";
  x.finish = finish_reason::length;
  x.text = awkward;
  fill(x.usage, someone);
  x.ttft = std::chrono::milliseconds{340};
  x.total = std::chrono::seconds{3};
  x.attempts.resize(2);
  fill(x.attempts[1], someone);
  x.tool_calls.resize(2);
  fill(x.tool_calls[0], someone);
  x.reasoning = awkward;
  x.items.resize(2);
  fill(x.items[1], someone);
  x.embeddings.resize(2);
  fill(x.embeddings[1], someone);
}

inline void fill(failure& x, const caf::actor& someone) {
  x.request_id = "request-1";
  x.error = errc::all_providers_failed;
  x.message = awkward;
  x.provider = "ollama";
  x.http_status = 503;
  x.retryable = true;
  x.retry_after = std::chrono::milliseconds{1'500};
  x.delivered_chars = 12;
  fill(x.usage, someone);
  x.attempts.resize(2);
  fill(x.attempts[0], someone);
}

inline void fill(cancel& x, const caf::actor&) {
  x.request_id = "request-1";
}

inline void fill(credit& x, const caf::actor&) {
  x = {"request-1", 65'536};
}

inline void fill(attempt_end& x, const caf::actor& someone) {
  x.attempt_id = 3;
  x.error = errc::rate_limited;
  x.message = awkward;
  x.http_status = 429;
  x.should_retry = false;
  x.retry_after = std::chrono::seconds{0};
  x.another_key = true;
  x.model = "gpt-6-luna";
  x.finish = finish_reason::other;
  fill(x.usage, someone);
  x.tool_calls.resize(2);
  fill(x.tool_calls[0], someone);
  x.unsupported = true;
  x.provider_request_id = "req_012";
  x.reasoning = awkward;
  x.items.resize(2);
  fill(x.items[1], someone);
  x.embeddings.resize(2);
  fill(x.embeddings[1], someone);
  x.key_refused = true;
  x.key_rest = std::chrono::seconds{9};
}

inline void fill(attempt_verdict& x, const caf::actor&) {
  x.provider = "gemini";
  x.error = errc::authentication_failed;
  x.message = awkward;
  x.retry_after = std::chrono::seconds{20};
  x.another_key = true;
  x.model = "gemini-4";
}

inline void fill(restart_tick& x, const caf::actor&) {
  x.child = "provider gemini";
}

inline void fill(drain& x, const caf::actor&) {
  x.deadline = std::chrono::seconds{30};
}

inline void fill(drained& x, const caf::actor&) {
  x.cancelled_requests = 2;
}

inline void fill(provider_status& x, const caf::actor&) {
  x.name = "gemini";
  x.kind = "gemini";
  x.model = "gemini-3.8-flash";
  x.state = health_state::unavailable;
  x.consecutive_failures = 3;
  x.last_error = errc::timeout;
  x.last_error_message = awkward;
  x.last_error_at = moment;
  x.successes = 1'000;
  x.failures = 10;
  x.in_flight = 4;
  x.restarts = 5;
  x.ttft_p50 = std::chrono::milliseconds{300};
  x.ttft_p95 = std::chrono::milliseconds{900};
  x.latency_p50 = std::chrono::milliseconds{2'000};
  x.latency_p95 = std::chrono::milliseconds{9'000};
}

inline void fill(status_report& x, const caf::actor& someone) {
  x.providers.resize(2);
  fill(x.providers[0], someone);
}

inline void fill(probe_report& x, const caf::actor&) {
  x.provider = "gemini";
  x.model = "gemini-3.8-flash";
  x.usable = true;
  x.state = health_state::healthy;
  x.error = errc::model_not_found;
  x.message = awkward;
  x.latency = std::chrono::milliseconds{85};
}

inline void fill(health_report& x, const caf::actor& someone) {
  x.providers.resize(2);
  fill(x.providers[1], someone);
}

inline void fill(health_event& x, const caf::actor&) {
  x.provider = "gemini";
  x.from = health_state::degraded;
  x.to = health_state::unavailable;
  x.error = errc::timeout;
  x.message = awkward;
  x.at = moment;
}

inline void fill(subscribe& x, const caf::actor& someone) {
  x.subscriber = caf::actor_cast<health_subscriber_actor>(someone);
}

inline void fill(provider_changed& x, const caf::actor& someone) {
  x = {"gemini", caf::actor_cast<provider_actor>(someone), awkward};
}

inline void fill(peer_status& x, const caf::actor&) {
  x = {"gpu-1:4711", "gpu-1", true, awkward};
}

inline void fill(node_status& x, const caf::actor& someone) {
  x.name = "gpu-1";
  x.version = "0.1.0";
  x.draining = true;
  x.running_requests = 12;
  x.providers.resize(2);
  fill(x.providers[0], someone);
  x.peers.resize(1);
  fill(x.peers[0], someone);
}

inline void fill(health_fact& x, const caf::actor&) {
  x = {"gemini",
       "gemini https://example.org m",
       health_state::unavailable,
       std::chrono::seconds{29},
       std::chrono::seconds{7},
       std::chrono::milliseconds{3}};
}

inline void fill(health_facts& x, const caf::actor& someone) {
  x.facts.resize(2);
  fill(x.facts[0], someone);
}

inline void fill(peer_news& x, const caf::actor& someone) {
  x.node = "gpu-1";
  fill(x.health, someone);
}

inline void fill(join& x, const caf::actor& someone) {
  x = {"gpu-1", caf::actor_cast<peer_actor>(someone)};
}

inline void fill(joined& x, const caf::actor& someone) {
  x = {"gpu-1", caf::actor_cast<peer_actor>(someone)};
}

inline void fill(probe& x, const caf::actor&) {
  x.hops = 1;
}

inline void fill(probe_provider& x, const caf::actor&) {
  x.hops = 1;
  x.name = "ollama";
}

inline void fill(pick_node& x, const caf::actor&) {
  x.except = {"a:1", "b:2"};
}

inline void fill(picked_node& x, const caf::actor& someone) {
  x = {"a:1", caf::actor_cast<node_actor>(someone)};
}

inline void fill(node_down& x, const caf::actor&) {
  x = {"a:1", awkward};
}

inline void fill(dial_tick& x, const caf::actor&) {
  x.address = "a:1";
}

inline void fill(peer_list& x, const caf::actor& someone) {
  x.peers.resize(2);
  fill(x.peers[1], someone);
}

/// Messages without content say all with their type.
template <std::derived_from<signal> T>
void fill(T&, const caf::actor&) {}

template <class... Signatures>
void fill(caf::typed_actor<Signatures...>& x, const caf::actor& someone) {
  x = caf::actor_cast<caf::typed_actor<Signatures...>>(someone);
}

// -- equality -----------------------------------------------------------------------------------------------

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

inline bool same(const shared_request& a, const shared_request& b) {
  return *a == *b;
}

inline bool same(const accepted& a, const accepted& b) {
  return a.request_id == b.request_id && a.control == b.control;
}

inline bool same(const join& a, const join& b) {
  return a.node == b.node && a.peer == b.peer;
}

inline bool same(const joined& a, const joined& b) {
  return a.node == b.node && a.peer == b.peer;
}

inline bool same(const picked_node& a, const picked_node& b) {
  return a.address == b.address && a.node == b.node;
}

inline bool same(const subscribe& a, const subscribe& b) {
  return a.subscriber == b.subscriber;
}

inline bool same(const provider_changed& a, const provider_changed& b) {
  return a.provider == b.provider && a.handle == b.handle && a.message == b.message;
}

} // namespace magna::samples
