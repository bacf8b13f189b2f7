#pragma once

#include <cstddef>
#include <cstdint>

#include <magna/actors/supervision/clock.hpp>
#include <magna/text/assert.hpp>

namespace magna {

/// How much may be under way at once and how much may wait for it, as a value: told of what comes and goes,
/// it says who may enter, and when it makes sense to come again.
class admission_gate {
public:
  enum class verdict : std::uint8_t { enter, wait, refuse };

  /// `places` at least 1; `waiting_places` may be 0.
  admission_gate(std::size_t places, std::size_t waiting_places)
    : places_(places), waiting_places_(waiting_places) {
    MAGNA_ASSERT(places > 0);
  }

  /// Other limits from now on; nobody is thrown out.
  void resize(std::size_t places, std::size_t waiting_places) {
    MAGNA_ASSERT(places > 0);
    places_ = places;
    waiting_places_ = waiting_places;
  }

  /// What the next one may do. Nobody overtakes those who wait.
  verdict ask() const noexcept;

  /// Whether the first of those who wait may enter.
  bool has_place() const noexcept { return inside_ < places_; }

  void enter() noexcept { ++inside_; }
  /// Whoever leaves has entered.
  void leave(steady_duration stayed);
  void start_waiting() noexcept { ++waiting_; }
  /// Whoever stops waiting has started to.
  void stop_waiting() {
    MAGNA_ASSERT(waiting_ > 0);
    --waiting_;
  }

  std::size_t inside() const noexcept { return inside_; }
  std::size_t waiting() const noexcept { return waiting_; }

  /// How long until one who comes now would probably be let in, from how long the others stayed: 1 s before
  /// anything is known, never under 100 ms nor over 60 s.
  steady_duration retry_after() const noexcept;

private:
  std::size_t places_;
  std::size_t waiting_places_;
  std::size_t inside_ = 0;
  std::size_t waiting_ = 0;
  /// Exponentially weighted; 0 before the first.
  double mean_stay_seconds_ = 0;
};

} // namespace magna
