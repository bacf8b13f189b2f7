#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>

#include <magna/node/caf/caf_io.hpp>

namespace magna {

/// CAF's middleman with a multiplexer of ours: that is what makes its connections.
template <class Multiplexer>
class middleman_on : public caf::io::middleman {
public:
  explicit middleman_on(caf::actor_system& sys) : middleman(sys), backend_(sys) {}

  template <class... Ts>
  static caf_module* make(caf::actor_system& sys, Ts...) {
    return new middleman_on(sys);
  }

  caf::io::network::multiplexer& backend() override { return backend_; }

private:
  Multiplexer backend_;
};

} // namespace magna
