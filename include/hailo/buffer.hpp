// Memory: Buffer owns it, MemoryView looks at it.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>

#include "hailo/expected.hpp"

namespace hailort {

class Buffer;
class MemoryView;
using BufferPtr = std::shared_ptr<Buffer>;

/// Where a buffer's memory comes from. The virtual device reads any memory, so the kinds differ only for the host.
struct HAILORTAPI BufferStorageParams {
  static BufferStorageParams create_dma();
  static BufferStorageParams create_shared_memory(const std::string& shm_name, bool memory_owner = true);
  static BufferStorageParams open_shared_memory(const std::string& shm_name);

  hailo_buffer_flags_t flags = HAILO_BUFFER_FLAGS_NONE;
  std::string shared_memory_name;
  bool memory_owner = false;
};

/// Bytes with one owner, zero at first; page-aligned for DMA and shared memory. Errors of create():
/// HAILO_OUT_OF_HOST_MEMORY, HAILO_FILE_OPERATION_FAILURE (shared memory that the system refuses),
/// HAILO_INVALID_ARGUMENT.
class HAILORTAPI Buffer final {
 public:
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = uint8_t;
    using difference_type = std::ptrdiff_t;
    using pointer = uint8_t*;
    using reference = uint8_t&;
    explicit iterator(pointer at = nullptr) : m_at(at) {}
    iterator& operator++() {
      ++m_at;
      return *this;
    }
    iterator operator++(int) { return iterator(m_at++); }
    bool operator==(iterator other) const { return m_at == other.m_at; }
    bool operator!=(iterator other) const { return m_at != other.m_at; }
    reference operator*() const { return *m_at; }

   private:
    pointer m_at;
  };

  Buffer();
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other);
  Buffer& operator=(Buffer&& other);

  static Expected<Buffer> create(size_t size, const BufferStorageParams& params = {});
  static Expected<Buffer> create(size_t size, uint8_t default_value, const BufferStorageParams& params = {});
  static Expected<Buffer> create(const uint8_t* src, size_t size, const BufferStorageParams& params = {});
  static Expected<Buffer> create(std::initializer_list<uint8_t> init, const BufferStorageParams& params = {});
  static Expected<BufferPtr> create_shared(size_t size, const BufferStorageParams& params = {});
  static Expected<BufferPtr> create_shared(size_t size, uint8_t default_value, const BufferStorageParams& params = {});
  static Expected<BufferPtr> create_shared(const uint8_t* src, size_t size, const BufferStorageParams& params = {});

  Expected<Buffer> copy() const;
  bool operator==(const Buffer& rhs) const;
  bool operator!=(const Buffer& rhs) const;
  uint8_t& operator[](size_t pos);
  const uint8_t& operator[](size_t pos) const;
  iterator begin() { return iterator(m_data); }
  iterator end() { return iterator(m_data + m_size); }
  uint8_t* data() noexcept { return m_data; }
  const uint8_t* data() const noexcept { return m_data; }
  size_t size() const noexcept { return m_size; }
  std::string to_string() const;
  friend HAILORTAPI std::ostream& operator<<(std::ostream&, const Buffer&);

  template <typename T, std::enable_if_t<std::is_trivial<T>::value && std::is_standard_layout<T>::value, int> = 0>
  T* as_pointer() const {
    assert(m_size >= sizeof(T));
    return reinterpret_cast<T*>(m_data);
  }
  template <typename T, std::enable_if_t<std::is_trivial<T>::value && std::is_standard_layout<T>::value, int> = 0>
  T as_type() const {
    return *as_pointer<T>();
  }
  template <typename T, std::enable_if_t<std::is_trivial<T>::value && std::is_standard_layout<T>::value, int> = 0>
  T& as_type() {
    return *as_pointer<T>();
  }
  uint16_t as_uint16() const { return as_type<uint16_t>(); }
  uint32_t as_uint32() const { return as_type<uint32_t>(); }
  uint64_t as_uint64() const { return as_type<uint64_t>(); }
  uint16_t& as_uint16() { return as_type<uint16_t>(); }
  uint32_t& as_uint32() { return as_type<uint32_t>(); }
  uint64_t& as_uint64() { return as_type<uint64_t>(); }

  /// Views of [offset, size), [0, offset) and [from, to), cut at the end of the buffer; empty beyond it.
  MemoryView from(size_t offset);
  const MemoryView from(size_t offset) const;
  MemoryView to(size_t offset);
  const MemoryView to(size_t offset) const;
  MemoryView slice(size_t from, size_t to);
  const MemoryView slice(size_t from, size_t to) const;

  /// Gives the memory up to the caller, who frees it with operator delete; the buffer is empty afterwards.
  /// HAILO_NOT_SUPPORTED for DMA and shared memory.
  Expected<void*> release() noexcept;

 private:
  class Storage;
  std::unique_ptr<Storage> m_storage;
  uint8_t* m_data;
  size_t m_size;
};

/// Does not own what it looks at.
class HAILORTAPI MemoryView final {
 public:
  MemoryView() noexcept : m_data(nullptr), m_size(0) {}
  explicit MemoryView(Buffer& buffer) noexcept : m_data(buffer.data()), m_size(buffer.size()) {}
  MemoryView(void* data, size_t size) noexcept : m_data(data), m_size(size) {}
  MemoryView(const std::string& data) noexcept  // NOLINT: implicit by contract
      : m_data(const_cast<char*>(data.data())), m_size(data.size()) {}
  static const MemoryView create_const(const void* data, size_t size) noexcept {
    return MemoryView(const_cast<void*>(data), size);
  }

  uint8_t* data() noexcept { return static_cast<uint8_t*>(m_data); }
  const uint8_t* data() const noexcept { return static_cast<const uint8_t*>(m_data); }
  size_t size() const noexcept { return m_size; }
  bool empty() const noexcept { return 0 == m_size; }
  bool operator==(const MemoryView& rhs) const noexcept {
    return m_size == rhs.m_size && (0 == m_size || 0 == std::memcmp(m_data, rhs.m_data, m_size));
  }
  bool operator!=(const MemoryView& rhs) const noexcept { return !(*this == rhs); }
  friend HAILORTAPI std::ostream& operator<<(std::ostream&, const MemoryView&);

  template <typename T, std::enable_if_t<std::is_trivial<T>::value && std::is_standard_layout<T>::value, int> = 0>
  T* as_pointer() const {
    assert(m_size >= sizeof(T));
    return static_cast<T*>(m_data);
  }

 private:
  void* m_data;
  size_t m_size;
};

}  // namespace hailort
