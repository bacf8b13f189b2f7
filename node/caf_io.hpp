#pragma once

// What differs between the versions of CAF's network library; messages/caf.hpp is the place for all else.

#include <cstddef>

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
