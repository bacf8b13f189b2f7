#pragma once

#include <string>
#include <utility>

#include <magna/messages/types.hpp>

namespace magna {

/// The behavior of an actor that passes on all that a service takes, and adds handlers of its own. `target()`
/// is asked for each message and returns the service, or null; then requests end with `closed(request_id)`,
/// an error, and the rest is dropped.
template <class Behavior, class Self, class Target, class Closed, class... Handlers>
Behavior forward_service(Self self, Target target, Closed closed, Handlers... own) {
  return Behavior{// Moved on, not copied: a conversation may be long.
                  [=](request& what, const requester_actor& requester) -> caf::result<accepted> {
                    if (const auto service = target())
                      return self->mail(std::move(what), requester).delegate(service);
                    return closed(what.id);
                  },
                  [=](request& what) -> caf::result<completion> {
                    if (const auto service = target())
                      return self->mail(std::move(what)).delegate(service);
                    return closed(what.id);
                  },
                  [=](const cancel& what) {
                    if (const auto service = target())
                      self->mail(what).send(service);
                  },
                  [=](const credit& what) {
                    if (const auto service = target())
                      self->mail(what).send(service);
                  },
                  [=](const get_status& what) -> caf::result<status_report> {
                    if (const auto service = target())
                      return self->mail(what).delegate(service);
                    return closed(std::string{});
                  },
                  [=](const check_health& what) -> caf::result<health_report> {
                    if (const auto service = target())
                      return self->mail(what).delegate(service);
                    return closed(std::string{});
                  },
                  [=](const subscribe& what) {
                    if (const auto service = target())
                      self->mail(what).send(service);
                  },
                  std::move(own)...};
}

} // namespace magna
