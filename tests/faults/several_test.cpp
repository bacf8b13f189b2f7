#include <magna/tests/faults/row.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Several at once";

} // namespace

SUITE("faults.several") {

FAULT_ROW("a cut stream and then a provider that is down leave the third to answer",
          .fault = "main is cut, backup says 503", .phase = phases::first_token,
          .expect = attempts({{"main", errc::stream_truncated},
                              {"main", errc::stream_truncated},
                              {"backup", errc::provider_unavailable},
                              {"third", std::nullopt}}),
          .steps{"cut(at=headers)"}, .backup_steps = "overloaded",
          .third_steps = "ok(text=\"From the backup.\")")

FAULT_ROW("a provider that is down and then a stream that breaks is one failure, of the one that broke",
          .fault = "main says 503, backup is cut after three tokens", .phase = phases::stream,
          .expect{[] {
            auto result = attempts({{"main", errc::provider_unavailable}, {"backup", errc::stream_truncated}},
                                   errc::stream_truncated);
            result.delivered = 14;
            return result;
          }()},
          .steps{"raw(status=503)"}, .backup_steps = "cut(after=3)", .third_steps = "ok")

FAULT_ROW(
  "a silent provider and then a broken document leave the third to answer",
  .fault = "main is silent, backup sends half a document", .phase = phases::whole,
  .expect = attempts({{"main", errc::timeout},
                      {"main", errc::timeout},
                      {"backup", errc::stream_truncated},
                      {"backup", errc::stream_truncated},
                      {"third", std::nullopt}}),
  .steps{"stall"}, .adjust = [](settings& x) { x.providers.front().timeouts.total = 100ms; },
  .backup_steps = "cut(after=2)", .third_steps = "ok(text=\"From the backup.\")")

FAULT_ROW("where every provider fails, one failure says so and lists them all",
          .fault = "every provider fails, each in its way", .phase = phases::first_token,
          .expect = attempts({{"main", errc::provider_error},
                              {"main", errc::provider_error},
                              {"backup", errc::rate_limited},
                              {"third", errc::provider_unavailable}},
                             errc::all_providers_failed),
          .steps{"html_200"}, .backup_steps = "raw(status=429)", .third_steps = "cut(at=start)")

FAULT_ROW("where every provider fails, one failure says so, also without streaming",
          .fault = "every provider says 500", .phase = phases::whole,
          .expect = attempts({{"main", errc::provider_unavailable},
                              {"backup", errc::provider_unavailable},
                              {"third", errc::provider_unavailable}},
                             errc::all_providers_failed),
          .steps{"raw(status=500)"}, .backup_steps = "raw(status=500)", .third_steps = "raw(status=500)")

FAULT_ROW(
  "providers that are all silent cost no more than the deadline of the request",
  .fault = "every provider is silent, request deadline", .phase = phases::headers,
  .expect = attempts({{"main", errc::deadline_exceeded}}, errc::deadline_exceeded).taking(300ms),
  .steps{"stall"}, .adjust = [](settings& x) { x.request_deadline = 300ms; }, .backup_steps = "stall",
  .third_steps = "stall")

} // SUITE("faults.several")
