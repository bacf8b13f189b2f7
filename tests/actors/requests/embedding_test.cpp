#include <magna/actors/requests/batched_exchange.hpp>
#include <magna/actors/requests/embedding_targets.hpp>

#include "../runtime_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

request to_embed(strings texts) {
  request result;
  result.job = job_kind::embedding;
  result.inputs = std::move(texts);
  return result;
}

/// The candidates of an embedding, "provider model" each, for providers as `add` has made them.
class chain {
public:
  chain& add(std::string name, provider_kind kind, std::string model = {}, std::string space = {},
             std::string node = {}) {
    provider_settings made;
    made.name = std::move(name);
    made.kind = std::move(kind);
    made.embedding_model = std::move(model);
    made.embedding_space = std::move(space);
    made.node = std::move(node);
    all_.push_back(std::move(made));
    return *this;
  }

  strings asked(const std::string& wanted = {}) const {
    std::vector<candidate> candidates;
    std::vector<const provider_settings*> theirs;
    for (const auto& x : all_) {
      candidates.push_back({.name = x.name, .model = embedding_model_of(x, wanted), .rest_until = {}});
      theirs.push_back(&x);
    }
    keep_one_space(candidates, theirs, wanted);
    strings result;
    for (const auto& x : candidates)
      result.push_back(x.name + " " + x.model);
    return result;
  }

private:
  std::vector<provider_settings> all_;
};

/// What OpenAI answers: one number for each text, so that they can be told apart.
fake_transport::script vectors(std::vector<float> numbers, std::string model = "m-1") {
  return [numbers = std::move(numbers), model = std::move(model)](fake_transfer& x) {
    std::string data;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      data += (i > 0 ? "," : "") + std::string{R"({"index":)"} + std::to_string(i) + R"(,"embedding":[)"
              + std::to_string(numbers[i]) + "]}";
    x.head(200, {{"content-type", "application/json"}});
    x.data(R"({"model":")" + model + R"(","data":[)" + data + R"(],"usage":{"prompt_tokens":)"
           + std::to_string(numbers.size()) + "}}");
    x.end();
  };
}

} // namespace

