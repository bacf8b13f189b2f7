#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/requests/transfer_inbox.hpp>
#include <magna/actors/runtime_context.hpp>
#include <magna/actors/settings.hpp>
#include <magna/messages/types.hpp>

namespace magna {

struct probe_config {
  std::string provider;
  std::string model;
  const codec* protocol = nullptr;
  endpoint where;
  attempt_deadlines deadlines;
  transport_ptr http;
};

/// Asks one provider for something free, and lives as long as that takes.
using probe_actor = caf::typed_actor<
  // Begins, and answers with what was found.
  caf::result<probe_report>(probe), caf::result<void>(transfer_ready), caf::result<void>(deadline_tick)>;

class probe_state {
public:
  using handle_type = probe_actor;
  static constexpr const char* name = "magna.probe";

  probe_state(self_pointer<probe_actor> self, probe_config config);
  ~probe_state();

  probe_state(const probe_state&) = delete;
  probe_state& operator=(const probe_state&) = delete;

  probe_actor::behavior_type make_behavior();

private:
  void on_ready();
  void judge();
  void finish(std::optional<response_error> error);

  self_pointer<probe_actor> self_;
  /// Keeps the actor alive until it is done, whoever else forgets it: nobody but timers and the transport,
  /// which hold it weakly, may know it while it waits.
  probe_actor itself_;
  probe_config config_;
  const steady_time started_;
  std::shared_ptr<transfer_inbox> inbox_;
  transfer_inbox::content incoming_;
  std::optional<transfer_id> transfer_;
  http_head head_;
  std::string body_;
  caf::typed_response_promise<probe_report> promise_;
  caf::disposable timer_;
};

} // namespace magna
