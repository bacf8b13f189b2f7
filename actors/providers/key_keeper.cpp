#include <magna/actors/providers/key_keeper.hpp>

#include <algorithm>
#include <utility>

#include <magna/text/ascii.hpp>
#include <magna/text/mutex.hpp>
#include <magna/text/redact.hpp>

namespace magna {

namespace {

using namespace std::chrono_literals;

/// A fetch is one request to a server nearby.
constexpr std::chrono::seconds fetch_timeout{30};
/// A key is renewed so long before its end, or in the last quarter of a short life.
constexpr std::chrono::seconds renewal_margin{300};
/// Younger than this, a key is not refused for its age.
constexpr std::chrono::seconds fresh{60};
/// After a failure that may pass, and after one that will not without somebody's doing.
constexpr std::chrono::seconds short_pause{1};
constexpr std::chrono::seconds long_pause{10};

} // namespace

/// Outlives the keeper if need be; only the first answer counts.
struct key_keeper::answer_box {
  mutex guard;
  std::optional<key_answer> answer MAGNA_GUARDED_BY(guard);
  bool answered MAGNA_GUARDED_BY(guard) = false;

  bool put(key_answer&& given) {
    const mutex_lock locked{guard};
    if (std::exchange(answered, true))
      return false;
    answer = std::move(given);
    return true;
  }

  std::optional<key_answer> take() {
    const mutex_lock locked{guard};
    return std::exchange(answer, std::nullopt);
  }
};

key_keeper::key_keeper(std::shared_ptr<key_source> source, std::shared_ptr<transport> http,
                       std::function<void()> wake)
  : source_(std::move(source)), http_(std::move(http)), wake_(std::move(wake)) {}

const std::string* key_keeper::find(steady_time now) {
  take(now);
  const bool is_due = !is_usable(now) || (renew_at_ && now >= *renew_at_);
  if (is_due && !fetch_ && now >= not_before_) {
    start(now);
    take(now);
  }
  return is_usable(now) ? &key_ : nullptr;
}

void key_keeper::start(steady_time now) {
  failure_.reset();
  auto box = std::make_shared<answer_box>();
  fetch_ = fetch{box, now};
  try {
    source_->fetch(http_, [box, wake = wake_](key_answer answer) {
      if (box->put(std::move(answer)))
        wake();
    });
  } catch (const std::exception& error) {
    box->put(no_key{.message = "the source of keys failed: " + std::string{error.what()}});
  }
}

void key_keeper::take(steady_time now) {
  if (!fetch_)
    return;
  auto answer = fetch_->box->take();
  if (!answer) {
    if (now - fetch_->since >= fetch_timeout)
      fail({.message = "the source of keys did not answer within 30 s"}, now);
    return;
  }
  if (auto* why = std::get_if<no_key>(&*answer)) {
    fail(std::move(*why), now);
    return;
  }
  auto& issued = std::get<issued_key>(*answer);
  if (issued.key.empty() || !std::ranges::all_of(issued.key, is_graphic)
      || (issued.lifetime && issued.lifetime->count() <= 0)) {
    fail({.message = "the source of keys gave one that can't be used"}, now);
    return;
  }
  key_ = std::move(issued.key);
  since_ = now;
  expires_.reset();
  renew_at_.reset();
  if (issued.lifetime) {
    const auto lifetime = std::min<std::chrono::seconds>(*issued.lifetime, 365 * 24h);
    expires_ = now + lifetime;
    renew_at_ = *expires_ - std::min<std::chrono::milliseconds>(renewal_margin, lifetime / 4);
  }
  fetch_.reset();
  failure_.reset();
  not_before_ = {};
}

void key_keeper::fail(no_key why, steady_time now) {
  fetch_.reset();
  if (why.message.empty())
    why.message = "the source of keys has none";
  why.message = redact(why.message, source_->secrets());
  not_before_ = now + (why.code == errc::authentication_failed ? long_pause : short_pause);
  failure_ = std::move(why);
}

steady_duration key_keeper::pause_left(steady_time now) const {
  return std::max(not_before_ - now, steady_duration::zero());
}

std::optional<steady_time> key_keeper::alarm() const {
  return fetch_ ? std::optional<steady_time>{fetch_->since + fetch_timeout} : std::nullopt;
}

void key_keeper::refuse(const std::string& key, steady_time now) {
  if (key.empty() || key != key_)
    return;
  key_.clear();
  // One that has just come is refused for what it is, and the next one would be the same.
  if (now - since_ < fresh)
    fail({errc::authentication_failed, "the provider refuses the key that it was just given"}, now);
}

} // namespace magna
