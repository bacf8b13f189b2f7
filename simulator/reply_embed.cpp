#include <magna/simulator/embedding.hpp>
#include <magna/simulator/manners.hpp>

#include <algorithm>
#include <bit>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;
using sent = nlohmann::json;

/// How many texts the real servers take at once; Ollama takes any number.
constexpr std::size_t most_openai_inputs = 2048;
constexpr std::size_t most_gemini_requests = 100;

/// A member of an object; null where it is missing.
const sent& member_of(const sent& object, const char* name) {
  static const sent none;
  return object.is_object() && object.contains(name) ? object[name] : none;
}

const char* dimensions_name(protocol kind) {
  return kind == protocol::gemini ? "outputDimensionality" : "dimensions";
}

bool is_size(const sent& value) {
  return value.is_number_integer() && value >= 1 && value <= most_dimensions;
}

/// The part of the request that says how one of its texts is to be treated.
const sent& settings_of(const incoming& request, std::size_t index) {
  const auto& list = list_in(request.body, "requests");
  return request.kind == protocol::gemini && !request.single && index < list.size() ? list[index]
                                                                                    : request.body;
}

std::size_t dimensions_for(const incoming& request, std::size_t index, const step& options) {
  const auto& wanted = member_of(settings_of(request, index), dimensions_name(request.kind));
  if (is_size(wanted))
    return wanted.get<std::size_t>();
  // Only Ollama's requests come here with more than there are, and then get all.
  return wanted.is_number_integer() && wanted > most_dimensions
           ? most_dimensions
           : options.dimensions.value_or(default_dimensions);
}

std::string base64(const std::vector<float>& vector) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint32_t> bytes;
  for (auto value : vector)
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes.push_back(std::bit_cast<std::uint32_t>(value) >> shift & 0xFFU);
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = bytes.size() - i;
    const auto group = bytes[i] << 16U | (left > 1 ? bytes[i + 1] << 8U : 0) | (left > 2 ? bytes[i + 2] : 0);
    result += digits[group >> 18U];
    result += digits[group >> 12U & 63U];
    result += left > 1 ? digits[group >> 6U & 63U] : '=';
    result += left > 2 ? digits[group & 63U] : '=';
  }
  return result;
}

/// As numbers of double precision, which say exactly what a float is.
json numbers(const std::vector<float>& vector) {
  auto result = json::array();
  for (auto value : vector)
    result.push_back(double{value});
  return result;
}

/// More vectors than texts begin again with the first text.
std::vector<std::vector<float>> vectors_for(const incoming& request, const step& options) {
  auto texts = request.texts();
  const auto count = options.vectors.value_or(texts.size());
  if (texts.empty())
    texts.emplace_back();
  std::vector<std::vector<float>> result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto asked = i % texts.size();
    result.push_back(embedding_of(request.model, texts[asked], dimensions_for(request, asked, options)));
  }
  return result;
}

json openai_body(const incoming& request, const step& options) {
  const auto as_text = text_in(request.body, "encoding_format") == "base64";
  auto data = json::array();
  for (const auto& vector : vectors_for(request, options))
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", as_text ? json(base64(vector)) : numbers(vector)}});
  json result = {{"object", "list"}, {"data", std::move(data)}, {"model", request.model}};
  if (options.usage) {
    const auto count = options.prompt_tokens.value_or(request.prompt_words());
    result["usage"] = {{"prompt_tokens", count}, {"total_tokens", count}};
  }
  return result;
}

json gemini_body(const incoming& request, const step& options) {
  auto embeddings = json::array();
  for (const auto& vector : vectors_for(request, options))
    embeddings.push_back({{"values", numbers(vector)}});
  if (!request.single)
    return {{"embeddings", std::move(embeddings)}};
  return embeddings.empty() ? json::object() : json{{"embedding", embeddings.front()}};
}

/// Durations are in nanoseconds.
json ollama_body(const incoming& request, const step& options) {
  auto embeddings = json::array();
  for (const auto& vector : vectors_for(request, options))
    embeddings.push_back(numbers(vector));
  json result = {{"model", request.model},
                 {"embeddings", std::move(embeddings)},
                 {"total_duration", 2'000'000},
                 {"load_duration", 1'000'000}};
  if (options.usage)
    result["prompt_eval_count"] = options.prompt_tokens.value_or(request.prompt_words());
  return result;
}

reply too_many_requests(const incoming& request, std::size_t most) {
  return bad_request(request, "* BatchEmbedContentsRequest.requests: at most " + std::to_string(most)
                                + " requests can be in one batch");
}

