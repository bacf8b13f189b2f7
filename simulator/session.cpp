#include <magna/simulator/session.hpp>

#include <magna/simulator/control.hpp>
#include <magna/simulator/history.hpp>

#include <algorithm>
#include <cctype>

namespace magna::simulator {

namespace {

constexpr std::uint64_t body_limit = 64ULL * 1024 * 1024;
constexpr std::uint32_t header_limit = 64 * 1024;

/// More than this sent ahead of an answer is not a client that waits for one.
constexpr std::size_t pipeline_limit = 64 * 1024;

/// How long a client may go on sending after the last answer of its connection.
constexpr auto linger_time = std::chrono::seconds{2};

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

template <class Message>
incoming describe(const Message& message) {
  incoming result;
  result.method = std::string{message.method_string()};
  result.target = std::string{message.target()};
  result.http_version = message.version();
  for (const auto& field : message) {
    auto name = lower({field.name_string().data(), field.name_string().size()});
    std::string_view value{field.value().data(), field.value().size()};
    auto [slot, is_new] = result.headers.try_emplace(name, value);
    if (!is_new)
      slot->second.append(", ").append(value);
  }
  return result;
}

} // namespace

session::session(tcp::socket socket, house& shared, std::uint64_t number)
  : socket_{std::move(socket)}, house_{shared}, number_{number}, timer_{socket_.get_executor()} {
  ++house_.connections;
}

session::~session() {
  end_entry(ending::server_stopped);
  --house_.connections;
}

void session::start() {
  read_head();
}

void session::read_head() {
  parser_.emplace();
  parser_->body_limit(body_limit);
  parser_->header_limit(header_limit);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                            self->on_head(error);
                          });
}

void session::on_head(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    refuse_body();
    return;
  }
  if (error) {
    close();
    return;
  }
  auto expect = parser_->get().find(http::field::expect);
  if (parser_->is_done() || expect == parser_->get().end()
      || lower({expect->value().data(), expect->value().size()}) != "100-continue") {
    read_body();
    return;
  }
  outgoing_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
                      if (failed)
                        self->close();
                      else
                        self->read_body();
                    });
}

void session::read_body() {
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                     self->on_body(error);
                   });
}

void session::on_body(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    refuse_body();
    return;
  }
  if (error) {
    close();
    return;
  }
  request_ = describe(parser_->get());
  auto body = std::move(parser_->get().body());
  interpret(request_, body);
  handle(body);
}

void session::refuse_body() {
  request_ = describe(parser_->get());
  interpret(request_, {});
  log_arrival(request_, {});
  playback_.emplace(too_large(request_), request_, true);
  play();
}

void session::handle(const std::string& body) {
  if (auto reply = control(request_, body, house_.steps, house_.log)) {
    playback_.emplace(std::move(*reply), request_);
  } else {
    log_arrival(request_, body);
    playback_.emplace(answer(request_));
  }
  request_.body = nullptr;
  watch();
  play();
}

playback session::answer(const incoming& request) {
  if (request.what == operation::unknown_path || request.what == operation::wrong_method)
    return {unrouted(request), request};
  auto models = house_.steps.models_for(request);
  if (auto refusal = refuse(request, house_.steps.keys_for(request), models))
    return {std::move(*refusal), request};
  std::optional<reply> refusal;
  const auto step = house_.steps.next_step(request, [&](const simulator::step& next) {
    refusal = request.on() == route::embed ? refuse_texts(request, next)
                                           : refuse_history(request, next, house_.given);
    return refusal.has_value();
  });
  if (!step)
    return {std::move(*refusal), request};
  house_.log.took_step(*ticket_, step->name);
  if (request.on() == route::probe)
    return {*step, request, *ticket_, probe_reply(request, models)};
  if (request.on() == route::embed)
    return {*step, request, *ticket_, embed_reply(request, *step, *ticket_)};
  return generate(*step, request);
}

