#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <magna/messages/request.hpp>

namespace magna::soak {

using std::chrono::milliseconds;

/// How a requester gives its request up before the end.
enum class leaving : std::uint8_t {
  never,
  by_message, ///< `cancel` to the orchestrator.
  by_control, ///< `cancel` to the actor that `accepted` names.
  by_death,   ///< The requester ends.
};

/// A requester that takes `bytes` of text at a time, one helping every `every`.
struct appetite {
  std::uint64_t bytes = 0;
  milliseconds every{0};
};

/// One request of the soak, and how its requester behaves.
struct order {
  request question;
  /// Collect the answer as the response, without a receiver.
  bool collect = false;
  /// The whole answer; null where no answer ever is.
  std::shared_ptr<const std::string> expected;
  leaving how = leaving::never;
  milliseconds leave_after{0};
  /// Absent: the requester grants nothing beyond the initial credit.
  std::optional<appetite> reads;
};

/// What is done to the runtime: one of its actors is killed, mostly.
enum class victim : std::uint8_t {
  provider,
  health_monitor,
  orchestrator,
  generation,
  /// Nobody: the configuration of a provider changes.
  configuration,
};

/// The source of everything random: the same seed makes the same requests, scenarios and kills. Which request
/// meets which fault depends on the order in which they arrive.
class traffic {
public:
  explicit traffic(std::uint64_t seed);

  /// The next request.
  order next_order();

  /// A scenario for the simulator: long lists of answers and faults for each protocol and each kind of
  /// request, which repeat.
  std::string next_scenario();

  /// Who is killed next, and how long until then.
  struct kill {
    victim whom = victim::provider;
    /// Which provider.
    std::size_t index = 0;
    milliseconds after{0};
  };
  kill next_kill();

private:
  std::mt19937_64 orders_;
  std::mt19937_64 scenarios_;
  std::mt19937_64 kills_;
  std::uint64_t serial_ = 0;
};

/// The names and order of the providers, as in the runtime's chain.
inline constexpr const char* provider_names[] = {"gemini", "openai", "ollama"};

} // namespace magna::soak
