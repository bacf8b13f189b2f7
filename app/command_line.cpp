#include <magna/app/command_line.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <magna/config/fields.hpp>
#include <magna/config/nearest.hpp>
#include <magna/text/printable.hpp>

namespace magna::app {

namespace {

constexpr const char* examples = R"text(Examples:
  magna demo                                       what magna does when providers fail; needs no key
  magna ask "Why is the sky blue?"                 the first provider of the chain that can answer
  magna ask --provider openai,ollama "Hello"       only these, in this order
  magna health                                     which providers are usable now
  magna simulate --steps "gemini=rate_limited"     a local server that misbehaves on demand

'magna COMMAND --help' says more about a command.)text";

constexpr const char* ask_examples = R"text(Examples:
  magna ask "Why is the sky blue?"
  magna ask --system "Answer in French." --temperature 0.2 "Why is the sky blue?"
  magna ask --provider ollama --model qwen3 --timeout 300 "Hello"
  magna ask --provider openai/gpt-6-sol,gemini/gemini-4-neon,ollama "Hello"
  magna ask --save chat.json "Hello" && magna ask --messages chat.json --save chat.json "And in French?"
  git diff | magna ask --system "Write a commit message for this change." -
  magna ask --json "Hello" | jq -r 'select(.type == "completion").text'
  magna ask -- "-1 is which kind of number?"

Exit status: 0 the answer is complete, 1 it is not, 2 the command line or the configuration is wrong, 130 cancelled.)text";

constexpr const char* embed_examples = R"text(Examples:
  magna embed "The sky is blue." "Grass is green."
  magna embed --provider openai --dimensions 256 --json - < texts.txt

A fallback provider is used only if it has the same embedding model: vectors of different models can't be compared.
Exit status: 0 all vectors were printed, 1 they were not and stderr says why, 2 the command line or the
configuration is wrong.)text";

constexpr const char* demo_examples = R"text(Examples:
  magna demo
  magna demo --live --provider openai

Exit status: 0 all went as it should, 1 something did not, 2 the configuration is wrong, 130 interrupted.)text";

constexpr const char* health_examples = R"text(Examples:
  magna health
  magna health --json | jq 'select(.usable).provider'

Exit status: 0 a provider is usable, 1 none is, 2 the command line or the configuration is wrong.)text";

constexpr const char* node_examples = R"text(Examples:
  magna node
  magna ask --node 127.0.0.1:4711 "Why is the sky blue?"
  magna node --listen 0.0.0.0:4711 --tls-cert node.pem --tls-key node.key --tls-ca ca.pem

SIGTERM and Ctrl-C let running requests end (drain_deadline_seconds) and exit with 0; a second one ends it now.
SIGHUP reads the configuration again: running requests finish on the old one.)text";

constexpr const char* simulate_examples = R"text(Examples:
  magna simulate
  magna simulate --port 8080 --steps "gemini=stall,stall,ok; openai=rate_limited(retry_after=3)"
  magna simulate --scenario outage.toml

simulator/README.md lists all steps. SIGINT and SIGTERM end it with status 0.)text";

/// The environment's names, for --help.
std::string environment_help() {
  std::ostringstream out;
  out << "Environment (also from .env in the current directory; flags stand above it, magna.toml below):\n";
  const auto line = [&out](std::string_view name, const std::string& meaning) {
    out << "  " << name << std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') << meaning << "\n";
  };
  for (const auto& instance : config::built_ins()) {
    const auto& kind = instance.kind.name();
    if (!instance.key_variable.empty())
      line(instance.key_variable, "key of " + kind + "; several are separated by commas");
    line(instance.url_variable, "base URL of " + kind + " [" + default_base_url(instance.kind) + "]");
    line(instance.model_variable, "model of " + kind + " [" + default_model(instance.kind) + "]");
  }
  for (const auto& field : config::fields())
    if (!field.variable.empty())
      line(field.variable, std::string{field.meaning} + " [" + std::string{field.fallback} + "]");
  line("MAGNA_CONFIG", "the TOML file [magna.toml, if it is there]");
  line("NO_COLOR", "no colours on the terminal");
  return out.str();
}

/// All that the options of one command write to.
struct targets {
  ask_options ask;
  embed_options embed;
  demo_options demo;
  health_options health;
  node_options node;
  simulate_options simulate;
  status_options status;
  drain_options drain;
};

