#pragma once

#include <magna/simulator/incoming.hpp>
#include <magna/simulator/scenario.hpp>

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace magna::simulator {

/// Holds the scenario and counts the requests: says which step comes next. Any thread may call it.
class director {
public:
  /// Throws `scenario_error`, and then changes nothing.
  void use(scenario value);

  /// Starts every track from its first step.
  void restart();

  /// The API keys and models that are right for this request; empty: all.
  std::vector<std::string> keys_for(const incoming& request) const;
  std::vector<std::string> models_for(const incoming& request) const;

  /// The step for this request. It is counted unless `refuses(step)` holds, and nothing is returned then.
  /// `refuses` must not call the director.
  std::optional<step> next_step(const incoming& request, const std::function<bool(const step&)>& refuses);

private:
  struct counted_track {
    track rules;
    std::size_t taken = 0;
  };

  std::vector<std::string> setting_for(const incoming& request,
                                       std::vector<std::string> track::*setting) const;

  mutable std::mutex mutex_;
  std::vector<counted_track> tracks_;
};

} // namespace magna::simulator
