#include <magna/simulator/scenario.hpp>
#include <magna/simulator/vocabulary.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using namespace std::chrono_literals;

namespace {

/// What is wrong with a scenario, or an empty string.
template <class Parse>
std::string complaint(Parse parse) {
  try {
    parse();
    return {};
  } catch (const scenario_error& error) {
    return error.what();
  }
}

std::string complaint_about(std::string_view text) {
  return complaint([text] { parse_scenario(text); });
}

std::string complaint_about_toml(std::string_view text) {
  return complaint([text] { parse_scenario_toml(text, "file.toml"); });
}

} // namespace

SUITE("simulator scenario") {

TEST("an empty text is a scenario without steps") {
  check_eq(parse_scenario("").tracks.size(), 0u);
  check_eq(parse_scenario("  # nothing\n ; ;").tracks.size(), 0u);
}

TEST("a line lists the steps of each protocol in order") {
  auto value =
    parse_scenario("gemini=stall,stall , ok; openai=rate_limited(retry_after=3);\nollama=cut(after=3)");
  require_eq(value.tracks.size(), 3u);
  check(value.tracks[0].kind == protocol::gemini);
  require_eq(value.tracks[0].steps.size(), 3u);
  check_eq(value.tracks[0].steps[1].name, "stall");
  check_eq(value.tracks[0].steps[2].name, "ok");
  check(value.tracks[1].kind == protocol::openai);
  check(value.tracks[1].steps.at(0).retry_after == 3.0);
  check(value.tracks[2].kind == protocol::ollama);
  check(value.tracks[2].steps.at(0).after == 3u);
}

TEST("the last step of a target repeats, unless all are to") {
  auto value = parse_scenario("gemini=ok; openai(repeat=last)=ok; ollama(repeat=all)=ok");
  require_eq(value.tracks.size(), 3u);
  check(!value.tracks[0].cycle);
  check(!value.tracks[1].cycle);
  check(value.tracks[2].cycle);
}

TEST("a target is narrowed by instance, model and route, and lists keys and models") {
  auto value =
    parse_scenario("openai(instance=b, model=m-1, on=probe, keys=k1|k2, models=m-1) = server_error");
  require_eq(value.tracks.size(), 1u);
  const auto& track = value.tracks[0];
  check_eq(track.instance, "b");
  check_eq(track.model, "m-1");
  check(track.on == route::probe);
  check(track.keys == std::vector<std::string>{"k1", "k2"});
  check(track.models == std::vector<std::string>{"m-1"});
}

TEST("embeddings are a route of their own, for the protocols that have them") {
  auto value = parse_scenario("all(on=embed)=server_error; openai=ok");
  require_eq(value.tracks.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) {
    check(value.tracks[i].on == route::embed);
    check(value.tracks[i].kind != protocol::anthropic);
  }
  check_eq(complaint_about("anthropic(on=embed)=ok"),
           "scenario: line 1, column 1: anthropic has no embeddings; allowed with on=embed: gemini, openai, "
           "openai-responses, ollama, all");
  check_eq(
    complaint([] { validate({{track{.kind = protocol::anthropic, .on = route::embed}}}); }),
    "anthropic has no embeddings; allowed with on=embed: gemini, openai, openai-responses, ollama, all");
  magna::test::check_found(complaint_about("gemini(on=embed)=ok; gemini(on=embed)=ok"),
                           "steps for gemini embeddings are given twice");
  check(parse_scenario_toml("[openai]\non = 'embed'\nsteps = 'ok'").tracks.at(0).on == route::embed);
}

TEST("on=embed takes the steps and options that mean something for vectors") {
  check_eq(
    complaint_about("all(on=embed)=ok(dimensions=3, vectors=0, max_texts=1, usage=false, prompt_tokens=3,"
                    "delay=1, byte_delay=1, split=2, bom=true, status=201, header=A:b),"
                    "stall(at=headers), cut(after=1), reset(at=end, max_texts=2), malformed,"
                    "stream_error(error=overloaded), raw(body=x), rate_limited(retry_after=1), html_200"),
    std::string{});
  check_eq(complaint_about("openai(on=embed)=unsupported_parameter, unsupported_value, blocked_prompt"),
           std::string{});
  for (const auto* name : {"echo", "empty", "no_finish", "safety_stop", "refusal"})
    magna::test::check_found(complaint_about("openai(on=embed)=" + std::string{name}),
                             "step '.*' is nothing that openai with on=embed does; allowed for openai with "
                             "on=embed: ok, stall, .*unsupported_value$");
  magna::test::check_found(complaint_about("gemini(on=embed)=blocked_prompt"),
                           "step 'blocked_prompt' is nothing that gemini with on=embed does");
  for (const auto* option : {"text=a", "tokens=3", "endless=true", "reasoning=a", "call=a", "finish=stop",
                             "cached_tokens=1", "token_delay=1", "ping=1", "batch=2", "eol=lf", "comments=1"})
    magna::test::check_found(
      complaint_about("openai(on=embed)=ok(" + std::string{option} + ")"),
      "means nothing for 'ok' with on=embed; allowed: times, delay, byte_delay, usage, "
      "prompt_tokens, dimensions, vectors, max_texts, split, ");
  for (const auto* option :
       {"dimensions=0", "dimensions=4097", "dimensions=x", "vectors=4097", "max_texts=0"})
    check_ne(complaint_about("openai(on=embed)=ok(" + std::string{option} + ")"), std::string{});
  for (const auto* where : {"openai", "openai(on=probe)"})
    magna::test::check_found(complaint_about(std::string{where} + "=ok(vectors=1)"),
                             "option 'vectors' means nothing for 'ok'; allowed: ");
  magna::test::check_found(complaint_about("openai(on=embed)=rate_limited(vectors=1)"),
                           "option 'vectors' means nothing for 'rate_limited' with on=embed; allowed: ");
  magna::test::check_found(
    complaint([] { validate({{track{.kind = protocol::openai, .steps = {step{.max_texts = 2}}}}}); }),
    "dimensions, vectors and max_texts are for on=embed");
}

TEST("all stands for each protocol") {
  auto value = parse_scenario("all=server_error");
  require_eq(value.tracks.size(), 5u);
  for (const auto& track : value.tracks)
    check_eq(track.steps.at(0).name, "server_error");
}

TEST("values have units, quotes and escapes") {
  auto value =
    parse_scenario(R"(all=ok(text="a, \"b\" (c);\n\u20ac\\", delay=1.5s, token_delay=20ms, byte_delay=3,)"
                   R"(batch=2, split=random, header="X-A: b, c", header=Y:z, times=4))");
  const auto& step = value.tracks.at(0).steps.at(0);
  check_eq(step.text.value_or(""), "a, \"b\" (c);\n\xE2\x82\xAC\\");
  check(step.delay == 1500ms);
  check(step.token_delay == 20ms);
  check(step.byte_delay == 3ms);
  check_eq(step.batch, 2u);
  check(step.split.kind == split_kind::random);
  require_eq(step.headers.size(), 2u);
  check_eq(step.headers[0].second, "b, c");
  check_eq(step.headers[1].first, "Y");
  check_eq(step.headers[1].second, "z");
  check_eq(step.times, 4u);
  const auto calling = parse_scenario(R"(all=ok(call="a {\"x\": [1, 2]}", call=b))").tracks.at(0).steps.at(0);
  require_eq(calling.calls.size(), 2u);
  check_eq(calling.calls[0].name, "a");
  check_eq(calling.calls[0].arguments, R"({"x": [1, 2]})");
  check_eq(calling.calls[1].name, "b");
  check_eq(calling.calls[1].arguments, "{}");
  check(parse_scenario("all=ok(size=2MiB)").tracks.at(0).steps.at(0).size == 2097152u);
  check(parse_scenario("gemini=rate_limited(retry_after=300ms)").tracks.at(0).steps.at(0).retry_after == 0.3);
}

