#include <magna/actors/requests/exchange.hpp>

#include <utility>

#include <caf/const_typed_message_view.hpp>

#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>

namespace magna {

exchange_news thrown_end(std::string_view failed, std::string_view problem) {
  attempt_end result{.error = errc::provider_error};
  result.message.append(failed).append(": ").append(problem);
  return {.parts = {}, .end = exchange_end{.result = std::move(result)}};
}

exchange_end refusal_end(const caf::error& reason) {
  exchange_end end;
  if (const auto context = caf::make_const_typed_message_view<attempt_end>(reason.context()))
    end.result = caf::get<0>(context);
  else
    end.result = {.error = errc::provider_error,
                  .message = "the provider's actor has ended: " + error_text(reason)};
  // A refused lease says something of the provider only where nobody is there.
  end.counts = end.result.error == errc::provider_unavailable;
  return end;
}

lease_return outcome_of(const exchange_end& end) {
  return {.error = end.result.error,
          .retry_after = end.result.retry_after,
          .key_refused = end.result.key_refused,
          .key_rest = end.result.key_rest,
          .refused_parameters = end.refused_parameters,
          .unfinished_transfer = end.unfinished_transfer};
}

attempt_record record_of(const attempt_end& end) {
  return {.model = end.model,
          .error = end.error,
          .message = end.message,
          .http_status = end.http_status,
          .retry_after = end.retry_after,
          .should_retry = end.should_retry,
          .another_key = end.another_key,
          .unsupported = end.unsupported,
          .provider_request_id = end.provider_request_id};
}

} // namespace magna
