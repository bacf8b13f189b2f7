// What users of the Python module did, call by call. Each part's comment is the Python call that it stands
// for.

#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include <magna/magna.hpp>

namespace {

using namespace std::chrono_literals;

// orchestrator = create_llm_orchestrator(settings)
// async for chunk in orchestrator.generate(prompt=..., system_prompt=..., stream=True): print(chunk, end="")
void basic_usage(magna::client& orchestrator) {
  for (const auto& chunk : orchestrator.stream(magna::make_request(
         "What are the key skills for a C++ developer?", "You are a helpful career advisor.")))
    std::cout << chunk.text() << std::flush;
  // orchestrator.last_used_provider
  std::cout << "\nUsed provider: " << orchestrator.last_used_provider() << '\n';
}

// LLMConfig(...), GeminiProvider(api_key=...), GPT4Provider(...), LLMOrchestrator(primary, fallbacks, ...)
magna::client manual_configuration(const magna::settings& known) {
  magna::settings config;
  config.params.temperature = 0.7;
  config.params.top_p = 0.9;
  config.params.max_tokens = 2048;
  config.timeout = 30s;
  config.max_retries = 3;
  config.retry_delay = 1s;
  // The primary provider, then the fallbacks. Here name, URL and key are the environment's.
  for (const auto& provider : known.providers)
    config.providers.push_back(provider);
  return magna::client{config};
}

// async for response in orchestrator.generate(prompt, stream=False): print(response)
void whole_answer(magna::client& orchestrator) {
  auto question = magna::make_request("Explain the benefits of static types.");
  question.stream = false;
  std::cout << orchestrator.generate(question).value().text << '\n';
}

// await orchestrator.health_check_all(), orchestrator.get_provider_status()
void health(magna::client& orchestrator) {
  const auto checked = orchestrator.check_health().value();
  for (const auto& provider : checked.providers)
    std::cout << provider.provider << ": " << (provider.usable ? "✓" : "✗") << '\n';
  const auto status = orchestrator.provider_status().value();
  for (const auto& provider : status.providers) {
    std::cout << provider.name << ": " << to_string(provider.state) << '\n';
    if (provider.last_error)
      std::cout << "  Last error: " << provider.last_error_message << '\n';
  }
}

// try: ... except LLMProviderError as e: print(f"All providers failed: {e}")
void errors(magna::client& orchestrator) {
  try {
    auto question = magna::make_request("Hello!");
    question.model = "no-such-model";
    std::cout << orchestrator.generate(question).value().text << '\n';
  } catch (const magna::error& problem) {
    std::cout << "All providers failed: " << problem.what() << '\n';
  }
}

} // namespace

int main() {
  try {
    auto orchestrator = magna::client::from_environment();
    basic_usage(orchestrator);
    const auto known = magna::config::load(magna::config::sources::of_process()).settings;
    auto manual = manual_configuration(known);
    for (const auto& chunk : manual.stream("Hello!"))
      std::cout << chunk.text() << std::flush;
    std::cout << '\n';
    whole_answer(orchestrator);
    health(orchestrator);
    errors(orchestrator);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
