#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/simulator/server.hpp>
#include <magna/tests/support/test.hpp>

#include "process.hpp"

#include <unistd.h>

namespace magna::test {

/// The executable against a simulator of all three providers: nothing of the machine's own configuration
/// reaches it.
class e2e {
public:
  using json = nlohmann::json;
  using words = std::vector<std::string>;

  static constexpr std::string_view gemini_key = "AIzaSesame-gemini-0001";
  static constexpr std::string_view openai_key = "sk-sesame-openai-0002";
  static constexpr std::string_view anthropic_key = "sk-ant-sesame-0003";

  e2e() : directory(make_directory()) {
    use(simulator::protocol::gemini);
    use(simulator::protocol::openai);
    use(simulator::protocol::ollama);
    environment["LLM_RETRY_DELAY_SECONDS"] = "0.01";
  }
  ~e2e() { std::filesystem::remove_all(directory); }
  e2e(const e2e&) = delete;
  e2e& operator=(const e2e&) = delete;

  /// Configures a provider: in the environment, or in magna.toml where its kind has no variables.
  void use(simulator::protocol kind) {
    switch (kind) {
      case simulator::protocol::gemini:
        environment["GEMINI_API_KEY"] = gemini_key;
        environment["GEMINI_BASE_URL"] = sim.url(kind);
        break;
      case simulator::protocol::openai:
        environment["OPENAI_API_KEY"] = openai_key;
        environment["OPENAI_BASE_URL"] = sim.url(kind);
        break;
      case simulator::protocol::anthropic:
        environment["ANTHROPIC_API_KEY"] = anthropic_key;
        environment["ANTHROPIC_BASE_URL"] = sim.url(kind);
        break;
      case simulator::protocol::openai_responses:
        write("magna.toml", "[[provider]]\nname = \"openai-responses\"\nkind = \"openai-responses\"\n"
                            "api_key = \""
                              + std::string{openai_key} + "\"\nbase_url = \"" + sim.url(kind) + "\"\n");
        break;
      case simulator::protocol::ollama:
        environment["ENABLE_LOCAL_MODELS"] = "true";
        environment["OLLAMA_BASE_URL"] = sim.url(kind);
        break;
    }
  }

  void steps(std::string_view text) { sim.set_scenario(simulator::parse_scenario(text)); }

  void write(std::string_view name, std::string_view content) const {
    std::ofstream{directory / name, std::ios::binary} << content;
  }

  process_options options(words arguments) const {
    process_options result;
    result.arguments = std::move(arguments);
    result.environment = environment;
    result.directory = directory;
    return result;
  }

  /// Runs the executable to its end. No output ever holds a key.
  outcome run(words arguments, std::string input = {}) const {
    auto how = options(std::move(arguments));
    how.input = std::move(input);
    process running{MAGNA_EXECUTABLE, how};
    auto result = running.wait();
    check_no_key(result);
    return result;
  }

  outcome ask(words arguments, const std::string& prompt = "Hello") const {
    arguments.insert(arguments.begin(), "ask");
    arguments.push_back(prompt);
    return run(std::move(arguments));
  }

  static void check_no_key(const outcome& result) {
    for (const auto key : {gemini_key, openai_key, anthropic_key}) {
      runnable::current().check_eq(result.out.find(key), std::string::npos);
      runnable::current().check_eq(result.err.find(key), std::string::npos);
    }
  }

  /// The lines of --json, each of which must be an object with a type.
  static std::vector<json> lines(const outcome& result) {
    std::vector<json> objects;
    std::size_t begin = 0;
    while (begin < result.out.size()) {
      const auto end = result.out.find('\n', begin);
      if (end == std::string::npos)
        runnable::current().fail("the last line does not end: {}", result.out.substr(begin));
      auto object = json::parse(result.out.substr(begin, end - begin), nullptr, false);
      if (!object.is_object() || !object.contains("type"))
        runnable::current().fail("not an object with a type: {}", result.out.substr(begin, end - begin));
      objects.push_back(std::move(object));
      begin = end + 1;
    }
    return objects;
  }

  /// The last line of --json.
  static json last_line(const outcome& result) {
    auto all = lines(result);
    if (all.empty())
      runnable::current().fail("no line on stdout; stderr: {}", result.err);
    return all.back();
  }

  /// "provider:outcome" of each attempt.
  static words trail(const json& end) {
    words result;
    for (const auto& attempt : end.at("attempts"))
      result.push_back(attempt.at("provider").get<std::string>() + ":"
                       + attempt.at("outcome").get<std::string>());
    return result;
  }

  /// The generations that the simulator got, as the protocol's names.
  words generations() const {
    words result;
    for (const auto& entry : sim.requests())
      if (entry.on == simulator::route::generate && entry.kind)
        result.emplace_back(to_string(*entry.kind));
    return result;
  }

  simulator::server sim;
  std::filesystem::path directory;
  std::map<std::string, std::string> environment;

private:
  static std::filesystem::path make_directory() {
    static std::atomic<int> count{0};
    auto result = std::filesystem::temp_directory_path()
                  / ("magna-e2e-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(result);
    return result;
  }
};

} // namespace magna::test
