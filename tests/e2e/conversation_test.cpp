// Conversations that go on: in files, over several turns with tools, with servers that want back what their
// models said, directly and through nodes.

#include <chrono>
#include <csignal>
#include <deque>
#include <memory>
#include <string>

#include <magna/simulator/traits.hpp>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

namespace {

struct conversation : e2e {
  conversation() {
    use(protocol::anthropic);
    use(protocol::openai_responses);
    write("tools.json", R"([{"name": "look_up", "parameters": {"type": "object"}}])");
  }

  json read(const std::string& name) const {
    std::ifstream in{directory / name};
    return json::parse(in);
  }

  /// One turn of the conversation in chat.json. Without a prompt the last message asks.
  json turn(words more, const std::string& prompt = {}) {
    more.insert(more.begin(), {"ask", "--json", "--tools", "tools.json", "--save", "chat.json"});
    if (prompt.empty())
      more.insert(more.end(), {"--messages", "chat.json"});
    else
      more.push_back(prompt);
    const auto result = run(more);
    if (result.status != 0)
      runnable::current().fail("{} {}", result.out, result.err);
    return last_line(result);
  }

  /// Answers the calls of the last message.
  void call_tools() {
    auto chat = read("chat.json");
    const auto calls = chat.at("messages").back().at("tool_calls");
    for (const auto& x : calls)
      chat.at("messages").push_back({{"role", "tool"}, {"tool_call_id", x.at("id")}, {"content", "42"}});
    write("chat.json", chat.dump());
  }

  std::string start_node(words more = {}) {
    more.insert(more.begin(), {"node", "--listen", "127.0.0.1:0"});
    nodes.push_back(std::make_unique<process>(MAGNA_EXECUTABLE, options(std::move(more))));
    if (!nodes.back()->wait_for_output("\n"))
      runnable::current().fail("the node did not start: {}", nodes.back()->wait().err);
    const auto& line = nodes.back()->output();
    const auto begin = line.find("127.0.0.1:");
    return line.substr(begin, line.find_first_of(", \n", begin) - begin);
  }

  std::vector<std::unique_ptr<process>> nodes;
};

/// A kind of server, and what it wants back.
struct picky_server {
  std::string kind;
  std::string wants;
};

const std::vector<picky_server> servers{
  {"openai", "reasoning_content"},           {"openai", "reasoning_details"}, {"openai", "thought_signature"},
  {"gemini", "thought_signature"},           {"anthropic", "thinking"},       {"ollama", "thinking"},
  {"openai-responses", "encrypted_content"},
};

std::string loop_of(const picky_server& x) {
  const auto want = "wants=" + x.wants + ", reasoning=\"Let me see.\"";
  return x.kind + "=ok(" + want + R"(, call="look_up {\"a\": 1}", call="look_up {\"b\": 2}"),ok()" + want
         + R"(, call="look_up {\"c\": 3}"),ok()" + want + ", text=\"It is 42.\")";
}

} // namespace

