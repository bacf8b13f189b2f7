#pragma once

// CAF 1.x's test idiom on top of CAF 0.18's test framework: what test.hpp describes, and no more. The
// framework's own engine registers, selects, times and counts the tests.

#include <caf/action.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/detail/stringification_inspector.hpp>
#include <caf/exit_reason.hpp>
#include <caf/expected.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <regex>
#include <set>
#include <source_location>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace magna::test {

namespace detail {

template <class T>
concept streamable = requires(std::ostream& out, const T& x) {
  out << x;
};

template <class T>
concept inspectable = caf::detail::has_inspect_overload<caf::detail::stringification_inspector, T>::value;

/// Comparing integers of different signedness is a mistake that CAF 1.x refuses to compile.
template <class T0, class T1>
concept safely_comparable =
  !(std::is_integral_v<T0> && std::is_integral_v<T1>) || std::is_signed_v<T0> == std::is_signed_v<T1>;

/// Equality of floating point numbers takes an `approx`.
template <class T0, class T1>
concept not_both_floating = !std::is_floating_point_v<T0> || !std::is_floating_point_v<T1>;

/// What CAF prints better than anyone else would.
template <class T>
concept caf_printable = std::is_arithmetic_v<T> || inspectable<T> || caf::detail::has_to_string<T>::value;

template <class T>
concept optional_like = requires(const T& x) {
  *x;
  x.has_value();
};

/// Renders any value for a failure report; a type that nobody can print is `<unprintable>`.
template <class T>
std::string stringify(const T& x) {
  if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return "null";
  } else if constexpr (std::is_convertible_v<T, std::string>) {
    return x;
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return std::string{std::string_view{x}};
  } else if constexpr (streamable<T> && !caf_printable<T>) {
    std::ostringstream out;
    out << x;
    return std::move(out).str();
  } else if constexpr (std::is_enum_v<T> && !caf_printable<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(x));
  } else if constexpr (optional_like<T> && !caf_printable<T>) {
    return x.has_value() ? "*" + stringify(*x) : "null";
  } else {
    return caf::detail::stringification_inspector::render(x);
  }
}

/// Which sections of one test have run. A test with sections runs again until each innermost one has had its
/// turn, with at most one per run.
class section_tracker {
public:
  /// Prepares the next run of the test.
  void start_run() {
    path_.clear();
    deepest_ = 0;
    more_ = false;
  }

  /// Returns whether the test must run again.
  [[nodiscard]] bool more() const noexcept { return more_; }

  /// Returns whether the section at `id` runs now.
  bool enter(std::uint_least32_t id) {
    if (path_.size() < deepest_) {
      more_ = true;
      return false;
    }
    path_.push_back(id);
    if (done_.contains(path_)) {
      path_.pop_back();
      return false;
    }
    deepest_ = path_.size();
    return true;
  }

  void leave() {
    if (!more_)
      done_.insert(path_);
    path_.pop_back();
  }

private:
  std::set<std::vector<std::uint_least32_t>> done_;
  std::vector<std::uint_least32_t> path_;
  std::size_t deepest_ = 0;
  bool more_ = false;
};

/// One pass through the body of a SECTION.
class section_scope {
public:
  explicit section_scope(section_tracker* tracker) : tracker_(tracker) {}

  explicit operator bool() const noexcept { return tracker_ != nullptr; }

  void leave() { std::exchange(tracker_, nullptr)->leave(); }

private:
  section_tracker* tracker_;
};

/// A format string that knows where it was written.
struct located_format {
  located_format(const char* str, const std::source_location& loc = std::source_location::current())
    : value(str), location(loc) {}

  located_format(std::string_view str, const std::source_location& loc = std::source_location::current())
    : value(str), location(loc) {}

  std::string_view value;
  std::source_location location;
};

/// Fills each `{}` of `fmt` with the next argument.
inline std::string format(std::string_view fmt, const std::vector<std::string>& args) {
  std::string result;
  auto arg = args.begin();
  for (auto pos = fmt.find("{}"); pos != std::string_view::npos && arg != args.end(); pos = fmt.find("{}")) {
    result += fmt.substr(0, pos);
    result += *arg++;
    fmt.remove_prefix(pos + 2);
  }
  result += fmt;
  return result;
}

} // namespace detail

