#include <string>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

namespace {

struct embedding_fixture : e2e {
  embedding_fixture() { use(protocol::anthropic); }

  outcome embed(words arguments, std::string input = {}) const {
    arguments.insert(arguments.begin(), "embed");
    return run(std::move(arguments), std::move(input));
  }

  /// The vectors of --json.
  static std::vector<json> vectors(const outcome& result) {
    std::vector<json> found;
    for (const auto& x : lines(result))
      if (x.at("type") == "embedding")
        found.push_back(x.at("embedding"));
    return found;
  }
};

} // namespace

WITH_FIXTURE(embedding_fixture) {

SUITE("e2e.embed") {

TEST("every provider makes the vectors of its texts, and the same text the same one") {
  for (const std::string kind : {"gemini", "openai", "ollama"}) {
    const auto result = embed({"--provider", kind, "--json", "blue", "green", "blue"});
    check_eq(result.status, 0);
    check_eq(result.err, "");
    const auto all = vectors(result);
    require_eq(all.size(), 3u);
    check_eq(all[0], all[2]);
    check_ne(all[0], all[1]);
    const auto end = last_line(result);
    check_eq(end.at("type"), "completion");
    check_eq(end.at("provider"), kind);
    check_eq(trail(end), words{kind + ":ok"});
  }
}

TEST("one line a vector, of as many numbers as were asked for") {
  const auto result = embed({"--provider", "openai", "--dimensions", "3", "blue", "green"});
  check_eq(result.status, 0);
  check_eq(std::ranges::count(result.out, '\n'), 2);
  check_eq(std::ranges::count(result.out, ' '), 4);
}

TEST("standard input has a text in each line") {
  const auto result = embed({"--json", "-"}, "blue\r\n\ngreen\nred");
  check_eq(vectors(result).size(), 3u);
  check_eq(vectors(embed({"--json", "--", "-"}, "blue")).size(), 1u);
}

TEST("many texts go in as many calls as it takes, and come back in their order") {
  std::string input;
  for (int i = 0; i < 250; ++i)
    input += "text " + std::to_string(i) + "\n";
  const auto many = vectors(embed({"--provider", "gemini", "--json", "-"}, input));
  require_eq(many.size(), 250u);
  check_eq(many[249], vectors(embed({"--provider", "gemini", "--json", "text 249"})).at(0));
  check_eq(many[100], vectors(embed({"--provider", "gemini", "--json", "text 100"})).at(0));
}

TEST("vectors of another model are no substitute") {
  environment["LLM_RETRY_DELAY_SECONDS"] = "0.001";
  steps("gemini(on=embed)=server_error");
  const auto result = embed({"--provider", "gemini,openai", "--json", "blue"});
  check_eq(result.status, 1);
  for (const auto& x : last_line(result).at("attempts"))
    check_eq(x.at("provider"), "gemini");
}

TEST("the same model at another provider is one, whatever its name is there") {
  environment["LLM_RETRY_DELAY_SECONDS"] = "0.001";
  write("magna.toml", R"([[provider]]
name = "gemini"
embedding_space = "shared"
[[provider]]
name = "openai"
embedding_model = "another-name"
embedding_space = "shared"
)");
  steps("gemini(on=embed)=server_error");
  const auto result = embed({"--provider", "gemini,openai", "--json", "blue"});
  check_eq(result.status, 0);
  check_eq(last_line(result).at("provider"), "openai");
  check_eq(last_line(result).at("model"), "another-name");
}

TEST("a server that does not know base64 is asked for numbers") {
  steps(
    "openai(on=embed)=raw(status=400, body=\"{\\\"error\\\":{\\\"message\\\":\\\"Unknown parameter: "
    "'encoding_format'.\\\",\\\"type\\\":\\\"invalid_request_error\\\",\\\"param\\\":\\\"encoding_format\\\","
    "\\\"code\\\":\\\"unknown_parameter\\\"}}\"),ok");
  const auto result = embed({"--provider", "openai", "--json", "blue"});
  check_eq(result.status, 0);
  check_eq(trail(last_line(result)), words{"openai:ok"});
}

TEST("what can't be done is said before or after, in words") {
  check_eq(embed({}).status, 2);
  check_eq(embed({""}).status, 2);
  check_eq(embed({"--dimensions", "0", "blue"}).status, 2);
  const auto claude = embed({"--provider", "anthropic", "blue"});
  check_eq(claude.status, 1);
  check_ne(claude.err.find("Anthropic does not support embeddings"), std::string::npos);
  steps("openai(on=embed)=ok(vectors=1)");
  const auto fewer = embed({"--provider", "openai", "--json", "blue", "green"});
  check_eq(fewer.status, 1);
  check_ne(last_line(fewer).at("message").get<std::string>().find("1 vectors for 2 texts"),
           std::string::npos);
}

TEST("a node makes vectors as well") {
  process node{MAGNA_EXECUTABLE, options({"node", "--listen", "127.0.0.1:0"})};
  require(node.wait_for_output("\n"));
  const auto& line = node.output();
  const auto begin = line.find("127.0.0.1:");
  const auto address = line.substr(begin, line.find_first_of(", \n", begin) - begin);
  const auto far = vectors(embed({"--node", address, "--provider", "openai", "--json", "blue", "green"}));
  const auto near = vectors(embed({"--provider", "openai", "--json", "blue", "green"}));
  check_eq(far.size(), 2u);
  check_eq(far, near);
}

} // SUITE("e2e.embed")

} // WITH_FIXTURE(embedding_fixture)
