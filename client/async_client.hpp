#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <magna/client/client.hpp>

namespace magna {

/// A client as coroutines use it: where `client::generate` blocks, this is awaited, so that no coroutine
/// blocks its thread by mistake.
///
///     magna::task<> tell(magna::async_client llm) {
///       const auto answer = co_await llm.generate("Why is the sky blue?");
///       const auto story = llm.stream("Tell me a story.");
///       while (const auto chunk = co_await story.next())
///         std::cout << chunk->text();
///     }
///
/// Refers to a client, which must outlive it. Cheap to copy; as thread-safe as the client.
class async_client {
public:
  /// What timeouts are given in.
  using milliseconds = client::milliseconds;

  /// A client is one by itself: it can be passed to a coroutine that takes this.
  async_client(client& of) noexcept : client_(&of) {} // NOLINT(google-explicit-constructor)

  /// As `client::async_generate`: the request runs from here on, `co_await` gives its end.
  pending_answer generate(request what, std::optional<milliseconds> timeout = {}) const {
    return client_->async_generate(std::move(what), timeout);
  }
  /// The same for one question.
  pending_answer generate(std::string_view prompt, std::optional<milliseconds> timeout = {}) const {
    return client_->async_generate(prompt, timeout);
  }

  /// As `client::async_embed`: `co_await` gives the vectors. `how` is better a variable than a list in braces: GCC 12
  /// destroys such a list twice in a `co_await`.
  pending_answer embed(std::vector<std::string> texts, const client::embedding_options& how) const {
    return client_->async_embed(std::move(texts), how);
  }
  /// The same as the settings have it.
  pending_answer embed(std::vector<std::string> texts) const {
    return client_->async_embed(std::move(texts));
  }

  /// As `client::stream`: `co_await` its `next`.
  answer_stream stream(request what, std::optional<milliseconds> timeout = {}) const {
    return client_->stream(std::move(what), timeout);
  }
  /// The same for one question.
  answer_stream stream(std::string_view prompt, std::optional<milliseconds> timeout = {}) const {
    return client_->stream(prompt, timeout);
  }

private:
  client* client_;
};

} // namespace magna
