#include <magna/actors/requests/http_exchange.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

#include "../fake_transport.hpp"

#include <chrono>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

/// An exchange with a server that the test plays: no actor, no socket, and time is a number.
struct exchange_fixture {
  exchange_fixture() {
    config.provider = "one";
    config.protocol = &codec_for(provider_kind::openai);
    config.where.base_url = "http://one/v1";
    config.where.key = "key-of-one";
    config.model = "m";
    config.deadlines = {.connect = 10s, .response_headers = 20s, .first_token = 30s, .idle = 5s, .total = {}};
    config.http = http;
    what.messages.push_back({role::user, "hi"});
  }

  void start() {
    talk.emplace(config, shared_request{what}, credit, caf::weak_actor_ptr{});
    talk->start(now);
  }

  fake_transfer& upstream() { return *http->transfers.back(); }

  /// All that there is for now, as one text; an end goes to `end`.
  std::string listen() {
    std::string text;
    while (auto news = talk->next(now)) {
      for (const auto& x : news->parts)
        text += x.bytes;
      if (news->end)
        end = std::move(news->end);
    }
    return text;
  }

  http_exchange_config config;
  request what;
  std::shared_ptr<fake_transport> http = std::make_shared<fake_transport>();
  credit_balance credit{std::nullopt};
  steady_time now{1h};
  std::optional<http_exchange> talk;
  std::optional<exchange_end> end;
};

} // namespace