/// Names of options and of what they take, and nothing else: what can be repeated, or excludes what, is said
/// in words or by the error.
class help_formatter : public CLI::Formatter {
public:
  help_formatter() {
    column_width(32);
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const auto value = option->get_type_name();
    return value.empty() || option->get_type_size() == 0 ? std::string{} : ' ' + value;
  }
};

/// Adds the flags of the settings that belong to a command.
void add_settings(CLI::App& command, config::sources& to, bool is_ask) {
  for (const auto& field : config::fields()) {
    if (field.scope == flag_scope::none || (field.scope == flag_scope::ask_only && !is_ask))
      continue;
    auto help = std::string{field.meaning};
    if (!field.variable.empty())
      help += " (" + std::string{field.variable} + ")";
    if (!field.fallback.empty())
      help += " [" + std::string{field.fallback} + "]";
    const std::string flag{field.flag};
    if (field.placeholder.empty()) {
      command.add_flag_callback(
        flag, [&to, flag] { to.flags.emplace_back(flag, "true"); }, help);
      continue;
    }
    const bool repeatable = flag == "--stop";
    auto* option = command.add_option_function<std::vector<std::string>>(
      flag,
      [&to, flag, repeatable](const std::vector<std::string>& values) {
        for (const auto& value : values)
          if (repeatable || &value == &values.back())
            to.flags.emplace_back(flag, value);
      },
      help);
    option->type_name(std::string{field.placeholder})->allow_extra_args(false);
  }
  command.add_option("--config", to.file, "TOML file with further settings (MAGNA_CONFIG) [magna.toml]")
    ->type_name("FILE")
    ->take_last();
}

void add_node_addresses(CLI::App& command, std::string& to) {
  command.add_option("--node", to, "nodes to ask, instead of your own providers; the first that can answers")
    ->type_name("HOST:PORT,...")
    ->take_last();
}

void add_tls(CLI::App& command, tls_files& to) {
  command.add_option("--tls-cert", to.certificate, "this side's certificate, in PEM")
    ->type_name("FILE")
    ->take_last();
  command.add_option("--tls-key", to.key, "its key")->type_name("FILE")->take_last();
  command
    .add_option("--tls-ca", to.authority, "the authority that must have signed the other side's certificate")
    ->type_name("FILE")
    ->take_last();
}

/// An unset variable of a shell is no name.
std::string check_name(const std::string& name) {
  return name.empty() ? "a name is needed, and it is empty" : "";
}

std::string check_dimensions(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good =
    error == std::errc{} && end == text.data() + text.size() && value > 0 && value <= 65'536;
  return is_good ? "" : "must be a whole number from 1 to 65536";
}

CLI::App* add_ask(CLI::App& app, ask_options& to) {
  auto* command = app.add_subcommand("ask", "ask the models a question; the answer streams to stdout");
  command->add_option("PROMPT", to.prompt, "the question, or - to read it from standard input")
    ->type_name("");
  command->final_callback([&to] {
    if (!to.prompt && to.history.empty())
      throw CLI::RequiredError{"PROMPT"};
  });
  command->add_option("--system", to.system_prompt, "instructions that stand above the conversation")
    ->type_name("TEXT")
    ->take_last();
  command
    ->add_option(
      "--messages", to.history,
      "the conversation that the question continues: a JSON list of messages; - for standard input")
    ->type_name("FILE")
    ->check(CLI::Validator{check_name, ""})
    ->take_last();
  command
    ->add_option(
      "--save", to.save,
      "after a complete answer, save the conversation there (the file is replaced), for --messages")
    ->type_name("FILE")
    ->check(CLI::Validator{check_name, ""})
    ->take_last();
  command->add_option("--image", to.files.images, "a picture (PNG, JPEG, GIF, WebP) or its URL; repeatable")
    ->type_name("FILE")
    ->allow_extra_args(false);
  command
    ->add_option("--tools", to.files.tools,
                 "tools that the model may ask to call: a JSON list of name, description, parameters")
    ->type_name("FILE")
    ->take_last();
  command
    ->add_option("--tool-choice", to.files.tool_choice,
                 "whether the model calls tools: auto, none, required, or the name of the one to call")
    ->type_name("CHOICE")
    ->take_last();
  command->add_option("--json-schema", to.files.json_schema, "the JSON schema that the answer must fit")
    ->type_name("FILE")
    ->take_last();
  add_settings(*command, to.sources, true);
  command->add_flag_callback(
    "--no-stream", [&to] { to.stream = false; }, "print the answer when it is whole");
  command->add_flag(
    "--show-reasoning", to.show_reasoning,
    "also print the model's reasoning: dimmed before the answer if stdout is a terminal, else to stderr");
  command->add_flag("--json", to.json,
                    "print one JSON object per line: accepted, started, chunk, completion, failure");
  command->add_flag("-v,--verbose", to.verbose, "say on stderr who answered, what it cost, and all attempts");
  add_node_addresses(*command, to.node);
  add_tls(*command, to.tls);
  command->footer(ask_examples);
  return command;
}