TEST("an error names the place and lists what is allowed") {
  check_eq(complaint_about("gemni=ok"),
           "scenario: line 1, column 1: unknown protocol 'gemni'; allowed: gemini, openai, "
           "openai-responses, anthropic, ollama, all");
  magna::test::check_found(
    complaint_about("gemini=ok,\n  stal"),
    "^scenario: line 2, column 3: unknown step 'stal'; allowed for gemini: ok, .*stall, ");
  magna::test::check_found(complaint_about("ollama=ok,refusal"),
                           "column 11: step 'refusal' is nothing that ollama does; allowed for ollama: ");
  magna::test::check_found(complaint_about("openai=cut(aftr=3)"),
                           "column 12: unknown option 'aftr' of 'cut'; allowed: times, .*after");
  magna::test::check_found(complaint_about("openai=rate_limited(after=3)"),
                           "column 21: option 'after' means nothing for 'rate_limited'; allowed: ");
  magna::test::check_found(
    complaint_about("openai=cut(at=middle)"),
    "column 12: at: 'middle' is not allowed; allowed: start, headers, token, line, utf8, finish, end");
  magna::test::check_found(complaint_about("openai(on=never)=ok"), "allowed: generate, probe, embed$");
  magna::test::check_found(complaint_about("openai(key=x)=ok"),
                           "allowed: instance, model, on, repeat, keys, models");
  magna::test::check_found(complaint_about("openai(repeat=never)=ok"),
                           "'never' is not allowed; allowed: last, all");
}

