#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <magna/actors/supervision/clock.hpp>
#include <magna/providers/keys/key_source.hpp>

namespace magna {

/// Keeps the key of a source: fetches it when it is first needed and a while before it expires, one fetch at a time.
/// A source that fails is asked again after a pause; meanwhile the old key is used as long as it is good.
///
///     provider --find--> keeper --fetch--> source
///         ^-------wake------'  <--answer-----'  (any thread)
class key_keeper {
public:
  /// `wake` may be called by any thread, also after the keeper's end: an answer waits for `take`.
  key_keeper(std::shared_ptr<key_source> source, std::shared_ptr<transport> http, std::function<void()> wake);

  /// The key that may be used now; null: there is none, and a fetch is under way unless `failure` says why not.
  const std::string* find(steady_time now);

  /// Looks whether the source has answered, or is too late. To be called when woken, and at `alarm`.
  void take(steady_time now);

  /// Why there is no key; null while one is awaited, or is there. Valid until the next call.
  const no_key* failure() const noexcept { return failure_ && !fetch_ ? &*failure_ : nullptr; }

  /// How long `failure` stands before the source is asked again.
  steady_duration pause_left(steady_time now) const;

  /// When a fetch without an answer counts as failed; nothing: none is under way.
  std::optional<steady_time> alarm() const;

  /// The provider has refused a key: it is not used again.
  void refuse(const std::string& key, steady_time now);

private:
  struct answer_box;
  struct fetch {
    std::shared_ptr<answer_box> box;
    steady_time since;
  };

  bool is_usable(steady_time now) const { return !key_.empty() && (!expires_ || now < *expires_); }
  void start(steady_time now);
  void fail(no_key why, steady_time now);

  std::shared_ptr<key_source> source_;
  std::shared_ptr<transport> http_;
  std::function<void()> wake_;
  std::string key_;
  steady_time since_{};
  std::optional<steady_time> expires_;
  /// From then on the next key is fetched.
  std::optional<steady_time> renew_at_;
  std::optional<fetch> fetch_;
  std::optional<no_key> failure_;
  /// The source is not asked before.
  steady_time not_before_{};
};

} // namespace magna
