#include <magna/tests/soak/soak.hpp>

#include <cstdio>

#include <nlohmann/json.hpp>

namespace magna::soak {

namespace {

double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string minutes(std::chrono::seconds time) {
  return time.count() % 60 == 0 ? std::to_string(time.count() / 60) + " min"
                                : std::to_string(time.count()) + " s";
}

} // namespace

std::string to_json(const soak_result& result) {
  const auto& requests = result.requests;
  nlohmann::ordered_json failed = nlohmann::ordered_json::object();
  for (const auto& [error, count] : requests.failed)
    failed[to_string(error)] = count;
  auto verdicts = nlohmann::ordered_json::array();
  for (const auto& x : result.verdicts)
    verdicts.push_back({{"what", x.what}, {"holds", x.holds}, {"figures", x.figures}});
  const nlohmann::ordered_json all = {
    {"passed", result.passed()},
    {"seed", result.asked.seed},
    {"seconds", result.asked.duration.count()},
    {"wanted_rate", result.asked.rate},
    {"mean_rate", result.mean_rate},
    {"lowest_rate", result.lowest_rate},
    {"most_in_flight", result.most_in_flight},
    {"requests",
     {{"sent", requests.sent},
      {"completed", requests.completed},
      {"failed", failed},
      {"unheard", requests.unheard},
      {"abandoned", requests.abandoned}}},
    {"attempts", requests.attempts},
    {"chunks", requests.chunks},
    {"text_bytes", requests.bytes},
    {"slowest_cancel_seconds", in_seconds(requests.slowest_cancel)},
    {"latest_end_seconds", in_seconds(requests.latest_end)},
    {"killed_actors", result.kills},
    {"reloads", result.reloads},
    {"crashed_attempts", result.crashes},
    {"memory_first_bytes", result.memory_first},
    {"memory_last_bytes", result.memory_last},
    {"verdicts", verdicts},
    {"violations", requests.examples},
  };
  return all.dump(2) + "\n";
}

std::string to_markdown(const soak_result& result) {
  const auto& requests = result.requests;
  auto text = "**" + minutes(result.asked.duration) + " at " + fixed(result.mean_rate)
              + " requests/s (wanted: " + fixed(result.asked.rate) + "), seed "
              + std::to_string(result.asked.seed) + ": " + (result.passed() ? "passed" : "FAILED") + ".** "
              + std::to_string(requests.sent) + " requests, " + std::to_string(requests.attempts)
              + " attempts, " + std::to_string(requests.chunks) + " chunks; up to "
              + std::to_string(result.most_in_flight) + " requests in flight; " + std::to_string(result.kills)
              + " actors killed, " + std::to_string(result.reloads) + " reloads, "
              + std::to_string(result.crashes) + " attempts and probes crashed.\n\n";
  text += "| end | requests |\n|---|---:|\n";
  text += "| completed | " + std::to_string(requests.completed) + " |\n";
  for (const auto& [error, count] : requests.failed)
    text += "| `" + to_string(error) + "` | " + std::to_string(count) + " |\n";
  text += "| no orchestrator, it had just been killed | " + std::to_string(requests.unheard) + " |\n";
  text += "| requester gone before | " + std::to_string(requests.abandoned) + " |\n\n";
  text += "| what must hold | | figures |\n|---|---|---|\n";
  for (const auto& x : result.verdicts)
    text += "| " + x.what + " | " + (x.holds ? "yes" : "**no**") + " | " + x.figures + " |\n";
  return text;
}

} // namespace magna::soak
