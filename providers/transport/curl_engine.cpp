#include <magna/providers/transport/curl_engine.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <sys/socket.h>

#include <magna/providers/transport/certificates.hpp>
#include <magna/providers/transport/curl_judge.hpp>
#include <magna/providers/transport/curl_slot.hpp>
#include <magna/providers/transport/epoll_poller.hpp>
#include <magna/providers/transport/request_lines.hpp>
#include <magna/providers/transport/response_head.hpp>
#include <magna/providers/transport/transfer_failure.hpp>
#include <magna/providers/transport/urls.hpp>

static_assert(LIBCURL_VERSION_NUM >= 0x075700, "magna needs libcurl 7.87 or newer");

namespace magna {

namespace {

using clock_type = std::chrono::steady_clock;

using multi_ptr = std::unique_ptr<CURLM, curl_deleter<curl_multi_cleanup>>;
using share_ptr = std::unique_ptr<CURLSH, curl_deleter<curl_share_cleanup>>;

/// libcurl's global state lives as long as the process: others may use libcurl too.
void init_curl_once() {
  static const auto result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK)
    throw std::runtime_error(std::string{"libcurl does not start: "} + curl_easy_strerror(result));
}

certificate_source system_certificates() {
  const auto* info = curl_version_info(CURLVERSION_NOW);
  return {info->cainfo != nullptr ? info->cainfo : "", info->capath != nullptr ? info->capath : ""};
}

} // namespace

namespace {

/// Sets options of a handle and remembers whether all of them were taken.
class option_setter {
public:
  explicit option_setter(CURL* easy) : easy_(easy) {}

  template <class T>
  option_setter& set(CURLoption option, T value) {
    if (result_ == CURLE_OK)
      result_ = curl_easy_setopt(easy_, option, value);
    return *this;
  }

  [[nodiscard]] CURLcode result() const noexcept { return result_; }

private:
  CURL* easy_;
  CURLcode result_ = CURLE_OK;
};

} // namespace

/// The sockets of all shards.
struct socket_table {
  epoll_poller poller;
  /// By descriptor: whose socket it is.
  std::vector<curl_shard*> owners;
  /// The transfers whose socket the system does not watch: nothing would ever be heard of them.
  std::vector<curl_slot*> unwatched;
};

/// A part of the transfers, with a multi handle of their own. libcurl looks through all connections to a host
/// for one that is free: with thousands of them in one handle, that is what it spends its time on.
struct curl_shard {
  socket_table* sockets = nullptr;
  std::size_t index = 0;
  /// When libcurl's timers are due; the earliest of all times stands for now.
  std::optional<clock_type::time_point> timer;
  std::size_t running = 0;
  std::chrono::steady_clock::time_point idle_since{};
  /// Last: it calls back when it goes.
  multi_ptr multi;
};

class curl_engine::impl {
public:
  impl(const std::string& ca_file, std::size_t max_kept_connections, end_handler on_end)
    : certificates_(find_certificates(ca_file, system_certificates())),
      max_kept_connections_(max_kept_connections),
      on_end_(std::move(on_end)) {
    init_curl_once();
    share_.reset(curl_share_init());
    if (!share_)
      throw std::bad_alloc{};
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    shards_.push_back(make_shard());
  }

