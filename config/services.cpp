#include <magna/config/services.hpp>

#include <algorithm>
#include <stdexcept>

#include <magna/config/values.hpp>
#include <magna/providers/keys/google_account.hpp>
#include <magna/providers/known_hosts.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/host.hpp>

namespace magna::config {

namespace {

/// One provider on its way through its service.
struct place {
  const service_wishes& wishes;
  provider_settings& provider;
  const variables& vars;
  const std::string& scope;
  const std::string& written;
  origins& out;

  /// The first of these variables that is set, or null.
  const variable* first_of(std::initializer_list<std::string_view> names) const {
    for (const auto name : names)
      if (const auto* found = vars.find(name))
        return found;
    return nullptr;
  }

  std::string text_of(const std::string& wish, std::initializer_list<std::string_view> names) const {
    const auto* found = wish.empty() ? first_of(names) : nullptr;
    return found != nullptr ? found->value : wish;
  }

  bool has_kind(std::string_view beginning) const { return provider.kind.name().starts_with(beginning); }
  bool wants_url() const { return provider.base_url.empty(); }
  bool wants_keys() const {
    return !wishes.has_keys && provider.keys.empty() && provider.google_credentials.empty();
  }

  void take_keys(std::initializer_list<std::string_view> names) const {
    if (const auto* found = first_of(names)) {
      provider.keys = split_list(found->value);
      out.note(scope + "api_key", found->written);
    }
  }

