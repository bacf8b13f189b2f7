#include <cstdio>
#include <iostream>
#include <string>
#include <sys/resource.h>

#include <magna/bench/subjects.hpp>
#include <magna/bench/upstream.hpp>

using namespace magna::bench;

int main(int argc, char** argv) {
  rlimit l{200000,200000};
  if (setrlimit(RLIMIT_NOFILE, &l) != 0) perror("rlimit");
  upstream_process up;
  auto what = nlohmann::json::parse(argv[1]).get<load>();
  what.url = up.url();
  figures f = what.subject == "raw" ? run_raw(what) : what.subject == "transport" ? run_transport(what) : run_magna(what);
  auto chunks = what.requests && what.stream ? f.requests * what.chunks : f.chunks;
  printf("%-10s n=%u req/s %.0f  p50 %.0f p99 %.0f ttft %.0f/%.0f cpu/req %.1f cpu/chunk %.2f chunk/s %.0f late %.0f/%.0f/%.0f kib %.2f fail %lu\n", what.subject.c_str(), what.in_flight, f.requests/f.seconds, f.latency_p50, f.latency_p99, f.ttft_p50, f.ttft_p99, f.cpu_us/(f.requests?f.requests:1), chunks? f.cpu_us/chunks:0., chunks/f.seconds, f.late_p50, f.late_p99, f.late_max, f.kib_per_stream, f.failures);
  (void)argc;
}
