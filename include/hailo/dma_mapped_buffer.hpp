// DmaMappedBuffer: a mapping for as long as it lives.
#pragma once

#include <memory>

#include "hailo/device.hpp"
#include "hailo/vdevice.hpp"

namespace hailort {

class HAILORTAPI DmaMappedBuffer final {
 public:
  /// Errors: those of dma_map().
  static Expected<DmaMappedBuffer> create(VDevice& vdevice, void* user_address, size_t size,
                                          hailo_dma_buffer_direction_t direction);
  static Expected<DmaMappedBuffer> create(Device& device, void* user_address, size_t size,
                                          hailo_dma_buffer_direction_t direction);
  ~DmaMappedBuffer();
  DmaMappedBuffer(const DmaMappedBuffer&) = delete;
  DmaMappedBuffer& operator=(const DmaMappedBuffer&) = delete;
  DmaMappedBuffer(DmaMappedBuffer&& other);
  DmaMappedBuffer& operator=(DmaMappedBuffer&& other);

  class Impl;
  explicit DmaMappedBuffer(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

}  // namespace hailort
