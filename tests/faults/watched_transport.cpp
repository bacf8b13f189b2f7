#include "watched_transport.hpp"

#include <utility>

namespace magna::test {

namespace {

class watched_listener final : public transfer_listener {
public:
  watched_listener(std::shared_ptr<transfer_listener> to, std::shared_ptr<std::atomic<int>> open)
    : to_(std::move(to)), open_(std::move(open)) {
    ++*open_;
  }

  /// The transport lets a listener go when its transfer is over.
  ~watched_listener() override { --*open_; }

  watched_listener(const watched_listener&) = delete;
  watched_listener& operator=(const watched_listener&) = delete;

  void on_head(http_head head) override { to_->on_head(std::move(head)); }

  bool on_data(std::string_view bytes) override { return to_->on_data(bytes); }

  void on_end(std::optional<transfer_error> error) override { to_->on_end(std::move(error)); }

private:
  std::shared_ptr<transfer_listener> to_;
  std::shared_ptr<std::atomic<int>> open_;
};

} // namespace

transfer_id watched_transport::start(http_request request, const transfer_options& options,
                                     std::shared_ptr<transfer_listener> listener) {
  return real_.start(std::move(request), options,
                     std::make_shared<watched_listener>(std::move(listener), open_));
}

void watched_transport::resume(transfer_id id) {
  real_.resume(id);
}

void watched_transport::cancel(transfer_id id) {
  real_.cancel(id);
}

} // namespace magna::test
