// Keys that expire: a command prints them, such as `gcloud auth print-access-token`. magna asks for a key when the first
// request needs one, and for the next one before it expires.
//
//     key_source BASE_URL COMMAND QUESTION

#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include <magna/magna.hpp>
#include <magna/providers/keys/key_source.hpp>

namespace {

class command_source : public magna::key_source {
public:
  explicit command_source(std::string command) : command_(std::move(command)) {}

  /// An actor calls this, and must not wait for the command: a thread does.
  void fetch(const std::shared_ptr<magna::transport>&, std::function<void(magna::key_answer)> done) override {
    std::thread{[command = command_, done = std::move(done)] { done(run(command)); }}.detach();
  }

private:
  static magna::key_answer run(const std::string& command) {
    std::string output;
    auto* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr)
      return magna::no_key{.message = "the command can't be run"};
    for (int c = 0; (c = std::fgetc(pipe)) != EOF && c != '\n';)
      output += static_cast<char>(c);
    if (pclose(pipe) != 0 || output.empty())
      return magna::no_key{magna::errc::authentication_failed, "the command gave no key"};
    return magna::issued_key{output, std::chrono::minutes{30}};
  }

  const std::string command_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: key_source BASE_URL COMMAND QUESTION\n";
    return 2;
  }
  magna::settings config;
  config.providers.push_back({.name = "ours",
                              .kind = magna::provider_kind::openai,
                              .base_url = argv[1],
                              .model = "ours-1",
                              .source = std::make_shared<command_source>(argv[2])});
  magna::client llm{config};
  const auto answer = llm.generate(argv[3]);
  if (!answer) {
    std::cerr << answer.error().message << '\n';
    return 1;
  }
  std::cout << answer->text << '\n';
}
