#include <magna/config/instances.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <magna/config/nearest.hpp>
#include <magna/config/services.hpp>
#include <magna/config/values.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/text/ascii.hpp>

namespace magna::config {

namespace {

std::string at(std::string_view source, std::size_t line) {
  return std::string{source} + ":" + std::to_string(line) + ": ";
}

std::string_view without_slashes(std::string_view url) {
  while (url.ends_with('/'))
    url.remove_suffix(1);
  return url;
}

std::optional<built_in> find_built_in(std::string_view name) {
  const auto all = built_ins();
  const auto found = std::ranges::find(all, name, &built_in::name);
  return found == all.end() ? std::nullopt : std::optional{*found};
}

/// What a provider that can't be used without a key lacks; empty: nothing. Another server than the provider's own may
/// need none, and another node has its own.
std::string missing_key(const provider_settings& provider, std::string_view remedy) {
  const auto* codec = find_codec(provider.kind);
  if (!provider.node.empty() || !provider.keys.empty() || codec == nullptr)
    return {};
  if (codec->about().needs_key && without_slashes(provider.base_url) == codec->about().default_base_url)
    return std::string{remedy};
  return missing_key_of_service(provider);
}

/// On the user's own machine, as far as the kind goes: Ollama's own servers are not.
bool is_local(const provider_settings& provider) {
  const auto* codec = find_codec(provider.kind);
  return codec != nullptr && codec->about().is_local && !is_at_service(provider);
}

/// One provider on its way from a table and the environment.
class instance_reader {
public:
  instance_reader(std::string_view source, const variables& vars, origins& out)
    : source_(source), vars_(vars), out_(out) {}

  /// Nothing: the table does not even say what it is; `out` was told.
  std::optional<provider_settings> read(const toml_table& table) {
    provider_settings result;
    const auto name = text_of(table, "name");
    if (!name) {
      if (find(table, "name") == nullptr)
        out_.refuse(at(source_, table.line) + "[[provider]] has no name");
      return std::nullopt;
    }
    result.name = *name;
    scope_ = "provider[" + result.name + "].";
    out_.note("provider.name", at(source_, find(table, "name")->line) + "name");
    const auto kind = read_kind(table, result.name);
    if (!kind)
      return std::nullopt;
    result.kind = *kind;
    result.node = text_of(table, "node").value_or("");
    read_service(table);
    // A service says itself where it is.
    result.base_url =
      text_of(table, "base_url").value_or(wishes_.service.empty() ? default_base_url(*kind) : std::string{});
    // Another node has its own model, unless one is named.
    result.model =
      text_of(table, "model").value_or(result.node.empty() ? default_model(*kind) : std::string{});
    result.embedding_model = text_of(table, "embedding_model").value_or("");
    result.embedding_space = text_of(table, "embedding_space").value_or("");
    read_auth(table, result);
    read_keys(table, result);
    read_headers(table, result);
    read_fields(table, result);
    written_ = at(source_, table.line) + "[[provider]] '" + printable(result.name) + "': ";
    return result;
  }

  /// What only the whole of table and environment says.
  void complete(provider_settings& provider) {
    if (provider.node.empty())
      apply_service(wishes_, provider, vars_, scope_, written_, out_);
  }

  /// The environment stands above the file.
  void overlay(const built_in& source, provider_settings& provider) {
    scope_ = "provider[" + provider.name + "].";
    if (const auto* url = vars_.find(source.url_variable)) {
      provider.base_url = url->value;
      out_.note(scope_ + "base_url", url->written);
    } else if (const auto* sdk_url = vars_.find(source.sdk_url_variable)) {
      provider.base_url =
        source.read_sdk_url != nullptr ? source.read_sdk_url(sdk_url->value) : sdk_url->value;
      out_.note(scope_ + "base_url", sdk_url->written);
    }
    if (const auto* model = vars_.find(source.model_variable)) {
      provider.model = model->value;
      out_.note(scope_ + "model", model->written);
    }
    for (const auto& [variable, header] : source.header_variables)
      if (const auto* found = vars_.find(variable))
        set_header(provider, header, *found);
    if (!names_key_variable_ && wishes_.service.empty())
      overlay_keys(source, provider);
  }

  /// The variable of `api_key_env`, if it is not set.
  const std::string& unset_key_variable() const noexcept { return unset_key_variable_; }

private:
  void overlay_keys(const built_in& source, provider_settings& provider) {
    // A local server takes no key, and one that is told without TLS is everybody's.
    if (source.is_local && !provider.base_url.starts_with("https://"))
      return;
    const auto* key = vars_.find(source.key_variable);
    if (const auto* sdk_key = vars_.find(source.sdk_key_variable)) {
      if (key != nullptr && key->value != sdk_key->value)
        out_.warn(sdk_key->written + " and " + key->written + " are both set: "
                  + std::string{source.sdk_key_variable} + " is used, as the provider's own programs do");
      key = sdk_key;
    }
    if (key == nullptr)
      return;
    provider.keys = split_list(key->value);
    out_.note(scope_ + "api_key", key->written);
  }

