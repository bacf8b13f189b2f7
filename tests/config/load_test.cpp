#include <magna/config/fields.hpp>
#include <magna/config/load.hpp>

#include <magna/tests/config/sandbox.hpp>
#include <magna/tests/support/test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

using namespace magna;
using namespace std::chrono_literals;
using magna::config::field;
using magna::config::fields;
using magna::test::sandbox;

namespace {

using names = std::vector<std::string>;

names chain_of(const config::options& options) {
  names result;
  for (const auto& provider : options.settings.providers)
    result.push_back(provider.name);
  return result;
}

/// What a setting is changed to, and what it may not be, as texts of the environment and the command line.
/// The TOML forms are the same, quoted where `toml_quotes` says so.
struct sample {
  std::string_view key;
  std::string_view good;
  bool toml_quotes;
  std::vector<std::string_view> bad;
};

const std::vector<sample>& samples() {
  const std::vector<std::string_view> bad_seconds{"0",    "-1",  "86401", "1e400", "nan", "inf",
                                                  "-inf", "ten", "5s",    "0x10",  "1,5", "--1"};
  const std::vector<std::string_view> bad_delay{"-1", "60.001", "nan", "inf", "soon"};
  const std::vector<std::string_view> bad_count{"0", "-1", "101", "1.5", "4294967297", "many", "1 0"};
  const std::vector<std::string_view> bad_places{"0", "-1", "1000001", "1.5", "4294967297", "many"};
  static const std::vector<sample> all{
    {"temperature", "1.25", false, {"-0.1", "2.1", "nan", "inf", "warm", "1.0.0", "0,7"}},
    {"top_p", "0.5", false, {"0", "1.1", "-1", "nan", "most"}},
    {"max_tokens", "17", false, {"0", "-5", "1.5", "4294967296", "99999999999999999999", "lots"}},
    {"stop", "END", true, {""}},
    {"seed", "-42", false, {"1.5", "9223372036854775808", "x"}},
    {"top_k", "40", false, {"0", "-1", "1000001", "1.5", "few"}},
    {"reasoning_effort", "xhigh", true, {"much", "High"}},
    {"parallel_tool_calls", "false", false, {"maybe", "2"}},
    {"prompt_cache", "true", false, {"maybe", "2"}},
    {"prompt_cache_key", "support", true, {}},
    {"extra_body", "{}", false, {"[1]", "7"}},
    {"timeout_seconds", "2.5", false, bad_seconds},
    {"connect_timeout_seconds", "0.25", false, bad_seconds},
    {"response_headers_timeout_seconds", "4", false, bad_seconds},
    {"first_token_timeout_seconds", "5", false, bad_seconds},
    {"idle_timeout_seconds", "6", false, bad_seconds},
    {"attempt_timeout_seconds", "7", false, bad_seconds},
    {"deadline_seconds", "8", false, bad_seconds},
    {"max_retries", "0", false, {"-1", "21", "2.5", "twice"}},
    {"retry_delay_seconds", "0", false, bad_delay},
    {"max_attempts", "100", false, bad_count},
    {"max_requests", "7", false, bad_places},
    {"transport_threads", "2", false, {"0", "65", "1.5", "all"}},
    {"max_in_flight", "8", false, bad_places},
    {"max_queued", "0", false, {"-1", "1000001", "1.5", "all"}},
    {"queue_timeout_seconds", "0", false, {"-1", "86401", "nan"}},
    {"retry_budget_percent", "0", false, {"-1", "1001", "20%", "0.2"}},
    {"retry_budget_minimum", "0", false, {"-1", "1000001", "few"}},
    {"hedge", "true", false, {"maybe", "2"}},
    {"hedge_delay_seconds", "0.75", false, bad_seconds},
    {"fallback_on_invalid_request", "false", false, {"maybe", "2"}},
    {"fallback_on_content_filter", "true", false, {"maybe", "2"}},
    {"commit_on_reasoning", "true", false, {"maybe", "2"}},
    {"failure_threshold", "1", false, bad_count},
    {"cooldown_seconds", "1.5", false, bad_seconds},
    {"max_cooldown_seconds", "86400", false, bad_seconds},
    {"drain_deadline_seconds", "0", false, {"-1", "86401", "nan"}},
    {"enable_local_models", "true", false, {"maybe", "2"}},
    {"chain", "gemini", true, {"nobody", "gemini,gemini"}},
    {"", "some-model", true, {"two words"}},
    {"log_level", "debug", true, {"loud", "WARN"}},
  };
  return all;
}

const sample& sample_of(const field& what) {
  for (const auto& candidate : samples())
    if (candidate.key == what.key)
      return candidate;
  magna::test::runnable::current().fail("the setting {} has no sample", std::string{what.key});
}

/// A value of a slot as text, to compare what different sources make of the same text.
std::string show(const config::slot& where) {
  return std::visit(
    [](auto* x) -> std::string {
      const auto text = [](const auto& value) {
        if constexpr (requires { value.count(); })
          return std::to_string(value.count()) + "ms";
        else if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>)
          return to_string(value);
        else if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>)
          return std::to_string(value);
        else
          return std::string{value};
      };
      if constexpr (requires { x->has_value(); })
        return x->has_value() ? text(**x) : "nothing";
      else if constexpr (requires {
                           x->front().size();
                           x->resize(1);
                           x->data()->size();
                         }) {
        std::string all;
        for (const auto& element : *x)
          all += text(element) + ";";
        return all;
      } else {
        return text(*x);
      }
    },
    where);
}

