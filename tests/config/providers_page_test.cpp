// Every configuration of docs/providers.md is one.

#include <magna/config/load.hpp>

#include <magna/tests/config/sandbox.hpp>
#include <magna/tests/support/test.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace magna;
using magna::test::sandbox;

namespace {

struct page : sandbox {
  /// The configurations, in the page's order.
  static std::vector<std::string> configurations() {
    std::ifstream in{MAGNA_PROVIDERS_PAGE};
    std::vector<std::string> result;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
      if (line == "```toml")
        result.emplace_back();
      else if (inside && line != "```")
        result.back() += line + "\n";
      inside = line == "```toml" || (inside && line != "```");
    }
    return result;
  }

  /// Loads a configuration with all the keys that it may ask for.
  config::options load_page(const std::string& text) {
    start({{"OPENAI_API_KEY", "k"},
           {"AZURE_OPENAI_API_KEY", "k"},
           {"VERTEX_API_KEY", "k"},
           {"AWS_BEARER_TOKEN_BEDROCK", "k"},
           {"BEDROCK_CREDENTIALS", "ID:SECRET"},
           {"OLLAMA_API_KEY", "k"},
           {"OPENROUTER_API_KEY", "k"},
           {"GROQ_API_KEY", "k"},
           {"MISTRAL_API_KEY", "k"},
           {"DEEPSEEK_API_KEY", "k"},
           {"XAI_API_KEY", "k"}});
    write("service-account.json",
          R"({"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"r"})");
    auto adapted = text;
    const std::string file = "\"service-account.json\"";
    if (const auto at = adapted.find(file); at != std::string::npos)
      adapted.replace(at, file.size(), "\"" + path("service-account.json").string() + "\"");
    write("magna.toml", adapted);
    return load();
  }
};

} // namespace

WITH_FIXTURE(page) {

SUITE("config.providers_page") {

TEST("every configuration of the page can be used") {
  const auto all = configurations();
  check_eq(all.size(), 7u);
  std::size_t providers = 0;
  for (const auto& text : all) {
    std::size_t written = 0;
    for (std::size_t at = 0; (at = text.find("[[provider]]", at)) != std::string::npos; ++at)
      ++written;
    providers += written;
    try {
      std::size_t loaded = 0;
      for (const auto& provider : load_page(text).settings.providers)
        if (text.find("name = \"" + provider.name + "\"") != std::string::npos)
          ++loaded;
      check_eq(loaded, written);
    } catch (const config::config_error& error) {
      fail("{}: {}", text, error.what());
    }
  }
  check_eq(providers, 17u);
}

TEST("the page's providers are where it says") {
  std::string places;
  for (const auto& text : configurations())
    for (const auto& provider : load_page(text).settings.providers)
      if (provider.name != "openai" && provider.name != "ollama")
        places += provider.name + " " + provider.kind.name() + " " + provider.base_url + "\n";
  check_eq(
    places,
    "azure openai https://my-resource.openai.azure.com/openai/v1\n"
    "azure-classic openai "
    "https://my-resource.openai.azure.com/openai/deployments/my-deployment?api-version=2024-10-21\n"
    "vertex gemini https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/my-project/locations/"
    "europe-west4/publishers/google\n"
    "vertex-express gemini https://aiplatform.googleapis.com/v1beta1/publishers/google\n"
    "bedrock openai https://bedrock-mantle.us-east-1.api.aws/openai/v1\n"
    "bedrock-claude anthropic https://bedrock-mantle.us-east-1.api.aws/anthropic\n"
    "bedrock-signed openai https://bedrock-mantle.us-east-1.api.aws/openai/v1\n"
    "ollama-cloud ollama https://ollama.com\n"
    "openrouter openai https://openrouter.ai/api/v1\n"
    "groq openai https://api.groq.com/openai/v1\n"
    "mistral openai https://api.mistral.ai/v1\n"
    "deepseek openai https://api.deepseek.com\n"
    "xai openai https://api.x.ai/v1\n"
    "llama-server openai http://localhost:8080/v1\n"
    "vllm openai http://gpu-1:8000/v1\n");
}

} // SUITE("config.providers_page")

} // WITH_FIXTURE(page)
