// Bytes to text: the parsers' framing, and one delta of each protocol, against what one would do with
// nlohmann_json or simdjson by hand.

#include <magna/bench/benches.hpp>

#include <cstddef>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <magna/bench/upstream.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/providers/parsing/ndjson_parser.hpp>
#include <magna/providers/parsing/sse_parser.hpp>

namespace magna::bench {

namespace {

/// What the transport hands on at most.
constexpr std::size_t piece = std::size_t{16} << 10;

constexpr std::string_view token = "sixteen letters ";

std::string gemini_event() {
  return R"(data: {"candidates": [{"content": {"parts": [{"text": "sixteen letters "}],"role": "model"},"index": 0}],)"
         R"("usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 5,"totalTokenCount": 17,)"
         R"("promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},"modelVersion": "gemini-2.5-flash",)"
         R"("responseId": "AbCdEfGhIjKlMnOpQrStUv"})"
         "\n\n";
}

std::string anthropic_event() {
  return "event: content_block_delta\n"
         R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"sixteen letters "}})"
         "\n\n";
}

std::string ollama_line() {
  return R"({"model":"llama3.2","created_at":"2026-01-01T00:00:00.123456789Z",)"
         R"("message":{"role":"assistant","content":"sixteen letters "},"done":false})"
         "\n";
}

std::string repeated(const std::string& event, std::size_t count) {
  std::string out;
  out.reserve(event.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    out += event;
  return out;
}

/// The JSON of an event.
std::string json_of(const std::string& event) {
  auto json = event.substr(event.find('{'));
  json.erase(json.find_last_of('}') + 1);
  return json;
}

/// What this thread has taken of its core, in seconds: other processes do not count.
double thread_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

template <class F>
double seconds_of(F f) {
  const auto before = thread_seconds();
  f();
  return thread_seconds() - before;
}

void expect(bool holds) {
  if (!holds)
    throw std::runtime_error{"parse: a parser did not find what was there"};
}

template <class Parser>
double parser_rate(const std::string& bytes, std::size_t events, typename Parser::status good) {
  Parser parser;
  std::size_t found = 0;
  const auto time = seconds_of([&] {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      parser.feed(std::string_view{bytes}.substr(at, piece));
      for (auto event = parser.next(); event.status != Parser::status::need_more; event = parser.next())
        found += static_cast<std::size_t>(event.status == good);
    }
  });
  expect(found == events);
  return static_cast<double>(bytes.size()) / time / 1e6;
}

/// The limit: finding the ends of lines.
double line_rate(const std::string& bytes) {
  std::size_t found = 0;
  const auto time = seconds_of([&] {
    const auto* at = bytes.data();
    const auto* const end = at + bytes.size();
    while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))))
           != nullptr) {
      ++found;
      ++at;
    }
  });
  expect(found > 0);
  return static_cast<double>(bytes.size()) / time / 1e6;
}

/// Nanoseconds per event of a whole decoder: framing, JSON, bookkeeping.
double decoder_time(const std::string& kind, const std::string& event, std::size_t events) {
  const auto bytes = repeated(event, events);
  const auto decoder = codec_for(provider_kind{kind}).make_decoder(job_kind::chat, true);
  decoder->head(
    http_head{200, {{"content-type", kind == "ollama" ? "application/x-ndjson" : "text/event-stream"}}});
  part_sink parts{{.reasoning = true, .tool_calls = true}};
  std::size_t size = 0;
  const auto time = seconds_of([&] {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      decoder->feed(std::string_view{bytes}.substr(at, piece));
      while (decoder->next(parts) != decode_status::need_more) {}
      size += parts.size();
      parts.take();
    }
  });
  expect(size == events * token.size());
  return time * 1e9 / static_cast<double>(events);
}

template <class F>
double time_per_call(std::size_t calls, F f) {
  return seconds_of([&] {
           for (std::size_t i = 0; i < calls; ++i)
             f();
         })
         * 1e9 / static_cast<double>(calls);
}

double dom_time(const std::string& json, std::size_t events) {
  return time_per_call(events, [&] { expect(nlohmann::json::parse(json).is_object()); });
}

