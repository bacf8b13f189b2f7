#include <magna/simulator/traits.hpp>

namespace magna::simulator {

reply probe_reply(const incoming& request, const std::vector<std::string>& models) {
  const auto& traits = traits_of(request.kind);
  if (request.what == operation::greeting)
    return {200, "text/plain; charset=utf-8", "Ollama is running"};
  const std::vector<std::string> usual{traits.models.begin(), traits.models.end()};
  auto result = json_reply(request, 200, traits.models_body(request, models.empty() ? usual : models));
  return result;
}

} // namespace magna::simulator
