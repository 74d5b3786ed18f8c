#include "hailo/buffer.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <ostream>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "hailort/log.h"

namespace hailort {
namespace {

std::ostream& dump(std::ostream& out, const uint8_t* data, std::size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < size; ++i) out << (i == 0 ? "" : " ") << kDigits[data[i] >> 4] << kDigits[data[i] & 15];
  return out;
}

}  // namespace

/// Memory of the heap, pages of this process, or a named piece of memory that others can open.
class Buffer::Storage {
 public:
  static Expected<std::unique_ptr<Storage>> create(size_t size, const BufferStorageParams& params) {
    auto storage = std::make_unique<Storage>();
    storage->size_ = std::max<std::size_t>(size, 1);
    if ((params.flags & HAILO_BUFFER_FLAGS_SHARED_MEMORY) != 0) {
      HAILORT_DO_EXPECTED(storage->map_shared(params));
      return storage;
    }
    if ((params.flags & HAILO_BUFFER_FLAGS_DMA) != 0) {
      storage->pages_ = ::mmap(nullptr, storage->size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } else {
      storage->heap_ = ::operator new(storage->size_, std::nothrow);
      if (storage->heap_ != nullptr) std::memset(storage->heap_, 0, storage->size_);
    }
    if (storage->data() == nullptr) return refused(HAILO_OUT_OF_HOST_MEMORY, "no memory for a buffer of ", size);
    return storage;
  }
  ~Storage() {
    ::operator delete(heap_);
    if (pages_ != MAP_FAILED) ::munmap(pages_, size_);
    if (!owned_name_.empty()) ::shm_unlink(owned_name_.c_str());
  }

  uint8_t* data() { return static_cast<uint8_t*>(pages_ != MAP_FAILED ? pages_ : heap_); }
  /// Null unless the memory is the heap's.
  void* release_heap() { return std::exchange(heap_, nullptr); }

 private:
  hailo_status map_shared(const BufferStorageParams& params) {
    const std::string name = '/' + params.shared_memory_name;
    const int flags = params.memory_owner ? O_RDWR | O_CREAT | O_EXCL : O_RDWR;
    const int fd = ::shm_open(name.c_str(), flags, 0600);
    if (fd < 0) return refuse(HAILO_FILE_OPERATION_FAILURE, "shared memory '", name, "' cannot be opened");
    if (params.memory_owner) owned_name_ = name;
    const bool sized = !params.memory_owner || ::ftruncate(fd, static_cast<off_t>(size_)) == 0;
    if (sized) pages_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return pages_ != MAP_FAILED ? HAILO_SUCCESS
                                : refuse(HAILO_FILE_OPERATION_FAILURE, "shared memory '", name, "' cannot be mapped");
  }

  void* heap_ = nullptr;
  void* pages_ = MAP_FAILED;
  std::size_t size_ = 0;
  std::string owned_name_;
};

BufferStorageParams BufferStorageParams::create_dma() {
  BufferStorageParams params;
  params.flags = HAILO_BUFFER_FLAGS_DMA;
  return params;
}

BufferStorageParams BufferStorageParams::create_shared_memory(const std::string& shm_name, bool memory_owner) {
  BufferStorageParams params;
  params.flags = HAILO_BUFFER_FLAGS_SHARED_MEMORY;
  params.shared_memory_name = shm_name;
  params.memory_owner = memory_owner;
  return params;
}

BufferStorageParams BufferStorageParams::open_shared_memory(const std::string& shm_name) {
  return create_shared_memory(shm_name, false);
}

Buffer::Buffer() : m_data(nullptr), m_size(0) {}
Buffer::~Buffer() = default;

Buffer::Buffer(Buffer&& other)
    : m_storage(std::move(other.m_storage)),
      m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) {
  m_storage = std::move(other.m_storage);
  m_data = std::exchange(other.m_data, nullptr);
  m_size = std::exchange(other.m_size, 0);
  return *this;
}

