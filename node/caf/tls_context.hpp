#pragma once

#include <memory>
#include <string>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <magna/text/mutex.hpp>

#include <openssl/ssl.h>

#include <sys/stat.h>

namespace magna {

struct tls_deleter {
  void operator()(SSL* x) const { SSL_free(x); }
  void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
};

using tls_session_ptr = std::unique_ptr<SSL, tls_deleter>;

/// This side's certificate, key and authority, loaded. Loading them takes as long as an introduction: it is
/// done once, not for each connection, and again when one of the files has changed. Thread-safe.
class tls_context {
public:
  /// Of the files that an actor system was configured with.
  explicit tls_context(const caf::actor_system_config& config);

  /// The session for a connected socket, which it does not own. An error: the files can't be used now. They
  /// may be away for a moment, or half written.
  caf::expected<tls_session_ptr> make_session(int socket, bool is_accepted);

private:
  struct file {
    std::string path;
    struct stat state;
  };

  /// What is wrong with the files; empty: nothing, they are loaded.
  std::string refresh() MAGNA_REQUIRES(mutex_);
  std::string load() MAGNA_REQUIRES(mutex_);

  mutex mutex_;
  file certificate_ MAGNA_GUARDED_BY(mutex_);
  file key_ MAGNA_GUARDED_BY(mutex_);
  file authority_ MAGNA_GUARDED_BY(mutex_);
  /// Null until the files could be loaded, and after they could not.
  std::unique_ptr<SSL_CTX, tls_deleter> loaded_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna
