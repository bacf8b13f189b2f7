// Asks nodes (`magna node`), which have the keys and the settings: this program needs none. Requests are
// spread over the nodes, and move to another one when theirs is lost before the first text.
//
//     magna node --listen 127.0.0.1:4711 &
//     remote_node 127.0.0.1:4711

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <magna/magna.hpp>

int main(int argc, char** argv) {
  const std::vector<std::string> nodes{argv + 1, argv + argc};
  try {
    // Beyond one host, the certificates of `./dev certs` come second.
    auto llm = magna::client::of_nodes(nodes);
    const auto answer = llm.stream("What is a node?");
    for (const auto& chunk : answer)
      std::cout << chunk.text() << std::flush;
    std::cout << '\n';
    const auto end = answer.result();
    if (!end) {
      std::cerr << to_string(end.error().error) << ": " << end.error().message << '\n';
      return 1;
    }
    std::cout << "answered by " << end->provider << '\n';
    if (const auto status = llm.provider_status())
      for (const auto& provider : status->providers)
        std::cout << provider.name << " over there: " << to_string(provider.state) << '\n';
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 2;
  }
}
