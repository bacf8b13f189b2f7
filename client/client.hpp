#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <caf/fwd.hpp>

#include <magna/actors/observers/observer.hpp>
#include <magna/actors/settings.hpp>
#include <magna/client/answer_stream.hpp>
#include <magna/client/expected.hpp>
#include <magna/client/pending_answer.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/attempt.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>
#include <magna/node/network.hpp>

namespace magna {

class client_call;
class health_listener;

/// A request of one question, to be asked as it is or filled in further. Both texts are UTF-8.
MAGNA_EXPORT request make_request(std::string prompt, std::string system_prompt = {});

/// Ends a request that was started with callbacks. Cheap to copy; dropping it changes nothing. Thread-safe;
/// good for as long as it exists.
class MAGNA_EXPORT cancel_handle {
public:
  /// Made by `client::async_stream`.
  explicit cancel_handle(std::shared_ptr<client_call> what) noexcept;

  /// The request's `on_end` comes with errc::cancelled, unless its end was there already.
  void cancel() const;

private:
  std::shared_ptr<client_call> call_;
};

/// Health events go to a callback for as long as this lives. Its destructor waits for a callback that runs,
/// except inside of that callback itself.
class [[nodiscard]] MAGNA_EXPORT subscription {
public:
  subscription() = default;
  /// Made by `client::subscribe`.
  explicit subscription(std::shared_ptr<health_listener> what) noexcept;
  ~subscription();
  /// Takes the subscription over.
  subscription(subscription&& other) noexcept;
  /// Takes the subscription over; one that this had ends.
  subscription& operator=(subscription&& other) noexcept;

private:
  std::shared_ptr<health_listener> listener_;
};

/// magna for programs without actors.
///
///     auto llm = magna::client::from_environment();
///     for (const auto& chunk : llm.stream("Why is the sky blue?"))
///       std::cout << chunk.text() << std::flush;
///
/// Every request has exactly one end, a completion or a failure, and it comes: by its deadline, which every
/// request has, or 2 s later if those who should say so are gone; and with errc::cancelled when the client
/// goes. All members may be called by any number of threads at once, except the destructor, and moving:
/// threads may wait in a call meanwhile (their requests end as cancelled), but none may begin one. Callbacks
/// and coroutines may: they are refused (errc::overloaded).
///
/// Calls that block are for threads of the program's own: an actor would hold up others, and takes messages
/// from `magna::runtime` instead. Callbacks, and coroutines that had to wait, run on a thread of the
/// client's, one after the other; they may make any call, but others wait for them.
class MAGNA_EXPORT client {
public:
  /// What timeouts are given in.
  using milliseconds = std::chrono::milliseconds;

  /// Starts magna with settings made in code, in an actor system of its own. Throws `settings_error`, which
  /// names every field that is wrong. The files are for providers on other nodes. The observers see what
  /// happens to requests and providers, each on a thread of its own.
  explicit client(settings config, const tls_files& tls = {},
                  std::vector<std::shared_ptr<observer>> observers = {});

  /// The same in an actor system of the program's, which must outlive the client. It was prepared by
  /// `configure`, and by `enable_network` if a provider lives on another node.
  client(caf::actor_system& system, settings config, const tls_files& tls = {},
         std::vector<std::shared_ptr<observer>> observers = {});

  /// For a service that runs already: `runtime::service`, a connection, or a node. A request that names no
  /// deadline has the one that the service is configured with. The system must outlive the client.
  client(caf::actor_system& system, service_actor service);

  /// With the settings of the process's environment, `.env` and `magna.toml`, as the executable takes them.
  /// Throws `config::config_error`, which names every setting that is wrong.
  static client from_environment();

  /// The same with another TOML file. The environment stands above it.
  static client from_file(const std::filesystem::path& path);

  /// For nodes: requests are spread over them, and move to another one when theirs is lost before the first
  /// text. Each is "HOST:PORT"; throws std::invalid_argument for one that is not. Nodes that are down are
  /// connected later: a request fails (errc::node_lost) only if none can be reached. A request that names no
  /// deadline has the one that its node is configured with.
  static client of_nodes(const std::vector<std::string>& nodes, const tls_files& tls = {});

