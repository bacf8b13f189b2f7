#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace magna::bench {

/// What a worker process does, and with what.
struct load {
  /// "raw": libcurl's multi interface alone. "transport": magna's transport with nothing behind it. "actors":
  /// the runtime, asked by an actor. "coroutines" and "threads": `magna::client`, asked by as many of them as
  /// there are requests at once. "remote": an actor that asks a node of another process.
  std::string subject = "actors";
  /// The process has one core for all of its threads; otherwise all of the machine.
  bool one_core = true;
  /// The runtime has a transport that has all answers at hand, so that nothing but magna itself is measured.
  bool canned = false;
  /// The upstream's base URL.
  std::string url;
  /// Where the node listens, and its process, whose CPU counts: for "remote".
  std::string node;
  std::int32_t node_process = 0;
  bool stream = false;
  /// Requests that run at once.
  std::uint32_t in_flight = 1;
  /// Measured requests, after as many unmeasured ones as `warm_up` says. 0: streams without end, watched for
  /// `seconds` once all of them have begun.
  std::uint64_t requests = 0;
  std::uint64_t warm_up = 0;
  double seconds = 0;
  /// Events of a stream.
  std::uint32_t chunks = 100;
  /// Between two tokens of a stream without end; or between two requests, which are then sent one at a time
  /// ("raw" and "actors").
  std::uint32_t pause_us = 0;
  /// Streams of the same client or actor that have begun, and stay open and silent ("canned" only).
  std::uint32_t beside = 0;
  /// Providers of the chain; the first one answers.
  std::uint32_t providers = 1;
  /// Threads of libcurl alone, each with a multi handle and its part of the requests.
  std::uint32_t raw_threads = 1;
  /// Threads that work on HTTP.
  std::uint32_t transport_threads = 1;
  /// Of CAF; empty and 0: what magna sets.
  std::string scheduler;
  std::uint32_t scheduler_threads = 0;
  /// Messages of the conversation that is sent.
  std::uint32_t messages = 1;
  /// Of an answer of one piece, beside what is always there ("canned" only).
  std::uint64_t answer_bytes = 0;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(load, subject, one_core, canned, url, node, node_process,
                                                stream, in_flight, requests, warm_up, seconds, chunks,
                                                pause_us, beside, providers, raw_threads, transport_threads,
                                                scheduler, scheduler_threads, messages, answer_bytes)

/// What came of it. Times in microseconds.
struct figures {
  std::uint64_t requests = 0;
  /// Must be 0.
  std::uint64_t failures = 0;
  std::uint64_t chunks = 0;
  double seconds = 0;
  /// Of the whole process, user and system, and of the node's.
  double cpu_us = 0;
  double latency_p50 = 0;
  double latency_p99 = 0;
  double ttft_p50 = 0;
  /// From the moment the upstream sent a token to its arrival.
  double late_p50 = 0;
  double late_p99 = 0;
  /// What the process grew by for each stream.
  double kib_per_stream = 0;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(figures, requests, failures, chunks, seconds, cpu_us,
                                                latency_p50, latency_p99, ttft_p50, late_p50, late_p99,
                                                kib_per_stream)

} // namespace magna::bench
