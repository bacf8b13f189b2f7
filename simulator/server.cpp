#include <magna/simulator/server.hpp>

#include <magna/simulator/session.hpp>
#include <magna/simulator/traits.hpp>

#include <sys/resource.h>

#include <mutex>
#include <stdexcept>
#include <thread>

namespace magna::simulator {

namespace {

/// How long to wait before accepting again when the process has no file descriptor left.
constexpr auto accept_pause = std::chrono::milliseconds{20};

/// The port and the thread that serves it.
class engine {
public:
  engine(house& shared, const server_options& options)
    : house_{shared}, send_buffer_{options.send_buffer}, acceptor_{io_}, pause_{io_} {
    auto where = options.address + ":" + std::to_string(options.port);
    try {
      tcp::endpoint endpoint{asio::ip::make_address(options.address), options.port};
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address{true});
      acceptor_.bind(endpoint);
      acceptor_.listen();
      port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error{"the simulator can't listen on " + where + ": " + error.code().message()};
    }
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }

  /// The operations still under way own the connections: they go with the context.
  ~engine() {
    io_.stop();
    thread_.join();
  }

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  std::uint16_t port() const noexcept { return port_; }

private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error) {
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](const boost::system::error_code& stopped) {
          if (!stopped)
            accept();
        });
        return;
      }
      greet(std::move(socket));
      accept();
    });
  }

  void greet(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    if (send_buffer_ > 0)
      socket.set_option(asio::socket_base::send_buffer_size{static_cast<int>(send_buffer_)}, ignored);
    std::make_shared<session>(std::move(socket), house_, connections_++)->start();
  }

  house& house_;
  std::size_t send_buffer_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::uint64_t connections_ = 0;
  std::thread thread_;
};

} // namespace

class server::impl {
public:
  explicit impl(server_options options)
    : house_{.steps = {}, .log = journal{options.log_capacity}, .say = std::move(options.log)},
      address_{options.address} {
    house_.steps.use(std::move(options.scenario));
    engine_ = std::make_unique<engine>(house_, options);
    port_ = engine_->port();
  }

  void stop() {
    auto lock = std::lock_guard{mutex_};
    engine_.reset();
  }

  house house_;
  std::string address_;
  std::uint16_t port_ = 0;

private:
  std::mutex mutex_;
  std::unique_ptr<engine> engine_;
};

server::server(server_options options) : impl_{std::make_unique<impl>(std::move(options))} {}

server::~server() = default;

std::uint16_t server::port() const noexcept {
  return impl_->port_;
}

std::string server::url() const {
  auto is_v6 = impl_->address_.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + impl_->address_ + "]" : impl_->address_) + ":"
         + std::to_string(impl_->port_);
}

std::string server::url(protocol kind, std::string_view instance) const {
  auto result = url();
  if (!instance.empty())
    result.append("/i/").append(instance);
  return result.append(traits_of(kind).base_path);
}

void server::set_scenario(scenario value) {
  impl_->house_.steps.use(std::move(value));
}

void server::reset() {
  impl_->house_.steps.restart();
  impl_->house_.log.clear();
}

std::vector<request_log> server::requests() const {
  return impl_->house_.log.entries();
}

bool server::wait_for(const std::function<bool(const std::deque<request_log>&)>& done,
                      std::chrono::milliseconds timeout) const {
  return impl_->house_.log.wait_for(done, timeout);
}

bool server::wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) const {
  return wait_for(
    [count](const std::deque<request_log>& entries) {
      return !entries.empty() && entries.back().id + 1 >= count;
    },
    timeout);
}

std::optional<request_log> server::wait_for_end(std::uint64_t id, std::chrono::milliseconds timeout) const {
  std::optional<request_log> result;
  wait_for(
    [id, &result](const std::deque<request_log>& entries) {
      if (entries.empty() || id < entries.front().id || id > entries.back().id)
        return false;
      const auto& entry = entries[id - entries.front().id];
      if (entry.end != ending::open)
        result = entry;
      return result.has_value();
    },
    timeout);
  return result;
}

std::size_t server::connections() const noexcept {
  return impl_->house_.connections;
}

void server::stop() {
  impl_->stop();
}

std::size_t raise_open_file_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  auto wanted = limit;
  wanted.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
    return wanted.rlim_cur;
  return limit.rlim_cur;
}

} // namespace magna::simulator
