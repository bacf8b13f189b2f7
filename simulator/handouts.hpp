#pragma once

#include <magna/simulator/answer.hpp>
#include <magna/simulator/incoming.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace magna::simulator {

/// What an answer handed out, for the client to send back with the conversation.
struct handout {
  std::string owner; ///< The protocol, the instance and the item: to all others the answer is a foreign one.
  std::vector<call_of_answer> calls;
  std::string reasoning;
  std::string signature;
};

/// A call of a tool in the history that a request brings.
struct past_call {
  std::string id; ///< Empty: the client names none.
  std::string name;
  nlohmann::json arguments;
};

/// Remembers what the last answers of a server handed out. Not for several threads.
class handouts {
public:
  explicit handouts(std::size_t capacity = 10'000);

  /// The number of the answer to the request with that ticket. It is no other simulator's: the answers of one
  /// must be foreign to another.
  std::uint64_t number(std::uint64_t ticket) const noexcept { return first_number_ + ticket; }

  void remember(const incoming& request, const answer& what);

  /// The answers that may have made the call: the one with the call's id, or, without an id, those with the
  /// same name and arguments. Empty if the call is foreign to the server that the request is for, or too old.
  std::vector<const handout*> of_call(const incoming& request, wanted item, const past_call& call) const;

  /// The answer with that signature, or nullptr.
  const handout* of_signature(const incoming& request, wanted item, const std::string& signature) const;

private:
  const handout* find(const std::string& key) const;
  void forget_oldest();

  std::size_t capacity_;
  std::uint64_t first_number_;
  std::deque<handout> kept_;
  std::unordered_map<std::string, const handout*> by_key_; // by the ids of calls, and by signatures
};

} // namespace magna::simulator
