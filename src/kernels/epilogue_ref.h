// The definition of the epilogue that conv, depthwise and deconv share (N2.1, N3.2, N4.2).
#pragma once

#include <cstdint>

#include "kernels/kernel.h"

namespace graupel {

/// Writes `count` codes of one pixel, channels [first_channel, first_channel + count), to `dst`.
/// `acc` holds the s32 accumulators modulo 2^32; `residual` points at the residual code of the first channel and is
/// read only when the epilogue has one.
void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const uint32_t* acc, const uint8_t* residual, uint8_t* dst);

}  // namespace graupel
