// Bytes: a 64-byte aligned, growable byte buffer, so that any tensor in it can be read with full-width vectors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace graupel {

template <class T, std::size_t kAlignment = 64>
struct AlignedAllocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = AlignedAllocator<U, kAlignment>;
  };
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U, kAlignment>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{kAlignment})); }
  void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{kAlignment}); }
  bool operator==(const AlignedAllocator&) const { return true; }
};

using Bytes = std::vector<std::byte, AlignedAllocator<std::byte>>;
using ByteSpan = std::span<const std::byte>;

/// Immutable bytes that are either owned or part of something kept alive (a mapped file). Copies share.
class Blob {
 public:
  Blob() = default;
  Blob(Bytes bytes) {  // NOLINT: implicit by intent
    auto owned = std::make_shared<const Bytes>(std::move(bytes));
    span_ = *owned;
    owner_ = std::move(owned);
  }
  Blob(ByteSpan span, std::shared_ptr<const void> owner) : span_(span), owner_(std::move(owner)) {}

  const std::byte* data() const { return span_.data(); }
  std::size_t size() const { return span_.size(); }
  ByteSpan bytes() const { return span_; }
  bool operator==(const Blob& other) const {
    return size() == other.size() && std::equal(span_.begin(), span_.end(), other.span_.begin());
  }

 private:
  ByteSpan span_;
  std::shared_ptr<const void> owner_;
};

constexpr std::size_t align_up(std::size_t n, std::size_t alignment) {
  return (n + alignment - 1) / alignment * alignment;
}

}  // namespace graupel
