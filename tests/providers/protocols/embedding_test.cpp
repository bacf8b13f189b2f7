// Vectors, in every split.

#include <magna/tests/providers/protocols/decoding.hpp>

#include <nlohmann/json.hpp>

using namespace magna;
using magna::test::decode;
using nlohmann::json;

namespace {

test::outcome vectors_of(std::string_view kind, std::string_view body) {
  return decode({.kind = kind,
                 .body = body,
                 .content_type = "application/json",
                 .stream = false,
                 .job = job_kind::embedding});
}

json body_for(std::string_view kind, std::string& url, std::set<std::string, std::less<>> refused = {}) {
  request what;
  what.job = job_kind::embedding;
  what.inputs = {"a", "caf\xC3\xA9"};
  what.dimensions = 256;
  const endpoint where{.base_url = "http://host", .key = "k", .extra_headers = {}};
  const auto made = codec_for(kind).encode({.question = what,
                                            .where = where,
                                            .model = "m",
                                            .stream = false,
                                            .params = {},
                                            .defaults = {},
                                            .refused = std::move(refused)});
  url = made.url;
  return json::parse(made.body);
}

using vectors = std::vector<embedding>;

} // namespace

SUITE("embeddings") {

TEST("each protocol is asked in its own way") {
  std::string url;
  check_eq(body_for(provider_kind::openai, url),
           json::parse(R"({"model":"m","input":["a","café"],"encoding_format":"base64","dimensions":256})"));
  check_eq(url, "http://host/embeddings");
  check(!body_for(provider_kind::openai, url, {"encoding_format"}).contains("encoding_format"));
  check_eq(
    body_for(provider_kind::gemini, url),
    json::parse(
      R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":256},)"
      R"({"model":"models/m","content":{"parts":[{"text":"café"}]},"outputDimensionality":256}]})"));
  check_eq(url, "http://host/v1beta/models/m:batchEmbedContents");
  check_eq(body_for(provider_kind::ollama, url),
           json::parse(R"({"model":"m","input":["a","café"],"dimensions":256,"truncate":false})"));
  check_eq(url, "http://host/api/embed");
}

TEST("numbers and base64 are read, and put where they belong") {
  const auto openai = vectors_of(
    provider_kind::openai,
    R"({"object":"list","data":[{"index":1,"embedding":[0.5,-2]},{"index":0,"embedding":"AACAPwAAIMA="}],)"
    R"("model":"m","usage":{"prompt_tokens":7,"total_tokens":7}})");
  check_eq(openai.summary(), "finished stop: ");
  check(openai.info.embeddings == vectors{{{1.0F, -2.5F}}, {{0.5F, -2.0F}}});
  check_eq(openai.tokens(), "7/-/-/-");
  const auto gemini =
    vectors_of(provider_kind::gemini, R"({"embeddings":[{"values":[1,2]},{"values":[3e-5,4]}]})");
  check(gemini.info.embeddings == vectors{{{1, 2}}, {{3e-5F, 4}}});
  const auto ollama =
    vectors_of(provider_kind::ollama, R"({"model":"m","embeddings":[[1,2],[3,4]],"prompt_eval_count":5})");
  check(ollama.info.embeddings == vectors{{{1, 2}}, {{3, 4}}});
  check_eq(ollama.tokens(), "5/-/-/-");
}

TEST("what is no vector is no answer") {
  for (const auto* broken : {R"([])", R"(["a"])", R"("***")", R"("AAA=")", R"(null)", R"([1e999])", R"({})"})
    check_eq(vectors_of(provider_kind::openai,
                        R"({"model":"m","data":[{"index":0,"embedding":)" + std::string{broken} + "}]}")
               .summary()
               .substr(0, 21),
             "failed provider_error");
  check_eq(vectors_of(provider_kind::openai, R"({"model":"m","data":[{"index":4294967296,"embedding":[1]}]})")
             .error.code,
           errc::provider_error);
  check_eq(
    vectors_of(provider_kind::openai, R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})")
      .error.code,
    errc::provider_error);
  check_eq(vectors_of(provider_kind::openai, R"({"model":"m","data":[]})").error.code, errc::provider_error);
  check_eq(vectors_of(provider_kind::openai, R"({"data":[{"index":0,"embedding":[1)").error.code,
           errc::provider_error);
  check_eq(
    vectors_of(provider_kind::openai, R"({"error":{"message":"no","code":"model_not_found"}})").error.code,
    errc::model_not_found);
}

} // SUITE("embeddings")