CLI::App* add_embed(CLI::App& app, embed_options& to) {
  auto* command = app.add_subcommand("embed", "print an embedding vector for each text, one per line");
  command
    ->add_option("TEXT", to.texts,
                 "the texts; a single - reads one per line from standard input and skips empty lines")
    ->required()
    ->type_name("");
  command->add_option("--model", to.model, "the embedding model to ask for [the first provider's own]")
    ->type_name("M")
    ->take_last();
  command
    ->add_option("--dimensions", to.dimensions, "how many numbers a vector has, 1 to 65536 [the model's own]")
    ->type_name("N")
    ->check(CLI::Validator{check_dimensions, ""})
    ->take_last();
  add_settings(*command, to.sources, false);
  command->add_flag("--json", to.json, "print one JSON object per line: embedding, completion, failure");
  add_node_addresses(*command, to.node);
  add_tls(*command, to.tls);
  command->footer(embed_examples);
  return command;
}

CLI::App* add_demo(CLI::App& app, demo_options& to) {
  auto* command = app.add_subcommand("demo", "show what magna does when providers fail, on simulated ones");
  command->add_flag("--live", to.live, "use the configured providers instead; this costs tokens");
  add_settings(*command, to.sources, false);
  command->footer(demo_examples);
  return command;
}

CLI::App* add_health(CLI::App& app, health_options& to) {
  auto* command = app.add_subcommand("health", "probe every configured provider, at no cost");
  add_settings(*command, to.sources, false);
  add_tls(*command, to.tls);
  command->add_flag("--json", to.json, "print one JSON object per provider and line");
  command->footer(health_examples);
  return command;
}

CLI::App* add_node(CLI::App& app, node_options& to) {
  auto* command = app.add_subcommand("node", "serve requests of other processes and hosts");
  command->add_option("--listen", to.listen, "where to listen; port 0 means any free one [127.0.0.1:4711]")
    ->type_name("HOST:PORT")
    ->take_last();
  command->add_option("--name", to.name, "how the node calls itself [host name and port]")
    ->type_name("N")
    ->take_last();
  command->add_option("--peer", to.peers, "a node to share health with; repeatable")
    ->type_name("HOST:PORT")
    ->allow_extra_args(false);
  add_tls(*command, to.tls);
  add_settings(*command, to.sources, false);
  command->footer(node_examples);
  return command;
}

CLI::App* add_status(CLI::App& app, status_options& to) {
  auto* command = app.add_subcommand("status", "show nodes, their providers and their peers");
  command->add_option("--node", to.nodes, "the nodes to ask [127.0.0.1:4711]")
    ->type_name("HOST:PORT,...")
    ->take_last();
  add_tls(*command, to.tls);
  command->add_flag("--json", to.json, "print one JSON object per node and line");
  command->add_flag("--watch", to.watch, "again every second, in place on a terminal, until Ctrl-C");
  command->footer("Exit status: 0 every node has answered, 1 one has not, 2 the command line is wrong.");
  return command;
}

CLI::App* add_drain(CLI::App& app, drain_options& to) {
  auto* command = app.add_subcommand("drain", "let nodes finish what they run, and end them");
  command->add_option("--node", to.nodes, "the nodes to drain [127.0.0.1:4711]")
    ->type_name("HOST:PORT,...")
    ->take_last();
  command->add_option("--deadline", to.seconds, "seconds that running requests get [30]")
    ->type_name("S")
    ->take_last();
  add_tls(*command, to.tls);
  command->footer(
    "Exit status: 0 every node has drained, 1 one has not, or has cancelled requests, 2 the command "
    "line is wrong.");
  return command;
}

