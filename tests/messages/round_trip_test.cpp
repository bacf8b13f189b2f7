#include "samples.hpp"

#include "wire_bytes.hpp"

#include <magna/tests/support/test.hpp>

#include <caf/config_value.hpp>
#include <caf/config_value_reader.hpp>
#include <caf/config_value_writer.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/json_reader.hpp>
#include <caf/json_writer.hpp>
#include <caf/message.hpp>
#include <caf/settings.hpp>
#include <caf/typed_message_view.hpp>

#include <concepts>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace magna;

namespace {

using block = caf::id_block::magna;

constexpr auto block_begin = static_cast<std::size_t>(block::begin);
constexpr auto block_size = static_cast<std::size_t>(block::end) - block_begin;

template <class T>
struct is_typed_actor : std::false_type {};

template <class... Ts>
struct is_typed_actor<caf::typed_actor<Ts...>> : std::true_type {};

template <class T, class... Ts>
constexpr bool is_one_of = (std::same_as<T, Ts> || ...);

/// Handles have no human-readable form that could be read back.
template <class T>
constexpr bool has_handle =
  is_typed_actor<T>::value || is_one_of<T, accepted, subscribe, provider_changed, join, joined, picked_node>;

/// These stay inside their process: CAF refuses to write and to read them.
template <class T>
constexpr bool stays_inside =
  is_one_of<T, reload, lease_request, granted_lease, lease_return, withdraw_request, provider_stopping>;

/// An enum alone is no object, so it has no fields to compare.
template <class T>
constexpr bool has_fields = !has_handle<T> && !std::is_enum_v<T> && !std::derived_from<T, signal>;

/// Calls `f` with a default and a filled value of every type of the block.
template <class F, std::size_t... Is>
void for_each_type(F f, const caf::actor& someone, std::index_sequence<Is...>) {
  const auto one = [&]<class T>(T empty) {
    if constexpr (!stays_inside<T>) {
      // An enum's zero is no enumerator.
      if constexpr (std::is_enum_v<T>)
        empty = static_cast<T>(1);
      auto filled = empty;
      samples::fill(filled, someone);
      f(empty, filled);
    }
  };
  (one(caf::type_by_id_t<block::begin + Is>{}), ...);
}

template <class T>
std::string name_of(const T&) {
  return std::string{caf::type_name_v<T>.data(), caf::type_name_v<T>.size()};
}

caf::behavior idle(caf::event_based_actor*) {
  return {[](int) {}};
}

struct round_trip_fixture : magna::test::deterministic {
  caf::actor someone = sys.spawn(idle);

  ~round_trip_fixture() override {
    // Serializing a handle registers its actor, and so keeps it.
    inject_exit(someone);
  }

  template <class F>
  void for_each_type(F f) {
    ::for_each_type(f, someone, std::make_index_sequence<block_size>{});
  }
};

} // namespace

