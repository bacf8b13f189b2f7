#pragma once

// The rows of the fault table. One row is written once and makes one test per protocol:
//
//   FAULT_ROW("a stream that is cut after three tokens is one stream_truncated",
//             .fault = "connection closed", .phase = phases::stream, .expect = breaks(errc::stream_truncated,
//             14), .steps = "cut(after=3)")
//
// The request goes to the provider "main", where the fault is, then to "backup", which answers. What is
// expected is written by hand; `run_row` fails the test where it sees something else.

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/actors/settings.hpp>
#include <magna/messages/errc.hpp>
#include <magna/tests/support/test.hpp>

namespace magna::test {

class scene;

using namespace std::chrono_literals;

/// What is the same for all protocols, or not. Responses is as OpenAI's chat completions unless it is said.
template <class T>
struct per_kind {
  T gemini{};
  T openai{};
  T anthropic{};
  T ollama{};
  T responses{};

  per_kind() = default;
  per_kind(T all) : gemini(all), openai(all), anthropic(all), ollama(all), responses(std::move(all)) {}
  per_kind(T for_gemini, T for_openai, T for_anthropic, T for_ollama)
    : per_kind(std::move(for_gemini), for_openai, std::move(for_anthropic), std::move(for_ollama),
               for_openai) {}
  per_kind(T for_gemini, T for_openai, T for_anthropic, T for_ollama, T for_responses)
    : gemini(std::move(for_gemini)),
      openai(std::move(for_openai)),
      anthropic(std::move(for_anthropic)),
      ollama(std::move(for_ollama)),
      responses(std::move(for_responses)) {}

  const T& of(const provider_kind& kind) const {
    return kind == provider_kind::gemini             ? gemini
           : kind == provider_kind::openai           ? openai
           : kind == provider_kind::openai_responses ? responses
           : kind == provider_kind::anthropic        ? anthropic
                                                     : ollama;
  }
};

namespace phases {

inline constexpr std::string_view connect = "connecting";
inline constexpr std::string_view headers = "before the headers";
inline constexpr std::string_view first_token = "before the first token";
inline constexpr std::string_view stream = "mid-stream";
inline constexpr std::string_view end = "at the end";
inline constexpr std::string_view backoff = "between two attempts";
/// A request that does not stream, with the place where a row needs one.
inline constexpr std::string_view whole = "non-streaming";
inline constexpr std::string_view whole_headers = "non-streaming, before the headers";
inline constexpr std::string_view whole_body = "non-streaming, in the document";

} // namespace phases

/// How one attempt is to end; no error: it answers.
struct attempt_expectation {
  std::string provider;
  std::optional<errc> error;
};

/// How a request is to end, and by which attempts.
struct expectation {
  std::vector<attempt_expectation> attempts;
  /// Absent: the answer is complete.
  std::optional<errc> failure;
  /// The response is an error without a failure.
  bool broken = false;
  /// The requester is gone, and with it any end; main's connection is closed, or the wait for another attempt
  /// is over.
  bool gone = false;
  /// Characters that the requester got before a failure; absent: whatever the failure says must be true, and
  /// more than none.
  std::optional<std::uint64_t> delivered = 0;
  /// The text of a completion, where it is not the simulator's own.
  std::optional<std::string> text;
  /// What the first attempt's message must say.
  std::string says;
  /// Bounds of the failure's retry_after; absent: it must have none.
  std::optional<std::pair<std::chrono::milliseconds, std::chrono::milliseconds>> retry_after;
  /// The completion tokens that a failure reports.
  std::optional<std::uint64_t> tokens;
  /// It takes at least this long.
  std::chrono::milliseconds at_least{0};
  /// The bound on hanging: generous, for slow machines and sanitizers.
  std::chrono::milliseconds within{15s};
  /// Words for the table, where it is not enough to say how the attempts end.
  std::string note;

