#include <magna/messages/error_text.hpp>

#include <caf/const_typed_message_view.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <magna/messages/types.hpp>

namespace magna {

namespace {

/// Empty: nothing better than CAF's own name is known.
std::string_view words(caf::exit_reason what) {
  switch (what) {
    case caf::exit_reason::normal:
      return "it ended";
    case caf::exit_reason::unknown:
      return "it has ended";
    case caf::exit_reason::kill:
      return "it was killed";
    case caf::exit_reason::remote_link_unreachable:
    case caf::exit_reason::unreachable:
      return "its connection broke";
    case caf::exit_reason::user_shutdown:
      return "it was shut down";
    default:
      return {};
  }
}

std::string_view words(caf::sec what) {
  switch (what) {
    case caf::sec::cannot_connect_to_node:
    case caf::sec::no_actor_published_at_port:
      return "nothing listens there";
    case caf::sec::cannot_open_port:
      return "the port can't be opened";
    case caf::sec::connection_timeout:
    case caf::sec::request_timeout:
      return "it does not answer";
    case caf::sec::disconnect_during_handshake:
      return "it closed the connection before it had said what it is";
    case caf::sec::request_receiver_down:
    case caf::sec::broken_promise:
      return "it ended before it had answered";
    default:
      return {};
  }
}

std::string_view known_words(const caf::error& reason) {
  if (reason.category() == caf::type_id_v<caf::exit_reason>)
    return words(static_cast<caf::exit_reason>(reason.code()));
  if (reason.category() == caf::type_id_v<caf::sec>)
    return words(static_cast<caf::sec>(reason.code()));
  return {};
}

} // namespace

std::string error_text(const caf::error& reason) {
  if (const auto text = caf::make_const_typed_message_view<std::string>(reason.context()))
    return caf::get<0>(text);
  if (const auto known = caf::make_const_typed_message_view<failure>(reason.context()))
    return caf::get<0>(known).message;
  const auto plain = known_words(reason);
  return plain.empty() ? to_string(reason) : std::string{plain};
}

} // namespace magna
