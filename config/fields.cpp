#include <magna/config/fields.hpp>

#include <array>

#include <magna/actors/setting_ranges.hpp>
#include <magna/providers/codec_registry.hpp>

namespace magna::config {

namespace {

namespace ranges = setting_ranges;

constexpr auto every_command = flag_scope::every_command;
constexpr auto ask_only = flag_scope::ask_only;
constexpr auto no_flag = flag_scope::none;

constexpr std::array table = {
  field{"temperature", "LLM_TEMPERATURE", "--temperature", ask_only, "F", "0.7, where the model takes it",
        ranges::temperature.text, "sampling temperature",
        [](draft& x) -> slot { return &x.values.params.temperature; },
        [](provider_settings& x) -> slot { return &x.params.temperature; }},
  field{"top_p", "LLM_TOP_P", "--top-p", ask_only, "F", "0.9, where the model takes it", ranges::top_p.text,
        "nucleus sampling", [](draft& x) -> slot { return &x.values.params.top_p; },
        [](provider_settings& x) -> slot { return &x.params.top_p; }},
  field{"max_tokens", "LLM_MAX_TOKENS", "--max-tokens", ask_only, "N", "2048", ranges::max_tokens.text,
        "tokens the answer may have at most", [](draft& x) -> slot { return &x.values.params.max_tokens; },
        [](provider_settings& x) -> slot { return &x.params.max_tokens; }},
  field{"stop", "", "--stop", ask_only, "TEXT", "none", ranges::stop,
        "end the answer before this text; repeatable", [](draft& x) -> slot { return &x.values.params.stop; },
        [](provider_settings& x) -> slot { return &x.params.stop; }},
  field{"seed", "", "--seed", ask_only, "N", "none", ranges::seed, "seed of the sampling",
        [](draft& x) -> slot { return &x.values.params.seed; },
        [](provider_settings& x) -> slot { return &x.params.seed; }},
  field{"timeout_seconds", "LLM_TIMEOUT_SECONDS", "--timeout", every_command, "S", "30",
        ranges::deadline.text, "seconds to the first token and between tokens; in all when not streaming",
        [](draft& x) -> slot { return &x.values.timeout; },
        [](provider_settings& x) -> slot { return &x.timeout; }},
  field{"connect_timeout_seconds", "", "--connect-timeout", every_command, "S", "10", ranges::deadline.text,
        "seconds for DNS, TCP and TLS", [](draft& x) -> slot { return &x.values.timeouts.connect; },
        [](provider_settings& x) -> slot { return &x.timeouts.connect; }},
  field{"response_headers_timeout_seconds", "", "--response-headers-timeout", ask_only, "S",
        "the first token's", ranges::deadline.text, "seconds to the response's status line",
        [](draft& x) -> slot { return &x.values.timeouts.response_headers; },
        [](provider_settings& x) -> slot { return &x.timeouts.response_headers; }},
  field{"first_token_timeout_seconds", "", "--first-token-timeout", ask_only, "S", "the timeout",
        ranges::deadline.text, "seconds to the first text of a stream",
        [](draft& x) -> slot { return &x.values.timeouts.first_token; },
        [](provider_settings& x) -> slot { return &x.timeouts.first_token; }},
  field{"idle_timeout_seconds", "", "--idle-timeout", ask_only, "S", "the timeout", ranges::deadline.text,
        "seconds between two signs of life of a stream",
        [](draft& x) -> slot { return &x.values.timeouts.idle; },
        [](provider_settings& x) -> slot { return &x.timeouts.idle; }},
  field{"attempt_timeout_seconds", "", "--attempt-timeout", ask_only, "S",
        "the timeout when not streaming, else none", ranges::deadline.text,
        "seconds for one attempt as a whole", [](draft& x) -> slot { return &x.values.timeouts.total; },
        [](provider_settings& x) -> slot { return &x.timeouts.total; }},
  field{"deadline_seconds", "", "--deadline", ask_only, "S", "300", ranges::deadline.text,
        "seconds for the whole request, over all attempts",
        [](draft& x) -> slot { return &x.values.request_deadline; }, nullptr},
  field{"max_retries", "LLM_MAX_RETRIES", "--max-retries", ask_only, "N", "3", ranges::max_retries.text,
        "attempts per provider, the first included", [](draft& x) -> slot { return &x.values.max_retries; },
        [](provider_settings& x) -> slot { return &x.max_retries; }},
  field{"retry_delay_seconds", "LLM_RETRY_DELAY_SECONDS", "--retry-delay", ask_only, "S", "1",
        ranges::retry_delay.text, "seconds before a provider's second attempt; doubles from one to the next",
        [](draft& x) -> slot { return &x.values.retry_delay; },
        [](provider_settings& x) -> slot { return &x.retry_delay; }},
  field{"max_attempts", "", "", no_flag, "N", "12", ranges::max_attempts.text,
        "attempts per request, over all providers", [](draft& x) -> slot { return &x.values.max_attempts; },
        nullptr},
  field{"max_requests", "", "", no_flag, "N", "16384", ranges::places.text,
        "requests that run at once; more are refused as overloaded",
        [](draft& x) -> slot { return &x.values.max_requests; }, nullptr},
  field{"max_in_flight", "", "", no_flag, "N", "4096", ranges::places.text,
        "attempts that run at once at a provider", [](draft& x) -> slot { return &x.values.max_in_flight; },
        [](provider_settings& x) -> slot { return &x.max_in_flight; }},
  field{"max_queued", "", "", no_flag, "N", "4096", ranges::count.text,
        "attempts that wait for such a place; more go to the next provider",
        [](draft& x) -> slot { return &x.values.max_queued; },
        [](provider_settings& x) -> slot { return &x.max_queued; }},
  field{"queue_timeout_seconds", "", "", no_flag, "S", "2", ranges::pause.text,
        "seconds that one waits at most", [](draft& x) -> slot { return &x.values.queue_timeout; },
        [](provider_settings& x) -> slot { return &x.queue_timeout; }},
  field{"retry_budget_percent", "", "", no_flag, "N", "20", ranges::percent.text,
        "retries that a provider gets per hundred first attempts, over 10 s",
        [](draft& x) -> slot { return &x.values.retry_budget.percent; }, nullptr},
  field{"retry_budget_minimum", "", "", no_flag, "N", "10", ranges::count.text,
        "retries that a provider gets in 10 s in any case",
        [](draft& x) -> slot { return &x.values.retry_budget.minimum; }, nullptr},
  field{"hedge", "", "--hedge", ask_only, "", "false", ranges::flag,
        "ask the next provider too when the first token is late, and take the first answer",
        [](draft& x) -> slot { return &x.values.hedge; }, nullptr},
  field{"hedge_delay_seconds", "", "--hedge-delay", ask_only, "S", "1", ranges::deadline.text,
        "seconds after which it is late, until 20 answers say what is usual (their p95)",
        [](draft& x) -> slot { return &x.values.hedge_delay; }, nullptr},
  field{"transport_threads", "", "--transport-threads", every_command, "N", "1", ranges::threads.text,
        "threads that talk to the providers; read at start",
        [](draft& x) -> slot { return &x.values.transport_threads; }, nullptr},
  field{"fallback_on_content_filter", "", "", no_flag, "BOOL", "false", ranges::flag,
        "ask the next provider when one refuses the content",
        [](draft& x) -> slot { return &x.values.fallback_on_content_filter; }, nullptr},
  field{"failure_threshold", "", "", no_flag, "N", "3", ranges::failure_threshold.text,
        "consecutive failures that make a provider UNAVAILABLE",
        [](draft& x) -> slot { return &x.values.failure_threshold; }, nullptr},
  field{"cooldown_seconds", "", "", no_flag, "S", "30", ranges::deadline.text,
        "seconds an UNAVAILABLE provider rests before it is probed; doubles with each failed probe",
        [](draft& x) -> slot { return &x.values.cooldown; }, nullptr},
  field{"max_cooldown_seconds", "", "", no_flag, "S", "300", ranges::deadline.text, "the longest such rest",
        [](draft& x) -> slot { return &x.values.max_cooldown; }, nullptr},
  field{"drain_deadline_seconds", "", "", no_flag, "S", "30", ranges::pause.text,
        "seconds that running requests get when magna is shut down",
        [](draft& x) -> slot { return &x.values.drain_deadline; }, nullptr},
  field{"enable_local_models", "ENABLE_LOCAL_MODELS", "", no_flag, "BOOL", "false", ranges::flag,
        "use Ollama; false also switches off [[provider]] tables of that kind",
        [](draft& x) -> slot { return &x.local_models; }, nullptr},
  field{"chain", "MAGNA_CHAIN", "--provider", every_command, "NAME,NAME...",
        "gemini, openai, anthropic, ollama, then the file's", "names of configured providers, each once",
        "the providers to ask, in this order", [](draft& x) -> slot { return &x.chain; }, nullptr, true},
  field{"", "", "--model", ask_only, "M", "each provider's own", ranges::model, "the model to ask for",
        [](draft& x) -> slot { return &x.model; }, nullptr},
  field{"log_level", "MAGNA_LOG", "--log-level", every_command, "LEVEL", "error; of a node: warn",
        "trace, debug, info, warn, error or off", "what is logged to stderr",
        [](draft& x) -> slot { return &x.log_level; }, nullptr},
};

constexpr std::array<std::string_view, 9> own_keys = {
  "name", "kind", "base_url", "model", "api_key", "api_keys", "api_key_env", "headers", "node"};

} // namespace

std::span<const field> fields() {
  return table;
}

std::vector<built_in> built_ins() {
  std::vector<built_in> result;
  for (const auto* codec : all_codecs()) {
    const auto& about = codec->about();
    if (!about.key_variable.empty() || !about.url_variable.empty() || !about.model_variable.empty())
      result.push_back({about.kind, about.kind, about.title, about.key_variable, about.url_variable,
                        about.model_variable, about.is_local});
  }
  return result;
}

std::span<const std::string_view> provider_keys() {
  return own_keys;
}

} // namespace magna::config
