#include <magna/actors/requests/delivery.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

std::vector<part> one(part_kind kind, std::string bytes) {
  return {part{.kind = kind, .index = 0, .bytes = std::move(bytes), .id = {}, .name = {}}};
}

} // namespace

SUITE("delivery") {

TEST("text is the commit point, and its characters are counted") {
  delivery out{false};
  check(!out.committed());
  check_eq(out.take(one(part_kind::text, "caf\xC3\xA9")).seq, 0u);
  check(out.committed());
  check_eq(out.chars(), 4u);
}

TEST("so is the first piece of a call, even without arguments") {
  delivery out{false};
  out.take({part{.kind = part_kind::tool_call, .index = 0, .bytes = {}, .id = "c1", .name = "a"}});
  check(out.committed());
  check_eq(out.chars(), 0u);
}

TEST("thoughts bind nobody, unless the settings say so") {
  delivery out{false};
  out.take(one(part_kind::reasoning, "hm"));
  check(!out.committed());
  check_eq(out.chars(), 0u);
  delivery strict{true};
  strict.take(one(part_kind::reasoning, "hm"));
  check(strict.committed());
}

TEST("chunks are counted over all attempts, and each attempt is announced once") {
  delivery out{false};
  check(out.begins(1));
  check_eq(out.take(one(part_kind::reasoning, "a")).seq, 0u);
  check(!out.begins(1));
  check(out.begins(2));
  check_eq(out.take(one(part_kind::text, "b")).seq, 1u);
  check(!out.begins(2));
}

} // SUITE("delivery")
