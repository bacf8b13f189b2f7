#include <magna/simulator/control.hpp>

namespace magna::simulator {

namespace {

reply text(unsigned status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body) + "\n"};
}

reply use_scenario(const incoming& request, std::string_view body, director& steps) {
  try {
    auto is_toml = request.header("content-type").find("toml") != std::string_view::npos;
    steps.use(is_toml ? parse_scenario_toml(body) : parse_scenario(body));
    return text(200, "ok");
  } catch (const scenario_error& error) {
    return text(400, error.what());
  }
}

} // namespace

std::optional<reply> control(const incoming& request, std::string_view body, director& steps, journal& log) {
  if (!request.path.starts_with("/_simulator/"))
    return std::nullopt;
  auto what = request.method + " " + request.path;
  if (what == "GET /_simulator/requests")
    return reply{200, "application/json", log.to_json()};
  if (what == "POST /_simulator/scenario")
    return use_scenario(request, body, steps);
  if (what == "POST /_simulator/reset") {
    steps.restart();
    log.clear();
    return text(200, "ok");
  }
  return text(404, "allowed: GET /_simulator/requests, POST /_simulator/scenario, POST /_simulator/reset");
}

} // namespace magna::simulator
