#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

// The events of a stream of Responses, by their types.

namespace magna::responses_wire {

/// What the parts of an item can say.
enum class voice : std::uint8_t { text, refusal, summary, thought };

/// What an event brings. Others are signs of life: those of tools that run at the provider, annotations.
enum class event_kind : std::uint8_t {
  /// A piece of a part.
  delta,
  /// All of a part.
  whole,
  arguments_delta,
  arguments_whole,
  /// An item begins: who it is, and perhaps what it says later.
  item_begins,
  item_whole,
  /// The answer so far.
  progress,
  /// All of it.
  end,
};

struct event_name {
  std::string_view type;
  event_kind kind;
  voice says = voice::text;
};

/// Behind "response.".
inline constexpr event_name event_names[] = {
  {"output_text.delta", event_kind::delta, voice::text},
  {"output_text.done", event_kind::whole, voice::text},
  {"refusal.delta", event_kind::delta, voice::refusal},
  {"refusal.done", event_kind::whole, voice::refusal},
  {"reasoning_summary_text.delta", event_kind::delta, voice::summary},
  {"reasoning_summary_text.done", event_kind::whole, voice::summary},
  {"reasoning_text.delta", event_kind::delta, voice::thought},
  {"reasoning_text.done", event_kind::whole, voice::thought},
  {"reasoning.delta", event_kind::delta, voice::thought},
  {"reasoning.done", event_kind::whole, voice::thought},
  {"function_call_arguments.delta", event_kind::arguments_delta},
  {"function_call_arguments.done", event_kind::arguments_whole},
  {"output_item.added", event_kind::item_begins},
  {"output_item.done", event_kind::item_whole},
  {"created", event_kind::progress},
  {"queued", event_kind::progress},
  {"in_progress", event_kind::progress},
  {"completed", event_kind::end},
  {"incomplete", event_kind::end},
  {"failed", event_kind::end},
  {"cancelled", event_kind::end},
};

inline constexpr std::string_view event_prefix = "response.";

/// Null: it says nothing of the answer.
inline const event_name* find_event(std::string_view type) noexcept {
  if (!type.starts_with(event_prefix))
    return nullptr;
  const auto* found = std::ranges::find(event_names, type.substr(event_prefix.size()), &event_name::type);
  return found == std::end(event_names) ? nullptr : found;
}

} // namespace magna::responses_wire
