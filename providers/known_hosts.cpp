#include <magna/providers/known_hosts.hpp>

#include <algorithm>

#include <magna/text/host.hpp>

namespace magna {

namespace {

// The newest words on each: docs/providers.md.
constexpr host_facts rows[] = {
  // Azure serves deployments, and lists models.
  {".openai.azure.com", "openai", auth_scheme::api_key, false},
  {".cognitiveservices.azure.com", "openai", auth_scheme::api_key, false},
  {".services.ai.azure.com", "openai", auth_scheme::api_key, false},
  {".azure-api.net", "openai", auth_scheme::api_key, false},
  {".services.ai.azure.com", "anthropic", std::nullopt, false},
  {"bedrock-mantle.*.api.aws", "", auth_scheme::bearer, false},
  // Names with a suffix (":nitro", ":fastest") and aliases are served, and not listed.
  {"openrouter.ai", "openai", std::nullopt, false},
  {"router.huggingface.co", "openai", std::nullopt, false},
  {"api.x.ai", "openai", std::nullopt, false},
};

constexpr std::string_view google_publisher = "/publishers/google";

bool fits(std::string_view host, std::string_view pattern) {
  if (pattern.starts_with('.'))
    return host.ends_with(pattern) && host.size() > pattern.size();
  const auto star = pattern.find('*');
  if (star == std::string_view::npos)
    return host == pattern;
  const auto front = pattern.substr(0, star);
  const auto back = pattern.substr(star + 1);
  if (host.size() <= front.size() + back.size() || !host.starts_with(front) || !host.ends_with(back))
    return false;
  const auto label = host.substr(front.size(), host.size() - front.size() - back.size());
  return label.find('.') == std::string_view::npos;
}

} // namespace

const host_facts* find_host(std::string_view base_url, std::string_view kind) {
  const auto host = to_lower(host_of(base_url));
  const auto* found = std::ranges::find_if(
    rows, [&](const host_facts& row) { return kind.starts_with(row.kind) && fits(host, row.host); });
  return found == std::end(rows) ? nullptr : found;
}

bool lists_all_models(std::string_view base_url, std::string_view kind) {
  const auto* found = find_host(base_url, kind);
  return found == nullptr || found->lists_all_models;
}

bool is_vertex(std::string_view base_url) {
  const auto host = to_lower(host_of(base_url));
  if (host == "aiplatform.googleapis.com" || host.ends_with("-aiplatform.googleapis.com")
      || fits(host, "aiplatform.*.rep.googleapis.com"))
    return true;
  auto path = base_url.substr(0, base_url.find_first_of("?#"));
  while (path.ends_with('/'))
    path.remove_suffix(1);
  return path.ends_with(google_publisher);
}

} // namespace magna
