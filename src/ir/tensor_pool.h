// Recycled tensor memory: buffers go back to the pool when the last tensor that uses them is gone.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace graupel {

/// Copies share one pool. Buffers may outlive it and may be released on any thread.
class TensorPool {
 public:
  TensorPool();

  /// A buffer of at least `bytes` with any content. The largest recycled buffers are reused as they are, so that a
  /// second frame touches no fresh pages.
  std::shared_ptr<Bytes> allocate(std::size_t bytes) const;

 private:
  struct Free;
  std::shared_ptr<Free> free_;
};

}  // namespace graupel