  /// Ends all requests that run as errc::cancelled; callbacks and coroutines are told before it returns.
  ~client();
  /// Takes the client over.
  client(client&& other) noexcept;
  /// Takes the client over; the requests that this had end.
  client& operator=(client&& other) noexcept;

  // -- the whole answer

  /// Blocks until the answer is complete or has failed. `timeout`, if given, ends the request everywhere
  /// (errc::deadline_exceeded): it is the request's deadline if that is later or absent. More than 0, at most
  /// 24 h.
  expected<completion> generate(request what, std::optional<milliseconds> timeout = {});
  /// The same for one question.
  expected<completion> generate(std::string_view prompt, std::optional<milliseconds> timeout = {});

  /// The same without blocking.
  pending_answer async_generate(request what, std::optional<milliseconds> timeout = {});
  /// The same for one question.
  pending_answer async_generate(std::string_view prompt, std::optional<milliseconds> timeout = {});

  // -- vectors

  /// How vectors are made.
  struct embedding_options {
    /// A model's name, or a space's (`provider_settings::embedding_space`). Empty: that of the first provider that
    /// has one.
    std::string model;
    /// Whom to ask; empty: the chain.
    std::vector<target> targets;
    /// How many numbers a vector is to have; absent: as many as the model's own.
    std::optional<std::uint32_t> dimensions;
    /// As for `generate`; for all texts together.
    std::optional<milliseconds> timeout;
  };

  /// A vector for each text, in their order, all of one model: `completion::embeddings`. They go to the provider in
  /// as many calls as it takes, some side by side. No text may be empty. Blocks.
  expected<completion> embed(std::vector<std::string> texts, const embedding_options& how);
  /// The same as the settings have it.
  expected<completion> embed(std::vector<std::string> texts) { return embed(std::move(texts), {}); }
  /// The same without blocking, for at most 2048 texts.
  pending_answer async_embed(std::vector<std::string> texts, const embedding_options& how);
  /// The same as the settings have it.
  pending_answer async_embed(std::vector<std::string> texts) { return async_embed(std::move(texts), {}); }

  // -- the answer as it comes

  /// Returns at once; reading the stream waits for its pieces. A request with `stream` false has none: its answer
  /// is in the result.
  answer_stream stream(request what, std::optional<milliseconds> timeout = {});
  /// The same for one question.
  answer_stream stream(std::string_view prompt, std::optional<milliseconds> timeout = {});

  /// Takes a piece of the answer.
  using on_chunk = std::function<void(const chunk&)>;
  /// Takes the end of the request.
  using on_end = std::function<void(const expected<completion>&)>;

  /// Calls `piece` for each one, then `end` exactly once, with the whole answer. What waits for a callback is
  /// bounded as for `answer_stream`; a request with `stream` false has no pieces. A `piece` that throws ends the
  /// request: `end` gets errc::cancelled.
  cancel_handle async_stream(request what, on_chunk piece, on_end end,
                             std::optional<milliseconds> timeout = {});

  // -- the providers

  /// The provider of the last completion; empty before the first.
  std::string last_used_provider() const;

  /// Asks every provider for something free, side by side. Blocks.
  expected<health_report> check_health(milliseconds timeout = std::chrono::seconds{60}) const;

  /// State and figures of every provider, as known; asks none. Blocks for a moment.
  expected<status_report> provider_status(milliseconds timeout = std::chrono::seconds{10}) const;

  /// Calls `callback` for every change of a provider's state from now on.
  subscription subscribe(std::function<void(const health_event&)> callback);

  // -- its life

  /// Goes over to other settings: new requests go by them when this returns, running ones finish on the old
  /// ones. Returns what is wrong with them; then nothing has changed. Throws std::logic_error for a client
  /// that was not made from settings.
  std::vector<setting_error> reload(settings config);

  /// Takes no new requests (they fail with errc::overloaded), waits for those that run, and cancels what has
  /// not ended after `deadline`. Returns how many that were. Blocks.
  std::uint64_t shutdown(milliseconds deadline);

private:
  class MAGNA_HIDDEN impl;
  explicit client(std::unique_ptr<impl> made) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace magna
