#include <magna/client/client.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/client/client_impl.hpp>
#include <magna/client/health_listener.hpp>
#include <magna/config/load.hpp>

namespace magna {

namespace {

/// Reads a stream for callbacks, each time there is something to read.
class reader : public std::enable_shared_from_this<reader> {
public:
  reader(client_call_ptr what, client::on_chunk piece, client::on_end end)
    : call_(std::move(what)), piece_(std::move(piece)), end_(std::move(end)) {}

  /// On the client's thread.
  void run() {
    std::optional<chunk> next;
    for (;;) {
      switch (call_->try_next(next)) {
        case client_call::look::text:
          tell(*next);
          break;
        case client_call::look::end:
          end_(how_it_ended());
          return;
        case client_call::look::nothing_yet:
          if (wait())
            return;
          break;
      }
    }
  }

  bool wait() {
    return call_->when_ready([self = shared_from_this()] { self->run(); });
  }

private:
  void tell(const chunk& what) {
    if (!problem_.empty())
      return;
    try {
      piece_(what);
    } catch (const std::exception& thrown) {
      give_up(thrown.what());
    } catch (...) {
      give_up("something that is no std::exception");
    }
  }

  void give_up(const std::string& thrown) {
    problem_ = "the callback for pieces threw: " + thrown;
    call_->cancel();
  }

  expected<completion> how_it_ended() const {
    if (problem_.empty())
      return call_->result();
    return call_->make_failure(errc::cancelled, problem_);
  }

  client_call_ptr call_;
  client::on_chunk piece_;
  client::on_end end_;
  std::string problem_;
};

} // namespace

request make_request(std::string prompt, std::string system_prompt) {
  request result;
  result.system_prompt = std::move(system_prompt);
  result.messages.emplace_back().content = std::move(prompt);
  return result;
}

cancel_handle::cancel_handle(std::shared_ptr<client_call> what) noexcept : call_(std::move(what)) {}

void cancel_handle::cancel() const {
  call_->cancel();
}

subscription::subscription(std::shared_ptr<health_listener> what) noexcept : listener_(std::move(what)) {}

subscription::~subscription() {
  if (listener_)
    listener_->stop();
}

subscription::subscription(subscription&& other) noexcept = default;

subscription& subscription::operator=(subscription&& other) noexcept {
  if (this != &other) {
    if (listener_)
      listener_->stop();
    listener_ = std::move(other.listener_);
  }
  return *this;
}

// -- making -------------------------------------------------------------------------------------------------

client::client(settings config, const tls_files& tls, std::vector<std::shared_ptr<observer>> observers)
  : impl_(
    impl::make(std::move(config), tls, static_cast<caf::actor_system*>(nullptr), std::move(observers))) {}

client::client(caf::actor_system& system, settings config, const tls_files& tls,
               std::vector<std::shared_ptr<observer>> observers)
  : impl_(impl::make(std::move(config), tls, &system, std::move(observers))) {}

client::client(caf::actor_system& system, service_actor service)
  : impl_(impl::make(system, std::move(service))) {}

client::client(std::unique_ptr<impl> made) noexcept : impl_(std::move(made)) {}

client::~client() {
  const caf_guest guest;
  if (impl_)
    impl_->close();
  impl_.reset();
}

client::client(client&& other) noexcept = default;

client& client::operator=(client&& other) noexcept {
  const caf_guest guest;
  if (impl_)
    impl_->close();
  impl_ = std::move(other.impl_);
  return *this;
}

namespace {

settings load_settings(const config::sources& from) {
  auto loaded = config::load(from);
  for (const auto& warning : loaded.warnings)
    logger()->warn("{}", warning);
  return std::move(loaded.settings);
}

} // namespace

client client::from_environment() {
  return client{load_settings(config::sources::of_process())};
}

client client::from_file(const std::filesystem::path& path) {
  auto from = config::sources::of_process();
  from.file = path;
  return client{load_settings(from)};
}

client client::of_nodes(const std::vector<std::string>& nodes, const tls_files& tls) {
  if (nodes.empty())
    throw std::invalid_argument{"a client of nodes needs at least one node"};
  std::vector<node_address> addresses;
  for (const auto& text : nodes) {
    auto address = parse_node_address(text);
    if (!address || address->port == 0)
      throw std::invalid_argument{"'" + text + "' is not the HOST:PORT of a node"};
    addresses.push_back(std::move(*address));
  }
  return client{impl::make(std::move(addresses), tls)};
}

// -- the whole answer ---------------------------------------------------------------------------------------

expected<completion> client::generate(request what, std::optional<milliseconds> timeout) {
  return impl_->start(std::move(what), false, timeout)->result();
}

expected<completion> client::generate(std::string_view prompt, std::optional<milliseconds> timeout) {
  return generate(make_request(std::string{prompt}), timeout);
}

pending_answer client::async_generate(request what, std::optional<milliseconds> timeout) {
  return pending_answer{impl_->start(std::move(what), false, timeout)};
}

pending_answer client::async_generate(std::string_view prompt, std::optional<milliseconds> timeout) {
  return async_generate(make_request(std::string{prompt}), timeout);
}

// -- vectors ------------------------------------------------------------------------------------------------

namespace {

/// As many as one request may have.
constexpr std::size_t texts_of_request = 2'048;

request embedding_of(std::vector<std::string> texts, const client::embedding_options& how) {
  request result;
  result.job = job_kind::embedding;
  result.inputs = std::move(texts);
  result.model = how.model;
  result.targets = how.targets;
  result.dimensions = how.dimensions;
  return result;
}

void add_tokens(usage& to, const usage& more) {
  if (to.prompt_tokens && more.prompt_tokens)
    *to.prompt_tokens += *more.prompt_tokens;
  else
    to.prompt_tokens.reset();
}

} // namespace

pending_answer client::async_embed(std::vector<std::string> texts, const embedding_options& how) {
  return async_generate(embedding_of(std::move(texts), how), how.timeout);
}

expected<completion> client::embed(std::vector<std::string> texts, const embedding_options& how) {
  if (texts.size() <= texts_of_request)
    return generate(embedding_of(std::move(texts), how), how.timeout);
  const auto until = std::chrono::steady_clock::now() + how.timeout.value_or(milliseconds{0});
  std::optional<completion> whole;
  // Who has answered first answers all: another one's vectors could not be compared.
  auto pinned = how;
  for (std::size_t at = 0; at < texts.size(); at += texts_of_request) {
    const auto begin = std::next(texts.begin(), static_cast<std::ptrdiff_t>(at));
    const auto count = std::min(texts_of_request, texts.size() - at);
    auto some = pinned;
    if (how.timeout)
      some.timeout =
        std::max(std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()), milliseconds{1});
    auto part =
      generate(embedding_of({std::make_move_iterator(begin),
                             std::make_move_iterator(std::next(begin, static_cast<std::ptrdiff_t>(count)))},
                            some),
               some.timeout);
    if (!part)
      return part;
    if (!whole) {
      whole = *std::move(part);
      pinned.targets = {{whole->provider, whole->attempts.back().model}};
      continue;
    }
    if (part->model != whole->model
        || part->embeddings.front().values.size() != whole->embeddings.front().values.size())
      return failure{.request_id = part->request_id,
                     .error = errc::provider_error,
                     .message =
                       "the texts were answered by different models: " + whole->model + " and " + part->model,
                     .provider = part->provider};
    std::ranges::move(part->embeddings, std::back_inserter(whole->embeddings));
    std::ranges::move(part->attempts, std::back_inserter(whole->attempts));
    add_tokens(whole->usage, part->usage);
    whole->total += part->total;
  }
  return *std::move(whole);
}

