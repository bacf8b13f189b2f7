#include <magna/providers/errors/error_mapping.hpp>

#include <magna/tests/providers/protocols/decoding.hpp>

#include "errors.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

SUITE("error mapping") {

TEST("each provider's errors mean what they mean") {
  const row rows[] = {
    // Anthropic
    {anthropic, 400, anthropic_error("invalid_request_error", "max_tokens: Field required"),
     errc::invalid_request},
    {anthropic, 400,
     anthropic_error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
     errc::context_length_exceeded},
    {anthropic, 400,
     anthropic_error(
       "invalid_request_error",
       "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing "
       "to upgrade or purchase credits."),
     errc::rate_limited, "no"},
    {anthropic, 401, anthropic_error("authentication_error", "invalid x-api-key"),
     errc::authentication_failed},
    {anthropic, 402, anthropic_error("billing_error", "There's an issue with your billing"),
     errc::rate_limited, "no"},
    {anthropic, 403, anthropic_error("permission_error", "m"), errc::authentication_failed},
    {anthropic, 404, anthropic_error("not_found_error", "model: m"), errc::model_not_found},
    {anthropic, 413, anthropic_error("request_too_large", "Request exceeds the maximum size"),
     errc::invalid_request},
    {anthropic, 429, anthropic_error("rate_limit_error", "m"), errc::rate_limited},
    {anthropic, 500, anthropic_error("api_error", "Internal server error"), errc::provider_unavailable},
    {anthropic, 504, anthropic_error("timeout_error", "m"), errc::timeout},
    {anthropic, 529, anthropic_error("overloaded_error", "Overloaded"), errc::provider_unavailable},
    {anthropic, 529, "", errc::provider_unavailable},
    // Gemini
    {gemini, 400,
     gemini_error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT",
                  reason("API_KEY_INVALID")),
     errc::authentication_failed},
    {gemini, 400,
     gemini_error(400, "API key expired. Please renew the API key.", "INVALID_ARGUMENT",
                  reason("API_KEY_INVALID")),
     errc::authentication_failed},
    {gemini, 400, gemini_error(400, "API key not valid.", "INVALID_ARGUMENT"), errc::authentication_failed},
    {gemini, 400, gemini_error(400, "Multiple authentication credentials received", "INVALID_ARGUMENT"),
     errc::authentication_failed},
    {gemini, 401,
     gemini_error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED",
                  reason("ACCESS_TOKEN_TYPE_UNSUPPORTED")),
     errc::authentication_failed},
    {gemini, 403,
     gemini_error(403, "Requests are blocked.", "PERMISSION_DENIED", reason("API_KEY_SERVICE_BLOCKED")),
     errc::authentication_failed},
    {gemini, 403, gemini_error(403, "Method doesn't allow unregistered callers.", "PERMISSION_DENIED"),
     errc::authentication_failed},
    {gemini, 400, gemini_error(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
     errc::authentication_failed},
    {gemini, 400, gemini_error(400, "Invalid value at 'contents'", "INVALID_ARGUMENT"),
     errc::invalid_request},
    {gemini, 400, gemini_error(400, "out of range", "OUT_OF_RANGE"), errc::invalid_request},
    {gemini, 400,
     gemini_error(400,
                  "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
                  "INVALID_ARGUMENT"),
     errc::context_length_exceeded},
    {gemini, 400,
     gemini_error(400, "The input token count exceeds the maximum number of tokens allowed 8192.",
                  "INVALID_ARGUMENT"),
     errc::context_length_exceeded},
    {gemini, 404,
     gemini_error(404,
                  "models/x is not found for API version v1beta, or is not supported for generateContent. "
                  "Call ListModels.",
                  "NOT_FOUND"),
     errc::model_not_found},
    {gemini, 429,
     gemini_error(
       429,
       "You exceeded your current quota, please check your plan and billing details. Please retry in 26.66s.",
       "RESOURCE_EXHAUSTED",
       quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier") + "," + retry_info),
     errc::rate_limited},
    {gemini, 429, gemini_error(429, "Resource has been exhausted (e.g. check quota).", "RESOURCE_EXHAUSTED"),
     errc::rate_limited},
    {gemini, 429,
     gemini_error(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED",
                  quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier") + "," + retry_info),
     errc::rate_limited, "no"},
    {gemini, 429,
     gemini_error(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED",
                  quota("PerMinute", "0") + "," + retry_info),
     errc::rate_limited, "no"},
    {gemini, 429,
     gemini_error(429, "You exceeded your current quota, please check your plan and billing details.",
                  "RESOURCE_EXHAUSTED"),
     errc::rate_limited, "no"},
    {gemini, 500, gemini_error(500, "An internal error has occurred.", "INTERNAL"),
     errc::provider_unavailable},
    {gemini, 503, gemini_error(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"),
     errc::provider_unavailable},
    {gemini, 504, gemini_error(504, "Deadline expired before operation could complete.", "DEADLINE_EXCEEDED"),
     errc::timeout},
    {gemini, 499, gemini_error(499, "The operation was cancelled.", "CANCELLED"), errc::provider_error},
    {gemini, 400,
     "[" + gemini_error(400, "API key not valid.", "INVALID_ARGUMENT", reason("API_KEY_INVALID")) + "]",
     errc::authentication_failed},
    {gemini, 400, R"({"error":{"code":"invalid_request","message":"m"}})", errc::invalid_request},
    // OpenAI
    {openai, 401,
     openai_error("Incorrect API key provided: sk-ab***yz.", "invalid_request_error", "\"invalid_api_key\""),
     errc::authentication_failed},
    {openai, 401,
     openai_error("You must be a member of an organization to use the API.", "invalid_request_error"),
     errc::authentication_failed},
    {openai, 403,
     openai_error("Country not supported", "request_forbidden", "\"unsupported_country_region_territory\""),
     errc::authentication_failed},
    {openai, 429,
     openai_error("Rate limit reached for requests. Please try again in 20s.", "requests",
                  "\"rate_limit_exceeded\""),
     errc::rate_limited},
    {openai, 429, openai_error("slow", "rate_limit_error", "\"slow_down\""), errc::rate_limited},
    {openai, 503, openai_error("slow", "service_unavailable_error", "\"slow_down\""), errc::rate_limited},
    {openai, 429,
     openai_error("Request too large for gpt-6-luna on tokens per min.", "tokens", "\"rate_limit_exceeded\""),
     errc::rate_limited, "no"},
    {openai, 429,
     openai_error("You exceeded your current quota.", "insufficient_quota", "\"insufficient_quota\""),
     errc::rate_limited, "no"},
    {openai, 429, openai_error("m", "insufficient_quota"), errc::rate_limited, "no"},
    {openai, 429, openai_error("m", "insufficient_quota", "\"credit_balance_exhausted\""), errc::rate_limited,
     "no"},
    {openai, 429, openai_error("m", "x", "\"organization_spend_limit_exceeded\""), errc::rate_limited, "no"},
    {openai, 429, openai_error("m", "x", "\"project_spend_limit_exceeded\""), errc::rate_limited, "no"},
    {openai, 429, openai_error("m", "x", "\"organization_usage_limit_exceeded\""), errc::rate_limited, "no"},
    {openai, 429, openai_error("m", "x", "\"billing_hard_limit_reached\""), errc::rate_limited, "no"},
    {openai, 402, R"({"error":{"message":"Insufficient Balance"}})", errc::rate_limited, "no"},
    {openai, 404,
     openai_error("The model `gpt-4` does not exist or you do not have access to it.",
                  "invalid_request_error", "\"model_not_found\""),
     errc::model_not_found},
    {openai, 404, openai_error("The model has been deprecated", "invalid_request_error"),
     errc::model_not_found},
    {openai, 400, openai_error("m", "invalid_request_error", "\"model_not_found\""), errc::model_not_found},
    {openai, 400, openai_error("The model `x` does not exist.", "invalid_request_error"),
     errc::model_not_found},
    {openai, 400,
     openai_error("Unsupported parameter: 'max_tokens'", "invalid_request_error", "\"unsupported_parameter\"",
                  "\"max_tokens\""),
     errc::invalid_request},
    {openai, 400, openai_error("Invalid value", "invalid_request_error", "\"invalid_value\"", "\"n\""),
     errc::invalid_request},
    {openai, 422,
     R"({"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]})",
     errc::invalid_request},
    {openai, 413, openai_error("too large", "invalid_request_error"), errc::invalid_request},
    {openai, 415, "", errc::invalid_request},
    {openai, 405, "", errc::invalid_request},
    {openai, 400, openai_error("m", "invalid_request_error", "\"context_length_exceeded\"", "\"messages\""),
     errc::context_length_exceeded},
    {openai, 400,
     openai_error("This model's maximum context length is 8192 tokens.", "invalid_request_error"),
     errc::context_length_exceeded},
    {openai, 400,
     openai_error("Input tokens exceed the configured limit of 9 tokens", "invalid_request_error"),
     errc::context_length_exceeded},
    {openai, 400,
     openai_error("Your prompt was flagged as potentially violating our usage policy.",
                  "invalid_request_error", "\"invalid_prompt\""),
     errc::content_filtered},
    {openai, 400, openai_error("m", "invalid_request_error", "\"content_policy_violation\""),
     errc::content_filtered},
    {openai, 400,
     R"({"error":{"message":"m","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     errc::content_filtered},
    {openai, 503, openai_error("m", "service_unavailable_error", "\"server_is_overloaded\""),
     errc::provider_unavailable},
    {openai, 500, openai_error("m", "server_error"), errc::provider_unavailable},
    {openai, 502, "<html><head><title>502 Bad Gateway</title></head></html>", errc::provider_unavailable},
    {openai, 522, "<html></html>", errc::provider_unavailable},
    {openai, 504, "<html></html>", errc::timeout},
    {openai, 504, openai_error("m", "server_error"), errc::timeout},
    {openai, 409, openai_error("m", "conflict"), errc::provider_unavailable},
    {openai, 408, "", errc::timeout},
    {openai, 418, "", errc::provider_error},
    {openai, 301, "", errc::provider_error},
    // llama.cpp and others that are compatible
    {openai, 503, R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})",
     errc::provider_unavailable},
    {openai, 400,
     R"({"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}})",
     errc::context_length_exceeded},
    {openai, 401, R"({"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}})",
     errc::authentication_failed},
    {openai, 501, R"({"error":{"code":501,"message":"m","type":"not_supported_error"}})",
     errc::invalid_request},
    {openai, 404, R"({"error":{"code":404,"message":"File Not Found","type":"not_found_error"}})",
     errc::model_not_found},
    {openai, 400,
     R"({"object":"error","message":"This model's maximum context length is 8 tokens.","type":"BadRequestError","code":400})",
     errc::context_length_exceeded},
    {openai, 429, "[" + gemini_error(429, "m", "RESOURCE_EXHAUSTED", quota("PerDay")) + "]",
     errc::rate_limited, "no"},
    // Ollama
    {ollama, 400, ollama_error("invalid character 'x' looking for beginning of value"),
     errc::invalid_request},
    {ollama, 400, ollama_error("option \\\"seed\\\" must be of type integer"), errc::invalid_request},
    {ollama, 400, ollama_error("model is required"), errc::invalid_request},
    {ollama, 400, ollama_error("invalid model name"), errc::model_not_found},
    {ollama, 404, ollama_error("model 'x' not found"), errc::model_not_found},
    {ollama, 404, ollama_error("model \\\"x\\\" not found, try pulling it first"), errc::model_not_found},
    {ollama, 400, ollama_error("\\\"x\\\" does not support chat"), errc::invalid_request},
    {ollama, 503, ollama_error("server busy, please try again.  maximum pending requests exceeded"),
     errc::provider_unavailable},
    {ollama, 499, ollama_error("request canceled"), errc::provider_error},
    {ollama, 500, ollama_error("llama-server process has terminated: signal: killed"),
     errc::provider_unavailable},
    {ollama, 500,
     ollama_error("model runner has unexpectedly stopped, this may be due to resource limitations"),
     errc::provider_unavailable},
    {ollama, 500, ollama_error("timed out waiting for llama-server to start - "), errc::timeout},
    {ollama, 400,
     ollama_error("the prompt is longer than the context length currently available to the model; x"),
     errc::context_length_exceeded},
    {ollama, 400,
     ollama_error(
       "{\\\"error\\\":{\\\"code\\\":400,\\\"message\\\":\\\"request (9 tokens) exceeds the available "
       "context size (8 tokens), try increasing "
       "it\\\",\\\"type\\\":\\\"exceed_context_size_error\\\",\\\"n_prompt_tokens\\\":9,\\\"n_ctx\\\":8}}"),
     errc::context_length_exceeded},
    {ollama, 400, ollama_error("the input length exceeds the context length"), errc::context_length_exceeded},
    {ollama, 401, R"({"error":"unauthorized","signin_url":"https://ollama.com/connect"})",
     errc::authentication_failed},
    {ollama, 403, "", errc::authentication_failed},
    {ollama, 413, "", errc::context_length_exceeded},
    {ollama, 405, "405 method not allowed", errc::invalid_request},
    {ollama, 502, ollama_error("upstream"), errc::provider_unavailable},
    {ollama, 429, ollama_error("too many requests"), errc::rate_limited},
    // Inside a stream there is no status to say so.
    {ollama, 200, ollama_error("too many requests"), errc::rate_limited},
  };
  for (const auto& row : rows) {
    const auto result = map(row.kind, row.status, row.body);
    if (result.code != row.code || word_for(result.should_retry) != row.should_retry || result.message.empty()
        || result.http_status != row.status)
      fail("{} {}: {} {}", row.status, row.body, to_string(result.code), word_for(result.should_retry));
    // The decoder reads the same from the bytes as they come.
    const auto decoded = test::decode(
      {.kind = row.kind, .body = row.body, .content_type = "application/json", .status = row.status});
    check_eq(decoded.summary(), "failed " + to_string(row.code) + ": ");
    check_eq(decoded.error.message, result.message);
  }
}

