#include <magna/tests/faults/row.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Broken connections";

} // namespace

SUITE("faults.broken") {

FAULT_ROW("a stream that is cut after three tokens is one stream_truncated", .fault = "connection closed",
          .phase = phases::stream, .expect = breaks(errc::stream_truncated, 14), .steps{"cut(after=3)"})

} // SUITE("faults.broken")
