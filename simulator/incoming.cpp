#include <magna/simulator/incoming.hpp>

#include <magna/simulator/traits.hpp>

#include <array>

namespace magna::simulator {

namespace {

using nlohmann::json;

/// Splits off `/i/<name>`; what is left starts with a slash.
void take_instance(incoming& request) {
  constexpr std::string_view prefix = "/i/";
  if (!request.path.starts_with(prefix))
    return;
  auto slash = request.path.find('/', prefix.size());
  request.instance = request.path.substr(prefix.size(), slash - prefix.size());
  request.path = slash == std::string::npos ? "/" : request.path.substr(slash);
}

/// Takes a method that the path knows, or tells that it doesn't.
void expect(incoming& request, std::string_view method, operation what) {
  // HEAD goes wherever GET does.
  auto fits = request.method == method || (method == "GET" && request.method == "HEAD");
  request.what = fits ? what : operation::wrong_method;
}

void route_gemini(incoming& request) {
  constexpr std::string_view models = "/v1beta/models";
  std::string_view rest = request.path;
  request.kind = protocol::gemini;
  if (!rest.starts_with(models))
    return;
  rest.remove_prefix(models.size());
  if (rest.empty()) {
    expect(request, "GET", operation::list_models);
    return;
  }
  if (rest.front() != '/' || rest.size() == 1)
    return;
  rest.remove_prefix(1);
  auto colon = rest.rfind(':');
  request.model = rest.substr(0, colon);
  if (colon == std::string_view::npos) {
    expect(request, "GET", operation::get_model);
    return;
  }
  auto verb = rest.substr(colon);
  if (verb == ":batchEmbedContents" || verb == ":embedContent") {
    expect(request, "POST", operation::embed);
    request.single = verb == ":embedContent";
    return;
  }
  if (verb != ":generateContent" && verb != ":streamGenerateContent")
    return;
  expect(request, "POST", operation::generate);
  request.stream = verb == ":streamGenerateContent";
  request.sse = !request.stream || ("&" + request.query + "&").find("&alt=sse&") != std::string::npos;
}

/// The protocols below `/v1` differ in where an answer is asked for. `path` is the request's from there on.
void route_v1(incoming& request, protocol kind, std::string_view path, std::string_view answers) {
  constexpr std::string_view models = "/v1/models";
  request.kind = kind;
  if (path == answers) {
    expect(request, "POST", operation::generate);
  } else if (traits_of(kind).embeddings != nullptr && path == "/v1/embeddings") {
    expect(request, "POST", operation::embed);
  } else if (path == models) {
    expect(request, "GET", operation::list_models);
  } else if (path.starts_with("/v1/models/") && path.size() > models.size() + 1) {
    request.model = path.substr(models.size() + 1);
    expect(request, "GET", operation::get_model);
  }
}

/// OpenAI's two protocols have one address. That below `/openai`, as Azure and Bedrock have it, is the place of
/// Responses, so that its models and embeddings can be told from those of chat completions.
void route_openai(incoming& request) {
  std::string_view path = request.path;
  const bool is_below = path.starts_with("/openai/");
  if (is_below)
    path.remove_prefix(7);
  if (is_below ? path == "/v1/chat/completions" : path != "/v1/responses")
    route_v1(request, protocol::openai, path, "/v1/chat/completions");
  else
    route_v1(request, protocol::openai_responses, path, "/v1/responses");
}

void route_ollama(incoming& request) {
  struct known {
    std::string_view path;
    std::string_view method;
    operation what;
  };
  constexpr auto routes = std::to_array<known>({{"/", "GET", operation::greeting},
                                                {"/api/chat", "POST", operation::generate},
                                                {"/api/embed", "POST", operation::embed},
                                                {"/api/version", "GET", operation::version},
                                                {"/api/tags", "GET", operation::list_models},
                                                {"/api/ps", "GET", operation::running_models},
                                                {"/api/show", "POST", operation::get_model}});
  request.kind = protocol::ollama;
  for (const auto& route : routes)
    if (request.path == route.path)
      expect(request, route.method, route.what);
}

template <class T>
T member(const json& object, const char* name, T otherwise) {
  if (!object.is_object())
    return otherwise;
  auto i = object.find(name);
  if (i == object.end())
    return otherwise;
  if constexpr (std::is_same_v<T, bool>)
    return i->is_boolean() ? i->get<bool>() : otherwise;
  else
    return i->is_string() ? i->get<std::string>() : otherwise;
}

/// The text of one message: a string, or a list of parts that have text.
std::string message_text(const json& message, protocol kind) {
  const auto* name = traits_of(kind).texts;
  auto result = text_in(message, name);
  for (const auto& part : list_in(message, name))
    result += text_in(part, "text");
  return result;
}

} // namespace

std::string text_in(const json& object, const char* name) {
  return member<std::string>(object, name, {});
}

const json& list_in(const json& object, const char* name) {
  static const json none = json::array();
  if (!object.is_object())
    return none;
  auto i = object.find(name);
  return i != object.end() && i->is_array() ? *i : none;
}

const json& incoming::messages() const {
  return list_in(body, traits_of(kind).conversation);
}

std::string_view incoming::header(std::string_view name) const {
  auto i = headers.find(std::string{name});
  return i == headers.end() ? std::string_view{} : std::string_view{i->second};
}

std::string incoming::key() const {
  if (kind == protocol::gemini) {
    if (auto value = header("x-goog-api-key"); !value.empty())
      return std::string{value};
    auto padded = "&" + query + "&";
    auto start = padded.find("&key=");
    return start == std::string::npos ? std::string{}
                                      : padded.substr(start + 5, padded.find('&', start + 1) - start - 5);
  }
  if (kind == protocol::anthropic)
    return std::string{header("x-api-key")};
  constexpr std::string_view scheme = "Bearer ";
  auto value = header("authorization");
  return value.starts_with(scheme) ? std::string{value.substr(scheme.size())} : std::string{};
}

std::string incoming::spelled(std::string_view name) const {
  if (kind == protocol::gemini && name == "top_p")
    return "topP";
  if (kind == protocol::gemini && name == "dimensions")
    return "outputDimensionality";
  return std::string{name};
}

const json* incoming::parameter(std::string_view name) const {
  const auto* from = &body;
  if (what == operation::embed) {
    if (const auto& requests = list_in(body, "requests"); !requests.empty())
      from = &requests.front();
  } else if (kind == protocol::gemini || kind == protocol::ollama) {
    const auto* options = kind == protocol::gemini ? "generationConfig" : "options";
    if (!body.is_object() || !body.contains(options))
      return nullptr;
    from = &body[options];
  }
  if (!from->is_object())
    return nullptr;
  auto i = from->find(spelled(name));
  return i == from->end() || i->is_null() ? nullptr : &*i;
}

std::string incoming::last_user_text() const {
  const auto& list = messages();
  // What has a type and no role is no message: a call, say, or its result.
  for (auto i = list.rbegin(); i != list.rend(); ++i)
    if (member<std::string>(*i, "role", i->contains("type") ? "" : "user") == "user")
      return message_text(*i, kind);
  return text_in(body, traits_of(kind).conversation);
}

std::vector<std::string> incoming::texts() const {
  std::vector<std::string> result;
  if (kind == protocol::gemini) {
    const auto add = [&result](const json& from) {
      const auto content = from.is_object() ? from.find("content") : from.end();
      result.push_back(content == from.end() ? std::string{} : message_text(*content, protocol::gemini));
    };
    if (single)
      add(body);
    for (const auto& item : list_in(body, "requests"))
      add(item);
    return result;
  }
  for (const auto& text : list_in(body, "input"))
    result.push_back(text.is_string() ? text.get<std::string>() : std::string{});
  if (auto text = text_in(body, "input"); !text.empty())
    result.push_back(std::move(text));
  return result;
}

std::optional<route> incoming::on() const noexcept {
  switch (what) {
    case operation::generate:
      return route::generate;
    case operation::embed:
      return route::embed;
    case operation::unknown_path:
    case operation::wrong_method:
      return std::nullopt;
    default:
      return route::probe;
  }
}

std::size_t incoming::prompt_words() const {
  std::size_t result = 0;
  auto count = [&result](std::string_view text) {
    auto inside = false;
    for (auto c : text) {
      auto space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      result += !space && !inside ? 1 : 0;
      inside = !space;
    }
  };
  if (what == operation::embed) {
    for (const auto& text : texts())
      count(text);
    return result;
  }
  count(text_in(body, traits_of(kind).conversation));
  for (const auto& message : messages())
    count(message_text(message, kind));
  if (kind == protocol::gemini && body.is_object() && body.contains("systemInstruction"))
    count(message_text(body["systemInstruction"], kind));
  if (kind == protocol::anthropic)
    count(text_in(body, "system"));
  return result;
}

void interpret(incoming& request, std::string_view body) {
  auto question = request.target.find('?');
  request.path = request.target.substr(0, question);
  request.query = question == std::string::npos ? std::string{} : request.target.substr(question + 1);
  take_instance(request);
  if (request.path == "/v1beta" || request.path.starts_with("/v1beta/"))
    route_gemini(request);
  else if (request.path == "/v1/messages" || !request.header("anthropic-version").empty())
    route_v1(request, protocol::anthropic, request.path, "/v1/messages");
  else if (request.path == "/v1" || request.path.starts_with("/v1/") || request.path.starts_with("/openai/"))
    route_openai(request);
  else
    route_ollama(request);
  if (request.method != "POST")
    return;
  request.body = json::parse(body, nullptr, false);
  if (request.kind == protocol::gemini)
    return;
  request.model = text_in(request.body, "model");
  request.stream = request.what == operation::generate
                   && member<bool>(request.body, "stream", traits_of(request.kind).streams_unasked);
}

} // namespace magna::simulator
