#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <caf/sec.hpp>

#include <magna/messages/caf.hpp>

namespace magna::wire_format {

/// The bytes of one of CAF's deserializers. Never makes room for more than what is there, whatever a length
/// says.
template <class Source>
class byte_source {
public:
  explicit byte_source(Source& source) : source_(source) {}

  bool read(void* to, std::size_t size) { return get_bytes(source_, to, size); }

  bool read(std::string& to, std::uint64_t size) {
    // The deserializer does not say how much is left.
    to.clear();
    while (to.size() < size) {
      const auto done = to.size();
      to.resize(done + static_cast<std::size_t>(std::min<std::uint64_t>(size - done, std::max(done, step))));
      if (!read(to.data() + done, to.size() - done))
        return false;
    }
    return true;
  }

  bool skip(std::uint64_t size) {
    std::array<char, 512> unwanted;
    while (size > 0) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, unwanted.size()));
      if (!read(unwanted.data(), part))
        return false;
      size -= part;
    }
    return true;
  }

private:
  static constexpr std::size_t step = 64 * 1024;

  Source& source_;
};

/// The same for a deserializer that shows its bytes.
template <class Source>
requires requires(Source& x) {
  x.current(), x.remaining(), x.skip(1);
}
class byte_source<Source> {
public:
  explicit byte_source(Source& source)
    : source_(source), at_(reinterpret_cast<const char*>(source.current())), left_(source.remaining()) {}
  /// What was read is read for the deserializer as well.
  ~byte_source() { source_.skip(source_.remaining() - left_); }
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;

  bool read(void* to, std::size_t size) {
    const auto* from = at_;
    if (!skip(size))
      return false;
    std::memcpy(to, from, size);
    return true;
  }

  bool read(std::string& to, std::uint64_t size) {
    const auto* from = at_;
    if (!skip(size))
      return false;
    to.assign(from, static_cast<std::size_t>(size));
    return true;
  }

  bool skip(std::uint64_t size) {
    if (size > left_) {
      source_.emplace_error(caf::sec::end_of_stream);
      return false;
    }
    at_ += size;
    left_ -= static_cast<std::size_t>(size);
    return true;
  }

private:
  Source& source_;
  const char* at_;
  std::size_t left_;
};

} // namespace magna::wire_format
