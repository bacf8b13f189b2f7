#include <magna/app/report.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <magna/providers/codec_registry.hpp>
#include <magna/providers/transport/nobody_answered.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/duration.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/utf8.hpp>

namespace magna::app {

namespace {

/// Enough for a provider's whole sentence.
constexpr std::size_t longest_message = 600;

std::string padded(std::string text, std::size_t width) {
  const auto characters = count_characters(text);
  if (characters < width)
    text.append(width - static_cast<std::size_t>(characters), ' ');
  return text;
}

/// A table whose columns are as wide as their widest cell; the last one is not padded.
class table {
public:
  struct cell {
    std::string text;
    /// How the padded text is styled; null: as it is.
    std::string (paint::*style)(std::string_view) const = nullptr;
  };

  void add(std::vector<cell> row) { rows_.push_back(std::move(row)); }

  std::string render(std::string_view indent, const paint& style) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], static_cast<std::size_t>(count_characters(row[i].text)));
    }
    std::string result;
    for (const auto& row : rows_) {
      result += indent;
      // Empty cells at the end leave no blanks.
      auto size = row.size();
      while (size > 1 && row[size - 1].text.empty())
        --size;
      for (std::size_t i = 0; i < size; ++i) {
        const bool last = i + 1 == size;
        const auto text = last ? row[i].text : padded(row[i].text, widths[i]);
        result += row[i].style != nullptr ? (style.*row[i].style)(text) : text;
        result += last ? "\n" : "  ";
      }
    }
    return result;
  }

private:
  std::vector<std::vector<cell>> rows_;
};

/// What is known of the provider's protocol. The other node knows it, where the provider lives on one.
const protocol_info& about_kind(const provider_settings& provider) {
  static const protocol_info unknown;
  const auto* found = find_codec(provider.kind);
  return found != nullptr ? found->about() : unknown;
}

std::string key_source(const provider_settings& provider) {
  if (!provider.google_credentials.empty())
    return "the credentials file of [[provider]] '" + provider.name + "', and what its account may do";
  if (const auto& about = about_kind(provider); provider.name == about.kind && !about.key_variable.empty())
    return about.key_variable + (about.sdk_key_variable.empty() ? "" : " or " + about.sdk_key_variable);
  return "the key of [[provider]] '" + provider.name + "'";
}

std::string scope(const provider_settings& provider) {
  return "[[provider]] '" + provider.name + "' in magna.toml";
}

/// For an attempt that found nobody.
std::string is_anybody_there(const attempt_record& failed, const provider_settings& provider) {
  if (failed.message.find(" through the proxy ") != std::string::npos)
    return "check the proxy: http_proxy, https_proxy and all_proxy name it, NO_PROXY lists who is asked "
           "without it";
  const auto& about = about_kind(provider);
  return (about.is_local ? "is " + about.title + " running at " : "is there a server at ")
         + printable(url_to_show(provider.base_url)) + "?";
}

std::string (paint::*colour_of(health_state state))(std::string_view) const {
  switch (state) {
    case health_state::healthy:
      return &paint::green;
    case health_state::degraded:
      return &paint::yellow;
    case health_state::unavailable:
      return &paint::red;
    default:
      return &paint::dim;
  }
}

} // namespace

std::string attempts_report(const std::vector<attempt_record>& attempts, const paint& style) {
  table rows;
  for (const auto& attempt : attempts) {
    const auto outcome = attempt.error ? to_string(*attempt.error) : std::string{"ok"};
    rows.add(
      {{printable(attempt.provider)},
       {printable(attempt.model), &paint::dim},
       {attempt.wait.count() > 0 ? "waited " + readable_duration(attempt.wait) : "at once", &paint::dim},
       {"took " + readable_duration(attempt.duration), &paint::dim},
       {outcome, attempt.error ? &paint::red : &paint::green},
       {printable(attempt.message, longest_message)}});
  }
  return rows.render("  ", style);
}

std::string completion_report(const completion& what, const paint& style) {
  const auto& usage = what.usage;
  const auto count = [](const std::optional<std::uint64_t>& x) { return x ? std::to_string(*x) : "?"; };
  table rows;
  rows.add({{"provider", &paint::dim}, {printable(what.provider) + ", model " + printable(what.model)}});
  rows.add({{"finish", &paint::dim}, {to_string(what.finish)}});
  rows.add({{"tokens", &paint::dim},
            {count(usage.prompt_tokens) + " prompt (" + count(usage.cached_tokens) + " cached) + "
             + count(usage.completion_tokens) + " completion (" + count(usage.reasoning_tokens)
             + " reasoning) = " + count(usage.total_tokens())}});
  rows.add(
    {{"time", &paint::dim},
     {readable_duration(what.ttft) + " to the first text, " + readable_duration(what.total) + " in all"}});
  rows.add({{"request", &paint::dim}, {printable(what.request_id)}});
  return rows.render("", style) + style.dim("attempts") + "\n" + attempts_report(what.attempts, style);
}

