#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <sys/socket.h>

#include <magna/providers/transport/request_lines.hpp>
#include <magna/providers/transport/response_head.hpp>
#include <magna/providers/transport/transfer.hpp>

namespace magna {

/// Deletes with a function of libcurl.
template <auto Function>
struct curl_deleter {
  template <class T>
  void operator()(T* x) const noexcept {
    Function(x);
  }
};

using easy_ptr = std::unique_ptr<CURL, curl_deleter<curl_easy_cleanup>>;

struct curl_shard;

/// A libcurl handle and what it collects; serves one transfer after another.
struct curl_slot {
  easy_ptr easy;
  curl_shard* shard = nullptr;
  transfer* current = nullptr;
  std::vector<curl_slot*>* dirty_slots = nullptr;
  /// Empty, and kept for who is next.
  std::string* spare_buffer = nullptr;
  /// The header lines, and the list of them that libcurl reads.
  header_lines headers;
  std::vector<curl_slist> header_nodes;
  response_head_parser head;
  /// The body that arrived in this turn of the loop.
  std::string pending;
  std::uint64_t received = 0;
  /// There is something to flush, and the slot is in `dirty_slots`.
  bool dirty = false;
  /// libcurl holds data back until it is told to go on.
  bool held = false;
  bool head_too_large = false;
  bool body_too_large = false;
  bool head_told = false;
  /// Its response is a proxy's, which wants to know who asks.
  bool proxy_wants_login = false;
  /// What the last socket was for: the server or a proxy. No family if the connection is an old one.
  sockaddr_storage opened_for{};
  /// The error of the last socket that could not be made or watched; 0 if there was none.
  int socket_error = 0;
  std::array<char, CURL_ERROR_SIZE> error{};

  /// 0 if the connection is an old one.
  int opened_port() const noexcept;

  /// Whether this host has an address of its own from which it could reach what the last socket was for. A connect
  /// without one fails as one without a free port does.
  bool can_be_reached() const noexcept;

  curl_slist* set_headers(const http_headers& from) {
    headers = lay_out(from);
    header_nodes.resize(headers.starts.size());
    for (std::size_t i = 0; i < header_nodes.size(); ++i)
      header_nodes[i] = {&headers.text[headers.starts[i]],
                         i + 1 < header_nodes.size() ? &header_nodes[i + 1] : nullptr};
    return header_nodes.data();
  }
};

} // namespace magna