TEST("a text that isn't a scenario is refused") {
  for (const auto* text :
       {"gemini=", "gemini=ok,", "=ok", "gemini ok", "gemini=ok ok", "gemini=ok(", "gemini=ok(delay)",
        "gemini=ok(delay=", "gemini=ok(delay=)", "gemini=ok(text=\"a", "gemini=ok(text=\"\\q\")",
        "gemini=ok(text=\"\\u12\")", "gemini=ok(text=\"\\ud83d\")", "gemini=ok)", "gemini(keys=a||b)=ok"})
    check_ne(complaint_about(text), std::string{});
}

TEST("a value out of range is refused") {
  for (const auto* options :
       {"delay=-1",   "delay=1h",       "delay=2000000000", "delay=nan",        "times=0",
        "times=x",    "batch=0",        "split=0",          "split=odd",        "tokens=-1",
        "tokens=1.5", "size=5GiB",      "size=2000MiB",     "endless=yes",      "status=99",
        "status=600", "header=novalue", "text=a,token=b",   "echo=true,size=3", "after=3"})
    check_ne(complaint_about("openai=ok(" + std::string{options} + ")"), std::string{});
  for (const auto* call : {R"("")", R"("a b")", R"("a [1]")", R"(" {}")", R"(a,endless=true)"})
    check_ne(complaint_about("openai=ok(call=" + std::string{call} + ")"), std::string{});
  check_ne(complaint_about("ollama=ok(eol=cr)"), std::string{});
  check_ne(complaint_about("ollama=stream_error(form=raw)"), std::string{});
  check_ne(complaint_about("gemini=stream_error(error=ok)"), std::string{});
  check_ne(complaint_about("openai=rate_limited(retry_after=1,retry_form=retry_info)"), std::string{});
}

TEST("what only OpenAI's answers can be told is refused elsewhere, and where it means nothing") {
  check_eq(complaint_about("openai=ok(reasoning_field=reasoning, interleave=true, call=a, call=b)"),
           std::string{});
  check_eq(complaint_about("gemini=ok(reasoning_field=reasoning)"),
           "scenario: line 1, column 8: reasoning_field is OpenAI's; gemini has one name for its reasoning");
  check_eq(complaint_about("anthropic=ok(interleave=true, call=a, call=b)"),
           "scenario: line 1, column 11: interleave is OpenAI's; anthropic ends a call before the next one "
           "begins");
  magna::test::check_found(complaint_about("openai=ok(interleave=true, call=a)"),
                           "column 8: interleave: only the pieces of two calls or more can take turns");
  magna::test::check_found(complaint_about("openai=ok(reasoning_field=thoughts)"),
                           "'thoughts' is not allowed; allowed: reasoning_content, reasoning$");
  magna::test::check_found(complaint_about("openai=rate_limited(reasoning_field=reasoning)"),
                           "option 'reasoning_field' means nothing for 'rate_limited'; allowed: ");
}

TEST("what a step wants back is the protocol's own, and nothing contradicts it") {
  check_eq(
    complaint_about("openai=ok(wants=reasoning_content), echo(wants=reasoning_details, call=a),"
                    "cut(wants=thought_signature), ok(strict=true); gemini=ok(wants=thought_signature);"
                    "anthropic=ok(wants=thinking); ollama=ok(wants=thinking); "
                    "openai-responses=ok(wants=encrypted_content)"),
    std::string{});
  magna::test::check_found(complaint_about("openai-responses=ok(wants=reasoning_content)"),
                           "allowed for openai-responses: encrypted_content$");
  check_eq(complaint_about("openai=ok(wants=thinking)"),
           "scenario: line 1, column 8: wants=thinking is nothing that openai hands out; allowed for openai: "
           "reasoning_content, reasoning_details, thought_signature");
  magna::test::check_found(complaint_about("gemini=ok(wants=thinking)"),
                           "allowed for gemini: thought_signature$");
  magna::test::check_found(complaint_about("ollama=ok(wants=reasoning_content)"),
                           "allowed for ollama: thinking$");
  magna::test::check_found(complaint_about("openai=ok(wants=everything)"),
                           "column 11: wants: 'everything' is not allowed; allowed: reasoning_content, "
                           "reasoning_details, thought_signature, thinking, encrypted_content$");
  magna::test::check_found(complaint_about("openai=rate_limited(wants=reasoning_content)"),
                           "option 'wants' means nothing for 'rate_limited'; allowed: ");
  check_eq(complaint_about("gemini=ok(strict=true)"),
           "scenario: line 1, column 8: strict is OpenAI's; gemini takes whatever members a message has");
  magna::test::check_found(
    complaint_about("openai=ok(strict=true, wants=thought_signature)"),
    "wants=thought_signature and strict exclude one another: strict refuses what is wanted");
  magna::test::check_found(complaint_about("openai=ok(wants=reasoning_content, reasoning_field=reasoning)"),
                           "wants=reasoning_content has a reasoning_field of its own");
  magna::test::check_found(
    complaint_about("openai=ok(wants=reasoning_details, reasoning_field=reasoning_content)"),
    "wants=reasoning_details has a reasoning_field of its own");
  check_eq(complaint_about("openai=ok(wants=reasoning_details, reasoning_field=reasoning),"
                           "ok(wants=thought_signature, reasoning_field=reasoning)"),
           std::string{});
}

