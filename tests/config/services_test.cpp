// Where companies' servers are, and the variables that providers' own programs read.

#include <magna/config/load.hpp>

#include <magna/tests/config/sandbox.hpp>
#include <magna/tests/support/test.hpp>

#include <string>
#include <vector>

using namespace magna;
using magna::test::sandbox;

namespace {

using names = std::vector<std::string>;

struct service_fixture : sandbox {
  /// The provider called "p", or else the only one.
  provider_settings only() const {
    const auto all = load().settings.providers;
    for (const auto& each : all)
      if (each.name == "p" || all.size() == 1)
        return each;
    return {.name = std::to_string(all.size()) + " providers"};
  }

  /// One [[provider]] table with these lines.
  void provider(const std::string& lines) const {
    write("magna.toml", "[[provider]]\nname = \"p\"\n" + lines);
  }
};

std::string auth_name(const provider_settings& provider) {
  return provider.auth ? to_string(*provider.auth) : "usual";
}

} // namespace

WITH_FIXTURE(service_fixture) {

SUITE("config.variables of SDKs") {

TEST("OPENAI_ORG_ID and OPENAI_PROJECT_ID become headers, above the file's") {
  start({{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "org-1"}, {"OPENAI_PROJECT_ID", "proj-1"}});
  check(only().extra_headers == http_headers{{"OpenAI-Organization", "org-1"}, {"OpenAI-Project", "proj-1"}});
  write("magna.toml", "[[provider]]\nname = \"openai\"\nheaders = { \"openai-organization\" = \"org-2\", "
                      "\"X-Team\" = \"a\" }\n");
  check(only().extra_headers
        == http_headers{{"X-Team", "a"}, {"OpenAI-Organization", "org-1"}, {"OpenAI-Project", "proj-1"}});
}

TEST("a header from the environment is judged by its variable's name, and not shown") {
  start({{"OPENAI_API_KEY", "k"}, {"OPENAI_ORG_ID", "org\x01sesame"}});
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  check(errors[0].starts_with("OPENAI_ORG_ID: \"OpenAI-Organization: (hidden)\""));
}

TEST("GOOGLE_API_KEY stands above GEMINI_API_KEY, as in Google's own programs, with a warning") {
  start({{"GOOGLE_API_KEY", "g1,g2"}});
  check_eq(only().name, "gemini");
  check_eq(only().keys, names{"g1", "g2"});
  check_eq(load().warnings, names{});
  set("GEMINI_API_KEY", "old");
  check_eq(only().keys, names{"g1", "g2"});
  check_eq(load().warnings,
           names{"GOOGLE_API_KEY and GEMINI_API_KEY are both set: GOOGLE_API_KEY is used, as the "
                 "provider's own programs do"});
  set("GOOGLE_API_KEY", "");
  check_eq(only().keys, names{"old"});
}

TEST("OLLAMA_HOST says where Ollama is, OLLAMA_BASE_URL stands above it, and neither enables it") {
  start({{"ENABLE_LOCAL_MODELS", "true"}, {"OLLAMA_HOST", "0.0.0.0:8080"}});
  check_eq(only().base_url, "http://127.0.0.1:8080");
  set("OLLAMA_BASE_URL", "http://gpu-1:1");
  check_eq(only().base_url, "http://gpu-1:1");
  start({{"OLLAMA_HOST", "gpu-1"}});
  magna::test::check_found(load_errors().at(0), "no provider is configured");
  start({{"ENABLE_LOCAL_MODELS", "true"}, {"OLLAMA_HOST", "a b"}});
  check(load_errors().at(0).starts_with("OLLAMA_HOST: \"http://a b:11434\" is not allowed"));
}

TEST("OLLAMA_API_KEY is for Ollama's own servers, which are not local, and for others with TLS") {
  start({{"OLLAMA_API_KEY", "k"}, {"OLLAMA_HOST", "https://ollama.com"}});
  check_eq(only().base_url, "https://ollama.com");
  check_eq(only().keys, names{"k"});
  set("ENABLE_LOCAL_MODELS", "false");
  check_eq(only().keys, names{"k"});
  start({{"OLLAMA_API_KEY", "k"}, {"ENABLE_LOCAL_MODELS", "true"}});
  check_eq(only().keys, names{});
  set("OLLAMA_HOST", "https://gpu-1");
  check_eq(only().keys, names{"k"});
  set("OLLAMA_HOST", "http://gpu-1");
  check_eq(only().keys, names{});
}

TEST("Ollama's own servers need a key") {
  start({{"OLLAMA_HOST", "https://ollama.com"}, {"OPENAI_API_KEY", "k"}});
  flag("--provider", "ollama");
  check_eq(load_errors().at(0), "--provider: 'ollama' is not configured: set OLLAMA_API_KEY, or api_key");
}

} // SUITE("config.variables of SDKs")

SUITE("config.services") {

TEST("Azure: endpoint and key come from the environment, and the v1 path is added to a bare one") {
  start({{"AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/"}, {"AZURE_OPENAI_API_KEY", "a1,a2"}});
  provider("service = \"azure\"\nmodel = \"my-deployment\"\n");
  check(only().kind == provider_kind::openai);
  check_eq(only().base_url, "https://res.openai.azure.com/openai/v1");
  check_eq(only().keys, names{"a1", "a2"});
  check_eq(auth_name(only()), "api-key");
  provider("service = \"azure\"\nmodel = \"d\"\nauth = \"bearer\"\napi_key = \"k\"\nbase_url = "
           "\"http://proxy/x\"\n");
  check_eq(only().base_url, "http://proxy/x");
  check_eq(auth_name(only()), "bearer");
  check_eq(only().keys, names{"k"});
}

TEST("Azure: a base URL is enough to know it, with a query too") {
  start({{"AZURE_OPENAI_API_KEY", "a"}});
  provider("kind = \"openai\"\nmodel = \"d\"\n"
           "base_url = \"https://res.openai.azure.com/openai/deployments/d?api-version=2024-10-21\"\n");
  check_eq(only().base_url, "https://res.openai.azure.com/openai/deployments/d?api-version=2024-10-21");
  check_eq(only().keys, names{"a"});
  set("AZURE_OPENAI_API_KEY", "");
  check_eq(load_errors(),
           names{"magna.toml:1: [[provider]] 'p' can't be used: set AZURE_OPENAI_API_KEY, or api_key"});
  provider("kind = \"openai\"\nmodel = \"d\"\nbase_url = \"https://res.openai.azure.com/openai/v1\"\n"
           "headers = { \"Authorization\" = \"Bearer x\" }\n");
  check_eq(only().keys, names{});
}

TEST("Bedrock: a region makes the URL, and the API key is a bearer token") {
  start({{"AWS_REGION", "us-east-1"},
         {"AWS_BEARER_TOKEN_BEDROCK", "b"},
         {"AWS_ACCESS_KEY_ID", "ID"},
         {"AWS_SECRET_ACCESS_KEY", "SECRET"}});
  provider("service = \"bedrock\"\nmodel = \"openai.gpt-oss-120b\"\n");
  check_eq(only().base_url, "https://bedrock-mantle.us-east-1.api.aws/openai/v1");
  check_eq(only().keys, names{"b"});
  check_eq(auth_name(only()), "usual");
  provider("service = \"bedrock\"\nkind = \"anthropic\"\nregion = \"eu-west-1\"\nmodel = \"m\"\n");
  check_eq(only().base_url, "https://bedrock-mantle.eu-west-1.api.aws/anthropic");
}

TEST("Bedrock: without an API key requests are signed with the environment's credentials") {
  start(
    {{"AWS_DEFAULT_REGION", "us-east-1"}, {"AWS_ACCESS_KEY_ID", "ID"}, {"AWS_SECRET_ACCESS_KEY", "SECRET"}});
  provider("service = \"bedrock\"\nmodel = \"m\"\n");
  check_eq(only().keys, names{"ID:SECRET"});
  check_eq(auth_name(only()), "aws-sigv4");
  set("AWS_SESSION_TOKEN", "TOKEN");
  set("AWS_BEARER_TOKEN_BEDROCK", "b");
  check_eq(only().keys, names{"b"});
  provider("service = \"bedrock\"\nmodel = \"m\"\nauth = \"aws-sigv4\"\n");
  check_eq(only().keys, names{"ID:SECRET:TOKEN"});
  set("AWS_SECRET_ACCESS_KEY", "");
  magna::test::check_found(load_errors().at(0), "set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and");
}

TEST("signed requests need credentials of two parts, and a region") {
  start({});
  provider("kind = \"openai\"\nmodel = \"m\"\nbase_url = \"http://localhost:1\"\nauth = "
           "\"aws-sigv4\"\napi_key = \"sesame\"\n");
  const auto errors = load_errors();
  require_eq(errors.size(), 2u);
  check(errors[0].starts_with(
    "magna.toml:7: api_key: \"(hidden)\" is not allowed; allowed: with auth = \"aws-sigv4\""));
  check(errors[1].starts_with("provider[p].region: \"\" is not allowed"));
}

TEST("Vertex AI: project and location make the URL") {
  start({{"GOOGLE_API_KEY", "k"}});
  struct place {
    const char* lines;
    const char* url;
  };
  for (const auto& [lines, url] : {
         place{"", "https://aiplatform.googleapis.com/v1beta1/publishers/google"},
         place{"project = \"p1\"\n",
               "https://aiplatform.googleapis.com/v1beta1/projects/p1/locations/global/publishers/google"},
         place{"project = \"p1\"\nlocation = \"europe-west4\"\n",
               "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p1/locations/europe-west4/"
               "publishers/google"},
         place{"project = \"p1\"\nlocation = \"eu\"\n",
               "https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/p1/locations/eu/publishers/google"},
       }) {
    provider(std::string{"service = \"vertex\"\n"} + lines);
    check_eq(only().base_url, url);
    check(only().kind == provider_kind::gemini);
    check_eq(only().keys, names{"k"});
  }
  provider("service = \"vertex\"\nproject = \"a/b\"\n");
  magna::test::check_found(load_errors().at(0), "project and location are names");
}

TEST("Vertex AI: credentials come from a file, which must be one") {
  start({{"GOOGLE_CLOUD_PROJECT", "p1"}});
  write(
    "user.json",
    R"({"type":"authorized_user","client_id":"i","client_secret":"client-sesame","refresh_token":"refresh-sesame"})");
  set("GOOGLE_APPLICATION_CREDENTIALS", path("user.json").string());
  provider("service = \"vertex\"\n");
  check_ne(only().google_credentials.find("authorized_user"), std::string::npos);
  check_eq(only().base_url,
           "https://aiplatform.googleapis.com/v1beta1/projects/p1/locations/global/publishers/google");
  const auto secrets = load().secrets();
  check_eq(secrets, names{"client-sesame", "refresh-sesame"});
  write("user.json", R"({"type":"authorized_user","client_secret":"client-sesame"})");
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  magna::test::check_found(errors[0],
                           "credentials_file \".*user.json\": \"it has no client_id\" is not allowed");
  check_eq(errors[0].find("sesame"), std::string::npos);
  set("GOOGLE_APPLICATION_CREDENTIALS", path("missing.json").string());
  magna::test::check_found(load_errors().at(0), "missing.json: can't be read: no such file");
}

TEST("a service that is unknown, speaks otherwise, or lacks a place is refused") {
  struct wrong {
    const char* lines;
    const char* error;
  };
  start({});
  for (const auto& [lines, error] : {
         wrong{"service = \"azur\"\nkind = \"openai\"\n",
               "service: \"azur\" is not allowed; allowed: azure, bedrock, vertex or ollama-cloud"},
         wrong{"service = \"azure\"\nkind = \"gemini\"\nbase_url = \"https://h\"\napi_key = \"k\"\n",
               "service azure does not speak the protocol gemini"},
         wrong{"service = \"azure\"\napi_key = \"k\"\n",
               "service azure needs base_url, or AZURE_OPENAI_ENDPOINT"},
         wrong{"service = \"bedrock\"\napi_key = \"k\"\n",
               "service bedrock needs region, such as us-east-1, or AWS_REGION"},
         wrong{"kind = \"openai\"\nbase_url = \"https://h\"\nproject = \"x\"\n",
               "project, location and credentials_file are for service vertex"},
         wrong{"kind = \"openai\"\nbase_url = \"https://h\"\nauth = \"basic\"\n",
               "auth: \"basic\" is not allowed; allowed: bearer, api-key"},
       }) {
    provider(lines);
    const auto errors = load_errors();
    require(!errors.empty());
    magna::test::check_found(errors[0], error);
  }
}

TEST("what a URL's query holds is secret, and is not shown") {
  start({});
  provider("kind = \"openai\"\nmodel = \"m\"\nbase_url = \"https://h/v1?code=sesame-open\"\n");
  check_eq(load().secrets(), names{"sesame-open"});
  provider("kind = \"openai\"\nmodel = \"m\"\nbase_url = \"ftp://h/v1?code=sesame-open\"\n");
  const auto errors = load_errors();
  require_eq(errors.size(), 1u);
  check_eq(errors[0].find("sesame"), std::string::npos);
}

} // SUITE("config.services")

} // WITH_FIXTURE(service_fixture)
