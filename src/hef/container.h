// The outside of a HEF: a big-endian header, a checksum, and two sections. Versions 0 to 3 are read, 3 is written.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace graupel {

struct HefSections {
  uint32_t version = 0;
  ByteSpan messages;  ///< protobuf
  ByteSpan payload;   ///< what follows them ("ccws"); empty in version 0
};

/// Checks magic, version, lengths and checksums. Errors: corrupt, unsupported (version).
Result<HefSections> read_container(ByteSpan file);

/// A version-3 file; the payload begins at a multiple of 4096.
Bytes write_container(ByteSpan messages, ByteSpan payload);

}  // namespace graupel
