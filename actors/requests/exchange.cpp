#include <magna/actors/requests/exchange.hpp>

namespace magna {

exchange_news broken_by(const std::exception* problem) {
  return {.text = {},
          .end =
            exchange_end{.result = {.error = errc::provider_error,
                                    .message = std::string{"the answer could not be read: "}
                                               + (problem != nullptr ? problem->what() : "an exception")}}};
}

} // namespace magna