TEST("the message is the provider's own, or says what came instead") {
  check_eq(map(openai, 401, openai_error("the words", "x")).message, "the words");
  check_eq(map(ollama, 401, R"({"error":"unauthorized","signin_url":"https://o/c"})").message,
           "unauthorized (sign in at https://o/c)");
  check_eq(map(ollama, 400, ollama_error("{\\\"error\\\":{\\\"message\\\":\\\"inner\\\"}}")).message,
           "inner");
  check_eq(map(openai, 502, "<html><head><title>\n502 Bad Gateway </title></head></html>").message,
           "HTTP status 502 with an HTML page: 502 Bad Gateway");
  check_eq(map(openai, 502, "<html></html>").message, "HTTP status 502 with an HTML page");
  check_eq(map(ollama, 403, "").message, "HTTP status 403 with an empty body");
  check_eq(map(ollama, 404, "404 page not found").message, "404 page not found (is the base URL right?)");
  check_eq(map(openai, 500, "{}").message, "HTTP status 500 without an explanation");
  check_eq(map(openai, 302, "", {{"location", "https://x/"}}).message,
           "HTTP status 302, a redirect to https://x/, is not followed");
  check_eq(map(openai, 500, "plain\r\ntext \xFF").message, "plain  text \xEF\xBF\xBD");
  check_eq(map(openai, 500, R"({"error":{"message":"a\ud83d"}})").message, "a\xEF\xBF\xBD");
  const auto flat = map(
    openai, 422,
    R"({"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]})");
  check_eq(flat.message, "Extra inputs are not permitted (seed)");
}

