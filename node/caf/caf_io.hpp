#pragma once

// What differs between the versions of CAF's network library; messages/caf.hpp is the place for all else.

#include <cstddef>
#include <functional>

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/config.hpp>
#include <caf/intrusive_ptr.hpp>

namespace magna {

/// One more reference to an object that counts them.
template <class To, class T>
caf::intrusive_ptr<To> share(T* object) {
#if CAF_VERSION >= 10000
  return {object, caf::add_ref};
#else
  return {object};
#endif
}

/// What `actor_system_config::load` makes.
#if CAF_VERSION >= 10000
using caf_module = caf::actor_system_module;
#else
using caf_module = caf::actor_system::module;
#endif

/// What CAF's multiplexer is made from.
inline auto multiplexer_argument(caf::actor_system& sys) {
#if CAF_VERSION >= 10000
  return std::ref(sys);
#else
  return &sys;
#endif
}

/// How many bytes a value takes on its way to another node. Writes it once to find out.
template <class T>
std::size_t wire_size(const T& value) {
  caf::byte_buffer buffer;
#if CAF_VERSION >= 10000
  caf::binary_serializer sink{buffer};
#else
  caf::binary_serializer sink{nullptr, buffer};
#endif
  return sink.apply(value) ? buffer.size() : 0;
}

} // namespace magna
