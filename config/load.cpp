#include <magna/config/load.hpp>

#include <algorithm>
#include <optional>
#include <span>

#include <magna/config/fields.hpp>
#include <magna/config/instances.hpp>
#include <magna/config/nearest.hpp>
#include <magna/config/toml_file.hpp>
#include <magna/config/values.hpp>
#include <magna/config/variables.hpp>
#include <magna/text/ascii.hpp>

#include <unistd.h>

namespace magna::config {

namespace {

struct parsed_file {
  /// As errors name it.
  std::string name;
  toml_document content;
};

parsed_file read_toml_file(const sources& from, const variables& vars, origins& out) {
  parsed_file result;
  auto path = from.file;
  if (path.empty()) {
    if (const auto* named = vars.find("MAGNA_CONFIG")) {
      path = from.directory / named->value;
    } else {
      path = from.directory / "magna.toml";
      std::error_code ignored;
      if (from.directory.empty()
          || std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found)
        return result;
    }
  }
  result.name = printable(path.filename().string());
  const auto text = read_file(path, out);
  if (!text)
    return result;
  try {
    result.content = parse_toml(*text);
  } catch (const toml_error& error) {
    out.refuse(result.name + ":" + std::to_string(error.line()) + ": " + printable(error.what(), 500));
  }
  return result;
}

void apply_file(const parsed_file& file, draft& to, origins& out) {
  const auto all = fields();
  std::vector<std::string_view> known{"provider"};
  for (const auto& field : all)
    if (!field.key.empty())
      known.push_back(field.key);
  for (const auto& entry : file.content.top.entries) {
    const auto found =
      std::ranges::find_if(all, [&](const field& x) { return !x.key.empty() && x.key == entry.key; });
    if (found != all.end())
      read_entry(found->global(to), entry.key, *found, entry, file.name, out);
    else if (entry.key == "provider")
      out.refuse(file.name + ":" + std::to_string(entry.value.line)
                 + ": provider: must be written as tables, each beginning with [[provider]]");
    else
      refuse_unknown(entry, file.name, known, out);
  }
}

void apply_environment(const variables& vars, draft& to, origins& out) {
  for (const auto& field : fields()) {
    const auto* found = field.variable.empty() ? nullptr : vars.find(field.variable);
    if (found == nullptr)
      continue;
    out.note(field.key, found->written, found->value);
    if (!read_text(field.global(to), found->value, field.commas))
      out.refuse(found->written, found->value, field.allowed.text);
  }
}

/// Makes one provider's own value say nothing.
void clear(const slot& where) {
  std::visit(
    [](auto* x) {
      if constexpr (requires { x->reset(); })
        x->reset();
      else if constexpr (requires { x->clear(); })
        x->clear();
    },
    where);
}

void keep_connect_only(timeout_settings& timeouts) {
  const auto connect = timeouts.connect;
  timeouts = {};
  timeouts.connect = connect;
}

/// A flag is the last word: it stands above what the file says for one provider, and --timeout above the
/// deadlines that it is the default of.
void apply_flags(const sources& from, draft& to, std::vector<provider_settings>& providers, origins& out) {
  const auto clear_everywhere = [&](const field& what) {
    for (auto& provider : providers)
      if (what.own != nullptr)
        clear(what.own(provider));
  };
  const auto given = [&](std::string_view flag) {
    return std::ranges::any_of(from.flags, [&](const auto& x) { return x.first == flag; });
  };
  if (given("--timeout")) {
    keep_connect_only(to.values.timeouts);
    for (auto& provider : providers)
      keep_connect_only(provider.timeouts);
  }
  for (const auto& field : fields()) {
    if (field.flag.empty() || !given(field.flag))
      continue;
    clear_everywhere(field);
    clear(field.global(to));
    for (const auto& [flag, text] : from.flags) {
      if (flag != field.flag)
        continue;
      out.note(field.key, flag, text);
      // Only a text to stop at may have blanks at its ends.
      const auto value = field.key == "stop" ? std::string_view{text} : trim(text);
      if (!read_text(field.global(to), value, field.commas))
        out.refuse(flag, text, field.allowed.text);
    }
  }
}

std::string no_provider_message() {
  std::string result = "no provider is configured; set at least one of\n";
  const auto line = [&result](std::string_view what, std::string_view meaning) {
    result.append("  ").append(what).append(what.size() < 28 ? 28 - what.size() : 1, ' ').append(meaning);
    result += '\n';
  };
  for (const auto& known : built_ins()) {
    const std::string title{known.title};
    const std::string url{known.url_variable};
    if (known.is_local) {
      std::string meaning = "for " + title;
      meaning.append(" (at ")
        .append(url)
        .append(", default ")
        .append(default_base_url(known.kind))
        .append(")");
      line("ENABLE_LOCAL_MODELS=true", meaning);
      continue;
    }
    if (!known.key_variable.empty())
      line(known.key_variable,
           "for " + title
             + (known.sdk_key_variable.empty() ? std::string{}
                                               : " (or " + std::string{known.sdk_key_variable} + ")"));
    if (!url.empty())
      line(url, "for another server that speaks as " + title + " does, without a key");
  }
  return result + "in the environment or in .env, or add a [[provider]] to magna.toml";
}

/// Orders the providers as the chain says; the rest are the others.
void apply_chain(const std::vector<std::string>& chain, bool needs_provider, instances found, options& to,
                 origins& out) {
  const auto written = out.written("chain");
  if (needs_provider && found.usable.empty() && out.errors().empty())
    out.refuse(no_provider_message());
  if (chain.empty()) {
    to.settings.providers = std::move(found.usable);
    return;
  }
  std::vector<std::string_view> names;
  names.reserve(found.usable.size());
  for (const auto& provider : found.usable)
    names.push_back(provider.name);
  std::vector<std::string_view> known = names;
  for (const auto& provider : found.missing)
    known.push_back(provider.name);
  std::vector<std::string_view> seen;
  for (const auto& name : chain) {
    if (std::ranges::find(seen, name) != seen.end()) {
      out.refuse(written + ": '" + printable(name) + "' is named twice");
      continue;
    }
    seen.push_back(name);
    const auto usable = std::ranges::find(found.usable, name, &provider_settings::name);
    if (usable != found.usable.end()) {
      to.settings.providers.push_back(*usable);
      continue;
    }
    const auto missing = std::ranges::find(found.missing, name, &instances::missing_instance::name);
    if (missing != found.missing.end()) {
      auto problem = written;
      problem.append(": '").append(name).append("' is not configured: ").append(missing->remedy);
      out.refuse(problem);
      continue;
    }
    std::string list;
    for (const auto usable_name : names)
      list.append(list.empty() ? "" : ", ").append(usable_name);
    out.refuse(written + ": there is no provider '" + printable(name) + "'" + nearest_hint(name, known)
               + (list.empty() ? "" : "; configured: " + list));
  }
  for (auto& provider : found.usable)
    if (std::ranges::find(chain, provider.name) == chain.end())
      to.others.push_back(std::move(provider));
}

void check_log_level(const draft& what, origins& out) {
  constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error", "off"};
  if (!what.log_level.empty() && std::ranges::find(levels, what.log_level) == std::end(levels))
    out.refuse({"log_level", what.log_level, "trace, debug, info, warn, error or off"});
}

/// Ranges, for the providers outside the chain as well.
void check_ranges(const options& what, origins& out) {
  auto all = what.settings;
  all.providers.insert(all.providers.end(), what.others.begin(), what.others.end());
  for (const auto& error : validate(all))
    if (error.setting != "provider")
      out.refuse(error);
}

} // namespace

sources sources::of_process() {
  sources result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      result.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  result.directory = ".";
  return result;
}

std::vector<std::string> options::secrets() const {
  std::vector<std::string> result;
  for (const auto* list : {&settings.providers, &others}) {
    for (const auto& provider : *list)
      for (auto& secret : secrets_of(provider))
        result.push_back(std::move(secret));
  }
  return result;
}

config_error::config_error(std::vector<std::string> errors, std::vector<std::string> warnings)
  : runtime_error([&] {
      std::string all;
      for (const auto& error : errors)
        all += (all.empty() ? "" : "\n") + error;
      return all;
    }()),
    errors_(std::move(errors)),
    warnings_(std::move(warnings)) {}

options load(const sources& from) {
  origins out;
  draft draft;
  const variables vars{from, out};
  const auto file = read_toml_file(from, vars, out);
  apply_file(file, draft, out);
  apply_environment(vars, draft, out);
  auto found = make_instances(file.content.providers, file.name, vars, draft.local_models, out);
  apply_flags(from, draft, found.usable, out);
  if (!draft.model.empty()) {
    for (auto& provider : found.usable) {
      provider.model = draft.model;
      out.note("provider[" + provider.name + "].model", "--model", draft.model);
    }
  }
  options result;
  result.settings = draft.values;
  result.log_level = draft.log_level;
  apply_chain(draft.chain, from.needs_provider, std::move(found), result, out);
  check_log_level(draft, out);
  check_ranges(result, out);
  result.warnings = out.warnings();
  if (!out.errors().empty())
    throw config_error{out.errors(), out.warnings()};
  return result;
}

} // namespace magna::config
