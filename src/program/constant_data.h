// ConstantData: a program's constants, owned or lying in memory that somebody keeps alive (a mapped file).
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.h"

namespace graupel {

/// Read-only bytes that begin at a multiple of 64. Copies share them.
class ConstantData {
 public:
  ConstantData() = default;
  ConstantData(Bytes bytes) {  // NOLINT: implicit by intent
    auto owned = std::make_shared<const Bytes>(std::move(bytes));
    bytes_ = *owned;
    keep_ = std::move(owned);
  }
  /// `bytes`, without a copy, for as long as `keep` lives.
  ConstantData(ByteSpan bytes, std::shared_ptr<const void> keep) : bytes_(bytes), keep_(std::move(keep)) {}

  const std::byte* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  ByteSpan bytes() const { return bytes_; }
  bool operator==(const ConstantData& other) const {
    return std::equal(bytes_.begin(), bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }

 private:
  ByteSpan bytes_;
  std::shared_ptr<const void> keep_;
};

}  // namespace graupel