/// Compares floating point numbers with a tolerance.
template <class T>
class approx {
public:
  constexpr explicit approx(T value) : value_(value) {}

  [[nodiscard]] approx epsilon(T eps) const {
    auto copy = *this;
    copy.epsilon_ = eps;
    return copy;
  }

  friend bool operator==(T lhs, const approx& rhs) {
    return lhs >= rhs.value_ - rhs.epsilon_ && lhs <= rhs.value_ + rhs.epsilon_;
  }

  friend std::ostream& operator<<(std::ostream& out, const approx& x) {
    return out << x.value_ << " +- " << x.epsilon_;
  }

private:
  T value_;
  T epsilon_ = std::numeric_limits<T>::epsilon();
};

/// The base of every test: what a test's body may call. The checks may be called from any thread.
class runnable {
public:
  runnable() { current_ = this; }

  runnable(const runnable&) = delete;

  runnable& operator=(const runnable&) = delete;

  ~runnable() { current_ = nullptr; }

  /// Returns the running test.
  static runnable& current() {
    if (current_ == nullptr)
      CAF_RAISE_ERROR(std::logic_error, "no test is running");
    return *current_;
  }

  bool check(bool value, const std::source_location& location = std::source_location::current()) {
    return report(value, location, [] { return std::string{"check failed"}; });
  }

#define MAGNA_BINARY_CHECK(suffix, op, condition)                                                            \
  template <class T0, class T1>                                                                              \
  bool check_##suffix(const T0& lhs, const T1& rhs,                                                          \
                      const std::source_location& location = std::source_location::current()) {              \
    static_assert(detail::safely_comparable<T0, T1>, "comparing signed and unsigned integers is unsafe");    \
    static_assert(condition, "comparing floating points with " #op " is unsafe, use approx");                \
    return report(static_cast<bool>(lhs op rhs), location, [&] {                                             \
      return "lhs " #op " rhs failed\n  lhs: " + detail::stringify(lhs)                                      \
             + "\n  rhs: " + detail::stringify(rhs);                                                         \
    });                                                                                                      \
  }                                                                                                          \
  template <class T0, class T1>                                                                              \
  void require_##suffix(const T0& lhs, const T1& rhs,                                                        \
                        const std::source_location& location = std::source_location::current()) {            \
    if (!check_##suffix(lhs, rhs, location))                                                                 \
      abort_test(location);                                                                                  \
  }

  MAGNA_BINARY_CHECK(eq, ==, (detail::not_both_floating<T0, T1>))
  MAGNA_BINARY_CHECK(ne, !=, (detail::not_both_floating<T0, T1>))
  MAGNA_BINARY_CHECK(lt, <, true)
  MAGNA_BINARY_CHECK(le, <=, true)
  MAGNA_BINARY_CHECK(gt, >, true)
  MAGNA_BINARY_CHECK(ge, >=, true)

#undef MAGNA_BINARY_CHECK

  /// Checks whether an optional or an expected holds a value.
  template <class T>
  bool check_has_value(const T& what,
                       const std::source_location& location = std::source_location::current()) {
    return report(static_cast<bool>(what), location, [&] {
      if constexpr (requires { what.error(); })
        return "holds an error: " + to_string(what.error());
      else
        return std::string{"holds no value"};
    });
  }

  template <class Exception = void, class Expr>
  void check_throws(Expr&& expr, const std::source_location& location = std::source_location::current()) {
    bool thrown = false;
    if constexpr (std::is_void_v<Exception>) {
      try {
        expr();
      } catch (...) {
        thrown = true;
      }
    } else {
      try {
        expr();
      } catch (const Exception&) {
        thrown = true;
      } catch (...) {
        thrown = false;
      }
    }
    report(thrown, location, [] { return std::string{"the expected exception was not thrown"}; });
  }

  void require(bool value, const std::source_location& location = std::source_location::current()) {
    if (!check(value, location))
      abort_test(location);
  }

  template <class T>
  void require_has_value(const T& what,
                         const std::source_location& location = std::source_location::current()) {
    if (!check_has_value(what, location))
      abort_test(location);
  }

  /// Returns the value of an optional or an expected; ends the test if there is none.
  template <class T>
  auto unbox(const T& what, const std::source_location& location = std::source_location::current()) {
    require_has_value(what, location);
    return *what;
  }

  /// Fails and ends the test; each `{}` of the message stands for one argument.
  template <class... Ts>
  [[noreturn]] void fail(detail::located_format fmt, const Ts&... xs) {
    report(false, fmt.location, [&] { return detail::format(fmt.value, {detail::stringify(xs)...}); });
    abort_test(fmt.location);
  }

  /// Used by SECTION.
  detail::section_scope enter_section(std::uint_least32_t id) {
    return detail::section_scope{sections_->enter(id) ? sections_ : nullptr};
  }

  /// Used by TEST.
  void sections(detail::section_tracker* tracker) {
    sections_ = tracker;
  }

private:
  // The framework shows its own checks only at its highest verbosity: a failure must always be seen.
  template <class Describe>
  bool report(bool passed, const std::source_location& location, Describe describe) {
    static std::mutex mtx;
    std::lock_guard guard{mtx};
    auto* test = caf::test::engine::current_test();
    if (passed) {
      test->pass();
      caf::test::engine::last_check_file(location.file_name());
      caf::test::engine::last_check_line(location.line());
    } else {
      test->fail(false);
      caf::test::logger::instance().error()
        << caf::term::red << "!! " << caf::term::reset << location.file_name() << ":"
        << std::to_string(location.line()) << ": " << describe() << "\n";
    }
    return passed;
  }

  [[noreturn]] static void abort_test(const std::source_location& location) {
    auto where = std::string{location.file_name()} + ":" + std::to_string(location.line());
    caf::test::detail::requirement_failed(where);
  }

  static inline std::atomic<runnable*> current_ = nullptr;

  detail::section_tracker* sections_ = nullptr;
};

