#include <magna/actors/settings.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

struct settings_fixture {
  settings_fixture() {
    provider_settings gemini;
    gemini.name = "gemini";
    gemini.kind = provider_kind::gemini;
    gemini.base_url = default_base_url(gemini.kind);
    gemini.model = default_model(gemini.kind);
    gemini.keys = {"AIza-test"};
    all.providers = {gemini};
  }

  provider_settings& first() { return all.providers.front(); }

  /// The names of the settings that are refused.
  std::vector<std::string> refused() const {
    std::vector<std::string> result;
    for (const auto& error : validate(all))
      result.push_back(error.setting);
    return result;
  }

  settings all;
};

using names = std::vector<std::string>;

} // namespace

WITH_FIXTURE(settings_fixture) {

SUITE("settings.validate") {

TEST("defaults with one provider can be used") {
  check_eq(refused(), names{});
}

TEST("a chain of nobody is refused") {
  all.providers.clear();
  check_eq(refused(), names{"provider"});
}

TEST("a kind that nobody knows is refused, with those that there are") {
  first().kind = "claude";
  const auto errors = validate(all);
  require_eq(errors.size(), 1u);
  check_eq(errors[0].setting, "provider[gemini].kind");
  check_eq(errors[0].value, "claude");
  check(errors[0].allowed.starts_with("gemini, openai, anthropic, ollama, openai-chat or openai-responses"));
  // The other node knows what it is.
  first().node = "gpu-1:4711";
  check_eq(refused(), names{});
}

TEST("names are unique and made of few characters") {
  for (const auto* bad : {"", "a b", "a/b", "gemini\n", "gemini,openai"}) {
    first().name = bad;
    check_eq(refused(), names{"provider.name"});
  }
  first().name = std::string(65, 'x');
  check_eq(refused(), names{"provider.name"});
  first().name = "Team-1_x.y";
  check_eq(refused(), names{});
  all.providers.push_back(first());
  check_eq(refused(), names{"provider.name"});
}

TEST("a base URL is http or https with a host, and may have a query") {
  for (const auto* good : {"http://localhost:11434", "https://api.openai.com/v1", "http://[::1]:8080/x/y/",
                           "https://10.0.0.1", "http://host.internal:1", "http://x/?key=1", "https://x?a=b@c",
                           "https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21"}) {
    first().base_url = good;
    check_eq(refused(), names{});
  }
  for (const auto* bad : {"", "localhost:11434", "ftp://x", "http://", "http:///v1", "https://:80",
                          "http://x:0", "http://x:65536", "http://x:8a", "http://x:", "http://x y",
                          "http://x/?key=1 2", "http://x#a", "http://x?a#b", "http://?a=b", "http://u:p@x",
                          "http://x\r\nHost: y", "http://[::1", "http://a:1:2"}) {
    first().base_url = bad;
    check_eq(refused(), names{"provider[gemini].base_url"});
  }
}

TEST("what may be secret in a URL is not shown") {
  for (const auto* bad : {"https://user:sesame@host/v1", "ftp://host/v1?key=sesame",
                          "https://host/v1?a#sesame", "https://host/#sesame"}) {
    first().base_url = bad;
    const auto errors = validate(all);
    require_eq(errors.size(), 1u);
    check_eq(errors[0].to_string().find("sesame"), std::string::npos);
  }
}

TEST("a key is printable ASCII and never shown") {
  for (const auto* bad : {"", "sesame open", "sesame\r\nX: y", "ses\xC3\xA4me"}) {
    first().keys = {"good", bad};
    const auto errors = validate(all);
    require_eq(errors.size(), 1u);
    check_eq(errors[0].setting, "provider[gemini].api_key");
    check_eq(errors[0].value, "(hidden)");
  }
}

TEST("a header cannot smuggle in another") {
  first().extra_headers = {{"OpenAI-Organization", "org-1"}};
  check_eq(refused(), names{});
  first().extra_headers = {{"X-A", "sesame\r\nX-B: 1"}, {"X A", "1"}, {"", "1"}};
  const auto errors = validate(all);
  require_eq(errors.size(), 3u);
  for (const auto& error : errors) {
    check_eq(error.setting, "provider[gemini].headers");
    check_eq(error.to_string().find("sesame"), std::string::npos);
  }
}

TEST("a model's name is one word of UTF-8") {
  for (const auto* good : {"gpt-6-luna", "qwen3:0.6b", "meta-llama/Llama-4@x", "modèle"}) {
    first().model = good;
    check_eq(refused(), names{});
  }
  for (const auto* bad : {"", "a b", "a\nb", "\xff"}) {
    first().model = bad;
    check_eq(refused(), names{"provider[gemini].model"});
  }
}

TEST("sampling parameters have ranges, in both scopes") {
  for (auto* params : {&all.params, &first().params}) {
    const std::string scope = params == &all.params ? "" : "provider[gemini].";
    for (const double good : {0.0, 2.0}) {
      params->temperature = good;
      check_eq(refused(), names{});
    }
    for (const double bad :
         {-0.1, 2.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      params->temperature = bad;
      check_eq(refused(), names{scope + "temperature"});
    }
    params->temperature.reset();
    for (const double bad : {0.0, -1.0, 1.01}) {
      params->top_p = bad;
      check_eq(refused(), names{scope + "top_p"});
    }
    params->top_p = 1;
    params->max_tokens = 0;
    check_eq(refused(), names{scope + "max_tokens"});
    params->max_tokens = 1;
    params->stop = {"END", ""};
    check_eq(refused(), names{scope + "stop"});
    params->stop = std::vector<std::string>(17, "x");
    check_eq(refused(), names{scope + "stop"});
    *params = {};
  }
}

TEST("deadlines are more than nothing and at most a day") {
  for (const auto bad : {0ms, -1ms, 86'400'001ms}) {
    all.timeout = bad;
    all.timeouts = {bad, bad, bad, bad, bad};
    all.request_deadline = bad;
    first().timeout = bad;
    first().timeouts = {bad, bad, bad, bad, bad};
    check_eq(refused(),
             names{"provider[gemini].timeout_seconds", "provider[gemini].connect_timeout_seconds",
                   "provider[gemini].response_headers_timeout_seconds",
                   "provider[gemini].first_token_timeout_seconds", "provider[gemini].idle_timeout_seconds",
                   "provider[gemini].attempt_timeout_seconds", "timeout_seconds", "connect_timeout_seconds",
                   "response_headers_timeout_seconds", "first_token_timeout_seconds", "idle_timeout_seconds",
                   "attempt_timeout_seconds", "deadline_seconds"});
  }
  all.timeout = 1ms;
  all.timeouts = {1ms, 1ms, 1ms, 1ms, 1ms};
  all.request_deadline = 24h;
  first().timeout = 24h;
  first().timeouts = {};
  check_eq(refused(), names{});
}

TEST("retries, attempts and the breaker have ranges") {
  all.max_retries = 21;
  first().max_retries = 21;
  all.retry_delay = 60'001ms;
  first().retry_delay = -1ms;
  all.max_attempts = 0;
  all.failure_threshold = 0;
  all.cooldown = 0ms;
  all.max_cooldown = 25h;
  all.drain_deadline = -1ms;
  check_eq(refused(), names{"provider[gemini].max_retries", "provider[gemini].retry_delay_seconds",
                            "max_retries", "retry_delay_seconds", "max_attempts", "failure_threshold",
                            "cooldown_seconds", "max_cooldown_seconds", "drain_deadline_seconds"});
  all.max_retries = 0;
  first().max_retries = 20;
  all.retry_delay = 0ms;
  first().retry_delay = 60s;
  all.max_attempts = 100;
  all.failure_threshold = 1;
  all.cooldown = 30s;
  all.max_cooldown = 29s;
  all.drain_deadline = 0ms;
  check_eq(refused(), names{"max_cooldown_seconds"});
}

TEST("an error names setting, value and what is allowed, in one line") {
  all.timeout = 90'000s;
  const auto errors = validate(all);
  require_eq(errors.size(), 1u);
  check_eq(errors[0].to_string(),
           "timeout_seconds: \"90000\" is not allowed; allowed: seconds, more than 0, at most 86400");
  check_eq((setting_error{"a", "x\n\x1b[31m\xff", "b"}).to_string(),
           "a: \"x\\x0a\\x1b[31m\xEF\xBF\xBD\" is not allowed; allowed: b");
}

} // SUITE("settings.validate")

SUITE("settings.deadlines") {

TEST("by default a stream has 10 s to connect, 30 s to and between tokens, and no end") {
  const auto limits = deadlines_for(all, first(), true);
  check_eq(limits.connect, 10s);
  check_eq(limits.response_headers, 30s);
  check_eq(limits.first_token, 30s);
  check_eq(limits.idle, 30s);
  check(!limits.total.has_value());
}

TEST("by default a whole answer has 30 s") {
  const auto limits = deadlines_for(all, first(), false);
  check_eq(limits.connect, 10s);
  check_eq(limits.response_headers, 30s);
  check_eq(limits.total, std::optional<milliseconds>{30s});
}

TEST("a cold model at Ollama has 5 minutes to its first token, unless anything was set") {
  first().kind = provider_kind::ollama;
  const auto limits = deadlines_for(all, first(), true);
  check_eq(limits.connect, 10s);
  check_eq(limits.response_headers, 300s);
  check_eq(limits.first_token, 300s);
  check_eq(limits.idle, 30s);
  check(!limits.total.has_value());
  check_eq(deadlines_for(all, first(), false).total, std::optional<milliseconds>{300s});
  const auto first_token = [this] { return deadlines_for(all, first(), true).first_token; };
  all.timeout = 20s;
  check_eq(first_token(), 20s);
  check_eq(deadlines_for(all, first(), false).total, std::optional<milliseconds>{20s});
  all.timeout = settings{}.timeout;
  all.timeouts.first_token = 7s;
  check_eq(first_token(), 7s);
  first().timeout = 8s;
  check_eq(first_token(), 8s);
  first().timeouts.first_token = 9s;
  check_eq(first_token(), 9s);
}

TEST("a specific deadline stands above the general timeout of its scope") {
  all.timeouts.first_token = 60s;
  all.timeouts.idle = 5s;
  all.timeouts.connect = 1s;
  all.timeouts.total = 90s;
  const auto limits = deadlines_for(all, first(), true);
  check_eq(limits.connect, 1s);
  check_eq(limits.response_headers, 60s);
  check_eq(limits.first_token, 60s);
  check_eq(limits.idle, 5s);
  check_eq(limits.total, std::optional<milliseconds>{90s});
}

TEST("a provider's general timeout stands above every provider's specific ones") {
  all.timeouts.first_token = 10s;
  all.timeouts.idle = 5s;
  all.timeouts.response_headers = 5s;
  first().timeout = 300s;
  first().timeouts.idle = 20s;
  const auto limits = deadlines_for(all, first(), true);
  check_eq(limits.response_headers, 300s);
  check_eq(limits.first_token, 300s);
  check_eq(limits.idle, 20s);
}

TEST("no deadline of tokens ends a whole answer that is in time") {
  all.timeouts.first_token = 1s;
  all.timeouts.idle = 1s;
  all.timeouts.total = 60s;
  const auto limits = deadlines_for(all, first(), false);
  check_eq(limits.total, std::optional<milliseconds>{60s});
  check_ge(limits.response_headers, milliseconds{60s});
  check_ge(limits.first_token, milliseconds{60s});
  check_ge(limits.idle, milliseconds{60s});
}

TEST("a whole answer's headers have a deadline of their own if one is set") {
  all.timeouts.response_headers = 5s;
  check_eq(deadlines_for(all, first(), false).response_headers, 5s);
  first().timeout = 300s;
  check_eq(deadlines_for(all, first(), false).response_headers, 300s);
  first().timeouts.response_headers = 7s;
  check_eq(deadlines_for(all, first(), false).response_headers, 7s);
}

} // SUITE("settings.deadlines")

} // WITH_FIXTURE(settings_fixture)

SUITE("settings.defaults") {

TEST("every kind has a base URL and a model of its own that can be used") {
  settings all;
  for (const auto kind :
       {provider_kind::gemini, provider_kind::openai, provider_kind::anthropic, provider_kind::ollama}) {
    provider_settings provider;
    provider.name = kind;
    provider.kind = kind;
    provider.base_url = default_base_url(kind);
    provider.model = default_model(kind);
    all.providers.push_back(provider);
  }
  check_eq(validate(all).size(), 0u);
  check_eq(default_base_url(provider_kind::gemini), "https://generativelanguage.googleapis.com");
  check_eq(default_base_url(provider_kind::openai), "https://api.openai.com/v1");
  check_eq(default_base_url(provider_kind::anthropic), "https://api.anthropic.com");
  check_eq(default_base_url(provider_kind::ollama), "http://localhost:11434");
  check_eq(default_model(provider_kind::gemini), "gemini-3.8-flash");
  check_eq(default_model(provider_kind::openai), "gpt-6-luna");
  check_eq(default_model(provider_kind::anthropic), "claude-haiku-5-5");
  check_eq(default_model(provider_kind::ollama), "gemma4");
  check_eq(default_base_url("claude"), "");
  check_eq(default_model("claude"), "");
}

TEST("what magna suggests is in its own ranges") {
  const auto params = default_parameters();
  check_eq(params.temperature, std::optional<double>{0.7});
  check_eq(params.top_p, std::optional<double>{0.9});
  check(!params.max_tokens.has_value());
  check(!params.seed.has_value());
  check(params.stop.empty());
}

} // SUITE("settings.defaults")