// -- the answer as it comes ---------------------------------------------------------------------------------

answer_stream client::stream(request what, std::optional<milliseconds> timeout) {
  return answer_stream{impl_->start(std::move(what), true, timeout)};
}

answer_stream client::stream(std::string_view prompt, std::optional<milliseconds> timeout) {
  return stream(make_request(std::string{prompt}), timeout);
}

cancel_handle client::async_stream(request what, on_chunk piece, on_end end,
                                   std::optional<milliseconds> timeout) {
  auto& board = impl_->board();
  auto made = impl_->start(std::move(what), true, timeout);
  const auto to_tell = std::make_shared<reader>(made, std::move(piece), std::move(end));
  if (!to_tell->wait())
    board.news().post([to_tell] { to_tell->run(); });
  return cancel_handle{std::move(made)};
}

// -- the providers ------------------------------------------------------------------------------------------

std::string client::last_used_provider() const {
  return impl_->board().last_used_provider();
}

subscription client::subscribe(std::function<void(const health_event&)> callback) {
  return impl_->subscribe(std::move(callback));
}

// -- its life -----------------------------------------------------------------------------------------------

std::vector<setting_error> client::reload(settings config) {
  if (impl_->llm() == nullptr)
    throw std::logic_error{"a client of a service that others run has no settings to reload"};
  return impl_->llm()->reload(std::move(config));
}

std::uint64_t client::shutdown(milliseconds deadline) {
  auto& board = impl_->board();
  board.stop_taking();
  // More than any request may take, and no clock overflows.
  const auto patience = std::min<milliseconds>(deadline, std::chrono::hours{48});
  const auto late = board.wait_until_idle(std::chrono::steady_clock::now() + patience);
  board.close();
  return late;
}

} // namespace magna
