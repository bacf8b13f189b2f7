#include <magna/app/report.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <string>

using namespace magna;
using namespace std::chrono_literals;
using app::paint;

namespace {

struct report_fixture {
  report_fixture() {
    for (const auto kind : {provider_kind::gemini, provider_kind::ollama}) {
      provider_settings made;
      made.name = to_string(kind);
      made.kind = kind;
      made.base_url = default_base_url(kind);
      made.model = default_model(kind);
      config.providers.push_back(made);
    }
  }

  static attempt_record failed(const char* provider, errc error, const char* message) {
    attempt_record result;
    result.provider = provider;
    result.model = "m";
    result.error = error;
    result.message = message;
    result.duration = 30s;
    return result;
  }

  settings config;
  paint plain{false};
};

} // namespace

WITH_FIXTURE(report_fixture) {

SUITE("app.report") {

TEST("a failure names the attempts, and a remedy once for each error of each provider") {
  failure end;
  end.error = errc::all_providers_failed;
  end.message = "all 2 providers failed: ...";
  end.attempts = {failed("gemini", errc::timeout, "no first token within 30 s"),
                  failed("gemini", errc::timeout, "no first token within 30 s"),
                  failed("ollama", errc::model_not_found, "model 'gemma4' not found")};
  end.attempts[1].wait = 1s;
  const auto text = app::failure_report(end, config, plain);
  magna::test::check_found(text, "^magna: all_providers_failed: ");
  magna::test::check_found(text, "gemini +m +at once +took 30 s +timeout +no first token within 30 s\n");
  magna::test::check_found(text, "gemini +m +waited 1 s +took 30 s +timeout");
  magna::test::check_found(text, "ollama +m .*model_not_found +model 'gemma4' not found\n");
  const auto hint = text.find("hint: gemini: give it more time: --timeout");
  check_ne(hint, std::string::npos);
  check_eq(text.find("hint: gemini", hint + 1), std::string::npos);
  magna::test::check_found(text, "hint: ollama: .*ollama pull gemma4");
}

TEST("a hint follows from what happened, or there is none") {
  const auto hints = [this](const char* provider, errc error, const char* message, std::uint16_t status = 0) {
    failure end;
    end.error = error;
    end.attempts = {failed(provider, error, message)};
    end.attempts[0].http_status = status;
    const auto text = app::failure_report(end, config, plain);
    const auto at = text.find("hint: ");
    return at == std::string::npos ? std::string{} : text.substr(at);
  };
  const auto unavailable = errc::provider_unavailable;
  magna::test::check_found(
    hints("ollama", unavailable, "could not connect to localhost:11434: connection refused"),
    "is Ollama running at ");
  magna::test::check_found(hints("gemini", unavailable, "could not connect to h:443: connection refused"),
                           "is there a server at ");
  magna::test::check_found(
    hints("gemini", errc::timeout, "could not connect to h:443 within 10 s (connect timeout)"),
    "is there a server at ");
  magna::test::check_found(
    hints("gemini", unavailable, "could not connect to h:443 through the proxy p:3128: connection refused"),
    "check the proxy: http_proxy");
  // Somebody answered.
  check_eq(hints("ollama", unavailable, "server busy, please try again", 503), "");
  check_eq(hints("ollama", unavailable, "could not connect to the runner", 500), "");
  check_eq(hints("ollama", unavailable, "localhost:11434 closed the connection without a response"), "");
  check_eq(hints("ollama", errc::rate_limited, "too many requests", 429), "");
  check_eq(hints("gemini", errc::timeout, "the gateway timed out", 504), "");
  check_eq(hints("gemini", errc::overloaded, "no connection to h:443: too many open files; raise ulimit -n"),
           "");
}

TEST("a broken stream is called incomplete") {
  failure end;
  end.error = errc::stream_truncated;
  end.message = "the answer broke off";
  end.delivered_chars = 17;
  const auto text = app::failure_report(end, config, plain);
  magna::test::check_found(text, "incomplete.*17 characters");
}

TEST("a provider's own words can't steer the terminal") {
  failure end;
  end.error = errc::provider_error;
  end.message = "bad \x1b[2Jwords\r\n";
  end.attempts = {failed("gemini", errc::provider_error, "bad \x1b]0;title\x07 words \xc2\x9b")};
  const auto text = app::failure_report(end, config, plain);
  check_eq(text.find_first_of("\x1b\x07\r"), std::string::npos);
  check_eq(text.find("\xc2\x9b"), std::string::npos);
}

TEST("colours come only when they are wanted") {
  failure end;
  end.message = "x";
  check_eq(app::failure_report(end, config, plain).find('\x1b'), std::string::npos);
  check_ne(app::failure_report(end, config, paint{true}).find('\x1b'), std::string::npos);
}

TEST("the columns of the health table stand below each other, whatever is in them") {
  probe_report first;
  first.provider = "gemini";
  first.model = "gemini-3.8-flash";
  first.usable = true;
  first.state = health_state::healthy;
  first.latency = 120ms;
  probe_report second;
  second.provider = "öllama";
  second.model = "m";
  second.error = errc::provider_unavailable;
  second.message = "connection refused";
  second.state = health_state::degraded;
  check_eq(
    app::health_table({first, second}, plain),
    "PROVIDER  MODEL             USABLE  STATE     LATENCY  ERROR\n"
    "gemini    gemini-3.8-flash  yes     HEALTHY   120 ms   -\n"
    "öllama    m                 no      DEGRADED  0 ms     provider_unavailable: connection refused\n");
}

} // SUITE("app.report")

} // WITH_FIXTURE(report_fixture)
