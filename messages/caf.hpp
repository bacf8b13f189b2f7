#pragma once

// The one place that knows which CAF this is. magna is written in the idiom of CAF 1.x: states are classes
// spawned by `spawn_state`, messages leave through `self->mail(...)`, other actors are watched with a
// callback. On CAF 1.x the names below are CAF's own; CAF 0.18 gets what it lacks. Dropping CAF 0.18 means
// deleting its half of this file.

#include <string_view>

#include <caf/config.hpp>

#if CAF_VERSION < 1800
#  error "magna needs CAF 0.18 or newer"
#endif

#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

namespace magna {

/// What an actor does with a message that it has no handler for, as a newer node may send it. CAF's own way
/// prints it to stdout. And its answer to a message that is no request is an error all the same, which ends
/// the sender.
inline caf::skippable_result refuse_unexpected(caf::scheduled_actor* self, caf::message& /*what*/) {
  if (self->current_message_id().is_request())
    return caf::make_error(caf::sec::unexpected_message);
  return caf::message{};
}

} // namespace magna

#if CAF_VERSION >= 10000

#  include <cstddef>

#  include <caf/actor_from_state.hpp>
#  include <caf/actor_system.hpp>
#  include <caf/anon_mail.hpp>
#  include <caf/binary_deserializer.hpp>
#  include <caf/binary_serializer.hpp>
#  include <caf/byte_buffer.hpp>
#  include <caf/scoped_actor.hpp>
#  include <caf/typed_actor.hpp>
#  include <caf/typed_event_based_actor.hpp>

namespace magna {

/// The string view type of CAF's enum inspection.
using caf_string_view = std::string_view;

/// How a state refers to the actor that it belongs to.
template <class Handle>
using self_pointer = typename Handle::pointer;

/// A state whose actor refuses what it has no handler for.
template <class State>
struct refusing_unexpected : State {
  /// Made by `spawn_state`.
  template <class Self, class... Ts>
  explicit refusing_unexpected(Self* self, Ts&&... xs) : State(self, std::forward<Ts>(xs)...) {
#  pragma GCC diagnostic push
#  pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // Typed actors have no other way.
    self->set_default_handler(refuse_unexpected);
#  pragma GCC diagnostic pop
  }
};

/// Starts an actor whose behavior and state are those of `State`; `host` is an actor system or an actor.
template <class State, class Host, class... Ts>
auto spawn_state(Host& host, Ts&&... xs) {
  return host.spawn(caf::actor_from_state<refusing_unexpected<State>>, std::forward<Ts>(xs)...);
}

/// The same on a thread of its own, for what has to block.
template <class State, class Host, class... Ts>
auto spawn_detached_state(Host& host, Ts&&... xs) {
  return host.template spawn<caf::detached>(caf::actor_from_state<refusing_unexpected<State>>,
                                            std::forward<Ts>(xs)...);
}

/// Sends without a sender, from anywhere.
using caf::anon_mail;

/// Whether an actor ended for a reason other than being done.
inline bool is_crash(const caf::error& reason) {
  return reason.valid();
}

/// Sends a request from a thread that is no actor; the result's `receive` waits for the response.
template <class Handle, class Timeout, class... Ts>
auto blocking_request(caf::scoped_actor& self, const Handle& dest, Timeout timeout, Ts&&... xs) {
  return self->mail(std::forward<Ts>(xs)...).request(dest, timeout);
}

/// How many actors of the system have not ended yet.
inline std::size_t running_actors(const caf::actor_system& sys) {
  return sys.running_actors_count();
}

/// Adds bytes to what a serializer has written.
template <class Sink>
bool put_bytes(Sink& sink, const char* bytes, std::size_t size) {
  return sink.value(caf::const_byte_span{reinterpret_cast<const std::byte*>(bytes), size});
}

/// Takes bytes from a deserializer; an error if there are not as many.
template <class Source>
bool get_bytes(Source& source, void* to, std::size_t size) {
  return source.value(caf::byte_span{static_cast<std::byte*>(to), size});
}

/// Writes a value in CAF's binary format, handles as `sink` writes them.
template <class Sink, class T>
bool save_apart(Sink& sink, const T& value, caf::byte_buffer& to) {
  caf::binary_serializer apart{to, sink.actor_handle_codec()};
  if (apart.apply(value))
    return true;
  sink.set_error(apart.get_error());
  return false;
}

/// Reads what `save_apart` has written.
template <class Source, class T>
bool load_apart(Source& source, std::string_view bytes, T& value) {
  caf::binary_deserializer apart{bytes.data(), bytes.size(), source.actor_handle_codec()};
  if (apart.apply(value))
    return true;
  source.set_error(apart.get_error());
  return false;
}

} // namespace magna

