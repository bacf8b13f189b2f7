#include "row.hpp"

#include <algorithm>
#include <utility>

#include <magna/simulator/traits.hpp>
#include <magna/tests/faults/scene.hpp>
#include <magna/tests/faults/table.hpp>
#include <magna/text/utf8.hpp>

namespace magna::test {

namespace {

/// The parts of the table, in its order.
constexpr std::string_view chapters[] = {
  "Connecting",      "Silence",       "Broken connections",
  "Wrong answers",   "HTTP statuses", "The providers' own errors",
  "Without end",     "Crashes",       "The requester is gone",
  "Several at once",
};

std::vector<listed_row>& listed() {
  static std::vector<listed_row> rows;
  return rows;
}

std::string code(errc error) {
  return '`' + to_string(error) + '`';
}

std::string seconds(std::chrono::milliseconds x) {
  auto text = std::to_string(x.count() / 1000);
  if (const auto rest = x.count() % 1000; rest != 0)
    text += '.' + std::to_string(rest / 100);
  return text + " s";
}

/// What came of a request, whichever way it was sent.
struct outcome {
  received all;
  /// Of a request that was not streamed.
  std::optional<std::string> answer;
  /// The error that came as the response.
  std::string refusal;
  bool streamed = true;
  std::chrono::milliseconds time{};

  [[nodiscard]] const std::vector<attempt_record>* trail() const {
    if (!all.completions.empty())
      return &all.completions.front().attempts;
    return all.failures.empty() ? nullptr : &all.failures.front().attempts;
  }
  [[nodiscard]] std::string text() const { return answer.value_or(all.text()); }
};

/// "main `timeout`, main `timeout`, backup answers"; neighbours that are the same are counted.
template <class Range, class Format>
std::string join_attempts(const Range& attempts, Format format) {
  std::string result;
  std::size_t count = 0;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto text = format(attempts[i]);
    ++count;
    if (i + 1 < attempts.size() && format(attempts[i + 1]) == text)
      continue;
    result += (result.empty() ? "" : ", ") + text + (count > 1 ? " × " + std::to_string(count) : "");
    count = 0;
  }
  return result;
}

template <class Attempt>
std::string word_of(const Attempt& x) {
  return x.provider + ' ' + (x.error ? code(*x.error) : std::string{"answers"});
}

std::string describe(const outcome& seen) {
  const auto* trail = seen.trail();
  if (trail == nullptr)
    return seen.refusal.empty() ? "no end" : seen.refusal;
  auto text = join_attempts(*trail, word_of<attempt_record>);
  if (seen.all.failures.empty())
    return text;
  const auto& end = seen.all.failures.front();
  text += (text.empty() ? "failure " : "; failure ") + code(end.error) + ", "
          + std::to_string(end.delivered_chars) + " characters";
  if (end.retry_after)
    text +=
      ", retry after " + seconds(std::chrono::duration_cast<std::chrono::milliseconds>(*end.retry_after));
  return text;
}

outcome ask_for_stream(scene& world, const row& what) {
  outcome seen;
  const auto started = scene::clock::now();
  auto& client = world.client();
  if (!client.ask(world.orchestrator(), make_question(true))) {
    seen.refusal = "refused";
    return seen;
  }
  if (what.meanwhile)
    what.meanwhile(world);
  client.log().wait_for([](const received& all) { return all.ends() > 0; });
  seen.time = std::chrono::duration_cast<std::chrono::milliseconds>(scene::clock::now() - started);
  return seen;
}

outcome ask_for_whole(scene& world, const row& what) {
  outcome seen;
  seen.streamed = false;
  caf::scoped_actor self{world.system()};
  const auto started = scene::clock::now();
  auto response = blocking_request(self, world.orchestrator(), 20s, make_question(false));
  if (what.meanwhile)
    what.meanwhile(world);
  std::move(response).receive(
    [&](const completion& x) {
      seen.all.completions.push_back(x);
      seen.answer = x.text;
    },
    [&](const caf::error& reason) {
      seen.refusal = to_string(reason);
      if (const auto context = caf::make_const_typed_message_view<failure>(reason.context()))
        seen.all.failures.push_back(caf::get<0>(context));
    });
  seen.time = std::chrono::duration_cast<std::chrono::milliseconds>(scene::clock::now() - started);
  return seen;
}

/// The simulator's own text, where a row names none.
std::string text_of(provider_kind kind) {
  const std::string title{simulator::traits_of(protocol_of(kind)).title};
  return "Hello! This is the simulator, speaking as " + title + ", one token at a time.";
}

void judge_completion(const completion& end, const outcome& seen, const expectation& expect,
                      provider_kind kind) {
  auto& test = runnable::current();
  const auto& who = expect.attempts.back().provider;
  test.check_eq(end.provider, who);
  if (who != "main")
    test.check_eq(seen.text(), std::string{backup_text});
  else
    test.check_eq(seen.text(), expect.text.value_or(text_of(kind)));
  for (const auto& x : seen.all.starts)
    test.check_eq(x.provider, who);
  test.check_eq(seen.all.starts.size(), seen.all.chunks.empty() ? 0u : 1u);
}

void judge_failure(const failure& end, const outcome& seen, const expectation& expect) {
  auto& test = runnable::current();
  test.check_eq(to_string(end.error), to_string(*expect.failure));
  const std::uint64_t delivered = count_characters(seen.all.text());
  test.check_eq(end.delivered_chars, delivered);
  if (expect.delivered)
    test.check_eq(delivered, *expect.delivered);
  else
    test.check_gt(delivered, 0u);
  if (expect.tokens)
    test.check_eq(end.usage.completion_tokens.value_or(0), *expect.tokens);
  test.check_eq(end.retry_after.has_value(), expect.retry_after.has_value());
  if (end.retry_after && expect.retry_after) {
    const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(*end.retry_after);
    test.check_ge(delay.count(), expect.retry_after->first.count());
    test.check_le(delay.count(), expect.retry_after->second.count());
  }
}

void judge(const outcome& seen, const expectation& expect, provider_kind kind) {
  auto& test = runnable::current();
  test.check_eq(seen.all.ends(), 1u);
  test.check_eq(seen.refusal.empty(), !expect.failure || seen.streamed);
  for (std::size_t i = 0; i < seen.all.chunks.size(); ++i)
    test.check_eq(seen.all.chunks[i].seq, i);
  test.check_ge(seen.time.count(), expect.at_least.count());
  test.check_le(seen.time.count(), expect.within.count());
  const auto* trail = seen.trail();
  if (trail == nullptr)
    return;
  test.check_eq(join_attempts(*trail, word_of<attempt_record>),
                join_attempts(expect.attempts, word_of<attempt_expectation>));
  if (!expect.says.empty() && !trail->empty()
      && trail->front().message.find(expect.says) == std::string::npos)
    test.check_eq(trail->front().message, "a text with: " + expect.says);
  test.check_eq(seen.all.failures.size(), expect.failure ? 1u : 0u);
  if (!seen.all.completions.empty())
    judge_completion(seen.all.completions.front(), seen, expect, kind);
  else if (expect.failure)
    judge_failure(seen.all.failures.front(), seen, expect);
}

expectation make(std::vector<attempt_expectation> all, std::optional<errc> failure) {
  expectation result;
  result.attempts = std::move(all);
  result.failure = failure;
  return result;
}

} // namespace

