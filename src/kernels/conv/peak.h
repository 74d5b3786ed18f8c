// How fast this core multiplies when nothing but the multiplier is asked: what a layer's speed is a fraction of.
#pragma once

#include "base/cpu.h"

namespace graupel {

/// 8-bit multiply-accumulates per second of one thread in a register-only loop of the level's convolution instruction,
/// measured in a few milliseconds. 0 at the reference level, which has no such instruction.
double peak_macs_per_second(Isa isa);

/// The loops: `rounds` times so many multiply-accumulates as they return.
double peak_loop_avx2(int rounds);
double peak_loop_avx512(int rounds);

}  // namespace graupel
