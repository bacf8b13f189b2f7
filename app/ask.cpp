#include <magna/app/ask.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <magna/app/exit_status.hpp>
#include <magna/app/history.hpp>
#include <magna/app/json_lines.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/output.hpp>
#include <magna/app/prompt.hpp>
#include <magna/app/provider_flag.hpp>
#include <magna/app/report.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/terminal.hpp>
#include <magna/app/waiting.hpp>
#include <magna/app/wakeup.hpp>
#include <magna/client/client.hpp>
#include <magna/config/values.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/redact.hpp>
#include <magna/text/utf8.hpp>

#include <poll.h>
#include <unistd.h>

namespace magna::app {

namespace {

using std::chrono::steady_clock;

/// How much of the answer may wait for a stdout that takes none; as much again waits in the client.
constexpr std::size_t most_unwritten = 64 << 10;
/// How long after a cancel the request's end, and a stdout that hangs, are waited for.
constexpr std::chrono::seconds cancel_grace{1};
/// How often a line that tells what is waited for is written anew.
constexpr std::chrono::milliseconds tick{500};

request make_question(const ask_options& options, request question) {
  if (!options.history.empty())
    question.messages = read_history(options.history, STDIN_FILENO);
  if (options.save == "-")
    throw prompt_error{"--save: standard output has the answer; name a file"};
  if (!options.save.empty())
    require_savable(options.save);
  question.system_prompt = options.system_prompt;
  if (options.prompt == "-" && options.history == "-")
    throw prompt_error{"standard input can't be both the prompt and the conversation"};
  if (options.prompt)
    question.messages.push_back({role::user, read_prompt(*options.prompt, STDIN_FILENO)});
  add_files(question, options.files);
  question.stream = options.stream;
  question.stream_reasoning = options.show_reasoning || options.json;
  question.stream_tool_calls = options.json;
  return question;
}

/// One loop over the answer, signals, stdout and, for thoughts, stderr: none of them can block another.
class asking {
public:
  /// `waits_for`: what the request waits for, for those who watch the terminal; null: nobody does.
  asking(const ask_options& options, const config::options& loaded, std::function<waiting_state()> waits_for)
    : options_(options),
      loaded_(loaded),
      out_(STDOUT_FILENO),
      thoughts_(STDERR_FILENO),
      signals_(*wakeup_),
      waits_for_(std::move(waits_for)) {}

  int run(client& llm, request question) {
    if (!options_.save.empty())
      conversation_ = to_save(question);
    const auto answer = llm.stream(std::move(question));
    if (options_.json)
      out_.append(to_json_line(accepted{answer.request_id(), {}}));
    for (read(answer); !over(); read(answer))
      wait(answer);
    line_.erase();
    report();
    if (completion_ && !options_.save.empty())
      save();
    return status_.value_or(exit_failure);
  }

private:
  /// The instructions are a part of the conversation; those that it has already are not added again.
  static std::vector<chat_message> to_save(const request& question) {
    auto result = question.messages;
    const chat_message system{.from = role::system, .content = question.system_prompt};
    if (!system.content.empty() && std::ranges::find(result, system) == result.end())
      result.insert(result.begin(), system);
    return result;
  }

  void save() {
    conversation_.push_back(completion_->message());
    try {
      save_history(options_.save, conversation_);
    } catch (const prompt_error& problem) {
      std::fprintf(stderr, "magna: %s\n", problem.what());
      status_ = exit_failure;
    }
  }

  bool over() const {
    if (give_up_at_ && steady_clock::now() >= *give_up_at_)
      return true;
    return ended_ && is_done(out_) && is_done(thoughts_);
  }

  static bool is_done(const output& x) { return x.empty() || x.now() != output::state::open; }
  static bool keeps_up(const output& x) {
    return x.now() != output::state::open || x.unwritten() < most_unwritten;
  }
  static pollfd to_poll(const output& x) {
    return {.fd = x.now() == output::state::open ? x.fd() : -1, .events = x.poll_events(), .revents = 0};
  }

