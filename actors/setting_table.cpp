#include <magna/actors/setting_table.hpp>

#include <array>

namespace magna {

namespace {

namespace ranges = setting_ranges;

constexpr auto every_command = flag_scope::every_command;
constexpr auto ask_only = flag_scope::ask_only;
constexpr auto no_flag = flag_scope::none;

// Ranges that several settings share.
constexpr setting_range places{"a whole number from 1 to 1000000", 1, 1'000'000};
constexpr setting_range count{"a whole number from 0 to 1000000", 0, 1'000'000};
constexpr setting_range pause{"seconds, from 0 to 86400", 0, 86'400};

constexpr std::array table = {
  setting_row{"temperature", "LLM_TEMPERATURE", "--temperature", ask_only, "F",
              "0.7, where the model takes it", ranges::temperature, "sampling temperature",
              [](settings& x) -> setting_slot { return &x.params.temperature; },
              [](provider_settings& x) -> setting_slot { return &x.params.temperature; }},
  setting_row{"top_p", "LLM_TOP_P", "--top-p", ask_only, "F", "0.9, where the model takes it", ranges::top_p,
              "nucleus sampling", [](settings& x) -> setting_slot { return &x.params.top_p; },
              [](provider_settings& x) -> setting_slot { return &x.params.top_p; }},
  setting_row{"max_tokens", "LLM_MAX_TOKENS", "--max-tokens", ask_only, "N", "2048", ranges::max_tokens,
              "tokens the answer may have at most",
              [](settings& x) -> setting_slot { return &x.params.max_tokens; },
              [](provider_settings& x) -> setting_slot { return &x.params.max_tokens; }},
  setting_row{
    "stop", "", "--stop", ask_only, "TEXT", "none", setting_range("texts that are not empty, at most 16"),
    "end the answer before this text; repeatable", [](settings& x) -> setting_slot { return &x.params.stop; },
    [](provider_settings& x) -> setting_slot { return &x.params.stop; }},
  setting_row{"seed", "", "--seed", ask_only, "N", "none", setting_range("a whole number"),
              "seed of the sampling", [](settings& x) -> setting_slot { return &x.params.seed; },
              [](provider_settings& x) -> setting_slot { return &x.params.seed; }},
  setting_row{"timeout_seconds", "LLM_TIMEOUT_SECONDS", "--timeout", every_command, "S", "30",
              ranges::deadline, "seconds to the first token and between tokens; in all when not streaming",
              [](settings& x) -> setting_slot { return &x.timeout; },
              [](provider_settings& x) -> setting_slot { return &x.timeout; }},
  setting_row{"connect_timeout_seconds", "", "--connect-timeout", every_command, "S", "10", ranges::deadline,
              "seconds for DNS, TCP and TLS", [](settings& x) -> setting_slot { return &x.timeouts.connect; },
              [](provider_settings& x) -> setting_slot { return &x.timeouts.connect; }},
  setting_row{"response_headers_timeout_seconds", "", "--response-headers-timeout", ask_only, "S",
              "the first token's", ranges::deadline, "seconds to the response's status line",
              [](settings& x) -> setting_slot { return &x.timeouts.response_headers; },
              [](provider_settings& x) -> setting_slot { return &x.timeouts.response_headers; }},
  setting_row{"first_token_timeout_seconds", "", "--first-token-timeout", ask_only, "S", "the timeout",
              ranges::deadline, "seconds to the first token of a stream",
              [](settings& x) -> setting_slot { return &x.timeouts.first_token; },
              [](provider_settings& x) -> setting_slot { return &x.timeouts.first_token; }},
  setting_row{"idle_timeout_seconds", "", "--idle-timeout", ask_only, "S", "the timeout", ranges::deadline,
              "seconds between two signs of life of a stream",
              [](settings& x) -> setting_slot { return &x.timeouts.idle; },
              [](provider_settings& x) -> setting_slot { return &x.timeouts.idle; }},
  setting_row{"attempt_timeout_seconds", "", "--attempt-timeout", ask_only, "S",
              "the timeout when not streaming, else none", ranges::deadline,
              "seconds for one attempt as a whole",
              [](settings& x) -> setting_slot { return &x.timeouts.total; },
              [](provider_settings& x) -> setting_slot { return &x.timeouts.total; }},
  setting_row{"deadline_seconds", "", "--deadline", ask_only, "S", "300", ranges::deadline,
              "seconds for the whole request, over all attempts",
              [](settings& x) -> setting_slot { return &x.request_deadline; }, nullptr},
  setting_row{"max_retries", "LLM_MAX_RETRIES", "--max-retries", ask_only, "N", "3",
              setting_range("a whole number from 0 to 20", 0, 20),
              "attempts per provider, the first included",
              [](settings& x) -> setting_slot { return &x.max_retries; },
              [](provider_settings& x) -> setting_slot { return &x.max_retries; }},
  setting_row{"retry_delay_seconds", "LLM_RETRY_DELAY_SECONDS", "--retry-delay", ask_only, "S", "1",
              setting_range("seconds, from 0 to 60", 0, 60),
              "seconds before a provider's second attempt; doubles from one to the next",
              [](settings& x) -> setting_slot { return &x.retry_delay; },
              [](provider_settings& x) -> setting_slot { return &x.retry_delay; }},
  setting_row{"max_attempts", "", "", no_flag, "N", "12", ranges::max_attempts,
              "attempts per request, over all providers",
              [](settings& x) -> setting_slot { return &x.max_attempts; }, nullptr},
  setting_row{"max_requests", "", "", no_flag, "N", "16384", places,
              "requests that run at once; more are refused as overloaded",
              [](settings& x) -> setting_slot { return &x.max_requests; }, nullptr},
  setting_row{"max_in_flight", "", "", no_flag, "N", "4096", places,
              "attempts that run at once at a provider",
              [](settings& x) -> setting_slot { return &x.max_in_flight; },
              [](provider_settings& x) -> setting_slot { return &x.max_in_flight; }},
  setting_row{"max_queued", "", "", no_flag, "N", "4096", count,
              "attempts that wait for such a place; more go to the next provider",
              [](settings& x) -> setting_slot { return &x.max_queued; },
              [](provider_settings& x) -> setting_slot { return &x.max_queued; }},
  setting_row{"queue_timeout_seconds", "", "", no_flag, "S", "2", pause, "seconds that one waits at most",
              [](settings& x) -> setting_slot { return &x.queue_timeout; },
              [](provider_settings& x) -> setting_slot { return &x.queue_timeout; }},
  setting_row{"retry_budget_percent", "", "", no_flag, "N", "20",
              setting_range("a whole number from 0 to 1000", 0, 1'000),
              "retries that a provider gets per hundred first attempts, over 10 s",
              [](settings& x) -> setting_slot { return &x.retry_budget.percent; }, nullptr},
  setting_row{"retry_budget_minimum", "", "", no_flag, "N", "10", count,
              "retries that a provider gets in 10 s in any case",
              [](settings& x) -> setting_slot { return &x.retry_budget.minimum; }, nullptr},
  setting_row{"hedge", "", "--hedge", ask_only, "", "false", ranges::flag,
              "ask the next provider too when the first token is late, and take the first answer",
              [](settings& x) -> setting_slot { return &x.hedge; }, nullptr},
  setting_row{"hedge_delay_seconds", "", "--hedge-delay", ask_only, "S", "1", ranges::deadline,
              "seconds after which it is late, until 20 answers say what is usual (their p95)",
              [](settings& x) -> setting_slot { return &x.hedge_delay; }, nullptr},
  setting_row{"transport_threads", "", "--transport-threads", every_command, "N", "1",
              setting_range("a whole number from 1 to 64", 1, 64),
              "threads that talk to the providers; read at start",
              [](settings& x) -> setting_slot { return &x.transport_threads; }, nullptr},
  setting_row{"fallback_on_content_filter", "", "", no_flag, "BOOL", "false", ranges::flag,
              "ask the next provider when one refuses the content",
              [](settings& x) -> setting_slot { return &x.fallback_on_content_filter; }, nullptr},
  setting_row{"commit_on_reasoning", "", "", no_flag, "BOOL", "false", ranges::flag,
              "let no other provider take over once thoughts were streamed",
              [](settings& x) -> setting_slot { return &x.commit_on_reasoning; }, nullptr},
  setting_row{"failure_threshold", "", "", no_flag, "N", "3",
              setting_range("a whole number from 1 to 100", 1, 100),
              "consecutive failures that make a provider UNAVAILABLE",
              [](settings& x) -> setting_slot { return &x.failure_threshold; }, nullptr},
  setting_row{"cooldown_seconds", "", "", no_flag, "S", "30", ranges::deadline,
              "seconds an UNAVAILABLE provider rests before it is probed; doubles with each failed probe",
              [](settings& x) -> setting_slot { return &x.cooldown; }, nullptr},
  setting_row{"max_cooldown_seconds", "", "", no_flag, "S", "300", ranges::deadline, "the longest such rest",
              [](settings& x) -> setting_slot { return &x.max_cooldown; }, nullptr},
  setting_row{"drain_deadline_seconds", "", "", no_flag, "S", "30", pause,
              "seconds that running requests get when magna is shut down",
              [](settings& x) -> setting_slot { return &x.drain_deadline; }, nullptr},
};

} // namespace

std::span<const setting_row> setting_table() {
  return table;
}

} // namespace magna
