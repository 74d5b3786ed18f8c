// Tar and zip files in memory: the same members give the same bytes, whoever writes them and when.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace graupel {

struct Member {
  std::string name;
  Bytes data;
};

/// ustar, times and owners 0, mode 0644, ended by two zero blocks. Errors: invalid (a name longer than ustar allows).
Result<Bytes> write_tar(std::span<const Member> members);
/// Members are stored, not compressed. Errors as write_tar.
Result<Bytes> write_zip(std::span<const Member> members);

/// Regular files in archive order. `limit_bytes` bounds their sum, so that a compressed or sparse file cannot demand
/// more memory than its reader meant to give. Errors: corrupt.
Result<std::vector<Member>> read_tar(ByteSpan bytes, std::size_t limit_bytes);
Result<std::vector<Member>> read_zip(ByteSpan bytes, std::size_t limit_bytes);

/// Text as the bytes of a member, and back.
Bytes to_bytes(std::string_view text);
std::string_view to_text(ByteSpan bytes);

}  // namespace graupel