SUITE("embedding") {

TEST("only providers of the first one's model stand in for it") {
  const auto mixed = chain{}
                       .add("gemini", provider_kind::gemini)
                       .add("openai", provider_kind::openai)
                       .add("backup", provider_kind::gemini);
  check_eq(mixed.asked(), strings({"gemini gemini-embedding-001", "backup gemini-embedding-001"}));
  const auto named = chain{}
                       .add("local", provider_kind::ollama, "nomic:v1.5", "nomic")
                       .add("openai", provider_kind::openai)
                       .add("far", provider_kind::openai, "nomic-embed-v1.5", "nomic");
  check_eq(named.asked(), strings({"local nomic:v1.5", "far nomic-embed-v1.5"}));
}

TEST("a model, or a space, picks those that have it") {
  const auto all = chain{}
                     .add("gemini", provider_kind::gemini)
                     .add("local", provider_kind::ollama, "nomic:v1.5", "nomic")
                     .add("openai", provider_kind::openai)
                     .add("far", provider_kind::openai, "nomic-embed-v1.5", "nomic");
  check_eq(all.asked("text-embedding-3-small"), strings({"openai text-embedding-3-small"}));
  check_eq(all.asked("nomic"), strings({"local nomic:v1.5", "far nomic-embed-v1.5"}));
  // One that nobody is known to have: all may, under this name.
  check_eq(all.asked("other").size(), 4u);
}

TEST("who can't make vectors is passed over, unless nobody can") {
  check_eq(chain{}.add("claude", provider_kind::anthropic).add("openai", provider_kind::openai).asked(),
           strings({"openai text-embedding-3-small"}));
  check_eq(chain{}.add("claude", provider_kind::anthropic).asked(), strings({"claude "}));
}

TEST("another node's own model can be compared with nobody's") {
  check_eq(chain{}
             .add("a", provider_kind::openai, "", "", "h:1")
             .add("b", provider_kind::openai, "", "", "h:2")
             .asked(),
           strings({"a "}));
}

TEST("one provider with two models is no substitute for itself") {
  const provider_settings openai{.name = "openai", .kind = provider_kind::openai};
  std::vector<candidate> candidates{{.name = "openai", .model = "small", .rest_until = {}},
                                    {.name = "openai", .model = "large", .rest_until = {}}};
  keep_one_space(candidates, {&openai, &openai}, {});
  require_eq(candidates.size(), 1u);
  check_eq(candidates[0].model, "small");
}

TEST("texts are split by number and by size, in their order") {
  const auto sizes = [](const strings& texts, const embedding_limits& limits) {
    std::vector<std::size_t> result;
    for (const auto& x : split_inputs(shared_request{to_embed(texts)}, limits))
      result.push_back(x->inputs.size());
    return result;
  };
  const strings five(5, "12345");
  check_eq(sizes(five, {.texts = 5, .bytes = 100}), std::vector<std::size_t>{5});
  check_eq(sizes(five, {.texts = 2, .bytes = 100}), std::vector<std::size_t>({2, 2, 1}));
  check_eq(sizes(five, {.texts = 5, .bytes = 10}), std::vector<std::size_t>({2, 2, 1}));
  // One that is too long by itself goes alone, and the provider says what it thinks of it.
  check_eq(sizes({"1", "1234567890123", "1"}, {.texts = 5, .bytes = 10}),
           std::vector<std::size_t>({1, 1, 1}));
}

TEST("vectors that are missing, or of other lengths, are no answer") {
  const auto problem = [](std::vector<magna::embedding> vectors,
                          std::optional<std::uint32_t> dimensions = {}) {
    auto what = to_embed({"a", "b"});
    what.dimensions = dimensions;
    return problem_with_vectors(vectors, what).value_or("none");
  };
  check_eq(problem({{{1, 2}}, {{3, 4}}}), "none");
  check_eq(problem({{{1, 2}}, {{3, 4}}}, 2), "none");
  check_eq(problem({{{1}}}), "the answer has 1 vectors for 2 texts");
  check_eq(problem({{{1}}, {}}), "the answer lacks the vector of text 2");
  check_eq(problem({{{1, 2}}, {{3}}}), "the vector of text 2 has 1 numbers, not 2");
  check_eq(problem({{{1, 2, 3}}, {{1, 2, 3}}}, 2), "the vector of text 1 has 3 numbers, not 2");
}

WITH_FIXTURE(runtime_fixture) {

TEST("an embedding takes the way of every request, with retries and fallback") {
  for (auto& x : config.providers)
    x.embedding_model = "e";
  http->scripts["one"] = {status(500)};
  http->scripts["two"] = {vectors({1, 2})};
  config.retry_budget = {.percent = 0, .minimum = 0};
  start();
  const auto whole = ask<completion>(table->orchestrator(), to_embed({"a", "b"}));
  require(static_cast<bool>(whole));
  check(whole->embeddings == std::vector<magna::embedding>{{{1}}, {{2}}});
  check_eq(trail(whole->attempts), strings({"one provider_unavailable", "two ok"}));
  check_eq(whole->attempts[1].model, "e");
  check_eq(whole->usage.prompt_tokens, 2u);
  check_ne(http->transfers[0]->request.url.find("/embeddings"), std::string::npos);
}

TEST("a requester that waits for a stream gets the vectors with the end") {
  http->scripts["one"] = {vectors({1})};
  start();
  const auto got = ask_stream(to_embed({"a"}));
  check(got->chunks.empty());
  require_eq(got->completions.size(), 1u);
  check_eq(got->completions[0].embeddings.size(), 1u);
}

TEST("too few vectors are no answer") {
  config.providers.resize(1);
  http->scripts["one"] = {vectors({1})};
  start();
  auto what = to_embed({"a", "b"});
  what.max_attempts = 1;
  const auto whole = ask<completion>(table->orchestrator(), what);
  require(!whole);
  check_eq(status_of("one").last_error_message, "the answer has 1 vectors for 2 texts");
}

TEST("more texts than a call may have go in several, at most four at a time, and come back in their order") {
  config.providers.resize(1);
  start();
  strings texts;
  for (int i = 0; i < 3'000; ++i)
    texts.push_back("t" + std::to_string(i));
  texts.resize(2'048);
  const auto got = ask_stream(to_embed(texts));
  // 512 each.
  require_eq(http->transfers.size(), 4u);
  for (std::size_t i = 4; i-- > 0;)
    vectors(std::vector<float>(512, static_cast<float>(i)))(*http->transfers[i]);
  dispatch_messages();
  require_eq(got->completions.size(), 1u);
  const auto& end = got->completions[0];
  require_eq(end.embeddings.size(), 2'048u);
  check_eq(end.embeddings[0].values.at(0), magna::test::approx{0.0F});
  check_eq(end.embeddings[600].values.at(0), magna::test::approx{1.0F});
  check_eq(end.embeddings[2'047].values.at(0), magna::test::approx{3.0F});
  check_eq(end.usage.prompt_tokens, 2'048u);
  check_eq(trail(end.attempts), strings{"one ok"});
}

TEST("the first call that fails is the attempt's end, and breaks the others off") {
  config.providers.resize(1);
  start();
  auto what = to_embed(strings(1'500, "x"));
  what.max_attempts = 1;
  const auto got = ask_stream(what);
  require_eq(http->transfers.size(), 3u);
  status(500)(*http->transfers[1]);
  dispatch_messages();
  check(http->transfers[0]->cancelled);
  check(http->transfers[2]->cancelled);
  require_eq(got->failures.size(), 1u);
  check_eq(status_of("one").in_flight, 0u);
}

TEST("texts that make no sense are refused") {
  start();
  const auto refused = [&](request what) {
    const auto whole = ask<completion>(table->orchestrator(), std::move(what));
    return whole ? "none" : to_string(static_cast<errc>(whole.error().code()));
  };
  check_eq(refused(to_embed({})), "invalid_request");
  check_eq(refused(to_embed({"a", ""})), "invalid_request");
  check_eq(refused(to_embed({"\xff"})), "invalid_request");
  check_eq(refused(to_embed(strings(2'049, "a"))), "invalid_request");
  auto chat = make_request("hi");
  chat.inputs = {"a"};
  check_eq(refused(chat), "invalid_request");
}

} // WITH_FIXTURE(runtime_fixture)

} // SUITE("embedding")
