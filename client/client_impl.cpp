#include <magna/client/client_impl.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <magna/client/health_listener.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/messages/request_id.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/connection.hpp>
#include <magna/node/remote_provider.hpp>

namespace magna {

namespace {

/// How many bytes of a stream's text may wait for the program.
constexpr std::uint64_t default_window = 64 << 10;
/// How long after a request's deadline its own end, which says more than ours, is waited for.
constexpr std::chrono::seconds grace{2};
/// More than any request may have.
constexpr std::chrono::hours longest_deadline{25};

} // namespace

client::impl::impl(settings config, const tls_files& tls, caf::actor_system* borrowed,
                   std::vector<std::shared_ptr<observer>> observers)
  : system_(borrowed != nullptr ? *borrowed : own_system(needs_network(config) ? &tls : nullptr)),
    runtime_(std::make_unique<runtime>(system_, std::move(config), nullptr, make_provider_spawner(tls),
                                       std::move(observers))),
    service_(runtime_->service()) {}

client::impl::impl(std::vector<node_address> nodes, const tls_files& tls)
  : system_(own_system(&tls)),
    way_(spawn_state<connection_state>(system_, connection_config{.nodes = std::move(nodes), .tls = tls})),
    service_(way_) {}

client::impl::impl(caf::actor_system& borrowed, service_actor service)
  : system_(borrowed), service_(std::move(service)) {
  if (!service_)
    throw std::invalid_argument{"a client needs a service"};
  // Streams would wait for their deadline if what serves them is gone without a word.
  const auto actor = caf::actor_cast<caf::strong_actor_ptr>(service_);
  actor->get()->attach_functor([weak = std::weak_ptr{board_}](const caf::error& reason) {
    if (const auto board = weak.lock())
      board->on_service_lost("what served the request is gone: " + error_text(reason));
  });
}

void client::impl::close() {
  board_->close();
  board_->news().stop();
}

client::impl::~impl() {
  close();
  service_ = nullptr;
  runtime_.reset();
  // It would go on connecting to nodes that are down.
  if (way_)
    caf::anon_send_exit(way_, caf::exit_reason::user_shutdown);
  way_ = nullptr;
  own_.reset();
}

caf::actor_system& client::impl::own_system(const tls_files* network) {
  init_types();
  config_ = std::make_unique<caf::actor_system_config>();
  configure(*config_);
  if (network != nullptr)
    enable_network(*config_, *network);
  own_ = std::make_unique<caf::actor_system>(*config_);
  return *own_;
}

client_call_ptr client::impl::start(request what, bool streams, std::optional<milliseconds> timeout) {
  const caf_guest guest;
  if (what.id.empty())
    what.id = make_request_id();
  if (timeout)
    what.deadline = std::min(what.deadline.value_or(longest_deadline),
                             caf::timespan{std::min<milliseconds>(*timeout, longest_deadline)});
  else if (!what.deadline && runtime_)
    what.deadline = runtime_->context().table->now()->config->request_deadline;
  if (streams) {
    what.initial_credit = std::max<std::uint64_t>(what.initial_credit.value_or(default_window), 1);
  } else {
    what.initial_credit.reset();
  }
  auto made = std::make_shared<client_call>(what.id, what.initial_credit, board_);
  const auto patience =
    std::clamp<caf::timespan>(what.deadline.value_or(longest_deadline), {}, longest_deadline) + grace;
  const shared_request question{std::move(what)};
  board_->open(made,
               [&] { return spawn_state<call_state>(system_, service_, question, made, patience, alarms_); });
  return made;
}

template <class Report, class Query>
expected<Report> client::impl::ask(const Query& what, milliseconds timeout) const {
  const caf_guest guest;
  std::optional<expected<Report>> result;
  caf::scoped_actor self{system_};
  blocking_request(self, service_, caf::timespan{std::min<milliseconds>(timeout, longest_deadline)}, what)
    .receive([&result](const Report& report) { result.emplace(report); },
             [&result, timeout](const caf::error& reason) {
               if (reason == caf::sec::request_timeout)
                 result.emplace(
                   failure{.error = errc::deadline_exceeded,
                           .message = "no answer came within " + std::to_string(timeout.count()) + " ms",
                           .retryable = true});
               else
                 result.emplace(to_failure(reason));
             });
  return std::move(*result);
}

subscription client::impl::subscribe(std::function<void(const health_event&)> callback) {
  const caf_guest guest;
  const auto made = std::make_shared<health_listener>(std::move(callback), board_);
  const auto started = board_->open(made, [&] {
    const auto actor = spawn_state<health_listener_state>(system_, made);
    made->start(actor);
    anon_mail(magna::subscribe{actor}).send(service_);
  });
  // One message after the other: when this is answered, the subscription has arrived.
  if (started)
    static_cast<void>(ask<status_report>(get_status{}, std::chrono::seconds{10}));
  return subscription{made};
}

expected<health_report> client::check_health(milliseconds timeout) const {
  return impl_->ask<health_report>(magna::check_health{}, timeout);
}

expected<status_report> client::provider_status(milliseconds timeout) const {
  return impl_->ask<status_report>(get_status{}, timeout);
}

} // namespace magna