expectation expectation::saying(std::string_view words) const {
  auto result = *this;
  result.says = words;
  return result;
}

expectation expectation::with_text(std::string_view words) const {
  auto result = *this;
  result.text = std::string{words};
  return result;
}

expectation expectation::with_tokens(std::uint64_t count) const {
  auto result = *this;
  result.tokens = count;
  return result;
}

expectation expectation::with_retry_after(std::chrono::milliseconds min,
                                          std::chrono::milliseconds max) const {
  auto result = *this;
  result.retry_after = {min, max};
  return result;
}

expectation expectation::taking(std::chrono::milliseconds min) const {
  auto result = *this;
  result.at_least = min;
  return result;
}

expectation expectation::noting(std::string_view words) const {
  auto result = *this;
  result.note = words;
  return result;
}

expectation completes() {
  return make({{"main", std::nullopt}}, std::nullopt);
}

expectation asked_again(errc error) {
  return make({{"main", error}, {"main", std::nullopt}}, std::nullopt);
}

expectation twice_then_backup(errc error) {
  return make({{"main", error}, {"main", error}, {"backup", std::nullopt}}, std::nullopt);
}

expectation backup_at_once(errc error) {
  return make({{"main", error}, {"backup", std::nullopt}}, std::nullopt);
}

expectation breaks(errc error, std::optional<std::uint64_t> delivered) {
  auto result = make({{"main", error}}, error);
  result.delivered = delivered;
  return result;
}

expectation fails(errc error) {
  return make({{"main", error}}, error);
}

expectation attempts(std::vector<attempt_expectation> all, std::optional<errc> failure) {
  return make(std::move(all), failure);
}