Expected<Buffer> Buffer::create(size_t size, const BufferStorageParams& params) {
  Buffer buffer;
  HAILORT_TRY(buffer.m_storage, Storage::create(size, params));
  buffer.m_data = buffer.m_storage->data();
  buffer.m_size = size;
  return buffer;
}

Expected<Buffer> Buffer::create(size_t size, uint8_t default_value, const BufferStorageParams& params) {
  HAILORT_TRY(Buffer buffer, create(size, params));
  if (size > 0) std::memset(buffer.data(), default_value, size);
  return buffer;
}

Expected<Buffer> Buffer::create(const uint8_t* src, size_t size, const BufferStorageParams& params) {
  if (src == nullptr) return refused(HAILO_INVALID_ARGUMENT, "a buffer from a null pointer");
  HAILORT_TRY(Buffer buffer, create(size, params));
  if (size > 0) std::memcpy(buffer.data(), src, size);
  return buffer;
}

Expected<Buffer> Buffer::create(std::initializer_list<uint8_t> init, const BufferStorageParams& params) {
  HAILORT_TRY(Buffer buffer, create(init.size(), params));
  std::copy(init.begin(), init.end(), buffer.data());
  return buffer;
}

Expected<BufferPtr> Buffer::create_shared(size_t size, const BufferStorageParams& params) {
  HAILORT_TRY(Buffer buffer, create(size, params));
  return std::make_shared<Buffer>(std::move(buffer));
}

Expected<BufferPtr> Buffer::create_shared(size_t size, uint8_t default_value, const BufferStorageParams& params) {
  HAILORT_TRY(Buffer buffer, create(size, default_value, params));
  return std::make_shared<Buffer>(std::move(buffer));
}

Expected<BufferPtr> Buffer::create_shared(const uint8_t* src, size_t size, const BufferStorageParams& params) {
  HAILORT_TRY(Buffer buffer, create(src, size, params));
  return std::make_shared<Buffer>(std::move(buffer));
}

Expected<Buffer> Buffer::copy() const {
  HAILORT_TRY(Buffer buffer, create(m_size));
  if (m_size > 0) std::memcpy(buffer.data(), m_data, m_size);
  return buffer;
}

bool Buffer::operator==(const Buffer& rhs) const {
  return m_size == rhs.m_size && (m_size == 0 || std::memcmp(m_data, rhs.m_data, m_size) == 0);
}
bool Buffer::operator!=(const Buffer& rhs) const { return !(*this == rhs); }

uint8_t& Buffer::operator[](size_t pos) {
  assert(pos < m_size);
  return m_data[pos];
}
const uint8_t& Buffer::operator[](size_t pos) const {
  assert(pos < m_size);
  return m_data[pos];
}

std::string Buffer::to_string() const { return std::string(reinterpret_cast<const char*>(m_data), m_size); }

MemoryView Buffer::from(size_t offset) { return slice(offset, m_size); }
const MemoryView Buffer::from(size_t offset) const { return slice(offset, m_size); }
MemoryView Buffer::to(size_t offset) { return slice(0, offset); }
const MemoryView Buffer::to(size_t offset) const { return slice(0, offset); }
MemoryView Buffer::slice(size_t from, size_t to) {
  to = std::min(to, m_size);
  return from < to ? MemoryView(m_data + from, to - from) : MemoryView();
}
const MemoryView Buffer::slice(size_t from, size_t to) const { return const_cast<Buffer*>(this)->slice(from, to); }

Expected<void*> Buffer::release() noexcept {
  if (m_storage == nullptr) return refused(HAILO_INVALID_OPERATION, "release() of an empty buffer");
  void* memory = m_storage->release_heap();
  if (memory == nullptr) return refused(HAILO_NOT_SUPPORTED, "release() of a buffer that is not of the heap");
  *this = Buffer();
  return memory;
}

std::ostream& operator<<(std::ostream& out, const Buffer& buffer) { return dump(out, buffer.data(), buffer.size()); }
std::ostream& operator<<(std::ostream& out, const MemoryView& view) { return dump(out, view.data(), view.size()); }

}  // namespace hailort
