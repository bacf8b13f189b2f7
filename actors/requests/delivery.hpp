#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <magna/messages/response.hpp>

namespace magna {

/// What has gone out to a request's requester, as a value. Decides the commit point: the first text, or the
/// first piece of a call. After it no other attempt may answer. Thoughts alone bind nobody, since who takes
/// over may think anew, unless the settings say that they do.
class delivery {
public:
  explicit delivery(bool commit_on_reasoning) : commit_on_reasoning_(commit_on_reasoning) {}

  /// Whether the requester has to be told that `attempt` answers from now on.
  bool begins(std::uint64_t attempt) {
    const auto is_new = attempt_ != attempt;
    attempt_ = attempt;
    return is_new;
  }

  /// The next chunk.
  chunk take(std::vector<part> parts);

  bool committed() const noexcept { return committed_; }
  /// Unicode characters of text and calls.
  std::uint64_t chars() const noexcept { return chars_; }

private:
  bool commit_on_reasoning_;
  std::optional<std::uint64_t> attempt_;
  std::uint64_t next_seq_ = 0;
  std::uint64_t chars_ = 0;
  bool committed_ = false;
};

/// Whether there is text among the parts.
bool has_text(const std::vector<part>& parts);

} // namespace magna
