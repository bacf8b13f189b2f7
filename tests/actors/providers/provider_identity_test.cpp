#include <magna/actors/providers/provider_identity.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

std::string identity(const std::string& url, const std::string& host, const std::string& node = {}) {
  provider_settings made;
  made.kind = provider_kind::ollama;
  made.base_url = url;
  made.model = "m";
  made.node = node;
  return provider_identity(made, host);
}

} // namespace

SUITE("provider identity") {

TEST("a provider on the network is the same for all hosts") {
  check_eq(identity("https://llm.example.org/v1", "a"), identity("https://llm.example.org/v1", "b"));
  check_ne(identity("https://llm.example.org/v1", "a"), identity("https://llm.example.org/v2", "a"));
}

TEST("an identity goes to other nodes, and has nothing secret in it") {
  check_eq(identity("https://llm.example.org/v1?code=sesame", "a").find("sesame"), std::string::npos);
}

TEST("each host has a local provider of its own") {
  for (const auto* url :
       {"http://localhost:11434", "http://127.0.0.1:11434/x", "http://[::1]:11434", "http://localhost"}) {
    check_ne(identity(url, "a"), identity(url, "b"));
    check_eq(identity(url, "a"), identity(url, "a"));
  }
}

TEST("the way to a provider through a node is no other node's way, nor the provider itself") {
  const auto url = "https://llm.example.org/v1";
  check_ne(identity(url, "a", "gpu:1"), identity(url, "b", "gpu:1"));
  check_ne(identity(url, "a", "gpu:1"), identity(url, "a"));
}

} // SUITE("provider identity")
