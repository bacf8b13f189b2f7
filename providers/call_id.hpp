#pragma once

#include <string>

namespace magna {

/// A name for a call that its provider gave none: "call_" and 16 digits of hexadecimal, never the same twice. A
/// conversation goes on over many answers, with several providers, processes and hosts: each of its calls has a name of its
/// own nevertheless.
std::string make_call_id();

} // namespace magna
