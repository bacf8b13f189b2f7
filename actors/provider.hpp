#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include <magna/actors/attempt.hpp>
#include <magna/actors/directory.hpp>
#include <magna/actors/key_ring.hpp>
#include <magna/actors/settings.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// What the whole runtime shares.
struct runtime_context {
  std::shared_ptr<const settings> config;
  directory_ptr table;
  transport_ptr http;
};

/// One configured provider: chooses the key, remembers what its models refuse, and starts an attempt for each
/// try.
///
///     generation --try_request--> provider --spawns--> attempt
///                                    ^--attempt_ended----'
///
/// Supervised: restarted with its configuration when it crashes. Its attempts end with it.
class provider_state {
public:
  using handle_type = provider_actor;
  static constexpr const char* name = "magna.provider";

  provider_state(self_pointer<provider_actor> self, runtime_context context, provider_settings config);
  ~provider_state();

  provider_state(const provider_state&) = delete;
  provider_state& operator=(const provider_state&) = delete;

  provider_actor::behavior_type make_behavior();

private:
  caf::result<attempt_actor> start_attempt(const try_request& task);
  /// No key may be used now: says why, as the end of an attempt that never began.
  caf::error refuse(const try_request& task, steady_time now) const;
  void on_attempt_ended(const attempt_ended& outcome);
  caf::result<probe_report> start_probe();

  self_pointer<provider_actor> self_;
  runtime_context context_;
  provider_settings config_;
  key_ring keys_;
  /// By model: the wire names of parameters that it has refused.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> refused_;
  std::uint64_t serial_ = 0;
  std::unordered_map<std::uint64_t, attempt_actor> running_;
};

} // namespace magna
