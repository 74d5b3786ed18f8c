#include "hailort/pix_buffer.h"

#include "hailort/log.h"

namespace hailort {

Expected<MemoryView> whole_picture(const hailo_pix_buffer_t& picture, std::vector<uint8_t>& storage) {
  if (picture.memory_type != HAILO_PIX_BUFFER_MEMORY_TYPE_USERPTR)
    return refused(HAILO_NOT_SUPPORTED, "a picture in DMA buffers; the virtual device takes plain memory");
  if (picture.number_of_planes < 1 || picture.number_of_planes > MAX_NUMBER_OF_PLANES)
    return refused(HAILO_INVALID_ARGUMENT, "a picture of ", picture.number_of_planes, " planes (accepted: 1 to ",
                   MAX_NUMBER_OF_PLANES, ")");
  if (picture.number_of_planes == 1) return MemoryView(picture.planes[0].user_ptr, picture.planes[0].bytes_used);
  storage.clear();
  for (uint32_t i = 0; i < picture.number_of_planes; ++i) {
    const auto* plane = static_cast<const uint8_t*>(picture.planes[i].user_ptr);
    storage.insert(storage.end(), plane, plane + picture.planes[i].bytes_used);
  }
  return MemoryView(storage.data(), storage.size());
}

}  // namespace hailort
