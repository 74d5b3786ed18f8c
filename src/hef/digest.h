// The checksums of old HEF versions.
#pragma once

#include <array>

#include "base/bytes.h"

namespace graupel {

/// RFC 1321; header version 0.
std::array<uint8_t, 16> md5(ByteSpan bytes);

/// The reflected CRC-32 of polynomial 0xEDB88320 (as in zip); header version 1.
uint32_t crc32(ByteSpan bytes);

}  // namespace graupel
