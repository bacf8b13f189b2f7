#include <magna/providers/errors/error_mapping.hpp>

#include <magna/tests/support/test.hpp>

#include "errors.hpp"

using namespace magna;
using namespace magna::test;

SUITE("verdicts") {

TEST("the words of one provider, its model or its account are no fault of the request") {
  const row rows[] = {
    // Too long, in everybody's words.
    {openai, 400,
     openai_error("This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
                  "x"),
     errc::context_length_exceeded},
    {openai, 400,
     openai_error(
       "You passed 40961 input tokens and requested 2048 output tokens. However, the model's context length "
       "is only 40960 tokens, resulting in a maximum input length of 38912 tokens.",
       "BadRequestError"),
     errc::context_length_exceeded},
    {anthropic, 400,
     anthropic_error(
       "invalid_request_error",
       "input length and `max_tokens` exceed context limit: 195000 + 8192 > 200000, decrease input "
       "length or `max_tokens` and try again"),
     errc::context_length_exceeded},
    {openai, 422,
     R"({"error":"`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 500","error_type":"validation"})",
     errc::context_length_exceeded},
    {openai, 400, openai_error("Invalid request: Your request exceeded model token limit: 8192", "x"),
     errc::context_length_exceeded},
    {openai, 400,
     openai_error("Range of input length should be [1, 30720]", "x", "\"invalid_parameter_error\""),
     errc::context_length_exceeded},
    {openai, 400, openai_error("Context size has been exceeded.", "x"), errc::context_length_exceeded},
    {openai, 413, "", errc::context_length_exceeded},
    {openai, 400, openai_error("m", "x", "\"model_max_prompt_tokens_exceeded\""),
     errc::context_length_exceeded},
    // A pace that sounds like a length.
    {openai, 400, openai_error("Request too large: the prompt is too long for your tokens per minute", "x"),
     errc::rate_limited, "no"},
    // The account's money.
    {anthropic, 400,
     anthropic_error(
       "invalid_request_error",
       "You have reached your specified API usage limits. You will regain access on 2026-12-01 at "
       "00:00 UTC."),
     errc::rate_limited, "no"},
    {anthropic, 429,
     R"({"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}})",
     errc::rate_limited, "no"},
    {anthropic, 429,
     R"({"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"ramp_limit_exceeded"}}})",
     errc::rate_limited},
    {openai, 403,
     openai_error("Your team has either used all available credits or reached its monthly spending limit.",
                  "x"),
     errc::rate_limited, "no"},
    {openai, 429, openai_error("Your account is overdue", "x", "\"Arrearage\""), errc::rate_limited, "no"},
    {openai, 429, R"({"message":"too many requests at the load balancer"})", errc::rate_limited},
    {openai, 498, openai_error("Flex tier capacity exceeded", "x"), errc::rate_limited},
    // Its region and its rights.
    {openai, 403, openai_error("Access denied: not available in your region", "x"),
     errc::authentication_failed},
    {openai, 451, "{}", errc::authentication_failed},
    // Its models.
    {openai, 400, openai_error("Model Not Exist", "invalid_request_error", "\"invalid_request_error\""),
     errc::model_not_found},
    {openai, 400, openai_error("gpt-9 is not a valid model ID", "x"), errc::model_not_found},
    {openai, 400, openai_error("The model `m` has been decommissioned", "x", "\"model_decommissioned\""),
     errc::model_not_found},
    {openai, 403, openai_error("Project `proj_1` does not have access to model `gpt-9`", "x"),
     errc::model_not_found},
    {openai, 404, openai_error("No endpoints found for a/b:free.", "x"), errc::model_not_found},
    {openai, 410, "", errc::model_not_found},
    // What the model itself got wrong.
    {openai, 400,
     openai_error("Tool call validation failed: tool call validation failed", "invalid_request_error",
                  "\"tool_use_failed\""),
     errc::provider_error},
    {openai, 400, openai_error("Failed to generate JSON. Please adjust your prompt.", "x"),
     errc::provider_error},
    // Content.
    {openai, 403,
     R"({"error":{"code":403,"message":"M requires moderation on OpenRouter. Your input was flagged for \"violence\".","metadata":{"reasons":["violence"],"flagged_input":"..."}}})",
     errc::content_filtered},
    {openai, 400, openai_error("Content Exists Risk", "invalid_request_error"), errc::content_filtered},
    {openai, 400, openai_error("m", "x", "\"data_inspection_failed\""), errc::content_filtered},
    // A router tells what the provider behind it said.
    {openai, 400,
     R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 9 > 8\"}}","provider_name":"P"}}})",
     errc::context_length_exceeded},
    {openai, 400,
     R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"the model is overloaded"}}})",
     errc::provider_unavailable},
    // Other shapes.
    {openai, 200, R"({"base_resp":{"status_code":1002,"status_msg":"rate limit"}})", errc::rate_limited},
    {openai, 200, R"({"base_resp":{"status_code":1004,"status_msg":"login fail: invalid api key"}})",
     errc::authentication_failed},
    {openai, 200, R"({"success":false,"errors":[{"code":7009,"message":"Too many requests"}]})",
     errc::rate_limited},
    {openai, 200, R"({"success":false,"message":"model x not found"})", errc::model_not_found},
    {openai, 400,
     R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***ab"})",
     errc::authentication_failed},
    {openai, 400, R"({"__type":"com.amazon.coral.service#ThrottlingException","message":"slow"})",
     errc::rate_limited},
    {openai, 403, R"({"Message":"User is not authorized to perform bedrock:InvokeModel"})",
     errc::authentication_failed},
    {openai, 400,
     R"({"error":{"message":"m","type":null,"param":"prompt","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     errc::content_filtered},
    // Whoever stands in between.
    {openai, 403, "<html><head><title>Just a moment...</title></head></html>", errc::provider_unavailable},
    {openai, 401, "<html><title>401 Authorization Required</title></html>", errc::provider_unavailable},
    {openai, 400, "<html><title>400 Bad Request</title></html>", errc::provider_unavailable},
    {openai, 405, "<html><title>405 Not Allowed</title></html>", errc::provider_unavailable},
    {openai, 413, "<html><title>413 Request Entity Too Large</title></html>", errc::provider_unavailable},
    {openai, 407, "", errc::provider_unavailable},
    // The server's own cancelling is nobody's wish here.
    {openai, 499, "", errc::provider_error},
    {openai, 499, openai_error("client closed request", "x"), errc::provider_error},
  };
  for (const auto& row : rows) {
    const auto result = map(row.kind, row.status, row.body);
    if (result.code != row.code || word_for(result.should_retry) != row.should_retry)
      fail("{} {}: {} {}", row.status, row.body, to_string(result.code), word_for(result.should_retry));
  }
}

TEST("only words about the key refuse the key") {
  struct refusal {
    int status;
    std::string body;
    bool key_refused;
  };
  const refusal rows[] = {
    {401,
     openai_error("Incorrect API key provided: sk-ab***yz.", "invalid_request_error", "\"invalid_api_key\""),
     true},
    {401, R"({"error":"unauthorized"})", true},
    {401, R"({"message":"Unauthorized"})", true},
    {401, R"({"error":{"message":"No auth credentials found","code":401}})", true},
    {401, anthropic_error("authentication_error", "invalid x-api-key"), true},
    {400, gemini_error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"), true},
    {400, gemini_error(400, "API key expired. Please renew the API key.", "INVALID_ARGUMENT"), true},
    {403,
     gemini_error(403, "Your API key was reported as leaked. Please use another API key.",
                  "PERMISSION_DENIED"),
     true},
    {403, gemini_error(403, "Requests are blocked.", "PERMISSION_DENIED", reason("API_KEY_SERVICE_BLOCKED")),
     true},
    {401, "", false},
    {401, openai_error("You must be a member of an organization to use the API.", "invalid_request_error"),
     false},
    {403, "", false},
    {403,
     openai_error("Country, region, or territory not supported", "request_forbidden",
                  "\"unsupported_country_region_territory\""),
     false},
    {403,
     anthropic_error("permission_error",
                     "Your API key does not have permission to use the specified resource."),
     false},
    {403,
     gemini_error(403, "Generative Language API has not been used in project 1 before or it is disabled.",
                  "PERMISSION_DENIED"),
     false},
    {403, "<html><title>invalid api key? no: a proxy</title></html>", false},
    {400, gemini_error(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"), false},
    {400, anthropic_error("invalid_request_error", "messages.1: Invalid `signature` in `thinking` block"),
     false},
  };
  for (const auto& row : rows) {
    const auto result = map(openai, row.status, row.body);
    if (result.key_refused != row.key_refused)
      fail("{} {}: {} {}", row.status, row.body, to_string(result.code), result.key_refused);
  }
}

TEST("what a model can't do is told from a request that is wrong") {
  const auto unsupported = [](provider_kind kind, std::string_view body) {
    const auto result = map(kind, 400, body);
    return result.unsupported && result.code == errc::invalid_request;
  };
  check(unsupported(ollama, ollama_error("registry.ollama.ai/library/gemma:2b does not support tools")));
  check(
    unsupported(gemini, gemini_error(400, "Image input is not supported by this model", "INVALID_ARGUMENT")));
  for (const auto* message :
       {"output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
        "tool_choice forces tool use is not compatible with this model.",
        R"(tool_choice: type \"tool\" and \"any\" are not supported for this model)",
        "This model does not support assistant message prefill. The conversation must "
        "end with a user message.",
        "tools.0.custom.input_schema: JSON schema is invalid."})
    check(unsupported(anthropic, anthropic_error("invalid_request_error", message)));
  for (const auto* message :
       {"Invalid content type. image_url is only supported by certain models.",
        "Thinking mode does not support this tool_choice",
        "Your organization must be verified to stream this model. Please go to x.",
        "Invalid schema for function 'f': In context=(), 'oneOf' is not permitted.",
        "No endpoints found that support image input", "This response_format type is unavailable now",
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"})
    check(unsupported(openai, openai_error(message, "invalid_request_error")));
  check(unsupported(
    gemini, gemini_error(400, "Function calling with a response mime type: 'application/json' is unsupported",
                         "INVALID_ARGUMENT")));
  // llama.cpp's status for it.
  check(map(openai, 500, openai_error("image input is not supported", "server_error")).unsupported);
  check(!unsupported(ollama, ollama_error("invalid format: x")));
  check(!unsupported(openai, openai_error("Invalid value for 'messages'.", "invalid_request_error")));
  check_eq(map(ollama, 400, ollama_error("\\\"gemma\\\" does not support thinking")).refused_parameter,
           "think");
}

} // SUITE("verdicts")