reply invalid_input(const incoming& request) {
  return bad_request(
    request,
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.");
}

std::optional<reply> refuse_openai_dimensions(const incoming& request) {
  const auto& value = member_of(request.body, "dimensions");
  if (value.is_null() || is_size(value))
    return std::nullopt;
  if (!value.is_number_integer())
    return bad_request(request, "Invalid type for 'dimensions': expected an integer.", "dimensions");
  if (value < 1)
    return bad_request(request,
                       "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got "
                         + value.dump() + " instead.",
                       "dimensions");
  return bad_request(request,
                     "Invalid value for 'dimensions' = " + value.dump() + ". Must be less than or equal to "
                       + std::to_string(most_dimensions) + ".",
                     "dimensions");
}

std::optional<reply> refuse_openai_embed(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "We could not parse the JSON body of your request.");
  if (request.model.empty())
    return bad_request(request, "you must provide a model parameter");
  const auto& input = member_of(body, "input");
  if (input.is_null())
    return bad_request(request, "Missing required parameter: 'input'.", "input");
  const auto texts = request.texts();
  if (texts.empty() || texts.size() > most_openai_inputs || std::ranges::any_of(texts, &std::string::empty))
    return invalid_input(request);
  const auto& format = member_of(body, "encoding_format");
  if (!format.is_null() && format != "float" && format != "base64")
    return bad_request(request,
                       "Invalid value: " + format.dump() + ". Supported values are: 'float' and 'base64'.",
                       "encoding_format");
  return refuse_openai_dimensions(request);
}

/// What one request of a batch, or the only one, has to have. `where` is its name in errors.
std::optional<reply> refuse_gemini_item(const incoming& request, const sent& item, const std::string& where) {
  const auto& content = member_of(item, "content");
  if (!content.is_object())
    return bad_request(request, "* " + where + "content: content is not specified");
  const auto& parts = list_in(content, "parts");
  if (parts.empty()
      || std::ranges::any_of(parts, [](const sent& part) { return text_in(part, "text").empty(); }))
    return bad_request(request, "EmbedContentRequest.content contains an empty Part.");
  const auto& size = member_of(item, dimensions_name(request.kind));
  if (!size.is_null() && !is_size(size))
    return bad_request(request, "* " + where + "output_dimensionality: must be from 1 to "
                                  + std::to_string(most_dimensions) + "");
  return std::nullopt;
}

std::optional<reply> refuse_gemini_embed(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "Invalid JSON payload received. Expected an object.");
  if (request.single)
    return refuse_gemini_item(request, body, "EmbedContentRequest.");
  const auto& list = list_in(body, "requests");
  const std::string requests = "BatchEmbedContentsRequest.requests";
  if (list.empty())
    return bad_request(request, "* " + requests + ": requests is not specified");
  if (list.size() > most_gemini_requests)
    return too_many_requests(request, most_gemini_requests);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto where = requests + "[" + std::to_string(i) + "].";
    if (text_in(list[i], "model") != "models/" + request.model)
      return bad_request(request, "* " + where + "model: must be models/" + request.model
                                    + ", as in the request's path");
    if (auto refusal = refuse_gemini_item(request, list[i], where))
      return refusal;
  }
  return std::nullopt;
}

/// Ollama takes empty texts, no text at all, and more dimensions than the model has.
std::optional<reply> refuse_ollama_embed(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "invalid character 'x' looking for beginning of value");
  if (request.model.empty())
    return bad_request(request, "model is required");
  const auto& input = member_of(body, "input");
  const auto is_text = [](const sent& item) { return item.is_string(); };
  if (!input.is_null() && !is_text(input) && !(input.is_array() && std::ranges::all_of(input, is_text)))
    return bad_request(request, "invalid input type");
  const auto& size = member_of(body, "dimensions");
  if (!size.is_null() && !size.is_number_integer())
    return bad_request(request, "json: cannot unmarshal " + std::string{size.type_name()}
                                  + " into Go struct field EmbedRequest.dimensions of type int");
  return std::nullopt;
}

reply too_many_inputs(const incoming& request, std::size_t) {
  return invalid_input(request);
}

reply too_many_for_ollama(const incoming& request, std::size_t most) {
  return bad_request(request, "too many inputs: at most " + std::to_string(most));
}

} // namespace

const embedding_manners gemini_embeddings{gemini_body, refuse_gemini_embed, too_many_requests};
const embedding_manners openai_embeddings{openai_body, refuse_openai_embed, too_many_inputs};
const embedding_manners ollama_embeddings{ollama_body, refuse_ollama_embed, too_many_for_ollama};

reply embed_reply(const incoming& request, const step& options, std::uint64_t id) {
  const auto& traits = traits_of(request.kind);
  auto result = json_reply(request, 200, traits.embeddings->answer(request, options));
  result.headers = traits.speaker().headers(std::to_string(id));
  return result;
}

std::optional<reply> refuse_texts(const incoming& request, const step& options) {
  if (!options.max_texts || request.texts().size() <= *options.max_texts)
    return std::nullopt;
  return traits_of(request.kind).embeddings->too_many(request, *options.max_texts);
}

} // namespace magna::simulator
