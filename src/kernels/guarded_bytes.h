// Test memory that faults when a kernel reads or writes past either end.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace graupel {

/// `size` bytes between two inaccessible pages, touching the later one, or the earlier one when `at_start`.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t size, bool at_start = false) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t inside = (size + page - 1) / page * page;
    mapped_ = inside + 2 * page;
    void* map = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) std::abort();
    map_ = static_cast<std::byte*>(map);
    if (inside > 0 && mprotect(map_ + page, inside, PROT_READ | PROT_WRITE) != 0) std::abort();
    data_ = map_ + page + (at_start ? 0 : inside - size);
  }
  ~GuardedBytes() { munmap(map_, mapped_); }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  uint8_t* codes() { return reinterpret_cast<uint8_t*>(data_); }
  const uint8_t* codes() const { return reinterpret_cast<const uint8_t*>(data_); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_, mapped_ = 0;
  std::byte* map_ = nullptr;
  std::byte* data_ = nullptr;
};

/// `size` bytes on the heap at a multiple of 64, which the address sanitizer watches.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t size)
      : data_(static_cast<std::byte*>(::operator new (size, std::align_val_t{64}))), size_(size) {}
  ~AlignedBytes() { ::operator delete (data_, std::align_val_t{64}); }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  std::byte* data() { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::byte* data_;
  std::size_t size_;
};

}  // namespace graupel
