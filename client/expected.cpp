#include <magna/client/expected.hpp>

#include <caf/const_typed_message_view.hpp>
#include <caf/sec.hpp>

#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>

namespace magna {

error::error(failure details)
  : runtime_error(to_string(details.error) + ": " + details.message),
    details_(std::make_shared<const failure>(std::move(details))) {}

failure to_failure(const caf::error& reason) {
  if (const auto known = caf::make_const_typed_message_view<failure>(reason.context()))
    return caf::get<0>(known);
  if (reason == caf::sec::request_receiver_down)
    return {.error = errc::node_lost, .message = "what serves requests is gone", .retryable = true};
  return {.error = errc::provider_error, .message = "magna's own actors failed: " + error_text(reason)};
}

} // namespace magna