  void set_header(provider_settings& provider, const std::string& name, const variable& value) {
    std::erase_if(provider.extra_headers,
                  [&](const auto& header) { return to_lower(header.first) == to_lower(name); });
    provider.extra_headers.emplace_back(name, value.value);
    out_.note(scope_ + "headers", value.written);
  }

  void read_service(const toml_table& table) {
    wishes_.project = text_of(table, "project").value_or("");
    wishes_.location = text_of(table, "location").value_or("");
    wishes_.credentials_file = text_of(table, "credentials_file").value_or("");
    const auto name = text_of(table, "service");
    if (!name)
      return;
    if (is_service(*name))
      wishes_.service = *name;
    else
      out_.refuse(at(source_, find(table, "service")->line) + "service", *name, list_of_services());
  }

  void read_auth(const toml_table& table, provider_settings& provider) {
    provider.region = text_of(table, "region").value_or("");
    const auto name = text_of(table, "auth");
    if (!name)
      return;
    provider.auth = parse_auth_scheme(*name);
    if (!provider.auth)
      out_.refuse(at(source_, find(table, "auth")->line) + "auth", *name, list_of_auth_schemes());
  }

  static const toml_value* find(const toml_table& table, std::string_view key) {
    const auto found = std::ranges::find(table.entries, key, &toml_entry::key);
    return found == table.entries.end() ? nullptr : &found->value;
  }

  std::optional<std::string> text_of(const toml_table& table, std::string_view key) {
    const auto* value = find(table, key);
    if (value == nullptr)
      return std::nullopt;
    out_.note(scope_ + std::string{key}, at(source_, value->line) + std::string{key});
    if (const auto* text = std::get_if<std::string>(&value->content))
      return *text;
    out_.refuse(at(source_, value->line) + std::string{key} + ": must be a text in quotes");
    return std::nullopt;
  }

  std::optional<provider_kind> read_kind(const toml_table& table, std::string_view name) {
    const auto known = find_built_in(name);
    const auto* written = find(table, "kind");
    if (written == nullptr) {
      if (known)
        return known->kind;
      // The other node knows.
      if (find(table, "node") != nullptr)
        return provider_kind::openai;
      if (const auto* service = find(table, "service"))
        if (const auto* text = std::get_if<std::string>(&service->content);
            text != nullptr && is_service(*text))
          return provider_kind{kind_of_service(*text)};
      out_.refuse(at(source_, table.line) + "[[provider]] '" + printable(name)
                  + "' has no kind; allowed: " + list_of_kinds());
      return std::nullopt;
    }
    const auto text = text_of(table, "kind");
    if (!text)
      return std::nullopt;
    if (find_codec(*text) == nullptr) {
      std::vector<std::string_view> kinds;
      for (const auto* codec : all_codecs())
        kinds.emplace_back(codec->about().kind);
      out_.refuse(at(source_, written->line) + "kind", *text, list_of_kinds() + nearest_hint(*text, kinds));
      return std::nullopt;
    }
    if (known && known->kind != *text) {
      out_.refuse(at(source_, written->line) + "kind", *text,
                  known->kind.name() + " for a provider of this name, or choose another name");
      return std::nullopt;
    }
    return provider_kind{*text};
  }

  void read_keys(const toml_table& table, provider_settings& provider) {
    const auto* one = find(table, "api_key");
    const auto* several = find(table, "api_keys");
    const auto* variable_name = find(table, "api_key_env");
    const auto sources = (one != nullptr) + (several != nullptr) + (variable_name != nullptr);
    if (sources > 1)
      out_.refuse(at(source_, table.line) + "[[provider]] '" + printable(provider.name)
                  + "': only one of api_key, api_keys and api_key_env is allowed");
    wishes_.has_keys = sources > 0;
    if (one != nullptr) {
      if (const auto key = text_of(table, "api_key"))
        provider.keys = {*key};
    }
    if (several != nullptr) {
      const auto written = at(source_, several->line) + "api_keys";
      out_.note(scope_ + "api_key", written);
      if (!read_toml(&provider.keys, *several) || provider.keys.empty())
        out_.refuse(written + ": must be a list of texts, not empty");
    }
    if (variable_name != nullptr) {
      names_key_variable_ = true;
      if (const auto name = text_of(table, "api_key_env")) {
        if (const auto* found = vars_.find(*name)) {
          provider.keys = split_list(found->value);
          out_.note(scope_ + "api_key", found->written);
        } else {
          unset_key_variable_ = *name;
        }
      }
    }
  }

  void read_headers(const toml_table& table, provider_settings& provider) {
    const auto* value = find(table, "headers");
    if (value == nullptr)
      return;
    const auto written = at(source_, value->line) + "headers";
    out_.note(scope_ + "headers", written);
    if (const auto* headers = std::get_if<http_headers>(&value->content))
      provider.extra_headers = *headers;
    else
      out_.refuse(written + ": must be a table of texts, such as { \"OpenAI-Organization\" = \"org-1\" }");
  }