SUITE("messages") {

WITH_FIXTURE(round_trip_fixture) {

TEST("every message survives the binary format of the network") {
  std::size_t types = 0;
  for_each_type([&]<class T>(const T& empty, const T& filled) {
    ++types;
    for (const auto& value : {empty, filled}) {
      const auto copy = serialization_roundtrip(value);
      if (!copy)
        fail("{}: {}", name_of(value), to_string(copy.error()));
      if (!samples::same(*copy, value))
        fail("{} came back changed", name_of(value));
    }
  });
  check_eq(types, block_size - 6);
}

TEST("every message without handles survives JSON") {
  for_each_type([&]<class T>(const T& empty, const T& filled) {
    if constexpr (!has_handle<T>) {
      for (const auto& value : {empty, filled}) {
        caf::json_writer writer;
        if (!writer.apply(value))
          fail("{}: {}", name_of(value), to_string(writer.get_error()));
        caf::json_reader reader;
        auto copy = T{};
        if (!reader.load(writer.str()) || !reader.apply(copy))
          fail("{}: {} from {}", name_of(value), to_string(reader.get_error()), writer.str());
        if (!samples::same(copy, value))
          fail("{} came back changed from {}", name_of(value), writer.str());
      }
    }
  });
}

TEST("every message without handles survives the format of configurations") {
  for_each_type([&]<class T>(const T& empty, const T& filled) {
    if constexpr (!has_handle<T>) {
      for (const auto& value : {empty, filled}) {
        caf::config_value text;
        caf::config_value_writer writer{&text};
        if (!writer.apply(value))
          fail("{}: {}", name_of(value), to_string(writer.get_error()));
        caf::config_value_reader reader{&text};
        auto copy = T{};
        if (!reader.apply(copy))
          fail("{}: {} from {}", name_of(value), to_string(reader.get_error()), to_string(text));
        if (!samples::same(copy, value))
          fail("{} came back changed from {}", name_of(value), to_string(text));
      }
    }
  });
}

TEST("in the samples no field has its default") {
  for_each_type([&]<class T>(const T& empty, const T& filled) {
    if constexpr (has_fields<T>) {
      const auto fields_of = [](const T& value) {
        caf::config_value text;
        caf::config_value_writer writer{&text};
        magna::test::runnable::current().require(writer.apply(value));
        return caf::get_as<caf::settings>(text);
      };
      const auto before = unbox(fields_of(empty));
      const auto after = unbox(fields_of(filled));
      for (const auto& [name, value] : before) {
        const auto found = after.find(name);
        require(found != after.end());
        if (name != "@type" && to_string(found->second) == to_string(value))
          fail("{} is the default in the sample of {}", name, name_of(empty));
      }
      check_ge(after.size(), before.size());
    }
  });
}

TEST("every message can be printed, with its type") {
  for_each_type([&]<class T>(const T&, const T& filled) {
    if constexpr (has_fields<T> && !std::same_as<T, shared_request>)
      magna::test::check_found(to_string(caf::make_message(filled)),
                               std::string_view{name_of(filled)}.substr(7));
  });
}

TEST("numbers survive up to the ends of their range") {
  chunk last;
  last.seq = std::numeric_limits<std::uint64_t>::max();
  check(unbox(serialization_roundtrip(last)) == last);
  parameters params;
  params.seed = std::numeric_limits<std::int64_t>::min();
  params.temperature = 0.1;
  params.top_p = std::numeric_limits<double>::max();
  check(unbox(serialization_roundtrip(params)) == params);
}

TEST("on the network times keep their nanoseconds") {
  attempt_record record;
  record.started = samples::moment + caf::timespan{1};
  record.wait = caf::timespan{1};
  record.duration = caf::timespan{30'000'000'001};
  check(unbox(serialization_roundtrip(record)) == record);
}

TEST("text survives whole, with its null bytes and its megabytes") {
  chunk what{.parts = {part{.bytes = std::string("a\0b", 3) + std::string(10'000'000, 'x')}}};
  check(unbox(serialization_roundtrip(what)) == what);
}

TEST("an absent value and an empty one are not the same") {
  attempt_end end;
  check(!unbox(serialization_roundtrip(end)).should_retry);
  end.should_retry = false;
  check(unbox(serialization_roundtrip(end)).should_retry == false);
  request what;
  what.initial_credit = 0;
  check(unbox(serialization_roundtrip(what)).initial_credit == 0u);
}

TEST("a handle that is null stays null") {
  check(!unbox(serialization_roundtrip(provider_changed{})).handle);
  check(!unbox(serialization_roundtrip(accepted{})).control);
}

TEST("a failure travels inside an error") {
  failure end;
  samples::fill(end, someone);
  const auto error = caf::make_error(errc::all_providers_failed, end);
  const auto message = unbox(serialization_roundtrip(caf::make_message(error)));
  const auto& copy = message.get_as<caf::error>(0);
  check(copy == errc::all_providers_failed);
  const auto context = caf::make_const_typed_message_view<failure>(copy.context());
  require(static_cast<bool>(context));
  check(caf::get<0>(context) == end);
}

// -- the wire format between nodes --------------------------------------------------------------------------

/// Each message of the first version that has tags, as it went over the wire.
std::map<std::string, std::string> first_version() {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::map<std::string, std::string> result;
  std::ifstream in{MAGNA_FIRST_VERSION};
  for (std::string name, hex; in >> name >> hex;)
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      result[name] += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return result;
}

TEST("messages of the first version are read, and written again as they were") {
  const auto recorded = first_version();
  check_ge(recorded.size(), 39u);
  for_each_type([&]<class T>(const T&, const T&) {
    if constexpr (has_fields<T>) {
      const auto found = recorded.find(name_of(T{}));
      // A message of a later version.
      if (found == recorded.end())
        return;
      const auto value = magna::test::from_wire<T>(found->second);
      if (!value)
        fail("{} can't be read any more", found->first);
      // A field that has come since has its default, which is not sent.
      check_eq(magna::test::printable(magna::test::to_wire(*value)), magna::test::printable(found->second));
    }
  });
}

TEST("type IDs keep their places: new ones are only appended") {
  constexpr std::string_view names[] = {
    "errc",
    "role",
    "finish_reason",
    "health_state",
    "chat_message",
    "parameters",
    "request",
    "shared_request",
    "usage",
    "attempt_record",
    "accepted",
    "chunk",
    "completion",
    "failure",
    "cancel",
    "credit",
    "lease_request",
    "granted_lease",
    "lease_return",
    "attempt_end",
    "restart_tick",
    "drain",
    "drained",
    "collect_answer",
    "deadline_tick",
    "open_stream",
    "provider_stopping",
    "retry_tick",
    "transfer_ready",
    "attempt_verdict",
    "provider_status",
    "status_report",
    "probe_report",
    "health_report",
    "health_event",
    "subscribe",
    "provider_changed",
    "check_health",
    "get_status",
    "probe",
    "probe_tick",
    "requester_actor",
    "stream_control_actor",
    "generation_actor",
    "provider_actor",
    "health_subscriber_actor",
    "health_monitor_actor",
    "orchestrator_actor",
    "supervisor_actor",
    "await_start",
    "hedge_tick",
    "queue_tick",
    "reload",
    "withdraw_request",
    "service_actor",
    "peer_status",
    "node_status",
    "health_fact",
    "health_facts",
    "peer_news",
    "join",
    "joined",
    "probe_provider",
    "pick_node",
    "picked_node",
    "node_down",
    "dial_tick",
    "peer_list",
    "dial",
    "get_health_facts",
    "get_node_status",
    "get_peers",
    "peer_tick",
    "peer_actor",
    "peering_actor",
    "node_actor",
    "dialer_actor",
    "connection_actor",
    "relay_actor",
    "tool_definition",
    "tool_choice",
    "tool_call",
    "image",
    "reasoning_effort",
    "answer_format",
    "part_kind",
    "part",
    "opaque_item",
    "started",
    "job_kind",
    "embedding",
  };
  require_le(std::size(names), block_size);
  for (std::size_t i = 0; i < std::size(names); ++i) {
    const auto name = caf::query_type_name(static_cast<caf::type_id_t>(block_begin + i));
    check_eq(std::string(name.data(), name.size()), "magna::" + std::string{names[i]});
  }
}

} // WITH_FIXTURE(round_trip_fixture)

} // SUITE("messages")
