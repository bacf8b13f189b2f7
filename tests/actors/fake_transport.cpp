#include "fake_transport.hpp"

#include <algorithm>

namespace magna::test {

namespace {

std::string host_of(std::string_view url) {
  auto rest = url.substr(url.find("://") + 3);
  return std::string{rest.substr(0, rest.find_first_of(":/"))};
}

} // namespace

void fake_transfer::head(int status, http_headers headers) {
  if (!cancelled && !ended)
    listener_->on_head({status, std::move(headers)});
}

void fake_transfer::data(std::string_view bytes) {
  if (!cancelled && !ended && !listener_->on_data(bytes))
    paused = true;
}

void fake_transfer::end(std::optional<transfer_error> error) {
  if (cancelled || ended)
    return;
  ended = true;
  listener_->on_end(std::move(error));
  listener_ = nullptr;
}

void fake_transfer::token(std::string_view text) {
  data(
    R"(data: {"id":"c","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{"content":")"
    + std::string{text} + R"("},"finish_reason":null}]})" + "\n\n");
}

void fake_transfer::finish() {
  data(R"(data: {"id":"c","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
       "\n\n"
       R"(data: {"id":"c","model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})"
       "\n\n"
       "data: [DONE]\n\n");
}

transfer_id fake_transport::start(http_request request, const transfer_options& options,
                                  std::shared_ptr<transfer_listener> listener) {
  const auto host = host_of(request.url);
  auto made = std::make_shared<fake_transfer>(std::move(request), options, std::move(listener));
  transfers.push_back(made);
  if (auto found = scripts.find(host); found != scripts.end() && !found->second.empty()) {
    auto play = found->second.front();
    if (found->second.size() > 1)
      found->second.pop_front();
    play(*made);
  }
  return transfers.size();
}

void fake_transport::resume(transfer_id id) {
  transfers.at(id - 1)->paused = false;
}

void fake_transport::cancel(transfer_id id) {
  auto& x = *transfers.at(id - 1);
  x.cancelled = !x.ended;
  x.listener_ = nullptr;
}

std::vector<std::shared_ptr<fake_transfer>> fake_transport::to(std::string_view host) const {
  std::vector<std::shared_ptr<fake_transfer>> result;
  std::copy_if(transfers.begin(), transfers.end(), std::back_inserter(result),
               [host](const auto& x) { return host_of(x->request.url) == host; });
  return result;
}

std::size_t fake_transport::open() const {
  return static_cast<std::size_t>(std::count_if(transfers.begin(), transfers.end(),
                                                [](const auto& x) { return !x->ended && !x->cancelled; }));
}

fake_transport::script answer(std::string text) {
  return [text = std::move(text)](fake_transfer& x) {
    x.head(200);
    for (std::size_t at = 0; at < text.size();) {
      const auto space = text.find(' ', at);
      const auto stop = space == std::string::npos ? text.size() : space + 1;
      x.token(std::string_view{text}.substr(at, stop - at));
      at = stop;
    }
    x.finish();
    x.end();
  };
}

fake_transport::script silent() {
  return [](fake_transfer&) {};
}

fake_transport::script status(int code, std::string error_code, http_headers headers) {
  return [code, error_code = std::move(error_code), headers = std::move(headers)](fake_transfer& x) {
    auto all = headers;
    all.emplace_back("content-type", "application/json");
    x.head(code, std::move(all));
    x.data(R"({"error":{"message":"status )" + std::to_string(code) + R"(","type":"t","param":null,"code":")"
           + error_code + R"("}})");
    x.end();
  };
}

fake_transport::script refused() {
  return [](fake_transfer& x) {
    x.end(transfer_error{errc::provider_unavailable, "could not connect: connection refused"});
  };
}

fake_transport::script break_after(std::string text) {
  return [text = std::move(text)](fake_transfer& x) {
    x.head(200);
    x.token(text);
    x.end(transfer_error{errc::stream_truncated, "the connection was closed in the middle of the response"});
  };
}

} // namespace magna::test
