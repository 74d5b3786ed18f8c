// Pictures in planes as one piece of memory.
#pragma once

#include <vector>

#include "hailo/buffer.hpp"

namespace hailort {

/// The planes one after another: the first plane itself when there is one, else a copy in `storage`. Errors:
/// HAILO_NOT_SUPPORTED (DMA buffers), HAILO_INVALID_ARGUMENT (number of planes).
Expected<MemoryView> whole_picture(const hailo_pix_buffer_t& picture, std::vector<uint8_t>& storage);

}  // namespace hailort