  void wait(const answer_stream& answer) {
    pollfd watched[] = {
      {.fd = wakeup_->fd(), .events = POLLIN, .revents = 0}, to_poll(out_), to_poll(thoughts_)};
    tell_what_is_waited_for();
    // Nobody has to read thoughts: only what waits there is of interest.
    if (thoughts_.empty())
      watched[2].fd = -1;
    if (::poll(watched, std::size(watched), poll_timeout()) == -1 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
    wakeup_->reset();
    if (signals_.raised())
      give_up(answer, exit_cancelled);
    out_.handle(watched[1].revents);
    thoughts_.handle(watched[2].revents);
    if (out_.now() != output::state::open)
      give_up(answer, exit_failure);
  }

  /// Takes what is there, as long as those who write keep up; the wakeup tells of the next.
  void read(const answer_stream& answer) {
    while (!ended_ && keeps_up(out_) && keeps_up(thoughts_)) {
      if (const auto next = answer.try_next()) {
        quiet_since_ = steady_clock::now();
        line_.erase();
        on(*next, answer.attempt().value_or(started{}));
      } else if (answer.is_over()) {
        on_end(answer.result());
      } else if (answer.when_ready([wakeup = wakeup_] { wakeup->wake(); })) {
        return;
      }
    }
  }

  int poll_timeout() const {
    const auto now = steady_clock::now();
    auto until = give_up_at_;
    if (may_tell() && (!until || now + tick < *until))
      until = now + tick;
    if (!until)
      return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - now);
    return static_cast<int>(std::max(left, std::chrono::milliseconds{0}).count());
  }

  /// The line stands where nothing else does: not behind a part of the answer or of thoughts.
  bool may_tell() const {
    if (!waits_for_ || ended_ || give_up_at_ || !thoughts_.empty())
      return false;
    return is_terminal(out_.fd()) ? !has_written_ : last_thought_ == '\n';
  }

  void tell_what_is_waited_for() {
    const auto text =
      may_tell() ? waiting_text(waits_for_(), quiet_since_, steady_clock::now()) : std::string{};
    if (text.empty())
      line_.erase();
    else
      line_.show(text);
  }

  void on(const chunk& what, const started& from) {
    if (options_.json) {
      if (attempt_ != from.attempt)
        out_.append(to_json_line(from));
      attempt_ = from.attempt;
      out_.append(to_json_line(what, from));
      return;
    }
    for (const auto& x : what.parts) {
      if (x.kind == part_kind::text)
        write(x.bytes);
      else if (x.kind == part_kind::reasoning)
        think(x.bytes);
    }
  }

  void write(std::string_view text) {
    if (text.empty())
      return;
    end_thoughts();
    has_written_ = true;
    out_.append(text);
    last_character_ = text.back();
  }

  /// Thoughts stand apart from the answer: dimmed before it, or not in its file or pipe at all.
  void think(std::string_view text) {
    if (text.empty())
      return;
    thinks_ = has_written_ = true;
    last_thought_ = text.back();
    if (is_terminal(out_.fd()))
      out_.append(style_.dim(text));
    else
      thoughts_.append(text);
  }

  void end_thoughts() {
    if (!std::exchange(thinks_, false) || last_thought_ == '\n')
      return;
    (is_terminal(out_.fd()) ? out_ : thoughts_).append("\n");
  }

  void on_end(const expected<completion>& what) {
    // Cancelling drops text that was not read: without it the answer is not whole, even if it was for the provider.
    if (what && give_up_at_)
      on(failure{.request_id = what->request_id,
                 .error = errc::cancelled,
                 .message = "the request was cancelled",
                 .provider = what->provider,
                 .delivered_chars = count_characters(what->text),
                 .attempts = what->attempts});
    else if (what)
      on(*what);
    else
      on(what.error());
  }

  void on(const completion& what) {
    completion_ = what;
    if (options_.json) {
      out_.append(to_json_line(what));
    } else if (!options_.stream) {
      if (options_.show_reasoning && !what.reasoning.empty())
        think(what.reasoning);
      write(what.text);
    }
    end(exit_ok);
  }

  void on(const failure& what) {
    if (options_.json)
      out_.append(to_json_line(what));
    failure_ = what;
    end(exit_failure);
  }

  void end(int status) {
    ended_ = true;
    end_thoughts();
    if (!status_)
      status_ = status;
    if (!options_.json && last_character_ != '\n' && is_terminal(out_.fd()))
      out_.append("\n");
  }

  /// Ends the request early; the first reason counts.
  void give_up(const answer_stream& answer, int status) {
    if (give_up_at_)
      return;
    give_up_at_ = steady_clock::now() + cancel_grace;
    status_ = status;
    answer.cancel();
  }

  /// What stands on stderr in the end. A reader that has seen enough is no reason to complain.
  void report() const {
    const paint style{wants_colour(STDERR_FILENO)};
    std::string text;
    if (out_.now() == output::state::failed)
      text += "magna: can't write the answer to standard output: " + out_.error() + "\n";
    const bool cancelled = failure_ && failure_->error == errc::cancelled;
    if (failure_ && (options_.verbose || !(options_.json || cancelled)))
      text += failure_report(*failure_, loaded_.settings, style);
    if (completion_ && !options_.json)
      for (const auto& call : completion_->tool_calls)
        text += "magna: the model asks to call " + printable(call.name) + " with " + printable(call.arguments)
                + "\n";
    if (completion_ && options_.verbose)
      text += completion_report(*completion_, style);
    else if (completion_ && completion_->finish == finish_reason::length && !options_.json)
      text += "magna: the token limit cut the answer; --max-tokens or LLM_MAX_TOKENS allow more\n";
    text = redact(text, loaded_.secrets());
    std::fwrite(text.data(), 1, text.size(), stderr);
  }