SUITE("http exchange") {

WITH_FIXTURE(exchange_fixture) {

TEST("text comes as it arrives, and what arrived together is one text") {
  start();
  upstream().head(200);
  check_eq(listen(), "");
  upstream().token("one ");
  upstream().token("two ");
  const auto news = talk->next(now);
  require(news.has_value());
  require_eq(news->parts.size(), 1u);
  check_eq(news->parts[0].bytes, "one two ");
  check(!news->end);
  check_eq(listen(), "");
  upstream().finish();
  upstream().end();
  check_eq(listen(), "");
  require(end.has_value());
  check(!end->result.error);
  check(end->counts);
  check(!end->unfinished_transfer);
}

TEST("after its end an exchange has no news") {
  start();
  upstream().head(200);
  upstream().token("all");
  upstream().finish();
  upstream().end();
  listen();
  require(end.has_value());
  end.reset();
  check_eq(listen(), "");
  check(!end);
  check(!talk->alarm());
  check(!talk->on_alarm(now + 1h));
}

TEST("a complete answer whose transfer goes on hands the transfer over, and leaves it alone") {
  start();
  upstream().head(200);
  upstream().token("all");
  upstream().finish();
  check_eq(listen(), "all");
  require(end.has_value());
  check(end->unfinished_transfer.has_value());
  talk.reset();
  check(!upstream().cancelled);
}

TEST("an exchange that is dropped breaks its transfer off") {
  start();
  upstream().head(200);
  talk.reset();
  check(upstream().cancelled);
}

TEST("out of credit nothing is decoded, the deadlines stand still, and a grant lets it go on") {
  credit = credit_balance{4};
  start();
  upstream().head(200);
  upstream().token("12345");
  upstream().token("6789");
  check_eq(listen(), "12345");
  check(!talk->alarm());
  now += 1h;
  check(!talk->on_alarm(now));
  credit.grant(100);
  talk->on_credit(100, now);
  check_eq(listen(), "6789");
  check(talk->alarm().has_value());
}

TEST("the deadlines of an attempt end it, with the setting's name") {
  start();
  require(talk->alarm().has_value());
  check(*talk->alarm() == now + 20s);
  now += 20s;
  const auto news = talk->on_alarm(now);
  require(news && news->end);
  check_eq(news->end->result.error, std::optional{errc::timeout});
  check_found(news->end->result.message, "response_headers_timeout_seconds");
  check(upstream().cancelled);
}

TEST("the provider's own name for the request is kept, of an answer and of an error, unless it is no name") {
  start();
  upstream().head(503, {{"x-request-id", "req_011"}});
  upstream().end();
  listen();
  require(end.has_value());
  check_eq(end->result.provider_request_id, "req_011");
  end.reset();
  start();
  upstream().head(200, {{"request-id", std::string(4'000, 'x')}, {"apim-request-id", "of-azure"}});
  upstream().token("fine");
  upstream().finish();
  upstream().end();
  listen();
  require(end.has_value());
  check_eq(end->result.provider_request_id, "of-azure");
}

TEST("a model that refuses a parameter is asked again without it, in the same exchange") {
  config.params.temperature = 0.5;
  start();
  upstream().head(400, {{"content-type", "application/json"}});
  upstream().data(
    R"({"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.",)"
    R"("type":"invalid_request_error","param":"temperature","code":"unsupported_parameter"}})");
  upstream().end();
  listen();
  check(!end);
  require_eq(http->transfers.size(), 2u);
  check(upstream().request.body.find("temperature") == std::string::npos);
  upstream().head(200);
  upstream().token("fine");
  upstream().finish();
  upstream().end();
  check_eq(listen(), "fine");
  require(end.has_value());
  check_eq(end->refused_parameters, std::vector<std::string>{"temperature"});
}

TEST("a stream that breaks ends in what has arrived, and then an error") {
  start();
  upstream().head(200);
  upstream().token("half ");
  upstream().end(transfer_error{errc::provider_unavailable, "reset"});
  check_eq(listen(), "half ");
  require(end.has_value());
  check_eq(end->result.error, std::optional{errc::provider_unavailable});
}

TEST("a call that was required and did not come ends the attempt, and so does JSON that is none or is cut") {
  const auto ends_with = [this](std::string_view text, std::string_view finish) {
    end.reset();
    start();
    upstream().head(200);
    upstream().token(text);
    upstream().data(R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":")" + std::string{finish}
                    + "\"}]}\n\n" + "data: [DONE]\n\n");
    upstream().end();
    // What there is of it goes out in any case.
    check_eq(listen(), std::string{text});
    require(end.has_value());
    if (!end->result.error)
      return std::string{"fine"};
    check_eq(end->result.error, std::optional{errc::invalid_request});
    check(end->result.unsupported);
    return end->result.message;
  };
  check_eq(ends_with("hello", "stop"), "fine");
  what.tools = {{"f", "", ""}};
  what.tool_choice = tool_choice::required;
  check_eq(ends_with("hello", "stop"), "a call of a tool was required, and the answer has none");
  what.tools.clear();
  what.tool_choice = tool_choice::automatic;
  what.format = answer_format::json_schema;
  what.json_schema = R"({"type":"object"})";
  check_eq(ends_with("{}", "stop"), "fine");
  check_eq(ends_with("hello", "stop"), "JSON after a schema was asked for, and the answer is none");
  check_eq(ends_with("{", "length"),
           "the limit of tokens cut the answer before its JSON was complete: it needs a higher max_tokens");
}

TEST("counts of an answer that broke off are not the last word") {
  const auto counted = [this](auto close) {
    end.reset();
    start();
    upstream().head(200);
    upstream().data(R"(data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":5}})"
                    "\n\n");
    listen();
    close();
    listen();
    require(end.has_value());
    check(end->result.usage.prompt_tokens.has_value());
    return end->result.usage.estimated;
  };
  check(counted([this] { upstream().end(transfer_error{errc::provider_unavailable, "reset"}); }));
  check(counted([this] { upstream().end(); }));
  check(!counted([this] {
    upstream().finish();
    upstream().end();
  }));
}

TEST("a limit of this process says nothing of the provider") {
  start();
  upstream().end(transfer_error{errc::overloaded, "no connection to one: too many open files"});
  listen();
  require(end.has_value());
  check_eq(end->result.error, std::optional{errc::overloaded});
  check(!end->counts);
}

TEST("a transfer that would fail again is no case for a retry") {
  start();
  upstream().end(transfer_error{errc::provider_error, "the certificate is wrong", false});
  listen();
  require(end.has_value());
  check(end->result.should_retry == false);
  check(end->counts);
}

TEST("no key stands in an error's message") {
  start();
  upstream().head(401, {{"content-type", "application/json"}});
  upstream().data(R"({"error":{"message":"Incorrect API key provided: key-of-one."}})");
  upstream().end();
  listen();
  require(end.has_value());
  check(end->result.message.find("key-of-one") == std::string::npos);
}

} // WITH_FIXTURE(exchange_fixture)

} // SUITE("http exchange")