expectation abandoned() {
  expectation result;
  result.gone = true;
  return result;
}

expectation nothing_but(std::string_view words) {
  return expectation{}.noting(words);
}

bool streams(const row& x) {
  return !x.phase.starts_with(phases::whole);
}

std::string describe(const expectation& x) {
  if (x.gone)
    return "main's connection closed and the request over, within 1 s";
  auto text = join_attempts(x.attempts, word_of<attempt_expectation>);
  if (x.failure)
    text += (text.empty() ? "failure " : "; failure ") + code(*x.failure) + ", "
            + (x.delivered ? std::to_string(*x.delivered) + " characters" : "the characters that came");
  if (x.retry_after)
    text += ", retry after " + seconds(x.retry_after->first)
            + (x.retry_after->first == x.retry_after->second ? "" : " to " + seconds(x.retry_after->second));
  if (!x.says.empty())
    text += "; says \"" + x.says + '"';
  if (!x.note.empty())
    text += (text.empty() ? "" : "; ") + x.note;
  return text;
}

std::vector<listed_row> all_rows() {
  const auto place_of = [](const listed_row& x) {
    return std::find(std::begin(chapters), std::end(chapters), x.chapter);
  };
  auto rows = listed();
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& x, const auto& y) { return place_of(x) < place_of(y); });
  return rows;
}

std::vector<provider_kind> all_kinds() {
  std::vector<provider_kind> result;
  for (const auto& x : simulator::all_protocols())
    result.emplace_back(x.name);
  return result;
}

std::vector<provider_kind> all_kinds_but_ollama() {
  auto result = all_kinds();
  std::erase(result, provider_kind::ollama);
  return result;
}

bool list_row(std::string_view chapter, const row& what, const std::vector<provider_kind>& kinds) {
  for (const auto& kind : kinds)
    listed().push_back({chapter, &what, kind});
  return true;
}

namespace {

/// A crash leaves nothing behind that keeps the next request from its answer.
void ask_once_more(scene& world) {
  auto& test = runnable::current();
  test::client next{world.system()};
  // An actor that crashed is restarted; until then there may be nobody to ask.
  test.require(comes_true([&] { return next.ask(world.orchestrator(), make_question(true)); }));
  test.check(next.log().wait_for([](const received& all) { return all.ends() > 0; }));
  test.check_eq(next.log().content().completions.size(), 1u);
}

/// A row whose requester dies. There is no end to look at, but what is left of the request.
void run_abandoned(provider_kind kind, const row& what) {
  scene world{kind, what};
  auto& test = runnable::current();
  if (streams(what))
    test.require(world.client().ask(world.orchestrator(), make_question(true)));
  else
    world.client().ask_for_whole(world.orchestrator(), make_question(false));
  what.meanwhile(world);
  test.check(world.calms_down());
  // Nothing is waited for: neither a backoff nor the rest of an answer.
  test.check_eq(world.drain(), 0u);
  const auto over = scene::clock::now() - world.left_at();
  test.check_lt(over, scene::clock::duration{1s});
  const auto requests = world.requests_to_main();
  test.check_eq(requests.size(), what.where ? 0u : 1u);
  std::string seen;
  for (const auto& x : requests) {
    // Where nothing was open, the last attempt had ended before.
    test.check_eq(x.ended > world.left_at(), x.end == simulator::ending::client_closed);
    if (x.end == simulator::ending::client_closed)
      seen = "connection closed after "
             + std::to_string(
               std::chrono::duration_cast<std::chrono::milliseconds>(x.ended - world.left_at()).count())
             + " ms, ";
  }
  note_result(what, kind, seen + "request over", std::chrono::duration_cast<std::chrono::milliseconds>(over));
}

} // namespace

void run_row(provider_kind kind, const row& what) {
  if (what.instead) {
    const auto [seen, time] = what.instead(kind);
    note_result(what, kind, seen, time);
    return;
  }
  if (what.expect.of(kind).gone) {
    run_abandoned(kind, what);
    return;
  }
  scene world{kind, what};
  auto seen = streams(what) ? ask_for_stream(world, what) : ask_for_whole(world, what);
  if (what.again)
    ask_once_more(world);
  auto& test = runnable::current();
  test.check(world.calms_down());
  world.destroy();
  // By now all that could send something more is gone.
  if (streams(what))
    seen.all = world.client().settle();
  judge(seen, what.expect.of(kind), kind);
  note_result(what, kind, describe(seen), seen.time);
}

} // namespace magna::test
