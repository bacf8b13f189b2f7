#include <magna/actors/requests/front_door.hpp>

#include <utility>

namespace magna {

namespace {

/// What is asked after the end of everything.
caf::error closed(std::string request_id = {}) {
  failure no{.request_id = std::move(request_id),
             .error = errc::overloaded,
             .message = "magna has been shut down",
             .retryable = true};
  return caf::make_error(errc::overloaded, std::move(no));
}

} // namespace

front_door_state::front_door_state(self_pointer<service_actor> self, directory_ptr table)
  : self_(self), table_(std::move(table)) {}

service_actor::behavior_type front_door_state::make_behavior() {
  return {
    // Moved on, not copied: a conversation may be long.
    [this](request& what, const requester_actor& requester) -> caf::result<accepted> {
      if (const auto open = table_->orchestrator())
        return self_->mail(std::move(what), requester).delegate(open);
      return closed(what.id);
    },
    [this](request& what) -> caf::result<completion> {
      if (const auto open = table_->orchestrator())
        return self_->mail(std::move(what)).delegate(open);
      return closed(what.id);
    },
    [this](const cancel& what) {
      if (const auto open = table_->orchestrator())
        self_->mail(what).send(open);
    },
    [this](const credit& what) {
      if (const auto open = table_->orchestrator())
        self_->mail(what).send(open);
    },
    [this](const get_status& what) -> caf::result<status_report> {
      if (const auto open = table_->orchestrator())
        return self_->mail(what).delegate(open);
      return closed();
    },
    [this](const check_health& what) -> caf::result<health_report> {
      if (const auto open = table_->orchestrator())
        return self_->mail(what).delegate(open);
      return closed();
    },
    [this](const subscribe& what) {
      if (const auto open = table_->orchestrator())
        self_->mail(what).send(open);
    },
  };
}

} // namespace magna