  const ask_options& options_;
  const config::options& loaded_;
  /// Shared with the client's thread, which may still wake it when all is over.
  std::shared_ptr<const wakeup> wakeup_ = std::make_shared<const wakeup>();
  output out_;
  output thoughts_;
  cancel_signals signals_;
  /// What was said before the answer, for --save.
  std::vector<chat_message> conversation_;
  std::optional<completion> completion_;
  std::optional<failure> failure_;
  bool ended_ = false;
  std::optional<int> status_;
  std::optional<steady_clock::time_point> give_up_at_;
  /// Which one the chunks are of, for --json.
  std::uint32_t attempt_ = 0;
  const paint style_{wants_colour(STDOUT_FILENO)};
  bool thinks_ = false;
  char last_thought_ = '\n';
  /// A line feed at first: nothing to put on a line of its own.
  char last_character_ = '\n';
  bool has_written_ = false;
  const std::function<waiting_state()> waits_for_;
  /// When the last word came.
  steady_clock::time_point quiet_since_ = steady_clock::now();
  status_line line_{STDERR_FILENO};
};

/// Whether somebody watches the terminal who wants to know why nothing comes, and no log stands there already.
bool wants_waiting_line(const ask_options& options, const config::options& loaded) {
  return !options.json && (loaded.log_level.empty() || loaded.log_level == "error")
         && can_rewrite(STDERR_FILENO);
}

/// What flags say, for a request that another node answers: the rest is that node's configuration.
struct from_flags {
  request question;
  config::options loaded;
};

from_flags read_flags(const config::sources& all) {
  config::sources flags;
  flags.needs_provider = false;
  from_flags result;
  for (const auto& [flag, value] : all.flags) {
    if (flag == "--model")
      result.question.model = value;
    else if (flag == "--provider")
      result.question.targets = targets_of(value);
    else
      flags.flags.emplace_back(flag, value);
  }
  result.loaded = config::load(flags);
  const auto& said = result.loaded.settings;
  result.question.params = said.params;
  const auto is_given = [&flags](std::string_view flag) {
    return std::ranges::any_of(flags.flags, [flag](const auto& x) { return x.first == flag; });
  };
  if (is_given("--deadline"))
    result.question.deadline = said.request_deadline;
  if (is_given("--hedge"))
    result.question.hedge = said.hedge;
  return result;
}

int ask_here(const ask_options& options) {
  auto sources = options.sources;
  request asked;
  asked.targets = take_targets(sources);
  const auto loaded = config::load(sources);
  set_up_logging(loaded);
  require_utf8(options.system_prompt, "the system prompt");
  auto question = make_question(options, std::move(asked));
  check_tls(options.tls);
  std::shared_ptr<waiting_observer> waits;
  std::function<waiting_state()> waits_for;
  if (wants_waiting_line(options, loaded)) {
    waits = std::make_shared<waiting_observer>();
    waits_for = [waits] { return waits->now(); };
  }
  auto llm = shielded([&] { return client{loaded.settings, options.tls, {waits}}; });
  return asking{options, loaded, std::move(waits_for)}.run(llm, std::move(question));
}

int ask_node(const ask_options& options) {
  std::vector<std::string> nodes;
  for (const auto& each : check_node_addresses(options.node))
    nodes.push_back(to_string(each));
  check_tls(options.tls);
  auto flags = read_flags(options.sources);
  set_up_logging(flags.loaded.log_level, {});
  show_warnings(flags.loaded.warnings);
  require_utf8(options.system_prompt, "the system prompt");
  auto question = make_question(options, std::move(flags.question));
  auto llm = shielded([&] { return client::of_nodes(nodes, options.tls); });
  std::function<waiting_state()> waits_for;
  if (wants_waiting_line(options, flags.loaded))
    waits_for = [node = waiting_state{.provider = "node " + options.node, .since = steady_clock::now()}] {
      return node;
    };
  return asking{options, flags.loaded, std::move(waits_for)}.run(llm, std::move(question));
}

} // namespace

int run_ask(const ask_options& options) {
  return options.node.empty() ? ask_here(options) : ask_node(options);
}

} // namespace magna::app
