#include <magna/client/async_client.hpp>
#include <magna/client/when.hpp>

#include "fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

task<std::string> ask_both(async_client llm) {
  std::string result;
  for (const auto& x : co_await when_all(llm.generate("One"), llm.generate("Two")))
    result += (x ? x->text : to_string(x.error().error)) + " ";
  co_return result;
}

task<std::size_t> ask_for_first(async_client llm) {
  request slow = make_request("Hello");
  slow.targets = {"openai"};
  request fast = make_request("Hello");
  fast.targets = {"gemini"};
  const auto first = co_await when_any(llm.generate(slow), llm.generate(fast));
  co_return first.answer ? first.index : 9;
}

task<std::size_t> embed_one(async_client llm) {
  std::vector<std::string> texts(1, "a");
  const auto answer = co_await llm.embed(std::move(texts));
  co_return answer.value().embeddings.size();
}

} // namespace

WITH_FIXTURE(client_fixture) {

SUITE("client.when") {

TEST("all answers come in the order of their requests, good or bad") {
  steps("gemini=echo(first_token_delay=50),echo");
  config.fallback_on_invalid_request = false;
  client llm{config};
  check_eq(sync_wait(ask_both(llm)), "One Two ");
  steps("gemini=bad_request");
  check_eq(sync_wait(ask_both(llm)), "invalid_request invalid_request ");
  check(sync_wait(when_all(std::vector<pending_answer>{})).empty());
}

TEST("the first answer is enough, and the others are cancelled") {
  steps("openai=stall; gemini=ok(text=Fast., first_token_delay=20)");
  client llm{config};
  check_eq(sync_wait(ask_for_first(llm)), 1u);
  check(closed_by_client(1));
}

TEST("one that has ended already is the first") {
  steps("openai=stall; gemini=ok(text=Fast.)");
  client llm{config};
  request fast = make_request("Hello");
  fast.targets = {"gemini"};
  auto ended = llm.async_generate(fast);
  require(ended.wait_for(10s));
  request slow = make_request("Hello");
  slow.targets = {"openai"};
  const auto first = sync_wait(when_any(llm.async_generate(slow), std::move(ended)));
  check_eq(first.index, 1u);
  check_eq(first.answer.value().text, "Fast.");
}

TEST("answers that end at the same moment wake once") {
  steps("all=ok(text=x)");
  client llm{config};
  for (int i = 0; i < 200; ++i)
    check(sync_wait(when_any(llm.async_generate("a"), llm.async_generate("b"), llm.async_generate("c")))
            .answer.has_value());
}

TEST("vectors come from a client as answers do, and more of them than one request may have") {
  client llm{config};
  steps("all=ok");
  const auto two = llm.embed({"a", "b"});
  require(two.has_value());
  require_eq(two->embeddings.size(), 2u);
  check_gt(two->embeddings[0].values.size(), 1u);
  check(two->embeddings[0] != two->embeddings[1]);
  std::vector<std::string> many;
  for (int i = 0; i < 2'100; ++i)
    many.push_back("text " + std::to_string(i));
  const auto all = llm.embed(many);
  require(all.has_value());
  require_eq(all->embeddings.size(), 2'100u);
  check(llm.embed(std::vector<std::string>{many.back()})->embeddings[0] == all->embeddings[2'099]);
  check_eq(llm.embed(std::vector<std::string>{""}).error().error, errc::invalid_request);
  check_eq(sync_wait(embed_one(llm)), 1u);
}

} // SUITE("client.when")

} // WITH_FIXTURE(client_fixture)