#else

#  include <chrono>
#  include <cstddef>
#  include <functional>
#  include <map>
#  include <memory>
#  include <tuple>
#  include <utility>
#  include <vector>

#  include <caf/actor_registry.hpp>
#  include <caf/actor_system.hpp>
#  include <caf/binary_deserializer.hpp>
#  include <caf/binary_serializer.hpp>
#  include <caf/byte_buffer.hpp>
#  include <caf/disposable.hpp>
#  include <caf/scoped_actor.hpp>
#  include <caf/send.hpp>
#  include <caf/stateful_actor.hpp>
#  include <caf/string_view.hpp>
#  include <caf/typed_actor.hpp>
#  include <caf/typed_event_based_actor.hpp>

namespace magna {

using caf_string_view = caf::string_view;

namespace caf_0_18 {

/// A message with a delay: the second step of `self->mail(...).delay(...)`.
template <class... Ts>
class delayed_mail {
public:
  delayed_mail(caf::actor_clock& clock, caf::timespan delay, std::tuple<Ts...> content)
    : clock_(clock), delay_(delay), content_(std::move(content)) {}

  /// Holds only a weak reference, so that a forgotten timer keeps no actor alive.
  template <class Handle>
  caf::disposable send(const Handle& dest) && {
    auto element = std::apply(
      [](auto&&... xs) {
        return caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                         std::forward<decltype(xs)>(xs)...);
      },
      std::move(content_));
    return clock_.schedule_message(clock_.now() + delay_, caf::actor_cast<caf::weak_actor_ptr>(dest),
                                   std::move(element));
  }

private:
  caf::actor_clock& clock_;
  caf::timespan delay_;
  std::tuple<Ts...> content_;
};

template <class Self, class... Ts>
class mail {
public:
  mail(Self* self, std::tuple<Ts...> content) : self_(self), content_(std::move(content)) {}

  template <class Handle>
  void send(const Handle& dest) && {
    std::apply([&](auto&&... xs) { self_->send(dest, std::forward<decltype(xs)>(xs)...); },
               std::move(content_));
  }

  template <class Rep, class Period>
  delayed_mail<Ts...> delay(std::chrono::duration<Rep, Period> timeout) && {
    return {self_->clock(), std::chrono::duration_cast<caf::timespan>(timeout), std::move(content_)};
  }

  template <class Handle, class Timeout>
  auto request(const Handle& dest, Timeout timeout) && {
    return std::apply(
      [&](auto&&... xs) { return self_->request(dest, timeout, std::forward<decltype(xs)>(xs)...); },
      std::move(content_));
  }

  template <class Handle>
  auto delegate(const Handle& dest) && {
    return std::apply([&](auto&&... xs) { return self_->delegate(dest, std::forward<decltype(xs)>(xs)...); },
                      std::move(content_));
  }

private:
  Self* self_;
  std::tuple<Ts...> content_;
};

/// A typed actor with the `mail` and `monitor` of CAF 1.x.
template <class Base>
class with_mail : public Base {
public:
  template <class... Ts>
  explicit with_mail(caf::actor_config& config, Ts&&... xs) : Base(config, std::forward<Ts>(xs)...) {
    this->set_default_handler(refuse_unexpected);
  }

  template <class... Ts>
  auto mail(Ts&&... xs) {
    return caf_0_18::mail<with_mail, std::decay_t<Ts>...>{this, {std::forward<Ts>(xs)...}};
  }