WITH_FIXTURE(conversation) {

SUITE("e2e.conversation") {

TEST("a loop of three turns gives every server back what its model wants to see again") {
  for (const auto& x : servers) {
    steps(loop_of(x));
    check_eq(turn({"--provider", x.kind}, "How much?").at("tool_calls").size(), 2u);
    call_tools();
    check_eq(turn({"--provider", x.kind}).at("tool_calls").size(), 1u);
    call_tools();
    const auto end = turn({"--provider", x.kind});
    check_eq(end.at("text"), "It is 42.");
    check_eq(trail(end), words{x.kind + ":ok"});
    check_eq(read("chat.json").at("messages").size(), 7u);
  }
}

TEST("so it does through two nodes") {
  const auto inner = start_node();
  write("outer.toml", R"([[provider]]
name = "openai"
node = ")" + inner + R"("
[[provider]]
name = "gemini"
node = ")" + inner + R"("
[[provider]]
name = "anthropic"
node = ")" + inner + R"("
[[provider]]
name = "ollama"
node = ")" + inner + R"("
[[provider]]
name = "openai-responses"
node = ")" + inner + R"("
)");
  const auto direct = environment;
  environment = {{"MAGNA_CHAIN", "openai,gemini,anthropic,ollama,openai-responses"}};
  const auto outer = start_node({"--config", "outer.toml"});
  environment = direct;
  for (const auto& x : servers) {
    steps(loop_of(x));
    const words way{"--node", outer, "--provider", x.kind};
    check_eq(turn(way, "How much?").at("tool_calls").size(), 2u);
    call_tools();
    turn(way);
    call_tools();
    check_eq(turn(way).at("text"), "It is 42.");
  }
}

TEST("the provider may change in the middle: the others' items are left out") {
  for (const auto& first : servers)
    for (const auto& second : servers) {
      if (first.kind == second.kind)
        continue;
      const auto begins = loop_of(first);
      steps(begins + "; " + second.kind + "=ok(wants=" + second.wants
            + R"(, call="look_up {\"c\": 3}"),ok(wants=)" + second.wants + ", text=\"It is 42.\")");
      turn({"--provider", first.kind}, "How much?");
      call_tools();
      turn({"--provider", second.kind});
      call_tools();
      check_eq(turn({"--provider", second.kind}).at("text"), "It is 42.");
    }
}

TEST("a signature that another server of the same protocol gave is left out when it is refused, for once") {
  for (const auto& x : servers) {
    if (x.kind == "ollama" || x.wants.starts_with("reasoning"))
      continue;
    const auto url = [&](const std::string& name) {
      const auto all = magna::simulator::all_protocols();
      return sim.url(std::ranges::find(all, x.kind, &magna::simulator::protocol_traits::name)->kind, name);
    };
    std::string file;
    for (const std::string name : {"one", "two"})
      file += "[[provider]]\nname = \"" + name + "\"\nkind = \"" + x.kind
              + "\"\nmodel = \"m\"\napi_key = \"k\"\nbase_url = \"" + url(name) + "\"\n";
    write("magna.toml", file);
    const auto want = "wants=" + x.wants + ", reasoning=hm";
    const auto calls = "=ok(" + want + ", call=look_up),ok(" + want + ", text=Done.)";
    steps(x.kind + "(instance=one)" + calls + "; " + x.kind + "(instance=two)" + "=ok(" + want
          + ", text=Done.)");
    turn({"--provider", "one"}, "How much?");
    call_tools();
    const auto end = turn({"--provider", "two"});
    check_eq(end.at("text"), "Done.");
    check_eq(trail(end), words{"two:ok"});
  }
}

TEST("a server that refuses what another one of its protocol wants is asked without it") {
  steps("openai=ok(wants=reasoning_content, reasoning=hm, call=look_up),ok(strict=true, text=Done.)");
  turn({"--provider", "openai"}, "How much?");
  call_tools();
  check_eq(turn({"--provider", "openai"}).at("text"), "Done.");
}

TEST("thoughts are shown when they are asked for, and never in the answer's pipe") {
  steps("gemini=ok(reasoning=\"Let me see.\", text=\"It is 42.\")");
  const auto shown = ask({"--show-reasoning"});
  check_eq(shown.out, "It is 42.");
  check_eq(shown.err, "Let me see.\n");
  const auto hidden = ask({});
  check_eq(hidden.out, "It is 42.");
  check_eq(hidden.err, "");
  const auto whole = ask({"--show-reasoning", "--no-stream"});
  check_eq(whole.out, "It is 42.");
  check_eq(whole.err, "Let me see.\n");
  const auto lines_of = lines(ask({"--json"}));
  check_eq(lines_of.back().at("reasoning"), "Let me see.");
  std::string kinds;
  for (const auto& x : lines_of)
    if (x.at("type") == "chunk")
      for (const auto& part : x.at("parts"))
        if (const auto kind = part.at("kind").get<std::string>() + " "; !kinds.ends_with(kind))
          kinds += kind;
  check_eq(kinds, "reasoning text ");
}

TEST("thoughts that nobody reads hold nothing up: Ctrl-C ends at once") {
  steps("gemini=ok(endless=true, reasoning=\"" + std::string(300'000, 'x') + " y\")");
  process running{MAGNA_EXECUTABLE, options({"ask", "--show-reasoning", "Hello"})};
  // More than a pipe takes.
  require(sim.wait_for(
    [](const std::deque<magna::simulator::request_log>& all) {
      return !all.empty() && all.back().bytes_sent > 200'000;
    },
    std::chrono::seconds{20}));
  running.send_signal(SIGINT);
  check_eq(running.wait_without_reading().status, 130);
}

TEST("a break after thoughts goes on to the next provider; one after a piece of a call does not") {
  environment["LLM_MAX_RETRIES"] = "0";
  steps("openai=cut(after=0, reasoning=\"Let me see.\"); gemini=ok(text=\"It is 42.\")");
  const auto after_thoughts = ask({"--json", "--provider", "openai,gemini"});
  check_eq(after_thoughts.status, 0);
  check_eq(last_line(after_thoughts).at("text"), "It is 42.");
  words begun;
  for (const auto& x : lines(after_thoughts))
    if (x.at("type") == "started")
      begun.push_back(x.at("provider").get<std::string>());
  check_eq(begun, words({"openai", "gemini"}));
  steps(R"(openai=cut(after=1, call="look_up {\"word\": \"something\"}"); gemini=ok)");
  const auto after_call = ask({"--json", "--provider", "openai,gemini"});
  check_eq(after_call.status, 1);
  check_eq(last_line(after_call).at("error"), "stream_truncated");
  check_eq(trail(last_line(after_call)), words{"openai:stream_truncated"});
}

TEST("the choice of tools is the user's") {
  steps("all=ok");
  for (const auto& [choice, sent] : {std::pair<std::string, std::string>{"required", "\"required\""},
                                     {"look_up", R"({"function":{"name":"look_up"},"type":"function"})"}}) {
    ask({"--provider", "openai", "--tools", "tools.json", "--tool-choice", choice});
    check_eq(json::parse(sim.requests().back().body).at("tool_choice").dump(), sent);
  }
  ask({"--provider", "openai", "--tools", "tools.json", "--tool-choice", "none"});
  check(!json::parse(sim.requests().back().body).contains("tools"));
  check_eq(ask({"--tool-choice", "required"}).status, 1);
}

TEST("instructions are saved with the conversation, once") {
  steps("all=ok");
  ask({"--system", "Be brief.", "--save", "chat.json"});
  run({"ask", "--system", "Be brief.", "--messages", "chat.json", "--save", "chat.json", "And?"});
  std::string roles;
  const auto chat = read("chat.json");
  for (const auto& x : chat.at("messages"))
    roles += x.at("role").get<std::string>() + " ";
  check_eq(roles, "system user assistant user assistant ");
  check_eq(ask({"--save", "-"}).status, 2);
  check_eq(ask({"--save", ""}).status, 2);
  check_eq(ask({"--messages", ""}).status, 2);
}

TEST("a conversation that can't be read or saved is refused before anybody is asked") {
  for (const words& wrong : {words{"--messages", "none.json"}, words{"--save", "none/chat.json"},
                             words{"--messages", "tools.json"}}) {
    const auto result = ask(wrong);
    check_eq(result.status, 2);
    check_ne(result.err.find(wrong[1].substr(0, 4)), std::string::npos);
  }
  check_eq(generations(), words{});
  check_eq(run({"ask"}).status, 2);
  const auto piped = run({"ask", "--messages", "-"}, R"([{"role":"user","content":"Hello"}])");
  check_eq(piped.status, 0);
  check_eq(run({"ask", "--messages", "-", "-"}, "[]").status, 2);
}

} // SUITE("e2e.conversation")

} // WITH_FIXTURE(conversation)