/// The value of a field after loading.
std::string loaded(const config::options& options, const field& what) {
  config::draft draft;
  draft.values = options.settings;
  draft.log_level = options.log_level;
  draft.chain = chain_of(options);
  draft.model = options.settings.providers.front().model;
  draft.local_models = draft.chain.size() > 1;
  return show(what.global(draft));
}

std::string in_toml(const sample& what, std::string_view value) {
  return std::string{what.key} + " = "
         + (what.toml_quotes ? "\"" + std::string{value} + "\"" : std::string{value});
}

} // namespace

WITH_FIXTURE(sandbox) {

SUITE("config.load.fields") {

TEST("every setting is taken from each of its sources, and the same from all") {
  for (const auto& field : fields()) {
    const auto& value = sample_of(field);
    const auto expected = [&] {
      start({{"GEMINI_API_KEY", "k"}});
      return loaded(load(), field);
    }();
    std::string from_first_source;
    const auto compare = [&](std::string_view source) {
      const auto now = loaded(load(), field);
      if (now == expected && field.key != "chain")
        fail("{} has no effect from {}", std::string{field.key}, std::string{source});
      if (from_first_source.empty())
        from_first_source = now;
      check_eq(now, from_first_source);
    };
    if (!field.key.empty()) {
      start({{"GEMINI_API_KEY", "k"}});
      write("magna.toml", in_toml(value, value.good));
      compare("the file");
    }
    if (!field.variable.empty()) {
      start({{"GEMINI_API_KEY", "k"}, {std::string{field.variable}, std::string{value.good}}});
      compare("the environment");
      start({{"GEMINI_API_KEY", "k"}});
      write(".env", std::string{field.variable} + "=" + std::string{value.good});
      compare(".env");
    }
    if (!field.flag.empty()) {
      start({{"GEMINI_API_KEY", "k"}});
      flag(field.flag, value.good);
      compare("the command line");
    }
  }
}

TEST("every value that is not allowed is refused from each source, by the name that the source has for it") {
  for (const auto& field : fields()) {
    const auto& value = sample_of(field);
    for (const auto bad : value.bad) {
      const auto text = std::string{bad};
      const auto refused = [&](const std::string& written) {
        const auto errors = load_errors();
        require_eq(errors.size(), 1u);
        if (!errors[0].starts_with(written))
          fail("{} = {}: the error does not begin with {}: {}", std::string{field.key}, text, written,
               errors[0]);
      };
      if (!field.variable.empty() && !bad.empty()) {
        const auto name = std::string{field.variable};
        start({{"GEMINI_API_KEY", "k"}, {name, text}});
        refused(name + ": ");
        start({{"GEMINI_API_KEY", "k"}});
        write(".env", "# here\n" + name + "='" + text + "'");
        refused(name + " (.env:2): ");
      }
      if (!field.flag.empty()) {
        start({{"GEMINI_API_KEY", "k"}});
        flag(field.flag, bad);
        refused(std::string{field.flag} + ": ");
      }
      if (!field.key.empty() && field.key != "chain") {
        start({{"GEMINI_API_KEY", "k"}});
        write("magna.toml", "\n" + std::string{field.key} + " = \"" + text + "\"");
        refused("magna.toml:2: " + std::string{field.key} + ": ");
      }
    }
  }
}

TEST("an error shows the value and what is allowed") {
  start({{"GEMINI_API_KEY", "k"}, {"LLM_TEMPERATURE", "9"}});
  check_eq(load_errors(), names{"LLM_TEMPERATURE: \"9\" is not allowed; allowed: a number from 0 to 2"});
  start({{"GEMINI_API_KEY", "k"}, {"LLM_MAX_RETRIES", "x\x1b[2J"}});
  check_eq(load_errors(),
           names{"LLM_MAX_RETRIES: \"x\\x1b[2J\" is not allowed; allowed: a whole number from 0 to 20"});
}

TEST("numbers of the file may be out of range or of another type") {
  for (const auto* bad :
       {"temperature = 2.5", "temperature = \"0.5\"", "temperature = nan", "temperature = true",
        "max_tokens = 1.5", "max_tokens = -1", "max_tokens = 4294967296", "timeout_seconds = inf",
        "timeout_seconds = 0", "seed = 1.0", "chain = 3", "chain = [1]", "stop = [\"a\", 1]",
        "enable_local_models = 1", "log_level = 3", "max_retries = 2020-01-01"}) {
    start({{"GEMINI_API_KEY", "k"}});
    write("magna.toml", bad);
    const auto errors = load_errors();
    require_eq(errors.size(), 1u);
    check(errors[0].starts_with("magna.toml:1: "));
  }
}

TEST("all that is wrong is said at once") {
  start({{"LLM_TEMPERATURE", "hot"}, {"LLM_TIMEOUT_SECONDS", "-1"}, {"GEMINI_API_KEY", "k"}});
  write(".env", "LLM_TOP_P=7\nnonsense\n");
  write("magna.toml", "colour = 1\nmax_attempts = 0\n");
  flag("--seed", "x");
  check_eq(load_errors().size(), 6u);
}

TEST("what else is in .env is skipped with one warning, and no reason to stop") {
  start({{"GEMINI_API_KEY", "k"}});
  write(".env", "source ./more.sh\nOTHER='it's mine'\nLLM_TIMEOUT_SECONDS=7\n");
  auto options = load();
  check_eq(options.settings.timeout, 7s);
  check_eq(options.warnings, names{".env:1: no NAME=VALUE, skipped"});
  write(".env", "a\nb\nA=1\nc\n");
  check_eq(load().warnings, names{".env: lines 1, 2 and 4: no NAME=VALUE, skipped"});
  write(".env", "a\nb\nc\nd\ne\nf\ng\n");
  check_eq(load().warnings, names{".env: lines 1, 2, 3, 4, 5 and 2 more: no NAME=VALUE, skipped"});
  write(".env", "A=1\n");
  check_eq(load().warnings, names{});
}

TEST("a value in .env that can't be used is an error only where it is wanted") {
  start({{"GEMINI_API_KEY", "k"}});
  write(".env", "LLM_TIMEOUT_SECONDS='7' s\nTEAM_KEY=\"sesame\nOTHER='x' y\n");
  check_eq(load_errors(),
           names{"LLM_TIMEOUT_SECONDS (.env:1): after the closing quote only a comment may follow"});
  set("LLM_TIMEOUT_SECONDS", "8");
  check_eq(load().settings.timeout, 8s);
  write("magna.toml", "[[provider]]\nname = \"team\"\nkind = \"gemini\"\napi_key_env = \"TEAM_KEY\"\n");
  require_eq(load_errors().size(), 2u);
  check_eq(load_errors()[0], "TEAM_KEY (.env:2): the closing quote is missing");
}

TEST("references in .env see the environment") {
  start({{"GEMINI_API_KEY", "k"}, {"SECONDS", "9"}});
  write(".env", "SECONDS=1\nLLM_TIMEOUT_SECONDS=${SECONDS}\n");
  check_eq(load().settings.timeout, 9s);
}

TEST("booleans have many words") {
  for (const auto* yes : {"true", "TRUE", "1", "yes", "On"}) {
    start({{"ENABLE_LOCAL_MODELS", yes}});
    check_eq(chain_of(load()), names{"ollama"});
  }
  for (const auto* no : {"false", "0", "NO", "off", "", "  "}) {
    start({{"ENABLE_LOCAL_MODELS", no}, {"OPENAI_API_KEY", "k"}});
    check_eq(chain_of(load()), names{"openai"});
  }
}

TEST("a time that is not 0 does not become 0, and decimals count") {
  start({{"GEMINI_API_KEY", "k"}, {"LLM_TIMEOUT_SECONDS", "0.0001"}, {"LLM_RETRY_DELAY_SECONDS", "0.0625"}});
  const auto options = load();
  check_eq(options.settings.timeout, 1ms);
  check_eq(options.settings.retry_delay, 63ms);
}

} // SUITE("config.load.fields")

SUITE("config.load.precedence") {

TEST("without anything said the defaults hold") {
  start({{"GEMINI_API_KEY", "k"}});
  const auto options = load();
  check_eq(options.settings.timeout, 30s);
  check_eq(options.settings.max_retries, 3u);
  check_eq(options.settings.retry_delay, 1s);
  check_eq(options.settings.request_deadline, 300s);
  check(!options.settings.params.temperature.has_value());
  check_eq(options.log_level, "");
}

TEST("flags beat the environment, which beats .env, which beats the file") {
  start({{"GEMINI_API_KEY", "k"}});
  write("magna.toml", "timeout_seconds = 1");
  check_eq(load().settings.timeout, 1s);
  write(".env", "LLM_TIMEOUT_SECONDS=2");
  check_eq(load().settings.timeout, 2s);
  set("LLM_TIMEOUT_SECONDS", "3");
  check_eq(load().settings.timeout, 3s);
  flag("--timeout", "4");
  check_eq(load().settings.timeout, 4s);
}

TEST("an empty variable counts as unset") {
  start({{"GEMINI_API_KEY", "k"}, {"LLM_TIMEOUT_SECONDS", ""}, {"OPENAI_API_KEY", "  "}});
  write(".env", "LLM_TIMEOUT_SECONDS=2\nLLM_TEMPERATURE=\n");
  const auto options = load();
  check_eq(options.settings.timeout, 2s);
  check_eq(chain_of(options), names{"gemini"});
}

TEST("a flag stands above what the file says for one provider") {
  start({});
  write("magna.toml", R"(
first_token_timeout_seconds = 50
[[provider]]
name = "gemini"
api_key = "k"
model = "slow-1"
temperature = 0.1
timeout_seconds = 60
idle_timeout_seconds = 70
connect_timeout_seconds = 3
stop = ["A"]
)");
  auto options = load();
  check_eq(options.settings.providers[0].params.temperature, std::optional<double>{0.1});
  check_eq(deadlines_for(options.settings, options.settings.providers[0], true).idle, 70s);
  flag("--temperature", "0.9");
  flag("--timeout", "5");
  flag("--model", "fast-1");
  flag("--stop", " B ");
  flag("--stop", "C");
  options = load();
  const auto& provider = options.settings.providers[0];
  check(!provider.params.temperature.has_value());
  check_eq(options.settings.params.temperature, std::optional<double>{0.9});
  check_eq(options.settings.params.stop, names{" B ", "C"});
  check(provider.params.stop.empty());
  check_eq(provider.model, "fast-1");
  const auto limits = deadlines_for(options.settings, provider, true);
  check_eq(limits.connect, 3s);
  check_eq(limits.first_token, 5s);
  check_eq(limits.idle, 5s);
}

TEST("the file can be named by flag or variable, and then must be there") {
  start({{"GEMINI_API_KEY", "k"}});
  write("other.toml", "timeout_seconds = 7");
  set("MAGNA_CONFIG", "other.toml");
  check_eq(load().settings.timeout, 7s);
  set("MAGNA_CONFIG", "missing.toml");
  check_eq(load_errors().size(), 1u);
  magna::test::check_found(load_errors()[0], "missing\\.toml: can't be read: no such file");
  write("third.toml", "timeout_seconds = 8");
  from.file = path("third.toml");
  check_eq(load().settings.timeout, 8s);
}

TEST("a magna.toml that can't be read is an error") {
  start({{"GEMINI_API_KEY", "k"}});
  make_directory("magna.toml");
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  magna::test::check_found(errors[0], "magna\\.toml: can't be read: it is a directory");
}

TEST("an .env that is no file of text is not read, with a warning: it may be somebody else's") {
  start({{"GEMINI_API_KEY", "k"}});
  make_directory(".env");
  check_eq(load().warnings, names{".env was not read: it is a directory"});
  start({{"GEMINI_API_KEY", "k"}});
  ::mkfifo(path(".env").c_str(), 0600);
  check_eq(load().warnings, names{".env was not read: it is no regular file"});
  start({{"GEMINI_API_KEY", "k"}});
  write(".env", std::string((std::size_t{4} << 20) + 1, '#'));
  check_eq(load().warnings, names{".env was not read: it is larger than 4 MiB"});
  write(".env", std::string_view{"\xFF\xFE"
                                 "A\0=\0"
                                 "1\0",
                                 8});
  check_eq(load().warnings, names{".env was not read: it is UTF-16, not UTF-8"});
  start({});
  make_directory(".env");
  try {
    load();
    fail("there is no provider");
  } catch (const config::config_error& error) {
    check_eq(error.errors().size(), 1u);
    check_eq(error.warnings(), names{".env was not read: it is a directory"});
  }
}

TEST("a file without permission is an error") {
  start({{"GEMINI_API_KEY", "k"}});
  write("magna.toml", "timeout_seconds = 7");
  if (forbid("magna.toml")) { // root may read everything
    require_eq(load_errors().size(), 1u);
    magna::test::check_found(load_errors()[0], "magna\\.toml: can't be read: Permission denied");
  }
}

TEST("a file that is no TOML is an error with its line") {
  for (const auto* bad : {"ok = 1\nx = = 2", "ok = 1\n[unclosed", "ok = 1\nx = \"\xff\""}) {
    start({{"GEMINI_API_KEY", "k"}});
    write("magna.toml", bad);
    require_eq(load_errors().size(), 1u);
    check(load_errors()[0].starts_with("magna.toml:2: "));
  }
}

TEST("an unknown key is an error with its line and what was probably meant") {
  start({{"GEMINI_API_KEY", "k"}});
  write("magna.toml",
        "\ntemprature = 1\n[[provider]]\nname = \"gemini\"\nbase_uri = \"http://x\"\ncolour = 1\n");
  check_eq(load_errors(), names{"magna.toml:2: unknown key 'temprature'; did you mean 'temperature'?",
                                "magna.toml:5: unknown key 'base_uri'; did you mean 'base_url'?",
                                "magna.toml:6: unknown key 'colour'"});
}

} // SUITE("config.load.precedence")

} // WITH_FIXTURE(sandbox)