  void refuse(const std::string& why) const { out.refuse(written + why); }
};

// -- Azure OpenAI -----------------------------------------------------------------------------------------------------

bool is_azure(const provider_settings& provider) {
  const auto* host = find_host(provider.base_url, provider.kind.name());
  return host != nullptr && host->auth == auth_scheme::api_key;
}

void apply_azure(const place& where) {
  auto& provider = where.provider;
  if (where.wants_url()) {
    if (const auto* found = where.vars.find("AZURE_OPENAI_ENDPOINT")) {
      provider.base_url = found->value;
      where.out.note(where.scope + "base_url", found->written);
    } else {
      where.refuse("service azure needs base_url, or AZURE_OPENAI_ENDPOINT in the environment");
    }
  }
  // What Azure's portal shows is the resource; its newest interface is below this path.
  if (!provider.base_url.empty() && path_of_url(provider.base_url).empty())
    provider.base_url = join_url(provider.base_url, "/openai/v1");
  if (!provider.auth)
    provider.auth = auth_scheme::api_key;
  if (where.wants_keys())
    where.take_keys({"AZURE_OPENAI_API_KEY"});
}

// -- Bedrock ----------------------------------------------------------------------------------------------------------

bool is_bedrock(const provider_settings& provider) {
  const auto host = host_of(provider.base_url);
  return host.starts_with("bedrock-mantle.") && host.ends_with(".api.aws");
}

void apply_bedrock(const place& where) {
  auto& provider = where.provider;
  if (where.wants_url()) {
    const auto region = where.text_of(provider.region, {"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (is_name(region, "-", 64))
      provider.base_url = "https://bedrock-mantle." + region + ".api.aws"
                          + (where.has_kind("anthropic") ? "/anthropic" : "/openai/v1");
    else
      where.refuse("service bedrock needs region, such as us-east-1, or AWS_REGION in the environment");
  }
  if (where.wants_keys() && provider.auth != auth_scheme::aws_sigv4)
    where.take_keys({"AWS_BEARER_TOKEN_BEDROCK"});
  const bool may_sign = !provider.auth || provider.auth == auth_scheme::aws_sigv4;
  const auto* id = where.vars.find("AWS_ACCESS_KEY_ID");
  const auto* secret = where.vars.find("AWS_SECRET_ACCESS_KEY");
  if (!where.wants_keys() || !may_sign || id == nullptr || secret == nullptr)
    return;
  auto key = id->value + ":" + secret->value;
  if (const auto* token = where.vars.find("AWS_SESSION_TOKEN"))
    key += ":" + token->value;
  provider.keys = {std::move(key)};
  provider.auth = auth_scheme::aws_sigv4;
  where.out.note(where.scope + "api_key", id->written);
}

// -- Vertex AI --------------------------------------------------------------------------------------------------------

bool is_at_vertex(const provider_settings& provider) {
  return is_vertex(provider.base_url);
}

std::string vertex_host(const std::string& location) {
  if (location == "global")
    return "aiplatform.googleapis.com";
  if (location == "us" || location == "eu")
    return "aiplatform." + location + ".rep.googleapis.com";
  return location + "-aiplatform.googleapis.com";
}

/// The project that credentials name; empty if they name none or are broken, which `validate` tells.
std::string project_of(const std::string& credentials) {
  try {
    return credentials.empty() ? std::string{} : parse_google_account(credentials).project_id;
  } catch (const std::invalid_argument&) {
    return {};
  }
}

void apply_vertex(const place& where) {
  auto& provider = where.provider;
  if (where.wants_keys() || !where.wishes.credentials_file.empty()) {
    const auto path = where.text_of(where.wishes.credentials_file, {"GOOGLE_APPLICATION_CREDENTIALS"});
    if (!path.empty()) {
      where.out.note(where.scope + "credentials_file",
                     where.written + "credentials_file \"" + printable(path) + "\"");
      if (auto content = read_file(path, where.out))
        provider.google_credentials = std::move(*content);
    }
  }
  if (where.wants_keys())
    where.take_keys({"GOOGLE_API_KEY"});
  if (!where.wants_url())
    return;
  auto project = where.text_of(where.wishes.project, {"GOOGLE_CLOUD_PROJECT"});
  if (project.empty())
    project = project_of(provider.google_credentials);
  auto location = where.text_of(where.wishes.location, {"GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION"});
  if (location.empty())
    location = "global";
  // With a key, and without a project, Vertex AI is in its express mode.
  const bool is_express = provider.google_credentials.empty() && where.wishes.project.empty();
  if (!is_express && project.empty())
    return where.refuse("service vertex needs project, or GOOGLE_CLOUD_PROJECT in the environment");
  if (!is_name(location, "-", 64) || (!is_express && !is_name(project, "-_.:", 128)))
    return where.refuse("project and location are names, such as my-project and europe-west4");
  provider.base_url = is_express ? "https://" + vertex_host("global") + "/v1beta1/publishers/google"
                                 : "https://" + vertex_host(location) + "/v1beta1/projects/" + project
                                     + "/locations/" + location + "/publishers/google";
}

// -- Ollama's own servers ---------------------------------------------------------------------------------------------

bool is_ollama_cloud(const provider_settings& provider) {
  const auto host = to_lower(host_of(provider.base_url));
  return provider.kind == provider_kind::ollama && (host == "ollama.com" || host.ends_with(".ollama.com"));
}

void apply_ollama(const place& where) {
  if (where.wants_url())
    where.provider.base_url = "https://ollama.com";
  if (where.wants_keys())
    where.take_keys({"OLLAMA_API_KEY"});
}

// -- all of them ------------------------------------------------------------------------------------------------------

struct service {
  std::string_view name;
  /// How the kinds begin that it speaks, the first one by default.
  std::string_view kinds[2];
  bool (*is_there)(const provider_settings&);
  void (*apply)(const place&);
  std::string_view remedy;
};

constexpr service services[] = {
  {"azure", {"openai"}, is_azure, apply_azure, "set AZURE_OPENAI_API_KEY, or api_key"},
  {"bedrock",
   {"openai", "anthropic"},
   is_bedrock,
   apply_bedrock,
   "set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or api_key"},
  {"vertex",
   {"gemini"},
   is_at_vertex,
   apply_vertex,
   "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_API_KEY for the express mode, or credentials_file or "
   "api_key"},
  {"ollama-cloud", {"ollama"}, is_ollama_cloud, apply_ollama, "set OLLAMA_API_KEY, or api_key"},
};

bool speaks(const service& what, const provider_kind& kind) {
  return std::ranges::any_of(
    what.kinds, [&](auto beginning) { return !beginning.empty() && kind.name().starts_with(beginning); });
}

/// Null: the provider is at none.
const service* service_at(const provider_settings& provider) {
  const auto* found = std::ranges::find_if(services, [&](const service& x) {
    return speaks(x, provider.kind) && !provider.base_url.empty() && x.is_there(provider);
  });
  return found == std::end(services) ? nullptr : found;
}

} // namespace

std::string list_of_services() {
  std::string result;
  for (const auto& x : services)
    result.append(result.empty() ? "" : &x + 1 == std::end(services) ? " or " : ", ").append(x.name);
  return result;
}

bool is_service(std::string_view name) {
  return std::ranges::find(services, name, &service::name) != std::end(services);
}

std::string_view kind_of_service(std::string_view name) {
  const auto* found = std::ranges::find(services, name, &service::name);
  return found == std::end(services) ? std::string_view{} : found->kinds[0];
}

void apply_service(const service_wishes& wishes, provider_settings& provider, const variables& vars,
                   const std::string& scope, const std::string& written, origins& out) {
  const auto* named = std::ranges::find(services, wishes.service, &service::name);
  const auto* chosen = named != std::end(services) ? named : service_at(provider);
  const place where{wishes, provider, vars, scope, written, out};
  if (chosen == nullptr) {
    if (!wishes.project.empty() || !wishes.location.empty() || !wishes.credentials_file.empty())
      where.refuse("project, location and credentials_file are for service vertex");
    return;
  }
  if (!speaks(*chosen, provider.kind))
    return where.refuse("service " + std::string{chosen->name} + " does not speak the protocol "
                        + provider.kind.name());
  chosen->apply(where);
}

bool is_at_service(const provider_settings& provider) {
  return service_at(provider) != nullptr;
}

std::string missing_key_of_service(const provider_settings& provider) {
  const auto* found = service_at(provider);
  const auto has_header = std::ranges::any_of(provider.extra_headers, [](const auto& header) {
    const auto name = to_lower(header.first);
    return name == "authorization" || name.ends_with("-key");
  });
  if (found == nullptr || !provider.keys.empty() || !provider.google_credentials.empty() || has_header)
    return {};
  return std::string{found->remedy};
}

} // namespace magna::config