std::string remedy(const attempt_record& failed, const provider_settings& provider) {
  if (!failed.error)
    return {};
  if (!provider.node.empty())
    return "its server, key and model are those of node " + printable(provider.node)
           + "; magna status --node " + printable(provider.node) + " tells more";
  const auto& about = about_kind(provider);
  // What the transport says itself, and not a server's words.
  const auto nobody = failed.http_status == 0 && nobody_answered(failed.message);
  switch (*failed.error) {
    case errc::timeout:
      if (nobody)
        return is_anybody_there(failed, provider);
      // A server that gave up by itself has other limits than these.
      return failed.http_status >= 400
               ? std::string{}
               : "give it more time: --timeout, LLM_TIMEOUT_SECONDS, or timeout_seconds of "
                   + scope(provider);
    case errc::authentication_failed:
      return "check " + key_source(provider);
    case errc::model_not_found:
      return "name another model with --model"
             + (about.fetch_model_command.empty()
                  ? std::string{}
                  : ", or get this one with: " + about.fetch_model_command + " " + printable(provider.model));
    case errc::provider_unavailable:
      return nobody ? is_anybody_there(failed, provider) : std::string{};
    case errc::rate_limited:
      return about.is_local ? std::string{} : "wait, or check its quota and billing";
    case errc::context_length_exceeded:
      return "shorten the prompt, or name a model with a larger context window with --model";
    case errc::content_filtered:
      return "rephrase the prompt; fallback_on_content_filter = true in magna.toml asks the next provider "
             "instead";
    default:
      return {};
  }
}

std::string failure_report(const failure& what, const settings& config, const paint& style) {
  auto result = style.bold(style.red("magna: " + to_string(what.error))) + ": "
                + printable(what.error == errc::all_providers_failed && !what.attempts.empty()
                              ? "no provider could answer"
                              : what.message,
                            longest_message)
                + "\n";
  if (what.delivered_chars > 0)
    result += "the answer above is incomplete: it broke off after " + std::to_string(what.delivered_chars)
              + " characters\n";
  result += attempts_report(what.attempts, style);
  if (what.retry_after)
    result += "hint: try again in " + readable_duration(*what.retry_after) + "\n";
  if (what.error == errc::deadline_exceeded)
    result += "hint: the whole request may take " + readable_duration(config.request_deadline)
              + "; --deadline or deadline_seconds in magna.toml allow more\n";
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& attempt : what.attempts) {
    const auto provider = std::ranges::find(config.providers, attempt.provider, &provider_settings::name);
    if (provider == config.providers.end())
      continue;
    const auto advice = remedy(attempt, *provider);
    if (!advice.empty() && seen.emplace(attempt.provider, advice).second)
      result += "hint: " + attempt.provider + ": " + advice + "\n";
  }
  return result;
}

std::string health_table(const std::vector<probe_report>& providers, const paint& style) {
  table rows;
  rows.add({{"PROVIDER", &paint::dim},
            {"MODEL", &paint::dim},
            {"USABLE", &paint::dim},
            {"STATE", &paint::dim},
            {"LATENCY", &paint::dim},
            {"ERROR", &paint::dim}});
  for (const auto& provider : providers) {
    const auto error = provider.error
                         ? to_string(*provider.error) + ": " + printable(provider.message, longest_message)
                         : std::string{"-"};
    rows.add({{printable(provider.provider), &paint::bold},
              {printable(provider.model)},
              {provider.usable ? "yes" : "no", provider.usable ? &paint::green : &paint::red},
              {to_string(provider.state), colour_of(provider.state)},
              {readable_duration(provider.latency)},
              {error}});
  }
  return rows.render("", style);
}

std::string status_report_text(const node_status& what, std::string_view address, const paint& style) {
  auto result = style.bold("node " + printable(what.name)) + " at " + std::string{address} + ", magna "
                + printable(what.version) + ": " + std::to_string(what.running_requests)
                + " running request(s)" + (what.draining ? ", " + style.yellow("draining") : "") + "\n";
  const auto time = [](const std::optional<caf::timespan>& value) {
    return value ? readable_duration(*value) : std::string{"-"};
  };
  table rows;
  rows.add({{"PROVIDER", &paint::dim},
            {"STATE", &paint::dim},
            {"OK", &paint::dim},
            {"FAILED", &paint::dim},
            {"IN FLIGHT", &paint::dim},
            {"TTFT P50", &paint::dim},
            {"P95", &paint::dim},
            {"LAST ERROR", &paint::dim}});
  for (const auto& x : what.providers)
    rows.add(
      {{printable(x.name), &paint::bold},
       {to_string(x.state), colour_of(x.state)},
       {std::to_string(x.successes)},
       {std::to_string(x.failures)},
       {std::to_string(x.in_flight)},
       {time(x.ttft_p50)},
       {time(x.ttft_p95)},
       {x.last_error ? to_string(*x.last_error) + ": " + printable(x.last_error_message, longest_message)
                     : std::string{"-"}}});
  result += rows.render("  ", style);
  if (what.peers.empty())
    return result;
  table peers;
  peers.add(
    {{"PEER", &paint::dim}, {"ADDRESS", &paint::dim}, {"STATE", &paint::dim}, {"PROBLEM", &paint::dim}});
  for (const auto& x : what.peers)
    peers.add({{x.name.empty() ? std::string{"-"} : printable(x.name), &paint::bold},
               {x.address.empty() ? std::string{"-"} : printable(x.address)},
               {x.connected ? "connected" : "not connected", x.connected ? &paint::green : &paint::red},
               {x.problem.empty() ? std::string{"-"} : printable(x.problem, longest_message)}});
  return result + peers.render("  ", style);
}

} // namespace magna::app
