#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <magna/simulator/server.hpp>

namespace magna::soak {

/// A simulator in a process of its own, so that this one's memory and descriptors are magna's alone. Make it
/// before the first thread. The process ends with this object, and with this process.
class simulator_process {
public:
  /// Throws std::system_error, and std::runtime_error when the simulator can't start.
  explicit simulator_process(std::string_view scenario, std::size_t send_buffer = 0);
  ~simulator_process();

  simulator_process(const simulator_process&) = delete;
  simulator_process& operator=(const simulator_process&) = delete;

  /// As simulator::server::url.
  std::string url(simulator::protocol kind) const;

  /// Throws std::runtime_error when the simulator refuses it.
  void use(std::string_view scenario);

  /// How many connections are open, busy or idle.
  std::size_t connections();

  /// How many requests are being answered.
  std::size_t busy();

  /// Bytes of answers that were handed to the system so far, of the requests that the log still knows.
  std::size_t bytes_sent();

private:
  std::string ask(char what, std::string_view content = {});

  pid_t child_ = -1;
  int link_ = -1;
  std::string port_;
};

} // namespace magna::soak
