#pragma once

#include <string>
#include <vector>

#include <magna/node/network.hpp>

namespace magna::test {

/// For a command that shows these files; none if there are none.
inline std::vector<std::string> to_flags(const tls_files& tls) {
  if (!tls.enabled())
    return {};
  return {"--tls-cert", tls.certificate, "--tls-key", tls.key, "--tls-ca", tls.authority};
}

} // namespace magna::test
