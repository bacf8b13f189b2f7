#include <magna/node/far_lease.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/const_typed_message_view.hpp>

#include <magna/messages/error_text.hpp>
#include <magna/messages/request_id.hpp>

namespace magna {

namespace {

/// What one exchange and the response to its request share: the response may come when the exchange is over.
struct far_talk {
  /// Names the request at the other node, where the application's own ID may be in use.
  std::string id = make_request_id();
  /// Null until the node has accepted.
  stream_control_actor control;
  /// Granted before.
  std::uint64_t pending_grant = 0;
  /// As the node has said it.
  std::string model;
  std::vector<part> parts;
  std::optional<exchange_end> end;
  /// The node has nothing to do for it any more.
  bool over = false;
};

/// What another node says can be anything; this can be added to the present.
std::optional<caf::timespan> bounded_delay(const std::optional<caf::timespan>& said) {
  return said ? std::optional<caf::timespan>{bounded(*said)} : std::nullopt;
}

exchange_end to_end(completion&& what) {
  return {.result = {.model = std::move(what.model),
                     .finish = what.finish,
                     .usage = what.usage,
                     .tool_calls = std::move(what.tool_calls),
                     .reasoning = std::move(what.reasoning),
                     .items = std::move(what.items),
                     .embeddings = std::move(what.embeddings)}};
}

exchange_end to_end(failure&& what, const std::string& address) {
  attempt_end result{.error = what.error,
                     .message = what.message,
                     .http_status = what.http_status,
                     .retry_after = bounded_delay(what.retry_after),
                     .usage = what.usage};
  if (what.error == errc::cancelled) {
    // Not by this node: the other one shuts down.
    result.error = errc::provider_unavailable;
    result.message = "node " + address + " has given the request up: " + what.message;
  } else if (!what.attempts.empty()) {
    const auto& attempt = what.attempts.back();
    result.message = attempt.message;
    result.model = attempt.model;
    result.provider_request_id = attempt.provider_request_id;
    result.retry_after = bounded_delay(attempt.retry_after);
    result.should_retry = attempt.should_retry;
    result.another_key = attempt.another_key;
    result.unsupported = attempt.unsupported;
  }
  return {.result = std::move(result)};
}

/// The node has not taken the request. Another one's check of it would find no more than this node's own did:
/// what is wrong lies between the two nodes, for instance a provider that only one of them has.
exchange_end to_end(const caf::error& refusal, const std::string& address) {
  attempt_end result{.error = errc::provider_unavailable};
  if (const auto known = caf::make_const_typed_message_view<failure>(refusal.context())) {
    const auto& what = caf::get<0>(known);
    if (what.error == errc::overloaded)
      result.error = errc::overloaded;
    result.message = "node " + address + ": " + what.message;
    result.retry_after = bounded_delay(what.retry_after);
  } else {
    result.message = "node " + address + ": " + error_text(refusal);
  }
  return {.result = std::move(result)};
}

class far_exchange final : public exchange {
public:
  far_exchange(far_place where, const std::string& model, const exchange_host& host)
    : where_(std::move(where)), self_(host.self), credit_(host.credit), deadline_(host.deadline) {
    question_ = *host.question;
    question_.id = talk_->id;
    question_.targets = {{where_.provider, model}};
    question_.model.clear();
    question_.max_attempts = 1;
    question_.hedge = false;
    ++question_.hops;
  }

  ~far_exchange() override {
    if (std::exchange(talk_->over, true))
      return;
    if (talk_->control)
      anon_mail(cancel{talk_->id}).send(talk_->control);
    else
      anon_mail(cancel{talk_->id}).send(where_.node);
  }

  void start(steady_time now) override {
    question_.deadline = std::max<caf::timespan>(deadline_ - now, caf::timespan{1});
    if (credit_.limited())
      question_.initial_credit = credit_.left();
    const auto accept = [talk = talk_](const accepted& open) {
      talk->control = open.control;
      if (talk->over)
        anon_mail(cancel{talk->id}).send(talk->control);
      else if (talk->pending_grant > 0)
        anon_mail(credit{talk->id, std::exchange(talk->pending_grant, 0)}).send(talk->control);
    };
    const auto refuse = [self = self_, talk = talk_, address = where_.address](const caf::error& reason) {
      if (std::exchange(talk->over, true))
        return;
      talk->end = to_end(reason, address);
      self->mail(transfer_ready{}).send(generation_actor{self});
    };
    self_->mail(std::move(question_), requester_actor{self_})
      .request(where_.node, caf::infinite)
      .then(accept, refuse);
  }

  std::optional<exchange_news> next(steady_time) override {
    if (talk_->parts.empty() && !talk_->end)
      return std::nullopt;
    return exchange_news{.parts = std::exchange(talk_->parts, {}),
                         .end = std::exchange(talk_->end, std::nullopt)};
  }

  // The other node keeps the deadlines.
  std::optional<steady_time> alarm() const override { return std::nullopt; }
  std::optional<exchange_news> on_alarm(steady_time) override { return std::nullopt; }

  void on_credit(std::uint64_t bytes, steady_time) override {
    if (talk_->control)
      anon_mail(credit{talk_->id, bytes}).send(talk_->control);
    else
      talk_->pending_grant += bytes;
  }

  bool hear(word& what, const caf::strong_actor_ptr& sender) override {
    if (!is_mine(what, sender))
      return false;
    std::visit([this](auto& x) { take(std::move(x)); }, what);
    return true;
  }

  std::string model() const override { return talk_->model; }

private:
  /// Chunks name no request: they come from who has accepted it.
  bool is_mine(const word& what, const caf::strong_actor_ptr& sender) const {
    return std::visit(
      [&]<class T>(const T& x) {
        if constexpr (std::is_same_v<T, chunk>)
          return sender && talk_->control && sender == caf::actor_cast<caf::strong_actor_ptr>(talk_->control);
        else
          return x.request_id == talk_->id;
      },
      what);
  }

  void take(started&& what) { talk_->model = std::move(what.model); }
  void take(chunk&& what) {
    for (auto& x : what.parts) {
      credit_.spend(x.size());
      talk_->parts.push_back(std::move(x));
    }
  }
  void take(completion&& what) {
    talk_->over = true;
    // After a stream there is none.
    if (!what.text.empty())
      talk_->parts.push_back(part{.kind = part_kind::text, .bytes = std::move(what.text)});
    talk_->end = to_end(std::move(what));
  }
  void take(failure&& what) {
    talk_->over = true;
    talk_->end = to_end(std::move(what), where_.address);
  }

  far_place where_;
  self_pointer<generation_actor> self_;
  credit_balance& credit_;
  steady_time deadline_;
  request question_;
  std::shared_ptr<far_talk> talk_ = std::make_shared<far_talk>();
};

} // namespace

std::unique_ptr<exchange> far_lease::open(const exchange_host& host) {
  return std::make_unique<far_exchange>(where_, model(), host);
}

} // namespace magna
