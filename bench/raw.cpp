// The limit: libcurl's multi interface, its sockets in one epoll set, and nothing behind it. One easy handle
// for each request that runs, set up once and used again and again, with its connection. Where it has several
// threads, each has a multi handle, an epoll set and its part of the requests.

#include <magna/bench/subjects.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include <magna/bench/shared_session.hpp>
#include <magna/bench/upstream.hpp>
#include <magna/providers/transport/epoll_poller.hpp>

namespace magna::bench {

namespace {

class raw_client {
public:
  /// Has every `raw_threads`th lane, from `first_lane` on.
  raw_client(shared_session& on, std::uint32_t first_lane)
    : what_(on.what()), first_lane_(first_lane), asked_(http_request_of(what_)), session_(on) {
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 16'384L);
    for (const auto& [name, value] : asked_.headers)
      headers_ = curl_slist_append(headers_, std::string{name}.append(": ").append(value).c_str());
    event_size_ = event_of(std::string(token_size, '0')).size();
  }

  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  ~raw_client() {
    for (auto& x : lanes_) {
      curl_multi_remove_handle(multi_, x->easy);
      curl_easy_cleanup(x->easy);
    }
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }

  /// Until the session is over.
  void run() {
    for (auto i = first_lane_; i < what_.in_flight; i += what_.raw_threads)
      lanes_.push_back(make_lane(i));
    for (auto& x : lanes_)
      start(*x);
    while (!session_.over()) {
      if (timer_ && *timer_ <= clock::now()) {
        timer_.reset();
        act(CURL_SOCKET_TIMEOUT, 0);
      }
      for (const auto& event : poller_.wait(time_to_wait())) {
        const auto broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        act(event.data.fd, (broken || (event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0)
                             | (broken || (event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0));
      }
      if (what_.requests == 0)
        session_.look_at_clock();
      start_later_ones();
    }
  }

private:
  using clock = session::clock;

  struct lane {
    raw_client* owner = nullptr;
    std::uint32_t index = 0;
    CURL* easy = nullptr;
    std::uint64_t request = 0;
    /// A whole answer is kept, as a client of any use must.
    std::string body;
  };

  std::unique_ptr<lane> make_lane(std::uint32_t index) {
    auto x = std::make_unique<lane>();
    x->owner = this;
    x->index = index;
    x->easy = curl_easy_init();
    auto* easy = x->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x.get());
    curl_easy_setopt(easy, CURLOPT_URL, asked_.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(asked_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, asked_.body.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return x;
  }

  void start(lane& x) {
    if (const auto next = session_.start(x.index)) {
      x.request = *next;
      x.body.clear();
      curl_multi_add_handle(multi_, x.easy);
    }
  }

  void act(curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const auto result = message->data.result;
      auto* easy = message->easy_handle;
      char* self = nullptr;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      auto& x = *reinterpret_cast<lane*>(self);
      curl_multi_remove_handle(multi_, easy);
      session_.on_end(x.request, result == CURLE_OK && status == 200);
      if (what_.pause_us == 0)
        start(x);
      else
        later_ = clock::now() + std::chrono::microseconds{what_.pause_us};
    }
  }

  void start_later_ones() {
    if (!later_ || clock::now() < *later_)
      return;
    later_.reset();
    start(*lanes_.front());
  }

  std::optional<std::chrono::milliseconds> time_to_wait() const {
    using std::chrono::milliseconds;
    if (session_.over())
      return milliseconds{0};
    auto first = timer_;
    if (later_ && (!first || *later_ < *first))
      first = later_;
    // Another thread may end the session.
    const auto must_look = what_.requests == 0 || what_.raw_threads > 1;
    if (!first)
      return must_look ? std::optional{milliseconds{10}} : std::nullopt;
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*first - clock::now()));
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& x = *static_cast<lane*>(self);
    auto& on = *x.owner;
    if (!on.what_.stream) {
      x.body.append(data, size);
      return size;
    }
    const std::string_view bytes{data, size};
    constexpr std::string_view before = R"("content":")";
    const auto at = bytes.find(before);
    on.session_.on_text(x.request, size / on.event_size_,
                        at == std::string_view::npos ? bytes : bytes.substr(at + before.size()));
    return size;
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    static_cast<raw_client*>(self)->poller_.watch(
      fd, (what == CURL_POLL_IN || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLIN} : 0)
            | (what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? std::uint32_t{EPOLLOUT} : 0));
    return 0;
  }

  static int on_timer(CURLM*, long timeout_ms, void* self) {
    auto& timer = static_cast<raw_client*>(self)->timer_;
    if (timeout_ms < 0)
      timer.reset();
    else
      timer = clock::now() + std::chrono::milliseconds{timeout_ms};
    return 0;
  }

  const load& what_;
  const std::uint32_t first_lane_;
  const http_request asked_;
  shared_session& session_;
  std::size_t event_size_ = 0;
  epoll_poller poller_;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::optional<clock::time_point> timer_;
  std::optional<clock::time_point> later_;
  std::vector<std::unique_ptr<lane>> lanes_;
};

} // namespace

figures run_raw(const load& what) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  shared_session session{what};
  std::vector<std::jthread> others;
  for (std::uint32_t i = 1; i < what.raw_threads; ++i)
    others.emplace_back([&session, i] { raw_client{session, i}.run(); });
  raw_client{session, 0}.run();
  return session.wait_for_result();
}

} // namespace magna::bench
