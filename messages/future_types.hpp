#pragma once

namespace magna {

/// Makes CAF take messages whose types only newer nodes have: it skips their fields. Their receivers refuse
/// them as any other message that they have no handler for. CAF itself would drop such a message, and leave a
/// request without a response. To be called where magna's own types are announced, and any number of times.
void announce_future_types();

} // namespace magna