  expectation saying(std::string_view words) const;
  expectation with_text(std::string_view words) const;
  expectation with_tokens(std::uint64_t count) const;
  expectation with_retry_after(std::chrono::milliseconds min, std::chrono::milliseconds max) const;
  expectation taking(std::chrono::milliseconds min) const;
  expectation noting(std::string_view words) const;
};

/// Main's answer is complete.
expectation completes();
/// The first attempt fails; main is asked again, and answers.
expectation asked_again(errc error);
/// Main is asked as often as allowed (twice), then the backup answers.
expectation twice_then_backup(errc error);
/// The backup is asked at once, and answers.
expectation backup_at_once(errc error);
/// One attempt, and one failure after so many characters; nobody is asked again.
expectation breaks(errc error, std::optional<std::uint64_t> delivered);
/// One attempt, and one failure before any text; nobody is asked again.
expectation fails(errc error);
/// The request's response is an error that says nothing more: nobody was left to say it.
expectation broken_promise();
/// The requester died, and within a second main's connection is closed, where one is open, and the request
/// over.
expectation abandoned();
/// What only words can say; the row has a test of its own.
expectation nothing_but(std::string_view words);
/// What none of these says.
expectation attempts(std::vector<attempt_expectation> all, std::optional<errc> failure = std::nullopt);

/// Where a provider is to be found. `alive` keeps whoever answers there.
struct place {
  /// "http://127.0.0.1:4711".
  std::string origin;
  std::shared_ptr<void> alive;
};

/// What a test that a row has instead of the usual one has seen.
struct custom_result {
  std::string seen;
  std::chrono::milliseconds time{};
};

struct row {
  std::string_view fault;
  std::string_view phase;
  per_kind<expectation> expect;
  /// What the simulator does with each of main's requests.
  per_kind<std::string> steps{"ok"};
  /// Who answers for main instead of the simulator.
  std::function<place(provider_kind)> where;
  /// Changes the settings; the providers are main and backup.
  std::function<void(settings&)> adjust;
  /// What happens while the request runs.
  std::function<void(scene&)> meanwhile;
  /// A test of the row's own, with a scene of its own.
  std::function<custom_result(provider_kind)> instead;
  /// Main is the only provider.
  bool alone = false;
  /// What the backup does instead of answering, and a third provider behind it, if there is to be one.
  std::string backup_steps;
  std::string third_steps;
  /// The scene starts the actors itself, so that all of them can be reached: see scene.
  bool open = false;
  /// Another request right after this one's end must be answered.
  bool again = false;
};

bool streams(const row& x);

/// Says what is expected, in the table's words.
std::string describe(const expectation& x);

/// A row for one protocol, as it stands in the table.
struct listed_row {
  std::string_view chapter;
  const row* what = nullptr;
  provider_kind kind = provider_kind::gemini;
};

/// All rows, each once per protocol that has it, in the order of the table.
std::vector<listed_row> all_rows();

/// The protocols, in the table's order.
std::vector<provider_kind> all_kinds();
std::vector<provider_kind> all_kinds_but_ollama();

/// Enters a row for these protocols; called before main.
bool list_row(std::string_view chapter, const row& what, const std::vector<provider_kind>& kinds);

/// Makes the fault happen, checks what comes of it, and notes it for the table.
void run_row(provider_kind kind, const row& what);

} // namespace magna::test

#define MAGNA_FAULTS_PASTE_IMPL(x, y) x##y
#define MAGNA_FAULTS_PASTE(x, y) MAGNA_FAULTS_PASTE_IMPL(x, y)
#define MAGNA_FAULTS_UNIQUE(name) MAGNA_FAULTS_PASTE(name, __LINE__)

#define MAGNA_FAULTS_LIST(kinds, ...)                                                                        \
  namespace {                                                                                                \
  const magna::test::row& MAGNA_FAULTS_UNIQUE(row_)() {                                                      \
    static const magna::test::row written{__VA_ARGS__};                                                      \
    return written;                                                                                          \
  }                                                                                                          \
  [[maybe_unused]] const bool                                                                                \
    MAGNA_FAULTS_UNIQUE(listed_) = magna::test::list_row(chapter, MAGNA_FAULTS_UNIQUE(row_)(), kinds);       \
  }

#define MAGNA_FAULTS_TEST(kind, sentence)                                                                    \
  namespace on_##kind {                                                                                      \
    TEST(#kind ": " sentence) {                                                                              \
      magna::test::run_row(provider_kind::kind, MAGNA_FAULTS_UNIQUE(row_)());                                \
    }                                                                                                        \
  }

/// Needs a constant `chapter` in scope.
#define FAULT_ROW(sentence, ...)                                                                             \
  MAGNA_FAULTS_LIST(magna::test::all_kinds(), __VA_ARGS__)                                                   \
  MAGNA_FAULTS_TEST(gemini, sentence)                                                                        \
  MAGNA_FAULTS_TEST(openai, sentence)                                                                        \
  MAGNA_FAULTS_TEST(openai_responses, sentence)                                                              \
  MAGNA_FAULTS_TEST(anthropic, sentence)                                                                     \
  MAGNA_FAULTS_TEST(ollama, sentence)

/// A row about what Ollama's protocol cannot say.
#define FAULT_ROW_WITHOUT_OLLAMA(sentence, ...)                                                              \
  MAGNA_FAULTS_LIST(magna::test::all_kinds_but_ollama(), __VA_ARGS__)                                        \
  MAGNA_FAULTS_TEST(gemini, sentence)                                                                        \
  MAGNA_FAULTS_TEST(openai, sentence)                                                                        \
  MAGNA_FAULTS_TEST(openai_responses, sentence)                                                              \
  MAGNA_FAULTS_TEST(anthropic, sentence)
