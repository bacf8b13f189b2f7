#include <magna/providers/codec_registry.hpp>

#include <algorithm>
#include <stdexcept>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using namespace magna::test;

namespace {

/// The answer's text is in `say`, and `over` ends it.
class parrot_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  bool decode_document(const nlohmann::json& document, bool has_halves, part_sink& out) override {
    add_text(out, find_string(document, "say"), has_halves);
    if (document.contains("over"))
      finish(finish_reason::stop, out);
    return document.contains("say") || document.contains("over");
  }
};

class parrot final : public json_codec {
public:
  explicit parrot(std::string kind)
    : json_codec(
      {.kind = std::move(kind),
       .title = "Parrot",
       .default_base_url = "http://parrot",
       .errors = {.codes = {{"moulting", errc::provider_unavailable}}, .parameters = {{"pitch", "pitch"}}}}) {
  }

  std::unique_ptr<response_decoder> make_decoder(job_kind, bool stream) const override {
    return std::make_unique<parrot_decoder>(about(), stream);
  }

protected:
  std::string path_of(const call&) const override { return "/say"; }
  nlohmann::json body_of(const call& what) const override {
    return {{"words", what.question.messages.size()}};
  }
  std::string probe_path(std::string_view) const override { return "/ping"; }
};

bool is_refused(std::shared_ptr<const codec> what) {
  try {
    register_codec(std::move(what));
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

/// Registered once for all tests of this file.
const codec& polly() {
  static const bool done = (register_codec(std::make_shared<parrot>("polly")), true);
  static_cast<void>(done);
  return codec_for("polly");
}

} // namespace

SUITE("codec registry") {

TEST("the built-in kinds are there, in the order of the default chain") {
  const auto all = all_codecs();
  require(all.size() >= 6u);
  check_eq(all[0]->about().kind, "gemini");
  check_eq(all[1]->about().kind, "openai");
  check_eq(all[2]->about().kind, "anthropic");
  check_eq(all[3]->about().kind, "ollama");
  check_eq(all[4]->about().kind, "openai-chat");
  check_eq(all[5]->about().kind, "openai-responses");
  for (const auto* codec : all)
    check(find_codec(codec->about().kind) == codec);
}

TEST("an unknown kind has no codec, and the error names those that have one") {
  check(find_codec("claude") == nullptr);
  check(find_codec("") == nullptr);
  std::string why;
  try {
    codec_for("claude");
  } catch (const std::invalid_argument& error) {
    why = error.what();
  }
  check_ne(why.find("'claude'"), std::string::npos);
  check_ne(why.find("gemini, openai"), std::string::npos);
}

TEST("a kind has one protocol at every address, unless it says otherwise") {
  for (const auto* url : {"https://api.openai.com/v1", "http://localhost/v1"}) {
    check(&codec_for("gemini", url) == find_codec("gemini"));
    check(&codec_for("openai-chat", url) == find_codec("openai-chat"));
  }
  check(&codec_for("openai", "http://localhost/v1") == find_codec("openai"));
  check_eq(codec_for("openai", "https://api.openai.com/v1").about().kind, "openai-responses");
}

TEST("a codec of one's own is found by its kind, after the built-in ones") {
  const auto& mine = polly();
  check_eq(mine.about().title, "Parrot");
  check(all_codecs().back() == &mine);
  check(list_of_kinds().ends_with(" or polly"));
}

TEST("a kind is registered once, and has a name that settings can write") {
  polly();
  check(is_refused(nullptr));
  check(is_refused(std::make_shared<parrot>("polly")));
  check(is_refused(std::make_shared<parrot>("gemini")));
  check(is_refused(std::make_shared<parrot>("")));
  check(is_refused(std::make_shared<parrot>("Polly 2")));
  check(is_refused(std::make_shared<parrot>(std::string(65, 'p'))));
}

TEST("the base of codecs makes requests and probes") {
  const request question{.messages = {{role::user, "Hello"}}};
  const endpoint where{
    .base_url = "http://h/v1/", .key = "k", .extra_headers = {{"authorization", "Basic x"}}};
  const auto made = polly().encode({.question = question, .where = where, .model = "m"});
  check_eq(made.method, "POST");
  check_eq(made.url, "http://h/v1/say");
  check_eq(made.body, R"({"words":1})");
  check(made.headers
        == http_headers{{"Content-Type", "application/json"},
                        {"Accept", "text/event-stream"},
                        {"authorization", "Basic x"}});
  const auto probe = polly().encode_probe({.base_url = "http://h", .key = "k"}, "m");
  check_eq(probe.method, "GET");
  check_eq(probe.url, "http://h/ping");
  check(probe.headers == http_headers{{"Accept", "application/json"}, {"Authorization", "Bearer k"}});
  check(!polly().judge_probe({200, {}}, "{}", "m"));
  check(polly().judge_probe({401, {}}, "", "m")->code == errc::authentication_failed);
}

TEST("the base of decoders frames, ends and judges what a codec of one's own decodes") {
  polly();
  const auto decode_polly = [](std::string_view body) {
    return decode({.kind = "polly", .body = body}).summary();
  };
  check_eq(decode_polly("data: {\"say\":\"Hel\"}\n\ndata: {\"say\":\"lo\"}\n\ndata: {\"over\":1}\n\n"),
           "finished stop: Hello");
  check_eq(decode_polly("data: {\"say\":\"Hel\"}\n\n"), "failed stream_truncated: Hel");
  check_eq(decode_polly("data: {\"over\":1}\n\n"), "failed provider_error: ");
  check_eq(decode({.kind = "polly",
                   .body = R"({"say":"Hello","over":1})",
                   .content_type = "application/json",
                   .stream = false})
             .summary(),
           "finished stop: Hello");
}

TEST("a codec of one's own has error codes and parameters of its own, beside the common ones") {
  polly();
  const auto error_of = [](int status, std::string_view body) {
    return decode({.kind = "polly", .body = body, .content_type = "application/json", .status = status})
      .error;
  };
  check(error_of(418, R"({"error":{"code":"moulting","message":"m"}})").code == errc::provider_unavailable);
  check(error_of(400, R"({"error":{"code":"rate_limit_exceeded","message":"m"}})").code
        == errc::rate_limited);
  check_eq(error_of(400, R"({"error":{"message":"Unsupported parameter: 'pitch'"}})").refused_parameter,
           "pitch");
}

} // SUITE("codec registry")
