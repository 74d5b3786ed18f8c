// XXH3-64, the checksum of our files.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace graupel {

uint64_t xxh3_64(ByteSpan bytes);

/// XXH3-64 of several pieces, as if they were one.
uint64_t xxh3_64(std::span<const ByteSpan> pieces);

/// Sixteen lower-case hex digits.
std::string hex64(uint64_t value);

}  // namespace graupel
