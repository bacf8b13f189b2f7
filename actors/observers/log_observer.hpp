#pragma once

#include <magna/actors/observers/observer.hpp>

namespace magna {

/// Writes what happens to magna's log, a line each: what goes well at debug and info, failures and changes of
/// health at warn, crashes at error.
class log_observer final : public observer {
public:
  void on_request(const request_event& what) override;
  void on_attempt_start(const attempt_start_event& what) override;
  void on_attempt(const attempt_event& what) override;
  void on_end(const end_event& what) override;
  void on_health(const health_event& what) override;
  void on_restart(const restart_event& what) override;
};

} // namespace magna
