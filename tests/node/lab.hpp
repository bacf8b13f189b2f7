#pragma once

#include <string>
#include <vector>

namespace magna::test {

/// Hosts with cables that can be cut: network namespaces, each joined to a router by a pair of virtual
/// interfaces. What a host sends while the cables are cut vanishes without a word, as it does on a real
/// network. Needs root and `ip`; gone with this object.
class lab {
public:
  /// Whether this machine lets us have hosts of our own.
  static bool is_possible();

  explicit lab(std::size_t hosts);
  ~lab();
  lab(const lab&) = delete;
  lab& operator=(const lab&) = delete;

  /// The address of a host in the lab's network.
  [[nodiscard]] std::string address(std::size_t host) const;

  /// What runs a command on a host: put it before the command.
  [[nodiscard]] std::vector<std::string> on(std::size_t host) const;

  void cut() const { forward(false); }
  void heal() const { forward(true); }

private:
  [[nodiscard]] std::string name(std::size_t host) const;
  void forward(bool on) const;

  std::string router_;
  std::size_t hosts_;
};

} // namespace magna::test
