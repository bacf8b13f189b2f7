#include <magna/messages/json.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <magna/messages/errc.hpp>

namespace magna {

namespace {

using nlohmann::json;

constexpr int version = 1;

// Both of these stand in for CAF's inspectors: `inspect` names each field once, for nodes and for JSON.

template <class T>
struct named_field {
  std::string_view name;
  T& value;

  /// A unit stands in the name.
  std::string key() const {
    std::string result{name};
    if constexpr (std::is_same_v<T, caf::timespan> || std::is_same_v<T, std::optional<caf::timespan>>)
      result += "_ms";
    else if constexpr (std::is_same_v<T, caf::timestamp>)
      result += "_unix_ms";
    return result;
  }
};

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;

using milliseconds = std::chrono::duration<double, std::milli>;

class json_saver {
public:
  static constexpr bool is_json = true;

  template <class T>
  static json save(const T& value) {
    if constexpr (std::is_same_v<T, caf::timespan>) {
      return milliseconds{value}.count();
    } else if constexpr (std::is_same_v<T, caf::timestamp>) {
      return std::chrono::floor<std::chrono::milliseconds>(value.time_since_epoch()).count();
    } else if constexpr (std::is_enum_v<T>) {
      return to_string(value);
    } else if constexpr (is_list<T>) {
      auto result = json::array();
      for (const auto& each : value)
        result.push_back(save(each));
      return result;
    } else if constexpr (
      std::is_arithmetic_v<
        T> || std::is_convertible_v<T, std::string> || std::is_same_v<T, std::map<std::string, std::string>>) {
      return value;
    } else {
      static const auto defaults = save_all(T{});
      auto result = save_all(value);
      // A list of what is empty would hide what is not. That a role is the usual one is no emptiness.
      for (auto member = result.begin(); member != result.end();) {
        const auto usual = defaults.find(member.key());
        const bool says_nothing = is_empty(*member) && usual != defaults.end() && *usual == *member;
        member = says_nothing ? result.erase(member) : std::next(member);
      }
      return result;
    }
  }

  template <class T>
  json_saver& object(T&) {
    made_ = json::object();
    return *this;
  }
  template <class T>
  named_field<T> field(caf_string_view name, T& value) {
    return {{name.data(), name.size()}, value};
  }
  template <class... Ts>
  bool fields(named_field<Ts>... all) {
    (add(all), ...);
    return true;
  }

private:
  template <class T>
  static json save_all(const T& value) {
    json_saver nested;
    // Only what loads changes the value.
    inspect(nested, const_cast<T&>(value));
    return std::move(nested.made_);
  }

  static bool is_empty(const json& x) {
    return x.is_string()       ? x.get_ref<const std::string&>().empty()
           : x.is_structured() ? x.empty()
                               : x == false || x == 0;
  }

  template <class T>
  void add(const named_field<T>& x) {
    if constexpr (!is_optional<T>)
      made_[x.key()] = save(x.value);
    else if (x.value)
      made_[x.key()] = save(*x.value);
  }

  json made_;
};

class json_loader {
public:
  static constexpr bool is_json = true;

  json_loader(const json& from, std::string place) : from_(from), place_(std::move(place)) {}

  template <class T>
  static void load(const json& from, T& to, const std::string& place) {
    if constexpr (std::is_same_v<T, bool>) {
      to = expect(from.is_boolean(), from, place, "true or false").template get<bool>();
    } else if constexpr (std::is_same_v<T, caf::timespan>) {
      to = to_timespan(from, place);
    } else if constexpr (std::is_same_v<T, caf::timestamp>) {
      std::int64_t count = 0;
      load_integer(from, count, place);
      const std::chrono::milliseconds time{count};
      if (time > std::chrono::floor<std::chrono::milliseconds>(caf::timespan::max()) || time.count() < 0)
        refuse(place, from.dump() + " is out of range");
      to = caf::timestamp{time};
    } else if constexpr (std::is_enum_v<T>) {
      const auto& name = load_string(from, place);
      if (!from_string(name, to))
        refuse(place, "'" + name + "' is none of its values");
    } else if constexpr (std::is_integral_v<T>) {
      load_integer(from, to, place);
    } else if constexpr (std::is_floating_point_v<T>) {
      to = expect(from.is_number(), from, place, "a number").template get<T>();
    } else if constexpr (std::is_same_v<T, std::string>) {
      to = load_string(from, place);
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
      for (const auto& [name, value] : expect(from.is_object(), from, place, "an object").items())
        to[name] = load_string(value, member_of(place, name));
    } else if constexpr (is_list<T>) {
      expect(from.is_array(), from, place, "a list");
      for (std::size_t i = 0; i < from.size(); ++i)
        load(from[i], to.emplace_back(), place + "[" + std::to_string(i) + "]");
    } else if constexpr (std::is_same_v<T, chat_message>) {
      load_object(in_own_form(expect(from.is_object(), from, place, "an object"), place), to, place);
    } else {
      load_object(from, to, place);
    }
  }

  template <class T>
  json_loader& object(T&) {
    expect(from_.is_object(), from_, place_, "an object");
    return *this;
  }
  template <class T>
  named_field<T> field(caf_string_view name, T& value) {
    return {{name.data(), name.size()}, value};
  }
  template <class... Ts>
  bool fields(named_field<Ts>... all) {
    (take(all), ...);
    return true;
  }

private:
  static std::string member_of(const std::string& place, const std::string& name) {
    auto result = place;
    if (!place.empty())
      result += '.';
    return result += name;
  }

  [[noreturn]] static void refuse(const std::string& place, const std::string& why) {
    throw json_error{(place.empty() ? "the document" : place) + ": " + why};
  }

