#include <magna/actors/requests/exchange.hpp>

#include <utility>

namespace magna {

exchange_news thrown_end(std::string_view failed, std::string_view problem) {
  attempt_end result{.error = errc::provider_error};
  result.message.append(failed).append(": ").append(problem);
  return {.parts = {}, .end = exchange_end{.result = std::move(result)}};
}

} // namespace magna