/// An answer that has to come back is remembered whether or not the client gets all of it.
playback session::generate(const step& options, const incoming& request) {
  if (options.wants == wanted::nothing)
    return {options, request, *ticket_};
  playback result{options, request, house_.given.number(*ticket_)};
  if (result.said())
    house_.given.remember(request, *result.said());
  return result;
}

void session::log_arrival(const incoming& request, const std::string& body) {
  request_log entry;
  entry.connection = number_;
  if (request.what != operation::unknown_path) {
    entry.kind = request.kind;
    entry.on = request.on();
    if (entry.on == route::embed)
      entry.inputs = request.texts().size();
  }
  entry.instance = request.instance;
  entry.model = request.model;
  entry.stream = request.stream;
  entry.method = request.method;
  entry.path = request.target;
  entry.headers = request.headers;
  entry.body_size = body.size();
  if (body.size() <= max_logged_body)
    entry.body = body;
  ticket_ = house_.log.arrived(std::move(entry));
  if (house_.say)
    house_.say("#" + std::to_string(*ticket_) + " " + request.method + " " + request.path);
}

/// Does the answer's actions up to the next one that takes time.
void session::play() {
  auto next = playback_->next();
  switch (next.what) {
    case action::kind::send:
      send(std::move(next));
      return;
    case action::kind::wait:
      timer_.expires_after(next.pause);
      timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && !self->closed_)
          self->play();
      });
      return;
    case action::kind::stall:
      return; // the pending read keeps the session alive
    case action::kind::cut:
      end_entry(ending::cut);
      close();
      return;
    case action::kind::reset: {
      end_entry(ending::reset);
      boost::system::error_code ignored;
      socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
      closed_ = true;
      socket_.close(ignored);
      return;
    }
    case action::kind::done:
      finish_answer();
      return;
  }
}

void session::send(action what) {
  outgoing_ = std::move(what.bytes);
  auto tokens = what.tokens;
  asio::async_write(
    socket_, asio::buffer(outgoing_),
    [self = shared_from_this(), tokens](const boost::system::error_code& error, std::size_t size) {
      if (self->closed_)
        return;
      if (self->ticket_ && size > 0)
        self->house_.log.sent(*self->ticket_, self->playback_->status(), error ? 0 : tokens, size);
      if (error)
        self->client_left();
      else
        self->play();
    });
}

void session::finish_answer() {
  end_entry(ending::answered);
  if (!playback_->keep_alive()) {
    linger();
  } else if (watching_) {
    // Reading the next request has to wait for the end of the read that watches the client.
    next_when_unwatched_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  } else {
    read_head();
  }
}

void session::watch() {
  watching_ = true;
  socket_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this()](const boost::system::error_code& error,
                                                      std::size_t size) { self->on_watch(error, size); });
}

void session::on_watch(const boost::system::error_code& error, std::size_t size) {
  watching_ = false;
  if (closed_)
    return;
  buffer_.commit(size);
  if (next_when_unwatched_) {
    next_when_unwatched_ = false;
    if (!error || error == asio::error::operation_aborted)
      read_head();
    else
      close();
  } else if (error || buffer_.size() > pipeline_limit) {
    client_left();
  } else {
    watch();
  }
}

void session::client_left() {
  end_entry(ending::client_closed);
  close();
}

/// Closes our side and waits for the client's: to close at once while it still sends would reset the
/// connection and could take the answer from it.
void session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  timer_.expires_after(linger_time);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error)
      self->close();
  });
  // A read that watches does as well: it ends with the client's close.
  if (!watching_)
    drain();
}

void session::drain() {
  socket_.async_read_some(asio::buffer(scrap_),
                          [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                            if (error)
                              self->close();
                            else
                              self->drain();
                          });
}

void session::end_entry(ending how) {
  if (!ticket_)
    return;
  house_.log.ended(*ticket_, how);
  if (house_.say)
    house_.say("#" + std::to_string(*ticket_) + " " + std::string{to_string(how)});
  ticket_.reset();
}

void session::close() {
  closed_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

} // namespace magna::simulator
