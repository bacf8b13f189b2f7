#include <magna/tests/soak/traffic.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace magna::soak {

namespace {

using engine = std::mt19937_64;

/// A whole number from `low` to `high`.
std::uint64_t between(engine& random, std::uint64_t low, std::uint64_t high) {
  return std::uniform_int_distribution<std::uint64_t>{low, high}(random);
}

bool chance(engine& random, std::uint64_t percent) {
  return between(random, 1, 100) <= percent;
}

template <class Range>
const auto& any_of(engine& random, const Range& range) {
  return *(std::begin(range) + static_cast<std::ptrdiff_t>(between(random, 0, std::size(range) - 1)));
}

milliseconds time_between(engine& random, std::uint64_t low, std::uint64_t high) {
  return milliseconds{between(random, low, high)};
}

/// Text that tells lost, doubled and swapped pieces apart, with characters of one to four bytes.
std::string make_prompt(engine& random, std::uint64_t serial, std::uint64_t words) {
  static constexpr std::string_view odd[] = {"na\u00efve", "\u20ac5",    "\u96ea",
                                             "\U0001F600", "\"quoted\"", "a\\b"};
  auto result = "Request " + std::to_string(serial) + ":";
  for (std::uint64_t i = 0; i < words; ++i) {
    result += ' ';
    result += i % 7 == 3 ? std::string{any_of(random, odd)} : std::to_string(serial % 1000 + i * 31);
  }
  return result;
}

// -- what the simulator does --------------------------------------------------------------------------------

constexpr std::size_t steps_per_round = 211;

std::string number(engine& random, std::uint64_t low, std::uint64_t high) {
  return std::to_string(between(random, low, high));
}

/// A whole answer, at any pace and cut into any pieces.
std::string good_step(engine& random, std::string_view protocol, bool long_answer) {
  std::string result = "ok(echo=true";
  if (!long_answer && chance(random, 30))
    result += ", token_delay=" + number(random, 1, 40);
  if (chance(random, 30))
    result += ", first_token_delay=" + number(random, 1, 400);
  if (chance(random, 10))
    result += ", delay=" + number(random, 1, 200);
  if (!long_answer && chance(random, 1))
    result += ", byte_delay=1";
  if (chance(random, 15))
    result += ", split=random, seed=" + number(random, 1, 1'000'000);
  if (chance(random, 20))
    result += ", batch=" + number(random, 2, 20);
  if (chance(random, 10))
    result += ", comments=" + number(random, 1, 4);
  if (chance(random, 10))
    result += ", ping=50";
  if (chance(random, 10))
    result += ", eol=crlf";
  if (chance(random, 10))
    result += ", finish_with_text=true";
  if (chance(random, 10))
    result += ", usage=false";
  if (chance(random, 10))
    result += ", framing=close";
  if (chance(random, 8))
    result += ", reasoning=\"Let me think about it.\"";
  if (protocol == "openai" && chance(random, 8))
    result += ", done=false";
  return result + ")";
}

std::string place(engine& random) {
  static constexpr std::string_view places[] = {"start", "headers", "token", "line", "utf8", "finish", "end"};
  return "at=" + std::string{any_of(random, places)} + ", after=" + number(random, 0, 6);
}

/// A reply that is no answer.
std::string error_step(engine& random, std::string_view protocol) {
  static constexpr std::string_view for_all[] = {
    "server_error",
    "overloaded",
    "gateway_html",
    "html_200",
    "bad_request",
    "context_length",
    "model_not_found",
    "raw(status=302, header=\"Location: /elsewhere\")",
    "raw(body=\"\", content_type=text/event-stream)",
    "raw(status=418, body=\"short and stout\")",
    "raw(header=\"Content-Encoding: gzip\", body=\"no gzip at all\")"};
  static constexpr std::string_view of_gemini[] = {"request_timeout", "gateway_timeout", "blocked_prompt",
                                                   "cancelled"};
  static constexpr std::string_view of_openai[] = {"request_timeout",  "gateway_timeout",
                                                   "conflict",         "loading_model",
                                                   "content_filtered", "request_too_large"};
  static constexpr std::string_view of_ollama[] = {"runner_crashed", "loading_timeout", "upstream_down",
                                                   "server_busy", "cancelled"};
  if (chance(random, 70))
    return std::string{any_of(random, for_all)};
  if (protocol == "gemini")
    return std::string{any_of(random, of_gemini)};
  return std::string{protocol == "openai" ? any_of(random, of_openai) : any_of(random, of_ollama)};
}

std::string fault_step(engine& random, std::string_view protocol) {
  switch (between(random, 0, 9)) {
    case 0:
      return "stall(echo=true, " + place(random) + ")";
    case 1:
    case 2:
      return "cut(echo=true, " + place(random) + ")";
    case 3:
      return "reset(echo=true, " + place(random) + ")";
    case 4:
      return "stream_error(echo=true, after=" + number(random, 0, 6) + ")";
    case 5:
      return "malformed(echo=true, after=" + number(random, 0, 6) + ")";
    case 6:
      return "no_finish(echo=true)";
    case 7:
      return "rate_limited(retry_after=0." + number(random, 1, 5)
             + (protocol == "openai" ? ", retry_form=ms)" : ")");
    default:
      return error_step(random, protocol);
  }
}

std::string endless_step(engine& random) {
  auto result = std::string{chance(random, 90) ? "ok(" : "cut(after=30, "};
  return result + "endless=true, token=\"on and on \", token_delay=" + number(random, 5, 50) + ")";
}

} // namespace

