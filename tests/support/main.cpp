// The main function of every test executable. With MAGNA_TEST_MESSAGES it knows magna's message types, which
// every test with an actor system needs; without, it links neither them nor CAF's networking.

#include "test.hpp"

#include <caf/init_global_meta_objects.hpp>

#ifdef MAGNA_TEST_MESSAGES
#  include <caf/io/middleman.hpp>
#  include <caf/openssl/manager.hpp>
#  include <magna/messages/future_types.hpp>
#  include <magna/messages/types.hpp>
#endif

#if CAF_VERSION >= 10000
#  include <caf/test/registry.hpp>
#  include <caf/test/runner.hpp>
#else
#  define CAF_TEST_NO_MAIN
#  include <caf/test/unit_test_impl.hpp>
#endif

namespace {

void init_meta_objects() {
#ifdef MAGNA_TEST_MESSAGES
  caf::init_global_meta_objects<caf::id_block::magna>();
  magna::announce_future_types();
  caf::openssl::manager::init_global_meta_objects();
  caf::io::middleman::init_global_meta_objects();
#endif
  caf::core::init_global_meta_objects();
}

#if CAF_VERSION >= 10000

int run_tests(int argc, char** argv) {
  caf::test::registry::run_init_callbacks();
  return caf::test::runner::make()->run(argc, argv);
}

#else

/// Returns whether the command line asks for information instead of a run.
bool is_query(int argc, char** argv) {
  constexpr std::string_view queries[] = {"-h", "-?", "--help", "-a", "-A", "--available-"};
  return std::any_of(argv + std::min(argc, 1), argv + argc, [&](std::string_view arg) {
    return std::ranges::any_of(queries, [&](std::string_view query) { return arg.starts_with(query); });
  });
}

int run_tests(int argc, char** argv) {
  auto result = caf::test::main(argc, argv);
  if (result == 0 && magna::test::detail::tests_ran == 0 && !is_query(argc, argv)) {
    std::cerr << "no tests found that match the given filters\n";
    return EXIT_FAILURE;
  }
  return result;
}

#endif

} // namespace

int main(int argc, char** argv) {
  init_meta_objects();
  return run_tests(argc, argv);
}