  /// Runs `callback(const caf::error&)` in this actor when `whom` is gone; at once if it is gone already.
  template <class Handle, class F>
  caf::disposable monitor(const Handle& whom, F callback) {
    if (watchers_ == nullptr) {
      watchers_ = std::make_shared<watcher_map>();
      this->set_down_handler([table = watchers_](caf::down_msg& msg) {
        auto found = table->extract(msg.source);
        if (!found.empty() && !found.mapped()->disposed())
          found.mapped()->run(msg.reason);
      });
    }
    auto entry = caf::make_counted<watcher>(std::move(callback));
    watchers_->emplace(whom.address(), entry);
    Base::monitor(whom);
    return caf::disposable{std::move(entry)};
  }

private:
  /// One watched actor. Disposing keeps the entry until the other's end, which for magna's watches is near.
  class watcher : public caf::ref_counted, public caf::disposable::impl {
  public:
    explicit watcher(std::function<void(const caf::error&)> callback) : callback_(std::move(callback)) {}

    void run(const caf::error& reason) {
      auto callback = std::exchange(callback_, nullptr);
      callback(reason);
    }
    void dispose() override { callback_ = nullptr; }
    bool disposed() const noexcept override { return callback_ == nullptr; }
    void ref_disposable() const noexcept override { this->ref(); }
    void deref_disposable() const noexcept override { this->deref(); }
    friend void intrusive_ptr_add_ref(const watcher* ptr) noexcept { ptr->ref(); }
    friend void intrusive_ptr_release(const watcher* ptr) noexcept { ptr->deref(); }

  private:
    std::function<void(const caf::error&)> callback_;
  };
  using watcher_map = std::multimap<caf::actor_addr, caf::intrusive_ptr<watcher>>;

  std::shared_ptr<watcher_map> watchers_;
};

template <class... Ts>
class anonymous_mail {
public:
  explicit anonymous_mail(std::tuple<Ts...> content) : content_(std::move(content)) {}

  template <class Handle>
  void send(const Handle& dest) && {
    std::apply([&](auto&&... xs) { caf::anon_send(dest, std::forward<decltype(xs)>(xs)...); },
               std::move(content_));
  }

private:
  std::tuple<Ts...> content_;
};

} // namespace caf_0_18

template <class Handle>
using self_pointer = caf_0_18::with_mail<typename Handle::base>*;

template <class State, class Host, class... Ts>
auto spawn_state(Host& host, Ts&&... xs) {
  using base = std::remove_pointer_t<self_pointer<typename State::handle_type>>;
  return host.template spawn<caf::stateful_actor<State, base>>(std::forward<Ts>(xs)...);
}

template <class State, class Host, class... Ts>
auto spawn_detached_state(Host& host, Ts&&... xs) {
  using base = std::remove_pointer_t<self_pointer<typename State::handle_type>>;
  return host.template spawn<caf::stateful_actor<State, base>, caf::detached>(std::forward<Ts>(xs)...);
}

inline bool is_crash(const caf::error& reason) {
  return static_cast<bool>(reason);
}

template <class Handle, class Timeout, class... Ts>
auto blocking_request(caf::scoped_actor& self, const Handle& dest, Timeout timeout, Ts&&... xs) {
  return self->request(dest, timeout, std::forward<Ts>(xs)...);
}

template <class... Ts>
auto anon_mail(Ts&&... xs) {
  return caf_0_18::anonymous_mail<std::decay_t<Ts>...>{{std::forward<Ts>(xs)...}};
}

inline std::size_t running_actors(caf::actor_system& sys) {
  return sys.registry().running();
}

template <class Sink>
bool put_bytes(Sink& sink, const char* bytes, std::size_t size) {
  return sink.value(caf::make_span(reinterpret_cast<const caf::byte*>(bytes), size));
}

template <class Source>
bool get_bytes(Source& source, void* to, std::size_t size) {
  return source.value(caf::make_span(static_cast<caf::byte*>(to), size));
}

template <class Sink, class T>
bool save_apart(Sink& sink, const T& value, caf::byte_buffer& to) {
  caf::binary_serializer apart{sink.context(), to};
  if (apart.apply(value))
    return true;
  sink.set_error(apart.get_error());
  return false;
}

template <class Source, class T>
bool load_apart(Source& source, std::string_view bytes, T& value) {
  caf::binary_deserializer apart{source.context(), bytes.data(), bytes.size()};
  if (apart.apply(value))
    return true;
  source.set_error(apart.get_error());
  return false;
}

} // namespace magna

#endif
