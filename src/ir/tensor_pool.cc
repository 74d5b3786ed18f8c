#include "ir/tensor_pool.h"

#include <map>
#include <mutex>

namespace graupel {

struct TensorPool::Free {
  std::mutex mutex;
  std::multimap<std::size_t, std::unique_ptr<Bytes>> buffers;  ///< by size

  std::unique_ptr<Bytes> take(std::size_t bytes) {
    const std::lock_guard lock(mutex);
    const auto found = buffers.lower_bound(bytes);
    // A buffer far too large is better kept for a tensor that needs it.
    if (found == buffers.end() || found->first > bytes + bytes / 2) return nullptr;
    std::unique_ptr<Bytes> buffer = std::move(found->second);
    buffers.erase(found);
    return buffer;
  }
  void give(std::unique_ptr<Bytes> buffer) {
    const std::lock_guard lock(mutex);
    const std::size_t bytes = buffer->size();
    buffers.emplace(bytes, std::move(buffer));
  }
};

TensorPool::TensorPool() : free_(std::make_shared<Free>()) {}

std::shared_ptr<Bytes> TensorPool::allocate(std::size_t bytes) const {
  std::unique_ptr<Bytes> buffer = free_->take(bytes);
  if (buffer == nullptr) buffer = std::make_unique<Bytes>(bytes);
  return {buffer.release(), [free = free_](Bytes* done) { free->give(std::unique_ptr<Bytes>(done)); }};
}

}  // namespace graupel