namespace detail {

/// Counts the tests that ran, so that a filter that selects none is no success.
inline std::size_t tests_ran = 0;

template <class T>
class test_case : public caf::test::test {
public:
  explicit test_case(std::string name) : test(std::move(name), false) {}

  void run_test_impl() override {
    ++tests_ran;
    section_tracker tracker;
    do {
      tracker.start_run();
      T body;
      body.sections(&tracker);
      body.run_next_test_branch_impl();
    } while (tracker.more());
  }
};

struct registration {
  template <class T>
  static registration add(const char* suite, const char* description) {
    caf::test::engine::add(suite, std::make_unique<test_case<T>>(description));
    return {};
  }
};

} // namespace detail

/// An actor system whose scheduler and clock only move when the test says so. Actors that are still alive at
/// the end of the test are killed.
class deterministic {
private:
  using scheduler_type = caf::scheduler::test_coordinator;

public:
  caf::actor_system_config cfg;

  caf::actor_system sys;

  deterministic() : sys(init(cfg)), sched_(dynamic_cast<scheduler_type&>(sys.scheduler())) {}

  deterministic(const deterministic&) = delete;

  deterministic& operator=(const deterministic&) = delete;

  virtual ~deterministic() {
    // Killing an actor may make others send, spawn or set timers, so this goes on until nothing moves.
    do {
      drop_timeouts();
      for (auto* job : sched_.jobs)
        remember(job);
      for (auto& addr : std::exchange(known_, {}))
        if (auto hdl = caf::actor_cast<caf::strong_actor_ptr>(addr))
          caf::anon_send_exit(hdl, caf::exit_reason::kill);
    } while (run_job());
  }

  // -- messages ---------------------------------------------------------------------------------------------

  /// Lets the next actor that has mail handle one message. Returns whether there was any.
  bool dispatch_message() {
    while (!sched_.jobs.empty()) {
      // A new actor is scheduled once without mail, to initialize.
      auto has_mail = has_message(sched_.jobs.front());
      run_job();
      if (has_mail)
        return true;
    }
    return false;
  }

