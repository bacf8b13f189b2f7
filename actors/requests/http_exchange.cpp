#include <magna/actors/requests/http_exchange.hpp>

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/requests/batched_exchange.hpp>
#include <magna/providers/answer_check.hpp>
#include <magna/providers/auth.hpp>
#include <magna/providers/errors/rate_limits.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/duration.hpp>
#include <magna/text/redact.hpp>

namespace magna {

namespace {

/// Bytes of an answer that comes whole: most have less.
constexpr std::size_t usual_answer = 2'048;

/// A longer text is not judged.
constexpr std::size_t max_judged_text = std::size_t{32} << 20;

/// A provider that refuses one parameter may refuse the next. A request has no more of them.
constexpr std::size_t max_refusals = 6;

/// How the provider's support calls the request. Whatever is too long or unreadable to be one is none.
std::string request_id_of(const http_head& head) {
  constexpr std::size_t longest = 128;
  for (const auto* name : {"x-request-id", "request-id", "apim-request-id", "x-amzn-requestid"})
    if (const auto id = head.header(name);
        !id.empty() && id.size() <= longest && std::ranges::all_of(id, is_graphic))
      return std::string{id};
  return {};
}

std::string_view setting_of(deadline_kind kind, bool stream) {
  switch (kind) {
    case deadline_kind::response_headers:
      return "response_headers_timeout_seconds";
    case deadline_kind::first_token:
      return "LLM_TIMEOUT_SECONDS or first_token_timeout_seconds";
    case deadline_kind::idle:
      return "LLM_TIMEOUT_SECONDS or idle_timeout_seconds";
    case deadline_kind::total:
      return stream ? "attempt_timeout_seconds" : "LLM_TIMEOUT_SECONDS or attempt_timeout_seconds";
  }
  return {};
}

} // namespace

http_exchange::http_exchange(http_exchange_config config, shared_request question, credit_balance& credit,
                             caf::weak_actor_ptr owner)
  : config_(std::move(config)),
    question_(std::move(question)),
    credit_(credit),
    owner_(std::move(owner)),
    parts_(part_sink::wishes{.reasoning = question_->stream && question_->stream_reasoning,
                             .tool_calls = question_->stream && question_->stream_tool_calls}) {}

http_exchange::~http_exchange() {
  stop_transfer();
}

void http_exchange::start(steady_time now) {
  clock_.emplace(config_.deadlines, question_->stream, now);
  start_transfer();
}

void http_exchange::start_transfer() {
  const auto what = call{
    .question = *question_,
    .where = config_.where,
    .model = config_.model,
    .stream = question_->stream,
    .params = config_.params,
    .defaults = default_parameters(),
    .refused = config_.refused,
  };
  decoder_ = config_.protocol->make_decoder(question_->job, question_->stream);
  inbox_ = std::make_shared<transfer_inbox>(owner_, transfer_inbox::default_limit,
                                            question_->stream ? 0 : usual_answer);
  http_status_ = 0;
  provider_request_id_.clear();
  key_rest_.reset();
  transfer_over_ = false;
  transfer_options options;
  options.connect_timeout = config_.deadlines.connect;
  transfer_ = config_.http->start(config_.protocol->encode(what), options, inbox_);
}

void http_exchange::stop_transfer() {
  if (transfer_)
    config_.http->cancel(*std::exchange(transfer_, std::nullopt));
}

std::optional<exchange_news> http_exchange::next(steady_time now) {
  while (!over_) {
    if (credit_.exhausted()) {
      clock_->pause(now);
      // The decoder has its own copy, and the wait may be long.
      std::string{}.swap(incoming_.bytes);
      return take_parts();
    }
    std::optional<exchange_news> news;
    const auto before = parts_.size();
    const auto status = decoder_->next(parts_);
    credit_.spend(parts_.size() - before);
    switch (status) {
      case decode_status::tokens:
        clock_->on_token(now);
        break;
      case decode_status::activity:
        clock_->on_activity(now);
        break;
      case decode_status::need_more:
        if (!parts_.empty())
          return take_parts();
        if (refill())
          break;
        if (!transfer_over_)
          return std::nullopt;
        news = on_transfer_end();
        break;
      case decode_status::finished:
        news = succeed();
        break;
      case decode_status::failed:
        news = fail(decoder_->error());
        break;
    }
    if (news)
      return news;
  }
  return std::nullopt;
}

bool http_exchange::refill() {
  inbox_->take(incoming_);
  if (incoming_.empty())
    return false;
  if (incoming_.head) {
    http_status_ = incoming_.head->status;
    provider_request_id_ = request_id_of(*incoming_.head);
    key_rest_ = exhausted_for(*incoming_.head, std::chrono::system_clock::now());
    decoder_->head(*incoming_.head);
    clock_->on_head();
  }
  if (!incoming_.bytes.empty())
    decoder_->feed(incoming_.bytes);
  if (incoming_.ended) {
    transfer_.reset();
    transfer_over_ = true;
    transfer_error_ = incoming_.error;
  } else if (incoming_.paused) {
    config_.http->resume(*transfer_);
  }
  return true;
}

std::optional<exchange_news> http_exchange::take_parts() {
  if (parts_.empty())
    return std::nullopt;
  parts_sent_ = true;
  return exchange_news{.parts = hand_over(), .end = {}};
}

std::vector<part> http_exchange::hand_over() {
  auto parts = parts_.take();
  if (judges_text(*question_) && text_.size() <= max_judged_text)
    for (const auto& x : parts)
      if (x.kind == part_kind::text)
        text_ += x.bytes;
  return parts;
}

std::optional<exchange_news> http_exchange::on_transfer_end() {
  // An error status is told by its body even if the connection broke while it was read, and an answer that
  // was proven complete stays complete.
  if (transfer_error_ && http_status_ < 400 && !decoder_->complete())
    return break_off({.code = transfer_error_->code,
                      .message = transfer_error_->message,
                      .http_status = http_status_,
                      .should_retry = transfer_error_->should_retry});
  return finish();
}

std::optional<exchange_news> http_exchange::finish() {
  const auto before = parts_.size();
  const auto status = decoder_->end(parts_);
  credit_.spend(parts_.size() - before);
  if (status == decode_status::finished)
    return succeed();
  return fail(decoder_->error());
}

std::optional<exchange_news> http_exchange::succeed() {
  const auto& info = decoder_->info();
  if (auto problem = problem_with_vectors(info.embeddings, *question_))
    return fail({.code = errc::provider_error, .message = std::move(*problem)});
  auto parts = hand_over();
  if (text_.size() <= max_judged_text) {
    if (auto problem = problem_with_answer(info, text_, *question_)) {
      auto news = fail(std::move(*problem));
      news->parts = std::move(parts);
      return news;
    }
  }
  // Vectors may come in several transfers, and only one could be handed over.
  if (question_->job == job_kind::embedding)
    stop_transfer();
  over_ = true;
  return exchange_news{.parts = std::move(parts),
                       .end =
                         exchange_end{.result = {.model = info.model.empty() ? config_.model : info.model,
                                                 .finish = info.finish.value_or(finish_reason::stop),
                                                 .usage = info.usage,
                                                 .tool_calls = info.tool_calls,
                                                 .provider_request_id = provider_request_id_,
                                                 .reasoning = info.reasoning,
                                                 .items = info.items,
                                                 .embeddings = info.embeddings,
                                                 .key_rest = key_rest_},
                                      .refused_parameters = std::move(learned_),
                                      .unfinished_transfer = std::exchange(transfer_, std::nullopt)}};
}

std::optional<exchange_news> http_exchange::break_off(response_error error) {
  broken_off_ = true;
  // A limit of this process or its host says nothing of the provider.
  const bool counts = error.code != errc::overloaded;
  return fail(std::move(error), counts);
}

std::optional<exchange_news> http_exchange::fail(response_error error, bool counts) {
  stop_transfer();
  if (!error.refused_parameter.empty() && !parts_sent_ && parts_.empty() && refusals_ < max_refusals
      && config_.refused.insert(error.refused_parameter).second) {
    logger()->info("[{}] {}: model {} does not take {}; asking again another way", question_->id,
                   config_.provider, config_.model, error.refused_parameter);
    ++refusals_;
    if (!error.refused_once)
      learned_.push_back(error.refused_parameter);
    start_transfer();
    return std::nullopt;
  }
  over_ = true;
  const auto& info = decoder_->info();
  attempt_end result{
    .error = error.code,
    .message = redact(error.message, secrets_of(config_.where)),
    .http_status = static_cast<std::uint16_t>(error.http_status != 0 ? error.http_status : http_status_),
    .should_retry = error.should_retry,
    .another_key = config_.another_key,
    .model = info.model.empty() ? config_.model : info.model,
    .usage = info.usage,
    // What the model refuses, and can't be left out either, it can't do.
    .unsupported = error.unsupported || !error.refused_parameter.empty(),
    .provider_request_id = provider_request_id_,
    .key_refused = error.key_refused,
    .key_rest = key_rest_,
  };
  if (error.retry_after)
    result.retry_after = *error.retry_after;
  if (broken_off_)
    result.usage.estimated = result.usage.total_tokens().has_value();
  return exchange_news{
    .parts = parts_.take(),
    .end =
      exchange_end{.result = std::move(result), .counts = counts, .refused_parameters = std::move(learned_)}};
}

std::optional<steady_time> http_exchange::alarm() const {
  return over_ || !clock_ ? std::nullopt : clock_->next();
}

std::optional<exchange_news> http_exchange::on_alarm(steady_time now) {
  if (over_ || !clock_)
    return std::nullopt;
  const auto hit = clock_->expired(now);
  if (!hit)
    return std::nullopt;
  // Some servers keep the connection open after the last word.
  if (decoder_->complete())
    return finish();
  return break_off({.code = errc::timeout,
                    .message = "no sign of " + std::string{to_string(hit->kind)} + " within "
                               + seconds_text(hit->limit) + "; a slow model needs a higher "
                               + std::string{setting_of(hit->kind, question_->stream)}});
}

void http_exchange::on_credit(std::uint64_t, steady_time now) {
  if (clock_ && !credit_.exhausted())
    clock_->resume(now);
}

} // namespace magna
