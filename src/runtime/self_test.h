// Whether this CPU computes what the compiler computed: golden vectors, made and checked.
#pragma once

#include "hef/golden.h"
#include "runtime/session.h"

namespace graupel {

/// Codes of a golden vector's input port `port`: byte i is byte i mod 8, lowest first, of output i / 8 of SplitMix64
/// that starts at seed + 2^32 * port.
std::vector<uint8_t> golden_input(const Port& port, uint64_t seed, std::size_t number);

/// What the reference kernels compute. Errors: those of Session::create().
Result<Golden> make_golden(const Program& program);

/// Runs one frame. Errors: mismatch, naming the first layer, output or host step that differs and both hashes; corrupt
/// (a vector of another program). Ends the session's tap.
Result<> self_test(Session& session, const Golden& golden);

}  // namespace graupel
