// Files: mapped reads, and writes that either happen wholly or not at all.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace graupel {

/// A read-only view of a whole file; lives as long as the object. An empty file is an empty span.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  ByteSpan bytes() const { return {data_.get(), size_}; }

 private:
  struct Unmap {
    Unmap() : size(0) {}
    explicit Unmap(std::size_t bytes) : size(bytes) {}
    void operator()(const std::byte* data) const;
    std::size_t size;
  };
  std::unique_ptr<const std::byte, Unmap> data_;
  std::size_t size_ = 0;
};

/// Writes the pieces one after another beside `path`, flushes, and renames onto it. On failure `path` is as it was
/// and nothing is left beside it.
Result<> write_file(const std::string& path, std::span<const ByteSpan> pieces);
Result<> write_file(const std::string& path, ByteSpan bytes);

}  // namespace graupel