traffic::traffic(std::uint64_t seed) : orders_(seed), scenarios_(seed + 1), kills_(seed + 2) {}

order traffic::next_order() {
  auto& random = orders_;
  order result;
  auto& question = result.question;
  const auto serial = serial_++;
  question.id = "soak-" + std::to_string(serial);
  const auto kind = between(random, 1, 100);
  const auto is_long = kind > 92 && kind <= 97;
  const auto is_endless = kind > 97;
  question.model = is_endless ? "endless" : is_long ? "long" : "short";
  const auto words = is_long ? between(random, 1'000, 8'000) : between(random, 1, 30);
  auto prompt = make_prompt(random, serial, words);
  question.messages.push_back({role::user, prompt});
  if (chance(random, 20))
    question.system_prompt = "Repeat what you are told.";
  if (!is_endless)
    result.expected = std::make_shared<const std::string>(std::move(prompt));

  if (chance(random, 10))
    question.hedge = true;
  result.collect = !is_endless && chance(random, 15);
  question.stream = is_endless || !chance(random, result.collect ? 80 : 10);
  if (chance(random, 20)) {
    std::vector<std::string> names{std::begin(provider_names), std::end(provider_names)};
    std::shuffle(names.begin(), names.end(), random);
    names.resize(between(random, 1, names.size()));
    question.targets.assign(names.begin(), names.end());
  }
  auto deadline = chance(random, 10)   ? time_between(random, 1, 500)
                  : chance(random, 20) ? time_between(random, 500, 3'000)
                                       : milliseconds{15'000};

  if (!result.collect && question.stream) {
    const auto credit = between(random, 1, 100);
    if (credit > 60)
      question.initial_credit = chance(random, 40) ? 0 : between(random, 1, 1'024);
    if (credit > 95)
      deadline = std::min(deadline, time_between(random, 500, 2'000)); // It never grants anything.
    else if (credit > 85)
      result.reads = appetite{between(random, 16, 4'096), time_between(random, 20, 250)};
    else if (credit > 60)
      result.reads = appetite{between(random, 1'024, 65'536), time_between(random, 1, 20)};
  }
  if (is_endless || chance(random, 12)) {
    static constexpr leaving streamed[] = {leaving::by_message, leaving::by_control, leaving::by_death};
    static constexpr leaving collected[] = {leaving::by_message, leaving::by_death};
    result.how = result.collect ? any_of(random, collected) : any_of(random, streamed);
    result.leave_after = time_between(random, 0, 1'500);
  }
  // One that is only collected hears nothing on the way and is not missed: its own deadline ends it.
  if (result.how == leaving::by_death)
    deadline = std::min(deadline, milliseconds{5'000});
  question.deadline = deadline;
  return result;
}

std::string traffic::next_scenario() {
  auto& random = scenarios_;
  std::string result;
  // Bad times and good ones.
  const auto faults = any_of(random, std::array<std::uint64_t, 5>{2, 5, 8, 12, 30});
  for (const std::string protocol : provider_names) {
    for (const std::string model : {"short", "long", "endless"}) {
      result += protocol + "(model=" + model + ", repeat=all)=";
      for (std::size_t i = 0; i < steps_per_round; ++i) {
        if (i > 0)
          result += ',';
        result += model == "endless"       ? endless_step(random)
                  : chance(random, faults) ? fault_step(random, protocol)
                                           : good_step(random, protocol, model == "long");
      }
      result += ";\n";
    }
    result += protocol + "(on=probe, repeat=all)=ok,server_error,ok,ok,stall,ok,cut,ok,html_200;\n";
  }
  return result;
}

traffic::kill traffic::next_kill() {
  auto& random = kills_;
  return {.whom = static_cast<victim>(between(random, 0, 4)),
          .index = static_cast<std::size_t>(between(random, 0, std::size(provider_names) - 1)),
          .after = time_between(random, 1'000, 4'000)};
}

} // namespace magna::soak