CLI::App* add_simulate(CLI::App& app, simulate_options& to) {
  auto* command = app.add_subcommand("simulate", "run the simulator of all four providers' APIs on loopback");
  command->add_option("--port", to.port, "port to listen on, 0 to 65535 [any free one]")
    ->type_name("N")
    ->check(CLI::Range(0, 65'535))
    ->take_last();
  auto* file = command->add_option("--scenario", to.scenario_file, "what requests get, as a TOML file");
  file->type_name("FILE")->take_last();
  auto* steps = command->add_option("--steps", to.steps, "what requests get, as text, instead of a file");
  steps->type_name("TEXT")->take_last()->excludes(file);
  command->footer(simulate_examples);
  return command;
}

/// The command that the user has chosen, or the application itself.
const CLI::App& chosen(const CLI::App& app) {
  const auto used = app.get_subcommands();
  return used.empty() ? app : *used.front();
}

/// What is wrong with an argument that nothing knows.
std::string explain_extra(const CLI::App& app, const std::vector<std::string>& extras) {
  const auto option =
    std::ranges::find_if(extras, [](const auto& x) { return x.size() > 1 && x.front() == '-'; });
  const auto& command = chosen(app);
  if (option != extras.end()) {
    const auto name = option->substr(0, option->find('='));
    std::vector<std::string> names;
    for (const auto* known : command.get_options())
      for (const auto& long_name : known->get_lnames())
        names.push_back("--" + long_name);
    const std::vector<std::string_view> candidates{names.begin(), names.end()};
    const auto of_app = app.remaining(false);
    const bool before_command = std::ranges::find(of_app, *option) != of_app.end();
    auto text = "unknown option '" + printable(name) + "'";
    if (before_command && &command != &app)
      return text + "; options stand after the command";
    text += config::nearest_hint(name, candidates);
    if (command.get_name() == "ask")
      text += "; a prompt that begins with '-' stands after '--'";
    return text;
  }
  const auto& first = extras.front();
  if (&command == &app) {
    std::vector<std::string> names;
    for (const auto* known : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(known->get_name());
    const std::vector<std::string_view> candidates{names.begin(), names.end()};
    return "unknown command '" + printable(first) + "'" + config::nearest_hint(first, candidates);
  }
  return "unexpected argument '" + printable(first) + "'"
         + (command.get_name() == "ask" ? "; a prompt of several words stands in quotes" : "");
}

[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const auto& command = chosen(app);
  const auto extras = app.remaining(true);
  const auto unknown =
    std::ranges::any_of(extras, [](const auto& x) { return x.size() > 1 && x.front() == '-'; });
  std::string text;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr || unknown)
    text = explain_extra(app, extras);
  else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && command.get_name() == "ask")
    text = "the prompt is missing; '-' reads it from standard input";
  else
    text = printable(error.what(), 1000);
  throw usage_error{"magna: " + text + "\nTry '"
                    + (&command == &app ? "magna" : "magna " + command.get_name()) + " --help'.\n"};
}

} // namespace

command parse_command_line(int argc, const char* const* argv) {
  targets to;
  to.ask.sources = config::sources::of_process();
  to.embed.sources = to.ask.sources;
  to.demo.sources = to.ask.sources;
  to.health.sources = to.ask.sources;
  to.node.sources = to.ask.sources;
  CLI::App app{"magna: one question to whichever language model can answer it, with retries and fallback",
               "magna"};
  app.formatter(std::make_shared<help_formatter>());
  app.set_version_flag("--version", "magna " MAGNA_VERSION, "print the version and exit");
  app.set_help_flag("-h,--help", "print this help and exit");
  app.require_subcommand(0, 1);
  app.footer(examples + ("\n\n" + environment_help()));
  auto* ask = add_ask(app, to.ask);
  auto* embed = add_embed(app, to.embed);
  auto* demo = add_demo(app, to.demo);
  auto* health = add_health(app, to.health);
  auto* node = add_node(app, to.node);
  auto* status = add_status(app, to.status);
  auto* drain = add_drain(app, to.drain);
  add_simulate(app, to.simulate);
  for (auto* each : app.get_subcommands([](const CLI::App*) { return true; }))
    each->group("Commands");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return information{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return information{std::string{version.what()} + "\n"};
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  if (app.get_subcommands().empty())
    throw usage_error{app.help()};
  if (ask->parsed())
    return to.ask;
  if (embed->parsed())
    return to.embed;
  if (demo->parsed())
    return to.demo;
  if (node->parsed())
    return to.node;
  if (status->parsed())
    return to.status;
  if (drain->parsed())
    return to.drain;
  if (health->parsed())
    return to.health;
  return to.simulate;
}

} // namespace magna::app