  /// Lets `hdl` handle one message. Returns whether it had any.
  template <class Handle>
  bool dispatch_message(const Handle& hdl) {
    while (sched_.prioritize(hdl)) {
      auto has_mail = has_message(sched_.jobs.front());
      run_job();
      if (has_mail)
        return true;
    }
    return false;
  }

  /// Lets all actors run until no mail is left. Returns the number of messages handled.
  size_t dispatch_messages() {
    size_t result = 0;
    while (dispatch_message())
      ++result;
    return result;
  }

  // -- actors -----------------------------------------------------------------------------------------------

  /// Sends an exit message to `hdl` and lets it handle that.
  template <class Handle>
  void inject_exit(const Handle& hdl, caf::error reason = caf::exit_reason::user_shutdown) {
    auto ptr = caf::actor_cast<caf::strong_actor_ptr>(hdl);
    if (!ptr || terminated(ptr))
      return;
    auto exit = caf::exit_msg{ptr->address(), std::move(reason)};
    ptr->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(caf::message_priority::high), {},
                                           std::move(exit)),
                 nullptr);
    dispatch_message(ptr);
  }

  template <class Handle>
  bool terminated(const Handle& hdl) {
    return caf::actor_cast<caf::abstract_actor*>(hdl)->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// Sends a request, dispatches all messages, and returns the response; `sec::request_timeout` if there is
  /// none yet.
  template <class T, class Handle, class... Ts>
  caf::expected<T> ask(const Handle& hdl, Ts&&... xs) {
    caf::scoped_actor self{sys};
    auto request = self->request(hdl, caf::infinite, std::forward<Ts>(xs)...);
    dispatch_messages();
    if (!self->has_next_message())
      return caf::make_error(caf::sec::request_timeout);
    caf::expected<T> result{caf::error{}};
    request.receive([&](T& x) { result = std::move(x); }, [&](caf::error& err) { result = std::move(err); });
    return result;
  }

  // -- virtual time -----------------------------------------------------------------------------------------

  /// Moves the clock and triggers the timeouts that are due by then: their messages are sent, not yet
  /// handled. Returns the number of timeouts.
  size_t advance_time(caf::timespan amount,
                      const std::source_location& location = std::source_location::current()) {
    if (amount.count() <= 0)
      runnable::current().fail({"advance_time requires a positive duration", location});
    return clock().advance_time(amount);
  }

  /// Moves the clock to the next timeout and triggers it. Returns whether there was one.
  bool trigger_timeout() { return clock().trigger_timeout(); }

  /// Moves the clock to the last of the timeouts that are pending now. Returns the number of timeouts
  /// triggered.
  size_t trigger_all_timeouts() {
    if (!has_pending_timeout())
      return 0;
    auto last = last_timeout();
    size_t result = 0;
    while (has_pending_timeout() && next_timeout() <= last && clock().trigger_timeout())
      ++result;
    return result;
  }

  [[nodiscard]] size_t num_timeouts() noexcept {
    auto& entries = clock().schedule;
    return static_cast<size_t>(std::count_if(entries.begin(), entries.end(),
                                             [](const auto& kvp) { return !kvp.second.f.disposed(); }));
  }

  [[nodiscard]] bool has_pending_timeout() noexcept { return num_timeouts() > 0; }

  /// Returns when the next pending timeout is due; there must be one.
  [[nodiscard]] caf::actor_clock::time_point next_timeout() {
    auto& entries = clock().schedule;
    auto pending = [](const auto& kvp) { return !kvp.second.f.disposed(); };
    return std::find_if(entries.begin(), entries.end(), pending)->first;
  }

  /// Returns when the last pending timeout is due; there must be one.
  [[nodiscard]] caf::actor_clock::time_point last_timeout() {
    auto& entries = clock().schedule;
    auto pending = [](const auto& kvp) { return !kvp.second.f.disposed(); };
    return std::find_if(entries.rbegin(), entries.rend(), pending)->first;
  }

  // -- serialization ----------------------------------------------------------------------------------------

  /// Returns what is left of `value` after going through the binary format.
  template <class T>
  caf::expected<T> serialization_roundtrip(const T& value) {
    caf::byte_buffer buf;
    caf::binary_serializer sink{sys, buf};
    if (!sink.apply(value))
      return sink.get_error();
    T result;
    caf::binary_deserializer source{sys, buf};
    if (!source.apply(result))
      return source.get_error();
    return result;
  }

private:
  static caf::actor_system_config& init(caf::actor_system_config& cfg) {
    cfg.set("caf.scheduler.policy", "testing");
    cfg.set("caf.logger.inline-output", true);
    return cfg;
  }

  caf::detail::test_actor_clock& clock() noexcept { return sched_.clock(); }

  static bool has_message(caf::resumable* job) {
    auto* ptr = dynamic_cast<caf::abstract_actor*>(job);
    return ptr != nullptr && ptr->peek_at_next_mailbox_element() != nullptr;
  }

  /// Runs the next job, if any. An actor that has more to do goes to the end of the line: the scheduler by
  /// itself would let it empty its mailbox first.
  bool run_job() {
    if (sched_.jobs.empty())
      return false;
    auto* job = sched_.jobs.front();
    remember(job);
    sched_.try_run_once();
    if (!sched_.jobs.empty() && sched_.jobs.front() == job)
      std::rotate(sched_.jobs.begin(), sched_.jobs.begin() + 1, sched_.jobs.end());
    return true;
  }

  /// Keeps the address of an actor for the destructor. An actor that never had a job has no one to keep it
  /// alive but its handles, so this finds them all.
  void remember(caf::resumable* job) {
    if (auto* ptr = dynamic_cast<caf::abstract_actor*>(job))
      known_.insert(ptr->address());
  }

  void drop_timeouts() {
    for (auto& kvp : std::exchange(clock().schedule, {}))
      kvp.second.f.dispose();
  }

  scheduler_type& sched_;

  std::set<caf::actor_addr> known_;
};

} // namespace magna::test