TEST("steps for the same requests can't be given twice") {
  magna::test::check_found(complaint_about("gemini=ok; gemini=stall"), "steps for gemini are given twice");
  check_eq(complaint_about("gemini=ok; gemini(instance=b)=stall; gemini(on=probe)=stall; gemini(keys=k)"),
           std::string{});
}

TEST("a scenario built in code is checked as strictly") {
  auto with = [](step value) {
    return scenario{{track{.kind = protocol::ollama, .steps = {std::move(value)}}}};
  };
  check_eq(complaint([&] { validate(with({.name = "cut", .after = 2})); }), std::string{});
  magna::test::check_found(complaint([&] { validate(with({.name = "refusal"})); }),
                           "^ollama: step 'refusal'");
  magna::test::check_found(complaint([&] { validate(with({.times = 0})); }), "times");
}

TEST("a TOML file says the same with the same words") {
  auto value = parse_scenario_toml(R"toml(
    [gemini]
    steps = ["stall(times=2)", "cut(after=1), ok", { step = "ok", text = "a, b", delay = 20, bom = true }]
    [[openai]]
    keys = ["k1", "k2"]
    steps = "rate_limited(retry_after=0.5)"
    [[openai]]
    instance = "b"
    steps = [{ step = "raw", status = 418, header = ["A: 1", "B: 2"] }]
  )toml");
  require_eq(value.tracks.size(), 3u);
  const auto& steps = value.tracks[0].steps;
  require_eq(steps.size(), 4u);
  check_eq(steps[0].times, 2u);
  check_eq(steps[2].name, "ok");
  check_eq(steps[3].text.value_or(""), "a, b");
  check(steps[3].delay == 20ms);
  check(steps[3].bom);
  check_eq(value.tracks[1].keys.size(), 2u);
  check(value.tracks[1].steps.at(0).retry_after == 0.5);
  check_eq(value.tracks[2].instance, "b");
  check_eq(value.tracks[2].steps.at(0).headers.size(), 2u);
}

TEST("an error in a TOML file names file and line") {
  magna::test::check_found(complaint_about_toml("[gemini]\nsteps = [\n  \"stal\"]"),
                           "^file.toml: line 3, column .*unknown step 'stal'");
  magna::test::check_found(complaint_about_toml("[gemini\n"), "^file.toml: line ");
  magna::test::check_found(complaint_about_toml("[gemni]\n"), "unknown protocol 'gemni'");
  magna::test::check_found(complaint_about_toml("gemini = 3\n"), "expected a table");
  magna::test::check_found(complaint_about_toml("[gemini]\nsteps = [3]\n"), "line 2.*expected a step");
  magna::test::check_found(complaint_about_toml("[gemini]\nsteps = [{ delay = 3 }]\n"),
                           "a step needs its name");
  magna::test::check_found(complaint_about_toml("[gemini]\nsteps = [{ step = \"ok\", dely = 3 }]\n"),
                           "unknown option 'dely'");
  magna::test::check_found(complaint([] { load_scenario("/nonexistent/scenario.toml"); }),
                           "^/nonexistent/scenario.toml: can't be read");
}

TEST("the README explains every word, and so does the help") {
  std::ifstream file{MAGNA_SIMULATOR_README};
  std::ostringstream text;
  text << file.rdbuf();
  auto readme = text.str();
  auto help = scenario_help();
  auto explained = [&](std::string_view name, std::string_view end) {
    if (readme.find("`" + std::string{name} + std::string{end}) == std::string::npos)
      fail("the README lacks {}", name);
    check_ne(help.find(name), std::string::npos);
  };
  for (const auto& word : step_words())
    explained(word.name, "` |");
  for (const auto& word : option_words())
    explained(word.name, "=");
}

} // SUITE("simulator scenario")
