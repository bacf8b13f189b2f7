// A provider that magna does not know: its wire protocol, registered by name, with no change inside magna.
// Deadlines, retries, truncation checks and health work for it as for the built-in ones.
//
//     custom_provider BASE_URL QUESTION

#include <cstdlib>
#include <iostream>

#include <nlohmann/json.hpp>

#include <magna/magna.hpp>
#include <magna/providers/body_decoder.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/providers/json_codec.hpp>

namespace {

/// What the answer's documents mean: one for each event of a stream, or one that is the whole answer.
class house_decoder : public magna::body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  bool decode_document(const nlohmann::json& document, bool has_halves, magna::part_sink& out) override {
    if (!document.contains("choices") || document["choices"].empty())
      return false;
    const auto& choice = document["choices"][0];
    const auto piece = choice.value(choice.contains("delta") ? "delta" : "message", nlohmann::json::object());
    if (piece.contains("content") && piece["content"].is_string())
      add_text(out, piece["content"].get_ref<const std::string&>(), has_halves);
    // The proof that nothing is missing. Without it the answer is stream_truncated, never complete.
    if (choice.contains("finish_reason") && choice["finish_reason"].is_string())
      finish(choice["finish_reason"] == "length" ? magna::finish_reason::length : magna::finish_reason::stop,
             out);
    return true;
  }
};

class house_codec : public magna::json_codec {
public:
  house_codec() : json_codec({.kind = "house", .title = "House models", .needs_key = false}) {}

  std::unique_ptr<magna::response_decoder> make_decoder(magna::job_kind, bool stream) const override {
    return std::make_unique<house_decoder>(about(), stream);
  }

protected:
  std::string path_of(const magna::call&) const override { return "/chat/completions"; }
  std::string probe_path(std::string_view) const override { return "/models"; }
  nlohmann::json body_of(const magna::call& what) const override {
    auto messages = nlohmann::json::array();
    for (const auto& x : what.question.messages)
      messages.push_back({{"role", to_string(x.from)}, {"content", x.content}});
    return {{"model", what.model}, {"messages", messages}, {"stream", what.stream}};
  }
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: custom_provider BASE_URL QUESTION\n";
    return 2;
  }
  magna::register_codec(std::make_shared<house_codec>());
  magna::settings config;
  config.providers.push_back({.name = "our-own", .kind = "house", .base_url = argv[1], .model = "house-1"});
  if (const auto* key = std::getenv("HOUSE_API_KEY"))
    config.providers[0].keys = {key};
  magna::client llm{config};
  const auto answer = llm.stream(argv[2]);
  for (const auto& chunk : answer)
    std::cout << chunk.text() << std::flush;
  if (const auto end = answer.result(); !end) {
    std::cerr << end.error().message << '\n';
    return 1;
  }
  std::cout << "\n(" << answer.result().value().provider << ")\n";
}
