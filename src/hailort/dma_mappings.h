// Memory that a caller has mapped: kept only so that mistakes get the vendor's statuses.
#pragma once

#include <mutex>
#include <set>
#include <tuple>

#include "hailo/hailort.h"

namespace hailort {

class DmaMappings {
 public:
  /// HAILO_INVALID_ARGUMENT, HAILO_DMA_MAPPING_ALREADY_EXISTS.
  hailo_status map(const void* address, size_t size, hailo_dma_buffer_direction_t direction);
  /// HAILO_NOT_FOUND.
  hailo_status unmap(const void* address, size_t size, hailo_dma_buffer_direction_t direction);

 private:
  std::mutex mutex_;
  std::set<std::tuple<const void*, size_t, int>> mapped_;
};

}  // namespace hailort