  static const json& expect(bool holds, const json& value, const std::string& place, std::string_view what) {
    if (!holds)
      refuse(place, "must be " + std::string{what} + ", and is " + value.type_name());
    return value;
  }

  static const std::string& load_string(const json& from, const std::string& place) {
    return expect(from.is_string(), from, place, "a text").get_ref<const std::string&>();
  }

  template <class T>
  static void load_integer(const json& from, T& to, const std::string& place) {
    expect(from.is_number_integer(), from, place, "a whole number");
    const bool fits = from.is_number_unsigned() ? std::in_range<T>(from.get<std::uint64_t>())
                                                : std::in_range<T>(from.get<std::int64_t>());
    if (!fits)
      refuse(place, from.dump() + " is out of range");
    to = from.get<T>();
  }

  static caf::timespan to_timespan(const json& from, const std::string& place) {
    const milliseconds time{expect(from.is_number(), from, place, "a number of milliseconds").get<double>()};
    // As far as nanoseconds reach, with room for those who add to it.
    constexpr auto limit = milliseconds{caf::timespan::max()} / 2;
    if (!(time >= -limit && time <= limit))
      refuse(place, from.dump() + " is out of range");
    return std::chrono::round<caf::timespan>(time);
  }

  template <class T>
  static void load_object(const json& from, T& to, const std::string& place) {
    json_loader nested{from, place};
    inspect(nested, to);
  }

  template <class T>
  void take(const named_field<T>& x) {
    const auto key = x.key();
    const auto found = from_.find(key);
    if (found == from_.end() || found->is_null())
      return;
    const auto place = member_of(place_, key);
    if constexpr (is_optional<T>)
      load(*found, x.value.emplace(), place);
    else
      load(*found, x.value, place);
  }

  static json in_own_form(json message, const std::string& place);

  const json& from_;
  const std::string place_;
};

// -- OpenAI's form --------------------------------------------------------------------------------------------

json image_of(const std::string& url) {
  constexpr std::string_view marker = ";base64,";
  const auto end = url.find(marker);
  if (!url.starts_with("data:") || end == std::string::npos)
    return {{"url", url}};
  return {{"mime_type", url.substr(5, end - 5)}, {"data", url.substr(end + marker.size())}};
}

/// A list of parts as text and images.
void flatten_content(json& message, const std::string& place) {
  std::string text;
  const auto parts = std::exchange(message["content"], nullptr);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    const auto type = part.is_object() ? part.value("type", json{}) : json{};
    if (type == "text" && part.contains("text") && part["text"].is_string())
      text += part["text"].get_ref<const std::string&>();
    else if (type == "image_url" && part.contains("image_url") && part["image_url"].is_object()
             && part["image_url"].value("url", json{}).is_string())
      message["images"].push_back(image_of(part["image_url"]["url"].get<std::string>()));
    else
      throw json_error{place + ".content[" + std::to_string(i) + "]: must be a text or an image_url"};
  }
  message["content"] = text;
}

json make_item(std::string_view kind, const json& value) {
  return {{"protocol", "openai"},
          {"kind", kind},
          {"data", value.is_string() ? value.get<std::string>() : value.dump()}};
}

json json_loader::in_own_form(json message, const std::string& place) {
  for (const auto* list : {"items", "images"})
    if (message.contains(list))
      expect(message[list].is_array(), message[list], member_of(place, list), "a list");
  if (!message.contains("role"))
    refuse(place, "has no role");
  if (message.value("role", json{}) == "developer")
    message["role"] = "system";
  if (message.contains("content") && message["content"].is_array())
    flatten_content(message, place);
  if (const auto calls = message.find("tool_calls"); calls != message.end() && calls->is_array()) {
    for (auto& call : *calls) {
      if (!call.is_object() || !call.contains("function") || !call["function"].is_object())
        continue;
      const auto function = call["function"];
      for (const auto* name : {"name", "arguments"})
        if (function.contains(name))
          call[name] = function[name];
      if (call.contains("extra_content") && (!call.contains("items") || call["items"].is_array()))
        call["items"].push_back(make_item("extra_content", call["extra_content"]));
    }
  }
  for (const auto* name : {"reasoning_content", "reasoning_details"})
    if (message.contains(name) && !message[name].is_null())
      message["items"].push_back(make_item(name, message[name]));
  return message;
}

// -- documents ------------------------------------------------------------------------------------------------

template <class T>
json save_document(const T& what) {
  auto result = json_saver::save(what);
  result["version"] = version;
  return result;
}

template <class T>
void load_document(const json& from, T& to) {
  if (from.is_object() && from.contains("version")) {
    int written = 0;
    json_loader::load(from["version"], written, "version");
    if (written > version)
      throw json_error{"version: " + std::to_string(written)
                       + " was written by a newer magna; this one reads " + std::to_string(version)};
  }
  T result;
  json_loader::load(from, result, "");
  to = std::move(result);
}

} // namespace

void to_json(json& to, const chat_message& from) {
  to = json_saver::save(from);
}
void to_json(json& to, const request& from) {
  to = save_document(from);
}
void to_json(json& to, const completion& from) {
  to = save_document(from);
}
void to_json(json& to, const failure& from) {
  to = save_document(from);
}
void to_json(json& to, const status_report& from) {
  to = save_document(from);
}

void from_json(const json& from, chat_message& to) {
  chat_message result;
  json_loader::load(from, result, "");
  to = std::move(result);
}
void from_json(const json& from, request& to) {
  load_document(from, to);
}
void from_json(const json& from, completion& to) {
  load_document(from, to);
}
void from_json(const json& from, failure& to) {
  load_document(from, to);
}
void from_json(const json& from, status_report& to) {
  load_document(from, to);
}

} // namespace magna