  void read_fields(const toml_table& table, provider_settings& provider) {
    const auto own = provider_keys();
    std::vector<std::string_view> known{own.begin(), own.end()};
    for (const auto& field : fields())
      if (field.own != nullptr && !field.key.empty())
        known.push_back(field.key);
    for (const auto& entry : table.entries) {
      if (std::ranges::find(own, entry.key) != own.end())
        continue;
      const auto all = fields();
      const auto found = std::ranges::find_if(
        all, [&](const field& x) { return x.own != nullptr && !x.key.empty() && x.key == entry.key; });
      if (found != all.end())
        read_entry(found->own(provider), scope_ + entry.key, *found, entry, source_, out_);
      else
        refuse_unknown(entry, source_, known, out_);
    }
  }

  std::string_view source_;
  const variables& vars_;
  origins& out_;
  std::string scope_;
  /// How errors about the whole table begin.
  std::string written_;
  service_wishes wishes_;
  bool names_key_variable_ = false;
  std::string unset_key_variable_;
};

std::string remedy_for(const built_in& source) {
  if (source.is_local)
    return "local models are off; set ENABLE_LOCAL_MODELS=true";
  std::string result;
  const auto add = [&result](std::string_view variable, const std::string& why) {
    if (!variable.empty())
      result.append(result.empty() ? "set " : ", or ").append(variable).append(why);
  };
  add(source.key_variable,
      source.sdk_key_variable.empty() ? std::string{} : " (or " + std::string{source.sdk_key_variable} + ")");
  add(source.url_variable, source.key_variable.empty() ? "" : " for a server that needs no key");
  if (result.empty())
    add(source.model_variable, "");
  return result;
}

} // namespace

void read_entry(const slot& where, std::string_view setting, const field& what, const toml_entry& entry,
                std::string_view source, origins& out) {
  const auto written = at(source, entry.value.line) + entry.key;
  out.note(setting, written, to_text(entry.value));
  if (!read_toml(where, entry.value, what.commas))
    out.refuse(written, to_text(entry.value), what.allowed.text);
}

void refuse_unknown(const toml_entry& entry, std::string_view source,
                    const std::vector<std::string_view>& known, origins& out) {
  out.refuse(at(source, entry.value.line) + "unknown key '" + printable(entry.key) + "'"
             + nearest_hint(entry.key, known));
}

instances make_instances(const std::vector<toml_table>& tables, std::string_view source,
                         const variables& vars, std::optional<bool> local_models, origins& out) {
  instances result;
  const bool local_models_off = local_models.has_value() && !*local_models;
  std::map<std::string, std::size_t, std::less<>> lines;
  std::map<std::string_view, provider_settings> refined;
  std::vector<provider_settings> others;

  const auto take = [&](provider_settings provider, const std::string& remedy) {
    if (is_local(provider) && local_models_off)
      result.missing.push_back(
        {provider.name, "local models are switched off; set ENABLE_LOCAL_MODELS=true"});
    else if (auto lack = missing_key(provider, remedy); !lack.empty())
      result.missing.push_back({provider.name, std::move(lack)});
    else
      result.usable.push_back(std::move(provider));
  };

  for (const auto& table : tables) {
    instance_reader reader{source, vars, out};
    auto provider = reader.read(table);
    if (!provider)
      continue;
    if (const auto [known, added] = lines.emplace(provider->name, table.line); !added) {
      out.refuse(at(source, table.line) + "[[provider]] '" + printable(provider->name)
                 + "' is there already, in line " + std::to_string(known->second));
      continue;
    }
    if (const auto known = find_built_in(provider->name)) {
      reader.overlay(*known, *provider);
      reader.complete(*provider);
      refined.emplace(known->name, std::move(*provider));
      continue;
    }
    reader.complete(*provider);
    const auto& unset = reader.unset_key_variable();
    auto why = unset.empty() ? missing_key(*provider, "it has no api_key, api_keys or api_key_env")
                             : "its api_key_env names " + printable(unset) + ", which is not set";
    if (!why.empty()) {
      out.refuse(at(source, table.line) + "[[provider]] '" + printable(provider->name)
                 + "' can't be used: " + why);
      continue;
    }
    others.push_back(std::move(*provider));
  }

  for (const auto& known : built_ins()) {
    const auto found = refined.find(known.name);
    if (found != refined.end()) {
      take(std::move(found->second), remedy_for(known));
      continue;
    }
    provider_settings provider;
    provider.name = known.name;
    provider.kind = known.kind;
    provider.base_url = default_base_url(known.kind);
    provider.model = default_model(known.kind);
    instance_reader reader{source, vars, out};
    reader.overlay(known, provider);
    reader.complete(provider);
    // Whoever needs no key has to be named in some other way.
    const bool is_named =
      is_local(provider)
        ? local_models.value_or(false)
        : !missing_key(provider, "a key").empty()
            || std::ranges::any_of(std::array{known.key_variable, known.sdk_key_variable, known.url_variable,
                                              known.sdk_url_variable, known.model_variable},
                                   [&](auto name) { return vars.find(name) != nullptr; });
    if (!is_named)
      result.missing.push_back({provider.name, remedy_for(known)});
    else
      take(std::move(provider), remedy_for(known));
  }
  for (auto& provider : others)
    take(std::move(provider), {});
  return result;
}

} // namespace magna::config
