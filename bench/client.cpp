// `magna::client`, asked as programs without actors ask it: by coroutines, or by threads that block.

#include <magna/bench/subjects.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/bench/canned_transport.hpp>
#include <magna/bench/shared_session.hpp>
#include <magna/bench/upstream.hpp>
#include <magna/client/async_client.hpp>

namespace magna::bench {

namespace {

/// A coroutine that runs from its call to its end, and that nobody waits for.
struct detached {
  struct promise_type {
    detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// A stream of the bench has text only: one part.
void on_piece(shared_session& session, std::uint64_t request, const chunk& what) {
  const auto& text = what.parts.front().bytes;
  session.on_text(request, text.size() / token_size, text);
}

// Each of these asks for one lane, one request after the other. They are functions, no lambdas: a coroutine's
// lambda would have to outlive it.

detached await_answers(async_client llm, shared_session& session, const request& question,
                       std::uint32_t lane) {
  while (const auto next = session.start(lane)) {
    const auto answer = co_await llm.generate(question);
    session.on_end(*next, answer.has_value());
  }
}

detached await_streams(async_client llm, shared_session& session, const request& question,
                       std::uint32_t lane) {
  while (const auto next = session.start(lane)) {
    const auto answer = llm.stream(question);
    while (const auto piece = co_await answer.next())
      on_piece(session, *next, *piece);
    session.on_end(*next, answer.result().has_value());
  }
}

void block_for_answers(client& llm, shared_session& session, const request& question, std::uint32_t lane) {
  while (const auto next = session.start(lane))
    session.on_end(*next, llm.generate(question).has_value());
}

void block_for_streams(client& llm, shared_session& session, const request& question, std::uint32_t lane) {
  while (const auto next = session.start(lane)) {
    const auto answer = llm.stream(question);
    for (const auto& piece : answer)
      on_piece(session, *next, piece);
    session.on_end(*next, answer.result().has_value());
  }
}

/// The silent streams beside a load, each of which has begun.
std::vector<answer_stream> open_streams_beside(client& llm, const load& what) {
  auto question = question_of(what);
  question.stream = true;
  std::vector<answer_stream> streams;
  streams.reserve(what.beside);
  for (std::uint32_t i = 0; i < what.beside; ++i)
    streams.push_back(llm.stream(question));
  for (const auto& stream : streams)
    if (stream.begin() == stream.end())
      throw std::runtime_error{"a stream that should stay open has ended"};
  return streams;
}

/// Asks until the session is over; the client has gone then.
figures ask(std::optional<client>& llm, const load& what) {
  const auto beside = open_streams_beside(*llm, what);
  const auto question = question_of(what);
  shared_session session{what};
  std::vector<std::jthread> threads;
  for (std::uint32_t lane = 0; lane < what.in_flight; ++lane) {
    if (what.subject == "coroutines")
      (what.stream ? await_streams : await_answers)(*llm, session, question, lane);
    else
      threads.emplace_back(what.stream ? block_for_streams : block_for_answers, std::ref(*llm),
                           std::ref(session), std::cref(question), lane);
  }
  auto result = session.wait_for_result();
  // Streams without end are cancelled by this, so that all lanes come to their end.
  llm->shutdown(std::chrono::milliseconds{0});
  threads.clear();
  // The last coroutines end before it returns.
  llm.reset();
  return result;
}

} // namespace

figures run_client(const load& what) {
  // Reports of single requests cost more than the requests.
  logger()->set_level(spdlog::level::err);
  std::optional<client> llm;
  if (!what.canned) {
    llm.emplace(settings_for(what));
    return ask(llm, what);
  }
  caf::actor_system_config config;
  configure(config);
  caf::actor_system system{config};
  const runtime service{system, settings_for(what), std::make_shared<canned_transport>(what)};
  llm.emplace(system, service.service());
  return ask(llm, what);
}

} // namespace magna::bench
