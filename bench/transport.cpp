// magna's transport with nothing behind it: what the runtime's transport thread costs without its actors.

#include <magna/bench/subjects.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <magna/bench/shared_session.hpp>
#include <magna/bench/upstream.hpp>
#include <magna/providers/transport/curl_transport.hpp>

namespace magna::bench {

namespace {

class transport_client {
public:
  explicit transport_client(const load& what)
    : asked_(http_request_of(what)),
      event_size_(event_of(std::string(token_size, '0')).size()),
      session_(what) {}

  figures run() {
    for (std::uint32_t i = 0; i < session_.what().in_flight; ++i)
      start(i);
    return session_.wait_for_result();
  }

private:
  class listener final : public transfer_listener {
  public:
    listener(transport_client& on, std::uint64_t request) : on_(on), request_(request) {}

    void on_head(http_head head) override { good_ = head.status == 200; }

    bool on_data(std::string_view bytes) override {
      if (on_.session_.what().stream)
        on_.on_bytes(request_, bytes);
      else
        body_.append(bytes);
      return true;
    }

    void on_end(std::optional<transfer_error> error) override { on_.on_end(request_, good_ && !error); }

  private:
    transport_client& on_;
    const std::uint64_t request_;
    std::string body_;
    bool good_ = false;
  };

  void start(std::uint32_t lane) {
    if (const auto next = session_.start(lane))
      http_.start(asked_, {}, std::make_shared<listener>(*this, *next));
  }

  void on_bytes(std::uint64_t request, std::string_view bytes) {
    constexpr std::string_view before = R"("content":")";
    const auto at = bytes.find(before);
    session_.on_text(request, bytes.size() / event_size_,
                     at == std::string_view::npos ? bytes : bytes.substr(at + before.size()));
  }

  void on_end(std::uint64_t request, bool good) {
    session_.on_end(request, good);
    start(session_.lane_of(request));
  }

  const http_request asked_;
  const std::size_t event_size_;
  shared_session session_;
  /// Last: its thread uses all the others.
  curl_transport http_;
};

} // namespace

figures run_transport(const load& what) {
  return transport_client{what}.run();
}

} // namespace magna::bench
