#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/detail/make_meta_object.hpp>
#include <caf/detail/meta_object.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <magna/messages/fields.hpp>

#include "node_fixture.hpp"

namespace magna::future {

using magna::inspect;

/// Messages that a later version of magna may have, and the nodes of this one do not.
struct question {
  std::string text;
  std::vector<image> images;
};

constexpr auto fields_of(const question* /*type*/) {
  return list_fields(tagged<1>("text", &question::text), tagged<2>("images", &question::images));
}

/// The same, with a type ID that is not even magna's.
struct oddity {
  std::string text;
};

constexpr auto fields_of(const oddity* /*type*/) {
  return list_fields(tagged<1>("text", &oddity::text));
}

} // namespace magna::future

CAF_BEGIN_TYPE_ID_BLOCK(magna_future, id_block::magna::end)
CAF_ADD_TYPE_ID(magna_future, (magna::future::question))
CAF_END_TYPE_ID_BLOCK(magna_future)

CAF_BEGIN_TYPE_ID_BLOCK(beyond, ::magna::first_free_type_id)
CAF_ADD_TYPE_ID(beyond, (magna::future::oddity))
CAF_END_TYPE_ID_BLOCK(beyond)

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

/// The nodes are of this version, this process is of a later one. A stream runs beside all that it sends.
struct versions_fixture : node_fixture {
  versions_fixture() {
    // In this process the type is known: CAF's table of types has a place for it already.
    const auto id = static_cast<std::size_t>(caf::type_id_v<future::question>);
    const_cast<caf::detail::meta_object&>(caf::detail::global_meta_objects()[id]) =
      caf::detail::make_meta_object<future::question>("magna::future::question");
    caf::init_global_meta_objects<caf::id_block::beyond>();
    steps("gemini=ok(tokens=40, token=\"x\", token_delay=25)");
    start();
    whom = service();
    running = ask_many(whom, 1);
    runnable::current().require(running->wait_until(has_begun));
  }

  /// Sends a message that wants no response.
  template <class... Ts>
  void tell(const Ts&... what) {
    for (int i = 0; i < 10; ++i)
      anon_mail(what...).send(caf::actor_cast<caf::actor>(whom));
  }

  /// The error that a request ends with.
  template <class... Ts>
  caf::error refusal_of(const Ts&... what) {
    return refusal_within(10s, what...);
  }

  template <class... Ts>
  caf::error refusal_within(caf::timespan patience, const Ts&... what) {
    caf::scoped_actor self{client()};
    caf::error result;
    blocking_request(self, caf::actor_cast<caf::actor>(whom), patience, what...)
      .receive([](const completion&) {}, [&result](const caf::error& reason) { result = reason; });
    return result;
  }

  /// Nobody else has noticed anything.
  void check_undisturbed() {
    auto& test = runnable::current();
    test.check(running->wait_until([](const board::entry& x) { return x.completions == 1; }));
    test.check_eq(running->entries()[0].text, std::string(40, 'x'));
    test.check(ask_many(whom, 1)->wait_until([](const board::entry& x) { return x.completions == 1; }));
    nodes[0]->send_signal(SIGTERM);
    const auto ended = nodes[0]->wait();
    test.check_eq(ended.status, 0);
    test.check_eq(ended.out.find("unexpected"), std::string::npos);
  }

  service_actor whom;
  std::shared_ptr<board> running;
  future::question question{.text = std::string(1'000, 'q'), .images = {{}, {"image/png", "data", ""}}};
};

/// What a node of a later version may take.
using later_node = caf::typed_actor<caf::result<void>(future::question), caf::result<void>(dial_tick)>;

/// Sends messages that want no response, and ends when it gets one.
class teller_state {
public:
  using handle_type = requester_actor;
  static constexpr const char* name = "test.teller";

  teller_state(self_pointer<requester_actor> self, later_node whom, future::question what)
    : self_(self), whom_(std::move(whom)), what_(std::move(what)) {}

  requester_actor::behavior_type make_behavior() {
    self_->mail(what_).send(whom_);
    self_->mail(dial_tick{"nobody"}).send(whom_);
    return {[](const started&) {}, [](const chunk&) {}, [](const completion&) {}, [](const failure&) {}};
  }

private:
  self_pointer<requester_actor> self_;
  later_node whom_;
  future::question what_;
};

/// A node as an earlier version may have been: it takes less.
using earlier_node =
  caf::typed_actor<caf::result<node_status>(get_node_status), caf::result<completion>(request)>;

class earlier_state {
public:
  using handle_type = earlier_node;
  static constexpr const char* name = "test.earlier_node";

  explicit earlier_state(self_pointer<earlier_node>) {}

  static earlier_node::behavior_type make_behavior() {
    return {
      [](const get_node_status&) { return node_status{.name = "earlier", .version = {}, .draining = {}}; },
      [](const request&) -> caf::result<completion> { return caf::make_error(errc::overloaded); }};
  }
};

} // namespace

WITH_FIXTURE(versions_fixture) {

SUITE("versions") {

TEST("a request of a type that only newer nodes have is refused, and disturbs nobody") {
  check_eq(refusal_of(question), caf::make_error(caf::sec::unexpected_message));
  check_eq(refusal_of(question, 1, question, std::string{"text"}),
           caf::make_error(caf::sec::unexpected_message));
  check_undisturbed();
}

TEST("a message of a type that only newer nodes have is dropped, and disturbs nobody") {
  tell(question);
  tell(question, whom, std::string{"text"});
  check_undisturbed();
}

TEST("a type beyond those of magna disturbs nobody") {
  // CAF itself drops it, some versions without a word.
  check_ne(refusal_within(1s, future::oddity{"text"}), caf::error{});
  check_undisturbed();
}

TEST("a request that a node has no handler for is refused, and disturbs nobody") {
  check_eq(refusal_of(dial_tick{"nobody"}), caf::make_error(caf::sec::unexpected_message));
  check_eq(refusal_of(std::string{"text"}), caf::make_error(caf::sec::unexpected_message));
  check_undisturbed();
}

TEST("a message that a node has no handler for is dropped, and disturbs nobody") {
  tell(dial_tick{"nobody"});
  tell(std::string{"text"});
  check_undisturbed();
}

TEST("who sends such a message is not ended by an answer") {
  const requester_actor teller =
    spawn_state<teller_state>(client(), caf::actor_cast<later_node>(whom), question);
  std::atomic<bool> ended = false;
  teller->attach_functor([&ended] { ended = true; });
  // What comes back of a later request comes behind an answer to the messages before it.
  check_undisturbed();
  check(!ended);
  caf::anon_send_exit(teller, caf::exit_reason::kill);
  check(comes_true([&ended] { return ended.load(); }));
}

TEST("a node that takes less than this version's can be connected to") {
  caf::actor_system_config far_config;
  enable_network(far_config, {});
  caf::actor_system far{far_config};
  const earlier_node published = spawn_state<earlier_state>(far);
  const auto port = unbox(far.middleman().publish(published, 0, "127.0.0.1"));
  const auto found = unbox(magna::connect(client(), {"127.0.0.1", port}, {}));
  whom = service_actor{found};
  check_eq(refusal_of(request{}), caf::make_error(errc::overloaded));
  check_eq(refusal_of(get_health_facts{}), caf::make_error(caf::sec::unexpected_message));
  caf::anon_send_exit(published, caf::exit_reason::user_shutdown);
}

} // SUITE("versions")

} // WITH_FIXTURE(versions_fixture)