/// Finds the string behind a key, and nothing else.
struct content_finder : nlohmann::json_sax<nlohmann::json> {
  std::string found;
  bool is_next = false;

  bool key(string_t& value) override {
    is_next = value == "content";
    return true;
  }
  bool string(string_t& value) override {
    if (is_next)
      found = value;
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }
};

double sax_time(const std::string& json, std::size_t events) {
  content_finder finder;
  return time_per_call(events, [&] {
    finder.found.clear();
    expect(nlohmann::json::sax_parse(json, &finder) && finder.found == token);
  });
}

double simdjson_time(const std::string& json, std::size_t events) {
  const simdjson::padded_string padded{json};
  simdjson::ondemand::parser parser;
  return time_per_call(events, [&] {
    auto document = parser.iterate(padded);
    std::string_view content;
    expect(document["choices"].at(0)["delta"]["content"].get_string().get(content) == simdjson::SUCCESS
           && content == token);
  });
}

} // namespace

std::vector<row> bench_parse(runner& on) {
  const auto events = on.scaled(100'000);
  const auto openai = event_of(token);
  auto thought = openai;
  thought.replace(thought.find("\"content\""), 9, "\"reasoning_content\"");
  const metric rate{"throughput", "MB/s", {}, {}, true};
  const metric delta{"time per delta", "ns", {}};

  struct measured {
    std::string name;
    const metric& what;
    std::function<double()> magna;
    std::function<double()> baseline;
    std::vector<double> ours;
    std::vector<double> theirs;
  };
  const auto sse = repeated(openai, events);
  const auto lines = repeated(ollama_line(), events);
  const auto ours = [&] { return decoder_time("openai", openai, events); };
  std::vector<measured> all{
    {"SSE parser, and finding ends of lines",
     rate,
     [&] { return parser_rate<sse_parser>(sse, events, sse_parser::status::data); },
     [&] { return line_rate(sse); },
     {},
     {}},
    {"NDJSON parser, and finding ends of lines",
     rate,
     [&] { return parser_rate<ndjson_parser>(lines, events, ndjson_parser::status::line); },
     [&] { return line_rate(lines); },
     {},
     {}},
    {"OpenAI, framing and all; nlohmann DOM",
     delta,
     ours,
     [&] { return dom_time(json_of(openai), events); },
     {},
     {}},
    {"OpenAI, thoughts; nlohmann DOM",
     delta,
     [&] { return decoder_time("openai", thought, events); },
     [&] { return dom_time(json_of(thought), events); },
     {},
     {}},
    {"OpenAI, framing and all; nlohmann SAX",
     delta,
     ours,
     [&] { return sax_time(json_of(openai), events); },
     {},
     {}},
    {"OpenAI, framing and all; simdjson, JSON only",
     delta,
     ours,
     [&] { return simdjson_time(json_of(openai), events); },
     {},
     {}},
  };
  for (const auto& [kind, event] :
       {std::pair{"gemini", gemini_event()}, std::pair{"anthropic", anthropic_event()},
        std::pair{"ollama", ollama_line()}})
    all.push_back(
      {std::string{codec_for(provider_kind{kind}).about().title} + ", framing and all; nlohmann DOM",
       delta,
       [kind = std::string{kind}, event = event, events] { return decoder_time(kind, event, events); },
       [json = json_of(event), events] { return dom_time(json, events); },
       {},
       {}});

  const auto rounds = on.how().rounds;
  int disturbed = 0;
  for (int round = 1; round <= rounds; ++round) {
    show_progress("parse: round " + std::to_string(round) + " of " + std::to_string(rounds));
    const auto others = on.run_here([&all] {
      for (auto& x : all) {
        x.ours.push_back(x.magna());
        x.theirs.push_back(x.baseline());
      }
    });
    disturbed += others.is_too_much() ? 1 : 0;
  }
  end_progress();
  std::vector<row> result;
  result.reserve(all.size());
  for (const auto& x : all) {
    result.push_back(make_row(x.name, "decoder", x.what, x.ours, x.theirs));
    result.back().disturbed = 2 * disturbed >= rounds;
  }
  return result;
}

} // namespace magna::bench
