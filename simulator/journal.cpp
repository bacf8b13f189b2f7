#include <magna/simulator/journal.hpp>

#include <nlohmann/json.hpp>

namespace magna::simulator {

namespace {

using std::chrono::steady_clock;
using json = nlohmann::ordered_json;

double milliseconds_between(steady_clock::time_point from, steady_clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

json describe(const request_log& entry) {
  using std::chrono::milliseconds;
  json result = {{"id", entry.id}, {"connection", entry.connection}};
  result["protocol"] = entry.kind ? json(to_string(*entry.kind)) : json(nullptr);
  result["on"] = entry.on ? json(to_string(*entry.on)) : json(nullptr);
  result["instance"] = entry.instance;
  result["model"] = entry.model;
  result["stream"] = entry.stream;
  if (entry.on == route::embed)
    result["inputs"] = entry.inputs;
  result["method"] = entry.method;
  result["path"] = entry.path;
  result["headers"] = entry.headers;
  if (entry.body_size <= max_logged_body)
    result["body"] = entry.body;
  result["body_size"] = entry.body_size;
  result["step"] = entry.step;
  result["status"] = entry.status;
  result["tokens_sent"] = entry.tokens_sent;
  result["bytes_sent"] = entry.bytes_sent;
  auto arrived = std::chrono::duration_cast<milliseconds>(entry.arrived_at.time_since_epoch());
  result["arrived_unix_ms"] = arrived.count();
  result["first_byte_ms"] =
    entry.bytes_sent == 0 ? json(nullptr) : json(milliseconds_between(entry.arrived, entry.first_byte));
  result["ended_ms"] =
    entry.end == ending::open ? json(nullptr) : json(milliseconds_between(entry.arrived, entry.ended));
  result["end"] = to_string(entry.end);
  return result;
}

} // namespace

std::string_view to_string(ending value) noexcept {
  switch (value) {
    case ending::open:
      return "open";
    case ending::answered:
      return "answered";
    case ending::client_closed:
      return "client_closed";
    case ending::cut:
      return "cut";
    case ending::reset:
      return "reset";
    case ending::server_stopped:
      return "server_stopped";
  }
  return "unknown";
}

std::uint64_t journal::arrived(request_log entry) {
  auto lock = std::lock_guard{mutex_};
  auto ticket = next_ticket_++;
  entry.id = ticket - cleared_at_;
  entry.arrived = steady_clock::now();
  entry.arrived_at = std::chrono::system_clock::now();
  entries_.push_back(std::move(entry));
  if (entries_.size() > capacity_) {
    entries_.pop_front();
    ++first_ticket_;
  }
  changed_.notify_all();
  return ticket;
}

void journal::took_step(std::uint64_t ticket, std::string_view step) {
  auto lock = std::lock_guard{mutex_};
  if (auto* entry = find(ticket))
    entry->step = step;
}

void journal::sent(std::uint64_t ticket, unsigned status, std::size_t tokens, std::size_t bytes) {
  auto lock = std::lock_guard{mutex_};
  auto* entry = find(ticket);
  if (entry == nullptr)
    return;
  if (entry->bytes_sent == 0)
    entry->first_byte = steady_clock::now();
  entry->status = status;
  entry->tokens_sent += tokens;
  entry->bytes_sent += bytes;
  changed_.notify_all();
}

void journal::ended(std::uint64_t ticket, ending how) {
  auto lock = std::lock_guard{mutex_};
  auto* entry = find(ticket);
  if (entry == nullptr)
    return;
  entry->end = how;
  entry->ended = steady_clock::now();
  changed_.notify_all();
}

void journal::clear() {
  auto lock = std::lock_guard{mutex_};
  entries_.clear();
  first_ticket_ = next_ticket_;
  cleared_at_ = next_ticket_;
  changed_.notify_all();
}

std::vector<request_log> journal::entries() const {
  auto lock = std::lock_guard{mutex_};
  return {entries_.begin(), entries_.end()};
}

std::string journal::to_json() const {
  auto lock = std::lock_guard{mutex_};
  auto list = json::array();
  for (const auto& entry : entries_)
    list.push_back(describe(entry));
  return list.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

bool journal::wait_for(const std::function<bool(const std::deque<request_log>&)>& done,
                       std::chrono::milliseconds timeout) const {
  auto lock = std::unique_lock{mutex_};
  return changed_.wait_for(lock, timeout, [&] { return done(entries_); });
}

request_log* journal::find(std::uint64_t ticket) {
  if (ticket < first_ticket_ || ticket - first_ticket_ >= entries_.size())
    return nullptr;
  return &entries_[ticket - first_ticket_];
}

} // namespace magna::simulator
