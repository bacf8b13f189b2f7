#include <magna/tests/soak/requester.hpp>

#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/typed_message_view.hpp>

namespace magna::soak {

namespace {

/// How long a requester listens on after the end.
constexpr milliseconds grace{2'000};

/// A requester that wants to leave before it knows how tries again after this time.
constexpr milliseconds again{10};

delivery delivery_of(const order& task) {
  return task.collect ? delivery::response : task.question.stream ? delivery::streamed : delivery::whole;
}

} // namespace

asker_state::asker_state(self_pointer<asker_actor> self, asker_config config)
  : self_(self),
    config_(std::move(config)),
    check_(delivery_of(config_.task), config_.task.expected, config_.task.question.initial_credit) {}

asker_state::~asker_state() {
  leave_timer_.dispose();
  read_timer_.dispose();
  vanish_timer_.dispose();
}

asker_actor::behavior_type asker_state::make_behavior() {
  itself_ = asker_actor{self_};
  send_request();
  return {
    [this](const started&) { judge(check_.on_started()); },
    [this](const chunk& what) {
      config_.book->text(what.text().size());
      judge(check_.on_chunk(what));
    },
    [this](const completion& what) { on_completion(what); },
    [this](const failure& what) { on_failure(what); },
    [this](caf::tick_atom, std::uint8_t which) { on_timer(static_cast<timer>(which)); },
  };
}

void asker_state::send_request() {
  const auto& task = config_.task;
  config_.book->sent(task.question.id, task.question.deadline.value_or(caf::timespan{0}));
  const auto front_door = config_.front_door();
  if (task.collect)
    self_->mail(task.question)
      .request(front_door, caf::infinite)
      .then([this](const completion& what) { on_completion(what); },
            [this](const caf::error& reason) { on_response(reason); });
  else
    self_->mail(task.question, requester_actor{itself_})
      .request(front_door, caf::infinite)
      .then(
        [this](const accepted& what) {
          judge(check_.on_accepted());
          control_ = what.control;
          config_.on_accepted(control_);
          if (config_.task.reads)
            read_timer_ = arm(timer::read, config_.task.reads->every);
        },
        [this](const caf::error& reason) { on_response(reason); });
  if (task.how != leaving::never)
    leave_timer_ = arm(timer::leave, task.leave_after);
}

void asker_state::on_response(const caf::error& reason) {
  if (const auto known = caf::make_const_typed_message_view<failure>(reason.context())) {
    const auto& what = caf::get<0>(known);
    judge(config_.task.collect ? check_.on_failure(what) : check_.on_refusal());
    config_.book->failed(config_.task.question.id, what.error, what.attempts.size());
  } else {
    judge(check_.on_refusal());
    config_.book->failed(config_.task.question.id, std::nullopt, 0);
  }
  end();
}

void asker_state::on_completion(const completion& what) {
  judge(check_.on_completion(what));
  config_.book->completed(config_.task.question.id, what.attempts.size());
  end();
}

void asker_state::on_failure(const failure& what) {
  judge(check_.on_failure(what));
  config_.book->failed(config_.task.question.id, what.error, what.attempts.size());
  if (left_at_ && what.error == errc::cancelled)
    config_.book->cancelled_within(steady::now() - *left_at_);
  end();
}

void asker_state::on_timer(timer which) {
  switch (which) {
    case timer::leave:
      if (!check_.over())
        leave();
      break;
    case timer::read:
      if (!check_.over()) {
        const auto bytes = config_.task.reads->bytes;
        check_.granted(bytes);
        self_->mail(credit{config_.task.question.id, bytes}).send(control_);
        read_timer_ = arm(timer::read, config_.task.reads->every);
      }
      break;
    case timer::vanish:
      self_->quit();
      break;
  }
}

void asker_state::leave() {
  const auto& id = config_.task.question.id;
  switch (config_.task.how) {
    case leaving::never:
      break;
    case leaving::by_message:
      if (const auto front_door = config_.front_door())
        self_->mail(cancel{id}).send(front_door);
      left_at_ = steady::now();
      break;
    case leaving::by_control:
      if (check_.accepted()) {
        self_->mail(cancel{id}).send(control_);
        left_at_ = steady::now();
      } else {
        leave_timer_ = arm(timer::leave, again);
      }
      break;
    case leaving::by_death:
      config_.book->abandoned(id);
      self_->quit(caf::exit_reason::user_shutdown);
      break;
  }
}

void asker_state::end() {
  leave_timer_.dispose();
  read_timer_.dispose();
  // The stream's own actor is done; holding its handle would hide one that is not.
  control_ = nullptr;
  vanish_timer_ = arm(timer::vanish, grace);
}

caf::disposable asker_state::arm(timer which, milliseconds after) {
  return self_->mail(caf::tick_atom_v, static_cast<std::uint8_t>(which)).delay(after).send(itself_);
}

void asker_state::judge(std::string_view verdict) {
  if (!verdict.empty())
    config_.book->violation(config_.task.question.id, verdict);
}

} // namespace magna::soak
