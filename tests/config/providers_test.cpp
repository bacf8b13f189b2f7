#include <magna/config/load.hpp>

#include <magna/tests/config/sandbox.hpp>
#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;
using magna::test::sandbox;

namespace {

using names = std::vector<std::string>;

names names_of(const std::vector<provider_settings>& providers) {
  names result;
  for (const auto& provider : providers)
    result.push_back(provider.name);
  return result;
}

} // namespace

WITH_FIXTURE(sandbox) {

SUITE("config.providers.environment") {

TEST("a key makes a provider, and the chain is gemini, openai, ollama") {
  start({{"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}, {"ENABLE_LOCAL_MODELS", "true"}});
  const auto all = load().settings.providers;
  check_eq(names_of(all), names{"gemini", "openai", "ollama"});
  check_eq(all[0].keys, names{"g"});
  check_eq(all[0].base_url, "https://generativelanguage.googleapis.com");
  check_eq(all[0].model, "gemini-3.8-flash");
  check_eq(all[1].keys, names{"o"});
  check_eq(all[1].base_url, "https://api.openai.com/v1");
  check_eq(all[1].model, "gpt-6-luna");
  check_eq(all[2].keys, names{});
  check_eq(all[2].base_url, "http://localhost:11434");
  check_eq(all[2].model, "gemma4");
}

TEST("anthropic is part of the chain where it has a key, after openai") {
  start({{"ANTHROPIC_API_KEY", "a,b"},
         {"OPENAI_API_KEY", "o"},
         {"GEMINI_API_KEY", "g"},
         {"ENABLE_LOCAL_MODELS", "true"}});
  const auto all = load().settings.providers;
  check_eq(names_of(all), names{"gemini", "openai", "anthropic", "ollama"});
  check(all[2].kind == provider_kind::anthropic);
  check_eq(all[2].keys, names{"a", "b"});
  check_eq(all[2].base_url, "https://api.anthropic.com");
  check_eq(all[2].model, "claude-haiku-5-5");
  start({{"ANTHROPIC_BASE_URL", "http://localhost:1"}, {"ANTHROPIC_MODEL", "m"}});
  const auto local = load().settings.providers;
  check_eq(names_of(local), names{"anthropic"});
  check_eq(local[0].base_url + " " + local[0].model, "http://localhost:1 m");
  start({{"ANTHROPIC_MODEL", "m"}, {"GEMINI_API_KEY", "g"}});
  check_eq(names_of(load().settings.providers), names{"gemini"});
}

TEST("base URLs and models come from the environment") {
  start({{"GEMINI_API_KEY", "g"},
         {"GEMINI_BASE_URL", "http://a"},
         {"GEMINI_MODEL", "m1"},
         {"OPENAI_API_KEY", "o"},
         {"OPENAI_BASE_URL", "http://b/v1"},
         {"OPENAI_MODEL", "m2"},
         {"ENABLE_LOCAL_MODELS", "1"},
         {"OLLAMA_BASE_URL", "http://c"},
         {"OLLAMA_MODEL", "m3"}});
  const auto all = load().settings.providers;
  require_eq(all.size(), 3u);
  check_eq(all[0].base_url + " " + all[0].model, "http://a m1");
  check_eq(all[1].base_url + " " + all[1].model, "http://b/v1 m2");
  check_eq(all[2].base_url + " " + all[2].model, "http://c m3");
}

TEST("several keys stand in one variable") {
  start({{"GEMINI_API_KEY", " a, b ,,c "}});
  check_eq(load().settings.providers[0].keys, names{"a", "b", "c"});
}

TEST("a variable of nothing but commas is no key") {
  start({{"GEMINI_API_KEY", " , "}});
  check_eq(load_errors().size(), 1u);
}

TEST("another server needs no key, the provider's own does") {
  start({{"OPENAI_BASE_URL", "http://localhost:8000/v1"}});
  check_eq(names_of(load().settings.providers), names{"openai"});
  start({{"GEMINI_BASE_URL", "http://localhost:8000"}});
  check_eq(names_of(load().settings.providers), names{"gemini"});
  start({{"OPENAI_BASE_URL", "https://api.openai.com/v1/"}});
  magna::test::check_found(load_errors().at(0), "no provider is configured");
}

TEST("an address of Ollama alone does not enable it") {
  start({{"OLLAMA_BASE_URL", "http://localhost:11434"}});
  magna::test::check_found(load_errors().at(0), "no provider is configured");
}

TEST("without any provider the error says which variables give one") {
  start({{"LLM_TEMPERATURE", "0.5"}});
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  for (const auto* name : {"GEMINI_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ENABLE_LOCAL_MODELS=true",
                           "OLLAMA_BASE_URL", "[[provider]]"})
    check_ne(errors[0].find(name), std::string::npos);
}

TEST("a bad URL or model is refused by its variable's name") {
  start({{"GEMINI_API_KEY", "k"}, {"GEMINI_BASE_URL", "localhost"}, {"GEMINI_MODEL", "a b"}});
  const auto errors = load_errors();
  require_eq(errors.size(), 2u);
  check(errors[0].starts_with("GEMINI_BASE_URL: \"localhost\" is not allowed; allowed: "));
  check(errors[1].starts_with("GEMINI_MODEL: \"a b\" is not allowed; allowed: "));
}

TEST("a bad key is refused and not shown") {
  start({{"OPENAI_API_KEY", "sk-sesame open"}});
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  check(errors[0].starts_with("OPENAI_API_KEY: \"(hidden)\""));
}

} // SUITE("config.providers.environment")

SUITE("config.providers.file") {

TEST("a table of its own name is a further provider, after the built-in ones") {
  start({{"OPENAI_API_KEY", "o"}, {"TEAM_KEY", "t1,t2"}});
  write("magna.toml", R"(
[[provider]]
name = "team"
kind = "openai"
base_url = "https://llm.team.example/v1"
model = "big"
api_key_env = "TEAM_KEY"
headers = { "OpenAI-Organization" = "org-1", "X-Team" = "a" }
temperature = 0.25
top_p = 0.5
max_tokens = 99
stop = ["END", "FIN"]
seed = 5
timeout_seconds = 120
connect_timeout_seconds = 2
response_headers_timeout_seconds = 3.5
first_token_timeout_seconds = 4
idle_timeout_seconds = 5
attempt_timeout_seconds = 600
max_retries = 2
retry_delay_seconds = 0.5

[[provider]]
name = "local"
kind = "openai"
base_url = "http://localhost:8080/v1"
)");
  const auto all = load().settings.providers;
  check_eq(names_of(all), names{"openai", "team", "local"});
  const auto& team = all.at(1);
  check(team.kind == provider_kind::openai);
  check_eq(team.base_url, "https://llm.team.example/v1");
  check_eq(team.model, "big");
  check_eq(team.keys, names{"t1", "t2"});
  check(team.extra_headers == http_headers{{"OpenAI-Organization", "org-1"}, {"X-Team", "a"}});
  check_eq(team.params.temperature, std::optional<double>{0.25});
  check_eq(team.params.top_p, std::optional<double>{0.5});
  check_eq(team.params.max_tokens, std::optional<std::uint32_t>{99});
  check_eq(team.params.stop, names{"END", "FIN"});
  check_eq(team.params.seed, std::optional<std::int64_t>{5});
  check_eq(team.timeout, std::optional<milliseconds>{120s});
  check_eq(team.timeouts.connect, std::optional<milliseconds>{2s});
  check_eq(team.timeouts.response_headers, std::optional<milliseconds>{3500ms});
  check_eq(team.timeouts.first_token, std::optional<milliseconds>{4s});
  check_eq(team.timeouts.idle, std::optional<milliseconds>{5s});
  check_eq(team.timeouts.total, std::optional<milliseconds>{600s});
  check_eq(team.max_retries, std::optional<std::uint32_t>{2});
  check_eq(team.retry_delay, std::optional<milliseconds>{500ms});
  check_eq(all.at(2).model, "gpt-6-luna");
  check_eq(all.at(2).keys, names{});
}

TEST("a table with a built-in name refines that provider, and the environment stands above it") {
  start({{"GEMINI_API_KEY", "from-env"}, {"GEMINI_MODEL", "from-env"}});
  write("magna.toml", R"(
[[provider]]
name = "gemini"
model = "from-file"
api_keys = ["f1", "f2"]
base_url = "http://from-file"
timeout_seconds = 90
)");
  auto gemini = load().settings.providers.at(0);
  check_eq(gemini.model, "from-env");
  check_eq(gemini.keys, names{"from-env"});
  check_eq(gemini.base_url, "http://from-file");
  check_eq(gemini.timeout, std::optional<milliseconds>{90s});
  set("GEMINI_API_KEY", "");
  set("GEMINI_MODEL", "");
  gemini = load().settings.providers.at(0);
  check_eq(gemini.model, "from-file");
  check_eq(gemini.keys, names{"f1", "f2"});
}

TEST("api_key_env names another variable for a built-in provider's key") {
  start({{"GEMINI_API_KEY", "usual"}, {"OTHER_KEY", "other"}});
  write("magna.toml", "[[provider]]\nname = \"gemini\"\napi_key_env = \"OTHER_KEY\"\n");
  check_eq(load().settings.providers.at(0).keys, names{"other"});
}

TEST("a built-in provider without its key is left out, even if the file refines it") {
  start({{"OPENAI_API_KEY", "o"}});
  write("magna.toml", "[[provider]]\nname = \"gemini\"\nmodel = \"x\"\n");
  check_eq(names_of(load().settings.providers), names{"openai"});
}

TEST("another provider without its key is an error") {
  start({{"OPENAI_API_KEY", "o"}});
  write("magna.toml", "[[provider]]\nname = \"team\"\nkind = \"gemini\"\n");
  magna::test::check_found(load_errors().at(0),
                           "^magna\\.toml:1: \\[\\[provider\\]\\] 'team' can't be used: it has no api_key");
  write("magna.toml", "[[provider]]\nname = \"team\"\nkind = \"gemini\"\napi_key_env = \"TEAM_KEY\"\n");
  magna::test::check_found(load_errors().at(0), "its api_key_env names TEAM_KEY, which is not set$");
}

TEST("a table enables Ollama, unless local models are switched off") {
  const auto* file = "[[provider]]\nname = \"ollama\"\nmodel = \"qwen3\"\n"
                     "[[provider]]\nname = \"big\"\nkind = \"ollama\"\nbase_url = \"http://big:11434\"\n";
  start({});
  write("magna.toml", file);
  check_eq(names_of(load().settings.providers), names{"ollama", "big"});
  start({{"ENABLE_LOCAL_MODELS", "false"}, {"GEMINI_API_KEY", "k"}});
  write("magna.toml", file);
  check_eq(names_of(load().settings.providers), names{"gemini"});
  flag("--provider", "big");
  check_eq(load_errors(), names{"--provider: 'big' is not configured: local models are switched off; "
                                "set ENABLE_LOCAL_MODELS=true"});
}

TEST("a table that does not say what it is, or says it twice, is an error") {
  struct wrong {
    const char* text;
    const char* error;
  };
  for (const auto& [text, error] : {
         wrong{"[[provider]]\nkind = \"openai\"\n", "magna\\.toml:1: \\[\\[provider\\]\\] has no name"},
         wrong{"[[provider]]\nname = 3\n", "magna\\.toml:2: name: must be a text"},
         wrong{"[[provider]]\nname = \"team\"\napi_key = \"k\"\n", "magna\\.toml:1: .*'team' has no kind"},
         wrong{"[[provider]]\nname = \"team\"\nkind = \"bard\"\n",
               "magna\\.toml:3: kind: \"bard\" is not allowed; allowed: gemini, openai, anthropic, ollama, "
               "openai-chat or openai-responses"},
         wrong{"[[provider]]\nname = \"team\"\nkind = \"anthropc\"\n", "did you mean 'anthropic'"},
         wrong{"[[provider]]\nname = \"openai\"\nkind = \"gemini\"\n",
               "magna\\.toml:3: kind: .*another name"},
         wrong{"[[provider]]\nname = \"a b\"\nkind = \"ollama\"\n",
               "magna\\.toml:2: name: \"a b\" is not allowed"},
         wrong{
           "[[provider]]\nname = \"a\"\nkind = \"ollama\"\n[[provider]]\nname = \"a\"\nkind = \"ollama\"\n",
           "magna\\.toml:4: .*'a' is there already, in line 1"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"openai\"\napi_key = \"x\"\napi_keys = [\"y\"]\n",
               "only one of api_key, api_keys and api_key_env"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"openai\"\napi_keys = []\n",
               "magna\\.toml:4: api_keys: must be"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"openai\"\napi_key = 7\n",
               "magna\\.toml:4: api_key: must be"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"ollama\"\nheaders = 7\n",
               "magna\\.toml:4: headers: must be"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"ollama\"\nheaders = { A = 1 }\n",
               "magna\\.toml:4: headers: must"},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"ollama\"\nbase_url = \"x\"\n",
               "magna\\.toml:4: base_url: \"x\""},
         wrong{"[[provider]]\nname = \"a\"\nkind = \"ollama\"\ntemperature = 3\n",
               "magna\\.toml:4: temperature: \"3\" is not allowed"},
         wrong{"[provider]\nname = \"a\"\n", "magna\\.toml:1: provider: must be written as tables"},
         wrong{"provider = \"a\"\n", "magna\\.toml:1: provider: must be written as tables"},
       }) {
    start({{"GEMINI_API_KEY", "k"}});
    write("magna.toml", text);
    const auto errors = load_errors();
    require(!errors.empty());
    magna::test::check_found(errors[0], error);
  }
}

} // SUITE("config.providers.file")

SUITE("config.providers.chain") {

TEST("the chain orders and selects, and the rest stay configured") {
  start({{"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}, {"ENABLE_LOCAL_MODELS", "true"}});
  write("magna.toml", "chain = [\"ollama\", \"gemini\"]");
  auto options = load();
  check_eq(names_of(options.settings.providers), names{"ollama", "gemini"});
  check_eq(names_of(options.others), names{"openai"});
  flag("--provider", "openai, ollama");
  options = load();
  check_eq(names_of(options.settings.providers), names{"openai", "ollama"});
  check_eq(names_of(options.others), names{"gemini"});
}

TEST("a provider that could be configured is refused with the remedy") {
  start({{"OPENAI_API_KEY", "o"}});
  flag("--provider", "ollama,gemini");
  check_eq(
    load_errors(),
    names{
      "--provider: 'ollama' is not configured: local models are off; set ENABLE_LOCAL_MODELS=true",
      "--provider: 'gemini' is not configured: set GEMINI_API_KEY (or GOOGLE_API_KEY), or GEMINI_BASE_URL "
      "for a server that needs no key"});
}

TEST("an unknown provider is refused with those that there are") {
  start({{"OPENAI_API_KEY", "o"}});
  flag("--provider", "opnai,claude");
  check_eq(load_errors(),
           names{"--provider: there is no provider 'opnai'; did you mean 'openai'?; configured: openai",
                 "--provider: there is no provider 'claude'; configured: openai"});
}

TEST("an empty chain is refused") {
  start({{"OPENAI_API_KEY", "o"}});
  write("magna.toml", "chain = []");
  check_eq(load_errors().size(), 1u);
  start({{"OPENAI_API_KEY", "o"}});
  flag("--provider", " , ");
  check_eq(load_errors().size(), 1u);
}

TEST("providers outside the chain are checked as well") {
  start({{"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}, {"GEMINI_BASE_URL", "nonsense"}});
  flag("--provider", "openai");
  magna::test::check_found(load_errors().at(0), "^GEMINI_BASE_URL: ");
}

TEST("secrets are all keys and header values, in the chain or not") {
  start({{"OPENAI_API_KEY", "o1,o2"}, {"GEMINI_API_KEY", "g"}});
  write("magna.toml",
        "chain = [\"gemini\"]\n[[provider]]\nname = \"gemini\"\nheaders = { X-Token = \"h\" }\n");
  auto secrets = load().secrets();
  std::ranges::sort(secrets);
  check_eq(secrets, names{"g", "h", "o1", "o2"});
}

} // SUITE("config.providers.chain")

} // WITH_FIXTURE(sandbox)