  ~impl() {
    // Before what its callbacks use. libcurl lets go of a share only when no handle uses it any more.
    shards_.clear();
    idle_.clear();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  void begin(transfer& x) {
    if (auto error = check(x.request)) {
      on_end_(x, std::move(error));
      return;
    }
    auto ptr = take_slot();
    auto result = ptr ? equip(*ptr, x) : CURLE_OUT_OF_MEMORY;
    auto& shard = shard_with_room();
    if (result == CURLE_OK && curl_multi_add_handle(shard.multi.get(), ptr->easy.get()) != CURLM_OK)
      result = CURLE_FAILED_INIT;
    if (result != CURLE_OK) {
      const auto authority = authority_of(x.request.url);
      on_end_(x, describe({.result = result, .detail = curl_easy_strerror(result), .authority = authority}));
      return;
    }
    ++shard.running;
    ptr->shard = &shard;
    ptr->current = &x;
    x.work = ptr.release();
  }

  void go_on(transfer& x) {
    if (!std::exchange(x.paused, false))
      return;
    if (x.ended) {
      on_end_(x, std::move(x.outcome));
    } else if (std::exchange(x.work->held, false)) {
      // This calls on_body with what was held back. When that fails, libcurl says so here and nowhere else.
      const auto result = curl_easy_pause(x.work->easy.get(), CURLPAUSE_CONT);
      flush_all();
      if (result != CURLE_OK)
        complete(*x.work, result);
    }
  }

  void drop(transfer& x) {
    if (x.work != nullptr)
      release(*x.work);
  }

  void run_timers() {
    const auto now = clock_type::now();
    for (const auto& shard : shards_) {
      if (shard->timer && *shard->timer <= now) {
        shard->timer.reset();
        act(*shard, CURL_SOCKET_TIMEOUT, 0);
      }
    }
    if (sweep_at_ && *sweep_at_ <= now)
      sweep(now);
  }

  void wait(bool poll_only) {
    ready_ = sockets_.poller.wait(poll_only ? std::chrono::milliseconds{0} : time_to_wait());
  }

  void run_sockets() {
    for (const auto& event : ready_) {
      // An error goes to libcurl as readiness, so that it finds out which one it is.
      const auto broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      const auto in = broken || (event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
      const auto out = broken || (event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
      // What came before may have closed it.
      if (auto* shard = sockets_.owners[static_cast<std::size_t>(event.data.fd)]; shard != nullptr)
        act(*shard, event.data.fd, in | out);
    }
  }

  void wake() noexcept { sockets_.poller.wake(); }

private:
  // -- the loop
  // --------------------------------------------------------------------------------------------------

  /// Lets libcurl work on a socket or its timers, then tells the listeners what came of it.
  void act(curl_shard& shard, curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(shard.multi.get(), fd, events, &running);
    flush_all();
    reap(shard);
    while (!sockets_.unwatched.empty())
      complete(*sockets_.unwatched.back(), CURLE_COULDNT_CONNECT);
  }

  std::optional<std::chrono::milliseconds> time_to_wait() const {
    using std::chrono::milliseconds;
    auto first = sweep_at_;
    for (const auto& shard : shards_)
      if (shard->timer && (!first || *shard->timer < *first))
        first = shard->timer;
    if (!first)
      return std::nullopt;
    if (*first == clock_type::time_point::min())
      return milliseconds{0};
    // Up, not down: a timer that fires too early is set again and again until its millisecond has come.
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*first - clock_type::now()));
  }

  // -- shards
  // ----------------------------------------------------------------------------------------------------

  std::unique_ptr<curl_shard> make_shard() {
    auto result = std::make_unique<curl_shard>();
    result->sockets = &sockets_;
    result->index = shards_.size();
    result->multi.reset(curl_multi_init());
    if (!result->multi)
      throw std::bad_alloc{};
    auto* multi = result->multi.get();
    // All of them together keep what one would.
    const auto others = result->index * transfers_per_shard;
    const auto kept = max_kept_connections_ > others ? max_kept_connections_ - others : 1;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, result.get());
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, result.get());
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(kept));
    return result;
  }

  /// The first one, so that connections are used again and the last ones fall idle when a burst is over.
  curl_shard& shard_with_room() {
    while (room_from_ < shards_.size() && shards_[room_from_]->running >= transfers_per_shard)
      ++room_from_;
    if (room_from_ == shards_.size())
      shards_.push_back(make_shard());
    return *shards_[room_from_];
  }

  void leave_shard(curl_shard& shard) {
    room_from_ = std::min(room_from_, shard.index);
    if (--shard.running > 0)
      return;
    shard.idle_since = clock_type::now();
    if (!sweep_at_)
      sweep_at_ = shard.idle_since + idle_time;
  }

  /// Ends the last shards if they have been idle for long: libcurl looks after its connections only when it
  /// has something else to do as well. The first one is made anew.
  void sweep(clock_type::time_point now) {
    const auto is_old = [now](const curl_shard& x) {
      return x.running == 0 && now - x.idle_since >= idle_time;
    };
    while (!shards_.empty() && is_old(*shards_.back()))
      shards_.pop_back();
    if (shards_.empty())
      shards_.push_back(make_shard());
    room_from_ = 0;
    sweep_at_.reset();
    if (const auto& last = *shards_.back(); last.running == 0 && last.idle_since > clock_type::time_point{})
      sweep_at_ = last.idle_since + idle_time;
    else if (shards_.size() > 1)
      sweep_at_ = now + idle_time;
  }

  // -- transfers
  // -------------------------------------------------------------------------------------------------

  /// Collects what libcurl has done with.
  void reap(curl_shard& shard) {
    int left = 0;
    while (const auto* message = curl_multi_info_read(shard.multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      char* self = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
      complete(*reinterpret_cast<curl_slot*>(self), message->data.result);
    }
  }

  void complete(curl_slot& done, CURLcode result) {
    auto& x = *done.current;
    auto outcome = judge_.judge(done, result);
    release(done);
    if (x.paused) {
      x.ended = true;
      x.outcome = std::move(outcome);
    } else {
      on_end_(x, std::move(outcome));
    }
  }

  void flush_all() {
    for (auto* x : dirty_) {
      x->dirty = false;
      tell(*x);
    }
    dirty_.clear();
  }

  static void tell(curl_slot& from) {
    auto& x = *from.current;
    if (from.head.complete() && !std::exchange(from.head_told, true) && !x.cancelled)
      x.listener->on_head(from.head.take());
    if (!from.pending.empty() && !x.cancelled)
      x.paused = !x.listener->on_data(from.pending);
    // There may be many that wait for their next word: none of them keeps a buffer.
    from.pending.clear();
    if (from.spare_buffer->capacity() < from.pending.capacity())
      from.spare_buffer->swap(from.pending);
    std::string{}.swap(from.pending);
  }

  // -- slots
  // -----------------------------------------------------------------------------------------------------

  std::unique_ptr<curl_slot> take_slot() {
    if (!idle_.empty()) {
      auto result = std::move(idle_.back());
      idle_.pop_back();
      return result;
    }
    auto result = std::make_unique<curl_slot>();
    result->easy.reset(curl_easy_init());
    if (!result->easy || !prepare(*result))
      return nullptr;
    return result;
  }

  /// Sets what is the same for all transfers.
  bool prepare(curl_slot& x) {
    const auto path = [](const std::string& str) { return str.empty() ? nullptr : str.c_str(); };
    x.dirty_slots = &dirty_;
    x.spare_buffer = &spare_buffer_;
    option_setter set{x.easy.get()};
    set.set(CURLOPT_PRIVATE, &x)
      .set(CURLOPT_SHARE, share_.get())
      .set(CURLOPT_OPENSOCKETFUNCTION, on_open)
      .set(CURLOPT_OPENSOCKETDATA, &x)
      .set(CURLOPT_CLOSESOCKETFUNCTION, on_close)
      .set(CURLOPT_CLOSESOCKETDATA, this)
      .set(CURLOPT_ERRORBUFFER, x.error.data())
      .set(CURLOPT_HEADERFUNCTION, on_header)
      .set(CURLOPT_HEADERDATA, &x)
      .set(CURLOPT_WRITEFUNCTION, on_body)
      .set(CURLOPT_WRITEDATA, &x)
      .set(CURLOPT_PROTOCOLS_STR, "http,https")
      .set(CURLOPT_FOLLOWLOCATION, 0L)
      // With HTTP/2 a pause would not reach the server: libcurl lets it send megabytes of each stream ahead
      // (docs/performance.md).
      .set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1})
      .set(CURLOPT_USERAGENT, "magna/" MAGNA_VERSION)
      .set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L)
      .set(CURLOPT_SSL_VERIFYPEER, 1L)
      .set(CURLOPT_SSL_VERIFYHOST, 2L)
      .set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2})
      .set(CURLOPT_CAINFO, path(certificates_.file))
      .set(CURLOPT_CAPATH, path(certificates_.folder))
      .set(CURLOPT_TCP_NODELAY, 1L)
      .set(CURLOPT_TCP_KEEPALIVE, 1L)
      .set(CURLOPT_TCP_KEEPIDLE, 30L)
      .set(CURLOPT_TCP_KEEPINTVL, 15L)
      .set(CURLOPT_NOSIGNAL, 1L)
      // Without it libcurl waits for the name server before it lets a transfer go, and all others wait with
      // it.
      .set(CURLOPT_QUICK_EXIT, 1L);
    return set.result() == CURLE_OK;
  }

  /// Sets what a transfer asks for. libcurl keeps pointers into it until the slot is released.
  CURLcode equip(curl_slot& into, transfer& x) {
    const auto max = static_cast<curl_off_t>(
      std::min<std::uint64_t>(x.options.max_response_bytes, std::numeric_limits<curl_off_t>::max()));
    const auto connect_timeout = std::clamp<std::int64_t>(x.options.connect_timeout.count(), 1, 3'600'000);
    const auto& [method, url, headers, body] = x.request;
    const char* custom_method = nullptr;
    option_setter set{into.easy.get()};
    if (method == "HEAD") {
      set.set(CURLOPT_NOBODY, 1L);
    } else if (method == "POST" || !body.empty()) {
      set.set(CURLOPT_POST, 1L)
        .set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()))
        .set(CURLOPT_POSTFIELDS, body.data());
      custom_method = method == "POST" ? nullptr : method.c_str();
    } else {
      set.set(CURLOPT_HTTPGET, 1L);
      custom_method = method == "GET" ? nullptr : method.c_str();
    }
    set.set(CURLOPT_CUSTOMREQUEST, custom_method)
      .set(CURLOPT_URL, url.c_str())
      .set(CURLOPT_HTTPHEADER, into.set_headers(headers))
      // What is meant for this host stays on it, whatever the environment says.
      .set(CURLOPT_PROXY, stays_here(url) ? "" : nullptr)
      .set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout))
      .set(CURLOPT_MAXFILESIZE_LARGE, max);
    into.head.reset();
    into.head_told = false;
    into.received = 0;
    into.held = false;
    into.head_too_large = false;
    into.body_too_large = false;
    into.proxy_wants_login = false;
    into.opened_for.ss_family = AF_UNSPEC;
    into.socket_error = 0;
    into.error.front() = '\0';
    return set.result();
  }

  /// As `leads_to_this_host`, which costs as much as a small part of a transfer: once for each server.
  bool stays_here(const std::string& url) {
    const auto scheme = url.find("://");
    const auto origin =
      std::string_view{url}.substr(0, scheme == std::string::npos ? 0 : url.find('/', scheme + 3));
    if (const auto known = own_hosts_.find(origin); known != own_hosts_.end())
      return known->second;
    if (own_hosts_.size() >= most_known_hosts)
      own_hosts_.clear();
    return own_hosts_.emplace(origin, leads_to_this_host(url)).first->second;
  }

  /// Takes a transfer off its handle. If it still runs, its connection closes.
  void release(curl_slot& x) {
    curl_multi_remove_handle(x.shard->multi.get(), x.easy.get());
    leave_shard(*std::exchange(x.shard, nullptr));
    if (x.dirty)
      std::erase(dirty_, &x);
    x.dirty = false;
    std::erase(sockets_.unwatched, &x);
    std::string{}.swap(x.pending);
    std::exchange(x.current, nullptr)->work = nullptr;
    option_setter{x.easy.get()}
      .set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr))
      .set(CURLOPT_POSTFIELDS, static_cast<char*>(nullptr));
    auto owner = std::unique_ptr<curl_slot>{&x};
    if (idle_.size() < kept_slots)
      idle_.push_back(std::move(owner));
  }

  // -- what libcurl calls
  // ----------------------------------------------------------------------------------------

  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* where) noexcept {
    auto& x = *static_cast<curl_slot*>(self);
    if (where->addrlen <= sizeof x.opened_for)
      std::memcpy(&x.opened_for, &where->addr, where->addrlen);
    const auto fd = socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
    if (fd >= 0)
      x.shard->sockets->poller.keep(fd);
    else
      x.socket_error = errno;
    return fd;
  }

  static int on_close(void* self, curl_socket_t fd) noexcept {
    return static_cast<impl*>(self)->sockets_.poller.close_kept(fd);
  }

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept {
    const auto in = what == CURL_POLL_IN || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLIN} : 0;
    const auto out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLOUT} : 0;
    auto& shard = *static_cast<curl_shard*>(self);
    auto& [poller, owners, unwatched] = *shard.sockets;
    const auto index = static_cast<std::size_t>(fd);
    if (index >= owners.size())
      owners.resize(index + 1 + index / 2);
    owners[index] = (in | out) != 0 ? &shard : nullptr;
    if (const auto error = poller.watch(fd, in | out); error != 0) {
      char* slot = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
      // libcurl closes kept connections with a handle of its own.
      if (slot != nullptr) {
        unwatched.push_back(reinterpret_cast<curl_slot*>(slot));
        unwatched.back()->socket_error = error;
      }
    }
    return 0;
  }

  static int on_timer(CURLM*, long timeout_ms, void* self) noexcept {
    auto& timer = static_cast<curl_shard*>(self)->timer;
    if (timeout_ms < 0)
      timer.reset();
    else if (timeout_ms == 0)
      timer = clock_type::time_point::min();
    else
      timer = clock_type::now() + std::chrono::milliseconds{timeout_ms};
    return 0;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& x = *static_cast<curl_slot*>(self);
    switch (x.head.feed({data, size})) {
      case response_head_parser::progress::more:
        return size;
      case response_head_parser::progress::complete:
        // Nothing of such a response is a provider's word.
        if (x.head.status() == proxy_login_status) {
          x.proxy_wants_login = true;
          return CURL_WRITEFUNC_ERROR;
        }
        mark_dirty(x);
        return size;
      case response_head_parser::progress::too_large:
        break;
    }
    x.head_too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& x = *static_cast<curl_slot*>(self);
    if (x.current->paused) {
      // libcurl keeps these bytes and stops reading.
      x.held = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    if (size > x.current->options.max_response_bytes - x.received) {
      x.body_too_large = true;
      return CURL_WRITEFUNC_ERROR;
    }
    // libcurl reads on for as long as there is something: the listener must get its chance to pause.
    if (!x.pending.empty() && x.pending.size() + size > max_batch) {
      tell(x);
      if (x.current->paused) {
        x.held = true;
        return CURL_WRITEFUNC_PAUSE;
      }
    }
    x.received += size;
    if (x.pending.empty())
      x.pending.swap(*x.spare_buffer);
    x.pending.append(data, size);
    mark_dirty(x);
    return size;
  }

  static void mark_dirty(curl_slot& x) {
    if (!std::exchange(x.dirty, true))
      x.dirty_slots->push_back(&x);
  }

  // -- data
  // ------------------------------------------------------------------------------------------------------

  /// More handles than these are given back when a burst is over.
  static constexpr std::size_t kept_slots = 256;
  static constexpr std::size_t transfers_per_shard = 64;
  static constexpr std::chrono::seconds idle_time{120};
  static constexpr std::size_t max_batch = std::size_t{16} << 10;
  static constexpr std::size_t most_known_hosts = 256;

  const certificate_source certificates_;
  curl_judge judge_{describe(certificates_)};
  const std::size_t max_kept_connections_;
  const end_handler on_end_;
  socket_table sockets_;
  std::span<const epoll_event> ready_;
  std::vector<curl_slot*> dirty_;
  std::string spare_buffer_;
  /// Names and TLS sessions are known to all shards.
  share_ptr share_;
  std::vector<std::unique_ptr<curl_shard>> shards_;
  /// None before it has room.
  std::size_t room_from_ = 0;
  /// When to look for shards that have been idle for long.
  std::optional<clock_type::time_point> sweep_at_;
  std::vector<std::unique_ptr<curl_slot>> idle_;
  /// By the URL up to its path: whether it leads to this host.
  std::map<std::string, bool, std::less<>> own_hosts_;
};

curl_engine::curl_engine(const std::string& ca_file, std::size_t max_kept_connections, end_handler on_end)
  : impl_(std::make_unique<impl>(ca_file, max_kept_connections, std::move(on_end))) {}

curl_engine::~curl_engine() = default;

void curl_engine::begin(transfer& x) {
  impl_->begin(x);
}

void curl_engine::go_on(transfer& x) {
  impl_->go_on(x);
}

void curl_engine::drop(transfer& x) {
  impl_->drop(x);
}

void curl_engine::run_timers() {
  impl_->run_timers();
}

void curl_engine::wait(bool poll_only) {
  impl_->wait(poll_only);
}

void curl_engine::run_sockets() {
  impl_->run_sockets();
}

void curl_engine::wake() noexcept {
  impl_->wake();
}

} // namespace magna
