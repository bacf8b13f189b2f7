#include <magna/simulator/scenario.hpp>

#include <magna/simulator/script.hpp>
#include <magna/simulator/traits.hpp>
#include <magna/simulator/vocabulary.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace magna::simulator {

std::string_view to_string(route value) noexcept {
  switch (value) {
    case route::generate:
      return "generate";
    case route::probe:
      return "probe";
    case route::embed:
      return "embed";
  }
  return "unknown";
}

void fail_at(std::string_view source, place where, std::string_view what) {
  std::string message{source};
  message += ": line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": ";
  message += what;
  throw scenario_error{message};
}

namespace {

std::string no_embeddings(protocol kind) {
  return std::string{to_string(kind)} + " has no embeddings; allowed with on=embed: "
         + protocol_names([](const protocol_traits& x) { return x.embeddings != nullptr; }) + ", all";
}

std::vector<protocol> read_target(const call& target, std::string_view source) {
  std::vector<protocol> result;
  for (const auto& x : all_protocols())
    if (target.word == "all" || target.word == x.name)
      result.push_back(x.kind);
  if (result.empty())
    fail_at(source, target.where,
            "unknown protocol '" + target.word
              + "'; allowed: " + protocol_names([](const protocol_traits&) { return true; }) + ", all");
  return result;
}

std::vector<std::string> read_list(const argument& from, std::string_view source) {
  std::vector<std::string> result;
  std::string_view rest = from.value;
  for (;;) {
    auto bar = std::min(rest.find('|'), rest.size());
    if (bar == 0)
      fail_at(source, from.where, from.key + " has an empty item; allowed: ITEM|ITEM");
    result.emplace_back(rest.substr(0, bar));
    if (bar == rest.size())
      return result;
    rest.remove_prefix(bar + 1);
  }
}

/// The place of the option's value among those that are allowed.
std::size_t one_of(const argument& option, std::string_view source,
                   std::initializer_list<std::string_view> allowed) {
  const auto* i = std::ranges::find(allowed, option.value);
  if (i != allowed.end())
    return static_cast<std::size_t>(i - allowed.begin());
  std::string names;
  for (auto name : allowed)
    names.append(names.empty() ? "" : ", ").append(name);
  fail_at(source, option.where, option.key + "='" + option.value + "' is not allowed; allowed: " + names);
}

void set_track_option(track& to, const argument& option, std::string_view source) {
  if (option.key == "instance")
    to.instance = option.value;
  else if (option.key == "model")
    to.model = option.value;
  else if (option.key == "keys")
    to.keys = read_list(option, source);
  else if (option.key == "models")
    to.models = read_list(option, source);
  else if (option.key == "on")
    // In the order of the enumeration.
    to.on = static_cast<route>(one_of(option, source, {"generate", "probe", "embed"}));
  else if (option.key == "repeat")
    to.cycle = one_of(option, source, {"last", "all"}) == 1;
  else
    fail_at(source, option.where,
            "unknown option '" + option.key
              + "' of a protocol; allowed: instance, model, on, repeat, keys, models");
}

step build_step(const call& from, protocol kind, route on, std::string_view source) {
  step result{.name = from.word};
  const auto* word = find_step(from.word);
  for (const auto& option : from.arguments) {
    try {
      if (option.key == "times") {
        const auto* last = option.value.data() + option.value.size();
        auto [end, error] = std::from_chars(option.value.data(), last, result.times);
        if (error != std::errc{} || end != last || result.times == 0)
          throw std::invalid_argument{"'" + option.value
                                      + "' is not allowed; allowed: a whole number from 1"};
        continue;
      }
      const auto* known = find_option(option.key);
      if (word != nullptr && (known == nullptr || (known->group & options_of(*word, on)) == 0))
        fail_at(source, option.where,
                (known == nullptr ? "unknown option '" + option.key + "' of '"
                                  : "option '" + option.key + "' means nothing for '")
                  + from.word + (on == route::embed ? "' with on=embed; allowed: " : "'; allowed: ")
                  + option_names(*word, on));
      if (known != nullptr)
        known->set(result, option.value);
    } catch (const std::invalid_argument& error) {
      fail_at(source, option.where, option.key + ": " + error.what());
    }
  }
  try {
    check_step(result, kind, on);
  } catch (const std::invalid_argument& error) {
    fail_at(source, from.where, error.what());
  }
  return result;
}

std::string describe(const track& value) {
  std::string result{to_string(value.kind)};
  if (!value.instance.empty())
    result += " instance " + value.instance;
  if (!value.model.empty())
    result += " model " + value.model;
  if (value.on != route::generate)
    result += value.on == route::probe ? " probes" : " embeddings";
  return result;
}

/// Two tracks with steps for the very same requests: the second would never be asked.
bool same_requests(const track& a, const track& b) {
  return a.kind == b.kind && a.instance == b.instance && a.model == b.model && a.on == b.on
         && !a.steps.empty() && !b.steps.empty();
}

} // namespace

scenario build(const std::vector<entry>& entries, std::string_view source) {
  scenario result;
  for (const auto& item : entries) {
    for (auto kind : read_target(item.target, source)) {
      track next{.kind = kind};
      for (const auto& option : item.target.arguments)
        set_track_option(next, option, source);
      if (!has_route(kind, next.on)) {
        if (item.target.word == "all")
          continue;
        fail_at(source, item.target.where, no_embeddings(kind));
      }
      for (const auto& from : item.steps)
        next.steps.push_back(build_step(from, kind, next.on, source));
      for (const auto& earlier : result.tracks)
        if (same_requests(earlier, next))
          fail_at(source, item.target.where, "steps for " + describe(next) + " are given twice");
      result.tracks.push_back(std::move(next));
    }
  }
  return result;
}

void validate(const scenario& value) {
  for (const auto& track : value.tracks) {
    if (!has_route(track.kind, track.on))
      throw scenario_error{no_embeddings(track.kind)};
    for (const auto& step : track.steps) {
      try {
        check_step(step, track.kind, track.on);
      } catch (const std::invalid_argument& error) {
        throw scenario_error{describe(track) + ": " + error.what()};
      }
    }
  }
}

} // namespace magna::simulator
