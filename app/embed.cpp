#include <magna/app/embed.hpp>

#include <charconv>
#include <cstdio>
#include <utility>

#include <magna/app/exit_status.hpp>
#include <magna/app/json_lines.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/prompt.hpp>
#include <magna/app/provider_flag.hpp>
#include <magna/app/report.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/terminal.hpp>
#include <magna/client/client.hpp>
#include <magna/text/redact.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

/// The texts of the command line, or the lines of standard input that are not empty.
std::vector<std::string> read_texts(const std::vector<std::string>& arguments) {
  if (arguments != std::vector<std::string>{"-"}) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto name = "text " + std::to_string(i + 1);
      if (arguments[i].empty())
        throw prompt_error{name + " is empty: there is no vector for it"};
      require_utf8(arguments[i], name);
    }
    return arguments;
  }
  auto all = read_prompt("-", STDIN_FILENO, "the list of texts");
  // What some editors put before a file is no part of its first line.
  if (all.starts_with("\xEF\xBB\xBF"))
    all.erase(0, 3);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\n', at), all.size());
    auto line = all.substr(at, end - at);
    if (line.ends_with('\r'))
      line.pop_back();
    if (!line.empty())
      lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

std::string to_line(const embedding& vector) {
  std::string line;
  char digits[32];
  for (const auto x : vector.values) {
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), x);
    line.append(line.empty() ? "" : " ").append(digits, end);
  }
  return line + "\n";
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int report(const expected<completion>& answer, const embed_options& options, const config::options& loaded) {
  if (!answer) {
    if (options.json)
      print(redact(to_json_line(answer.error()), loaded.secrets()));
    else
      std::fputs(redact(failure_report(answer.error(), loaded.settings, paint{wants_colour(STDERR_FILENO)}),
                        loaded.secrets())
                   .c_str(),
                 stderr);
    return exit_failure;
  }
  for (std::size_t i = 0; i < answer->embeddings.size(); ++i)
    print(options.json ? embedding_json_line(i, answer->embeddings[i]) : to_line(answer->embeddings[i]));
  if (options.json)
    print(to_json_line(*answer));
  return exit_ok;
}

client make_client(const embed_options& options, const config::options& loaded) {
  if (options.node.empty())
    return client{loaded.settings, options.tls};
  std::vector<std::string> nodes;
  for (const auto& each : check_node_addresses(options.node))
    nodes.push_back(to_string(each));
  return client::of_nodes(nodes, options.tls);
}

} // namespace

int run_embed(const embed_options& options) {
  auto sources = options.sources;
  client::embedding_options how{
    .model = options.model, .targets = {}, .dimensions = options.dimensions, .timeout = {}};
  if (options.node.empty()) {
    how.targets = take_targets(sources);
  } else {
    // The providers are the node's.
    sources = {};
    sources.needs_provider = false;
    for (const auto& [flag, value] : options.sources.flags)
      if (flag == "--provider")
        how.targets = targets_of(value);
      else
        sources.flags.emplace_back(flag, value);
  }
  const auto loaded = config::load(sources);
  set_up_logging(loaded);
  check_tls(options.tls);
  auto texts = read_texts(options.texts);
  // Blocks the main thread, which has nothing else to do: Ctrl-C simply ends the process.
  auto llm = shielded([&] { return make_client(options, loaded); });
  return report(llm.embed(std::move(texts), how), options, loaded);
}

} // namespace magna::app
