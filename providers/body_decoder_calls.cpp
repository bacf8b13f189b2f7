#include <magna/providers/body_decoder.hpp>

#include <algorithm>
#include <utility>

#include <magna/providers/call_id.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_check.hpp>
#include <magna/text/ascii.hpp>

// The calls of an answer.

namespace magna {

namespace {

std::string_view or_none(std::string_view arguments) noexcept {
  return trim(arguments).empty() ? "{}" : arguments;
}

/// Whether two texts are the same object, and be it in another spelling.
bool is_same_object(std::string_view a, std::string_view b) {
  if (a == b)
    return true;
  // White space and escapes make no text more than six times as long.
  if (a.size() > 6 * b.size() || b.size() > 6 * a.size())
    return false;
  const auto first = parse_any(a);
  return first.is_object() && first == parse_any(b);
}

} // namespace

bool body_decoder::settle_calls(part_sink& out) {
  auto& calls = info_.tool_calls;
  const auto is_broken = [](const tool_call& x) { return x.name.empty() || !is_json_object(x.arguments); };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    call_states_[i].joiner.flush(calls[i].arguments);
    if (trim(calls[i].arguments).empty())
      calls[i].arguments = "{}";
    if (calls[i].id.empty())
      calls[i].id = make_call_id();
    if (!is_broken(calls[i]))
      show_call(out, i);
  }
  // What the token limit has cut is no call.
  if (info_.finish == finish_reason::length)
    std::erase_if(calls, is_broken);
  const auto broken = std::ranges::find_if(calls, is_broken);
  if (broken == calls.end())
    return true;
  fail(errc::provider_error, "the model's call of '" + broken->name
                               + "' is broken: it has no name, or its arguments are no object");
  return false;
}

std::optional<std::size_t> body_decoder::find_call(std::uint64_t index) const {
  const auto found = calls_.find(index);
  return found != calls_.end() ? std::optional{found->second} : std::nullopt;
}

std::size_t body_decoder::call_at(std::uint64_t index) {
  const auto found = find_call(index);
  return found ? *found : new_call(index);
}

std::size_t body_decoder::new_call(std::uint64_t index) {
  saw_tool_call();
  const auto call = info_.tool_calls.size();
  calls_.insert_or_assign(index, call);
  count_kept(sizeof(tool_call) + sizeof(call_state));
  info_.tool_calls.emplace_back();
  call_states_.emplace_back();
  return call;
}

std::optional<std::size_t> body_decoder::call_with_id(std::string_view id) const {
  const auto found = call_ids_.find(id);
  return found != call_ids_.end() ? std::optional{found->second} : std::nullopt;
}

bool body_decoder::forget_calls() {
  if (std::ranges::any_of(call_states_, [](const call_state& x) { return x.announced; }))
    return false;
  info_.tool_calls.clear();
  call_states_.clear();
  calls_.clear();
  call_ids_.clear();
  has_tool_call_ = false;
  return true;
}

bool body_decoder::repeats_call(std::size_t call, std::string_view id, std::string_view name,
                                std::string_view arguments) const {
  const auto& known = info_.tool_calls[call];
  return (id.empty() || told_id(call).empty() || id == told_id(call)) && (name.empty() || name == known.name)
         && is_same_object(or_none(known.arguments), or_none(arguments));
}

bool body_decoder::repeats_calls(const std::vector<told_call>& calls) const {
  if (calls.empty() || calls.size() != info_.tool_calls.size())
    return false;
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (calls[i].name.empty() || !repeats_call(i, calls[i].id, calls[i].name, calls[i].arguments))
      return false;
  return true;
}

std::string body_decoder::arguments_text(const nlohmann::json* arguments) {
  if (arguments == nullptr)
    return "{}";
  return arguments->is_string() ? arguments->get<std::string>() : dump(*arguments);
}

void body_decoder::name_call(std::size_t call, std::string_view id, std::string_view name, bool has_halves) {
  count_kept(id.size() + name.size());
  auto& known = info_.tool_calls[call];
  auto& state = call_states_[call];
  // The first ID counts, and it names one call. Who has gone out keeps its name.
  if (!id.empty() && state.told_id.empty()) {
    state.told_id = plain_text(id, has_halves);
    if (call_ids_.try_emplace(state.told_id, call).second && !state.announced)
      known.id = state.told_id;
  }
  if (!name.empty() && !state.announced)
    known.name = plain_text(name, has_halves);
}

void body_decoder::add_arguments(part_sink& out, std::size_t call, std::string_view piece, bool has_halves) {
  saw_tool_call();
  count_kept(piece.size());
  if (!plain())
    flush(out);
  auto& state = call_states_[call];
  state.joiner.append(info_.tool_calls[call].arguments, piece, has_halves);
  state.arguments.add(piece);
  show_call(out, call);
}

std::size_t body_decoder::add_call(part_sink& out, std::string_view id, std::string_view name,
                                   std::string_view arguments, bool has_halves) {
  if (const auto known = id.empty() ? std::nullopt : call_with_id(id);
      known && repeats_call(*known, id, name, arguments))
    return *known;
  const auto call = new_call(info_.tool_calls.size());
  name_call(call, id, name, has_halves);
  add_arguments(out, call, arguments, has_halves);
  return call;
}

void body_decoder::show_call(part_sink& out, std::size_t call) {
  auto& known = info_.tool_calls[call];
  auto& state = call_states_[call];
  if (!out.wants(part_kind::tool_call))
    return;
  if (!state.announced) {
    // The ID may be on its way as long as nothing else of the call is there.
    if (known.name.empty() || (known.id.empty() && known.arguments.empty()))
      return;
    if (known.id.empty())
      known.id = make_call_id();
    out.begin_call(static_cast<std::uint32_t>(call), known.id, known.name);
    state.announced = true;
  }
  // Blanks alone may still turn out to be no arguments.
  if (trim(known.arguments).empty())
    return;
  out.append(part_kind::tool_call, static_cast<std::uint32_t>(call),
             std::string_view{known.arguments}.substr(state.sent));
  state.sent = known.arguments.size();
}

} // namespace magna
