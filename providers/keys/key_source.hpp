#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <magna/messages/errc.hpp>
#include <magna/messages/export.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// A key, and how long it is good for.
struct issued_key {
  /// What goes into the request's header: printable ASCII without spaces.
  std::string key{};
  /// From now on. Absent: until the provider refuses it.
  std::optional<std::chrono::seconds> lifetime{};
};

/// Why there is no key.
struct no_key {
  /// authentication_failed: asking again would not help. Anything else is told as it is: provider_unavailable.
  errc code = errc::provider_unavailable;
  /// In words, without secrets.
  std::string message{};
};

/// What came of a fetch.
using key_answer = std::variant<issued_key, no_key>;

/// Where a provider's keys come from when they expire: a token service, a vault, an instance's metadata. magna
/// fetches the first key when the first request needs it, and the next one a while before a key expires; one fetch of
/// a provider runs at a time, and requests that have no key yet wait for it. Thread-safe: several providers may have
/// the same source.
class MAGNA_EXPORT key_source {
public:
  virtual ~key_source() = default;

  /// Begins to fetch a key, and returns at once: it is called by an actor, which must not be blocked. `done` is to be
  /// called once, from any thread, also before `fetch` returns; only the first call counts. A fetch without an answer
  /// counts as failed after 30 s. `http` is magna's own way to other servers.
  virtual void fetch(const std::shared_ptr<transport>& http, std::function<void(key_answer)> done) = 0;

  /// What keys are made from and must not be shown; the keys themselves are hidden in any case.
  virtual std::vector<std::string> secrets() const { return {}; }
};

} // namespace magna