TEST("a long message is cut between characters") {
  std::string message;
  for (int i = 0; i < 2000; ++i)
    message += "\xC3\xA4";
  for (const std::string& body : {R"({"error":"x)" + message + R"("})", "x" + message}) {
    const auto result = map(openai, 400, body).message;
    check(result.size() < 2010);
    check_eq(valid_utf8_prefix(result), result.size());
    check(result.ends_with("..."));
  }
}

TEST("an error body is read up to one megabyte") {
  std::string body = R"({"error":{"message":"m","pad":")" + std::string(2'000'000, 'x');
  const auto decoder = codec_for(openai).make_decoder(job_kind::chat, true);
  decoder->head({503, {}});
  decoder->feed(body);
  part_sink parts;
  check(decoder->next(parts) == decode_status::failed);
  check(decoder->error().code == errc::provider_unavailable);
  check(decoder->error().message.size() < 1000);
}

TEST("the provider's delay is taken from where it is most precise") {
  const auto delay = [](int status, std::string_view body, http_headers headers = {}) {
    return map(openai, status, body, std::move(headers)).retry_after;
  };
  const auto prose = openai_error("Please try again in 20s.", "requests", "\"rate_limit_exceeded\"");
  check_eq(delay(429, prose).value(), 20'000ms);
  check_eq(delay(429, prose, {{"retry-after", "7"}}).value(), 7000ms);
  check_eq(delay(429, prose, {{"retry-after", "7"}, {"retry-after-ms", "1234.5"}}).value(), 1235ms);
  check_eq(delay(503, openai_error("m", "x"), {{"retry-after", "1.5"}}).value(), 1500ms);
  check(!delay(503, openai_error("m", "x")));
  check(!delay(400, openai_error("Please try again in 20s.", "x")));
  check_eq(map(anthropic, 429, anthropic_error("rate_limit_error", "m"), {{"retry-after", "12"}})
             .retry_after.value(),
           12'000ms);
  const auto detailed = gemini_error(429, "Please retry in 99s.", "RESOURCE_EXHAUSTED", retry_info);
  check_eq(map(gemini, 429, detailed).retry_after.value(), 26'661ms);
  check_eq(map(gemini, 429, gemini_error(429, "m. Please retry in 373.8ms.", "RESOURCE_EXHAUSTED"))
             .retry_after.value(),
           374ms);
  const auto metadata =
    R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","metadata":{"quotaResetDelay":"373.8ms"}})";
  check_eq(map(gemini, 429, gemini_error(429, "m", "RESOURCE_EXHAUSTED", metadata)).retry_after.value(),
           374ms);
}

TEST("x-should-retry is passed on, but no money stays no money") {
  check_eq(word_for(map(openai, 500, "", {{"x-should-retry", "false"}}).should_retry), "no");
  check_eq(word_for(map(openai, 400, "", {{"x-should-retry", "true"}}).should_retry), "yes");
  check_eq(word_for(map(openai, 400, "", {{"x-should-retry", "maybe"}}).should_retry), "-");
  check_eq(
    word_for(
      map(openai, 429, openai_error("m", "insufficient_quota"), {{"x-should-retry", "true"}}).should_retry),
    "no");
}

TEST("a refused parameter is named as it stands in the request") {
  struct refusal {
    provider_kind kind;
    int status;
    std::string body;
    std::string_view name;
  };
  const refusal rows[] = {
    {openai, 400, openai_error("m", "invalid_request_error", "\"unsupported_parameter\"", "\"max_tokens\""),
     "max_tokens"},
    {openai, 400, openai_error("m", "invalid_request_error", "\"unsupported_value\"", "\"temperature\""),
     "temperature"},
    {openai, 400, openai_error("m", "invalid_request_error", "\"unsupported_value\"", "\"stream\""), ""},
    {openai, 400,
     openai_error("Unsupported parameter: 'temperature' is not supported with this model.",
                  "invalid_request_error"),
     "temperature"},
    {openai, 400,
     openai_error("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                  "'max_completion_tokens' instead.",
                  "invalid_request_error"),
     "max_tokens"},
    {openai, 400,
     openai_error("Unsupported value: 'top_p' does not support 0.9 with this model.",
                  "invalid_request_error"),
     "top_p"},
    {openai, 400,
     openai_error("Unrecognized request argument supplied: max_completion_tokens", "invalid_request_error"),
     "max_completion_tokens"},
    {openai, 400,
     openai_error("Unknown parameter: 'stream_options'.", "invalid_request_error", "\"unknown_parameter\"",
                  "\"stream_options\""),
     "stream_options"},
    {openai, 400, openai_error("'stop' is not supported with this model", "invalid_request_error"), "stop"},
    {openai, 400, openai_error("Streaming is not supported, stop it", "invalid_request_error"), ""},
    {openai, 400,
     openai_error("max_tokens is too large: 99999", "invalid_request_error", "\"invalid_value\"",
                  "\"max_tokens\""),
     "high cap"},
    {openai, 400, openai_error("temperature must be below 2", "invalid_request_error"), ""},
    {openai, 401, openai_error("temperature is not supported", "invalid_request_error"), ""},
    {openai, 422,
     R"({"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]})",
     "seed"},
    {anthropic, 400, anthropic_error("invalid_request_error", "`temperature` is deprecated for this model."),
     "temperature"},
    {anthropic, 400,
     anthropic_error(
       "invalid_request_error",
       "`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
     "top_p"},
    {anthropic, 400, anthropic_error("invalid_request_error", "top_p: Extra inputs are not permitted"),
     "top_p"},
    {gemini, 400, gemini_error(400, "temperature is not supported by this model", "INVALID_ARGUMENT"),
     "temperature"},
    {gemini, 400, gemini_error(400, "top_p is not supported by this model", "INVALID_ARGUMENT"), "topP"},
    {gemini, 400,
     gemini_error(
       400,
       "Invalid JSON payload received. Unknown name \\\"seed\\\" at 'generation_config': Cannot find field.",
       "INVALID_ARGUMENT"),
     "seed"},
    {gemini, 400, gemini_error(400, "Image input is not supported by this model", "INVALID_ARGUMENT"), ""},
  };
  for (const auto& row : rows) {
    const auto result = map(row.kind, row.status, row.body);
    if (result.refused_parameter != row.name)
      fail("{}: {}", row.body, result.refused_parameter);
    if (!row.name.empty())
      check_eq(to_string(result.code), "invalid_request");
  }
}

} // SUITE("error mapping")