#define MAGNA_TEST_PASTE_IMPL(x, y) x##y

#define MAGNA_TEST_PASTE(x, y) MAGNA_TEST_PASTE_IMPL(x, y)

#define MAGNA_TEST_UNIQUE(name) MAGNA_TEST_PASTE(name, __LINE__)

[[maybe_unused]] constexpr const char* caf_test_suite_name = "$";

#define SUITE(name)                                                                                          \
  namespace MAGNA_TEST_UNIQUE(caf_suite_) {                                                                  \
    namespace {                                                                                              \
    [[maybe_unused]] constexpr const char* caf_test_suite_name = name;                                       \
    }                                                                                                        \
  }                                                                                                          \
  namespace MAGNA_TEST_UNIQUE(caf_suite_)

#define WITH_FIXTURE(name)                                                                                   \
  namespace MAGNA_TEST_UNIQUE(caf_fixture_) {                                                                \
    using caf_test_case_auto_fixture = name;                                                                 \
  }                                                                                                          \
  namespace MAGNA_TEST_UNIQUE(caf_fixture_)

#define TEST(description)                                                                                    \
  namespace {                                                                                                \
  struct MAGNA_TEST_UNIQUE(caf_test_) : ::magna::test::runnable, caf_test_case_auto_fixture {                \
    void run_next_test_branch_impl();                                                                        \
  };                                                                                                         \
  [[maybe_unused]] const auto MAGNA_TEST_UNIQUE(caf_registration_) =                                         \
    ::magna::test::detail::registration::add<MAGNA_TEST_UNIQUE(caf_test_)>(caf_test_suite_name,              \
                                                                           description);                     \
  }                                                                                                          \
  void MAGNA_TEST_UNIQUE(caf_test_)::run_next_test_branch_impl()

#define SECTION(description)                                                                                 \
  for (auto MAGNA_TEST_UNIQUE(scope_) = this->enter_section(__LINE__); MAGNA_TEST_UNIQUE(scope_);            \
       MAGNA_TEST_UNIQUE(scope_).leave())
