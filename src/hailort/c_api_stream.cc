// The C interface: buffers, mappings, and raw streams.
#include "hailort/c_api.h"

namespace hailort {
namespace {

/// Buffers of hailo_allocate_buffer(), by address.
struct Allocated {
  std::mutex mutex;
  std::map<const void*, Buffer> buffers;
};

Allocated& allocated() {
  static Allocated* one = new Allocated;
  return *one;
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

hailo_status hailo_allocate_buffer(size_t size, const hailo_buffer_parameters_t* params, void** buffer_out) {
  HAILORT_NOT_NULL(params);
  HAILORT_NOT_NULL(buffer_out);
  if (size == 0) return refuse(HAILO_INVALID_ARGUMENT, "a buffer of 0 bytes");
  HAILORT_GET(Buffer buffer, Buffer::create(size, BufferStorageParams::create_dma()));
  Allocated& all = allocated();
  const std::lock_guard lock(all.mutex);
  *buffer_out = buffer.data();
  all.buffers.emplace(*buffer_out, std::move(buffer));
  return HAILO_SUCCESS;
}

hailo_status hailo_free_buffer(void* buffer) {
  HAILORT_NOT_NULL(buffer);
  Allocated& all = allocated();
  const std::lock_guard lock(all.mutex);
  return all.buffers.erase(buffer) > 0 ? HAILO_SUCCESS : bad_argument(__func__, "buffer");
}

hailo_status hailo_device_dma_map_buffer(hailo_device device, void* address, size_t size,
                                         hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(device);
  return device->device->dma_map(address, size, direction);
}
hailo_status hailo_device_dma_unmap_buffer(hailo_device device, void* address, size_t size,
                                           hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(device);
  return device->device->dma_unmap(address, size, direction);
}
hailo_status hailo_vdevice_dma_map_buffer(hailo_vdevice vdevice, void* address, size_t size,
                                          hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(vdevice);
  return vdevice->vdevice->dma_map(address, size, direction);
}
hailo_status hailo_vdevice_dma_unmap_buffer(hailo_vdevice vdevice, void* address, size_t size,
                                            hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(vdevice);
  return vdevice->vdevice->dma_unmap(address, size, direction);
}
hailo_status hailo_device_dma_map_dmabuf(hailo_device device, int fd, size_t size,
                                         hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(device);
  return device->device->dma_map_dmabuf(fd, size, direction);
}
hailo_status hailo_device_dma_unmap_dmabuf(hailo_device device, int fd, size_t size,
                                           hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(device);
  return device->device->dma_unmap_dmabuf(fd, size, direction);
}
hailo_status hailo_vdevice_dma_map_dmabuf(hailo_vdevice vdevice, int fd, size_t size,
                                          hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(vdevice);
  return vdevice->vdevice->dma_map_dmabuf(fd, size, direction);
}
hailo_status hailo_vdevice_dma_unmap_dmabuf(hailo_vdevice vdevice, int fd, size_t size,
                                            hailo_dma_buffer_direction_t direction) {
  HAILORT_ALIVE(vdevice);
  return vdevice->vdevice->dma_unmap_dmabuf(fd, size, direction);
}

hailo_status hailo_set_input_stream_timeout(hailo_input_stream stream, uint32_t timeout_ms) {
  HAILORT_ALIVE(stream);
  return stream->stream.set_timeout(std::chrono::milliseconds(timeout_ms));
}
hailo_status hailo_set_output_stream_timeout(hailo_output_stream stream, uint32_t timeout_ms) {
  HAILORT_ALIVE(stream);
  return stream->stream.set_timeout(std::chrono::milliseconds(timeout_ms));
}
size_t hailo_get_input_stream_frame_size(hailo_input_stream stream) {
  return Handles::alive(stream) ? stream->stream.get_frame_size() : 0;
}
size_t hailo_get_output_stream_frame_size(hailo_output_stream stream) {
  return Handles::alive(stream) ? stream->stream.get_frame_size() : 0;
}
hailo_status hailo_get_input_stream_info(hailo_input_stream stream, hailo_stream_info_t* stream_info) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(stream_info);
  *stream_info = stream->stream.get_info();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_output_stream_info(hailo_output_stream stream, hailo_stream_info_t* stream_info) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(stream_info);
  *stream_info = stream->stream.get_info();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_input_stream_quant_infos(hailo_input_stream stream, hailo_quant_info_t* infos, size_t* count) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return copy_out(stream->stream.get_quant_infos(), infos, count);
}
hailo_status hailo_get_output_stream_quant_infos(hailo_output_stream stream, hailo_quant_info_t* infos, size_t* count) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return copy_out(stream->stream.get_quant_infos(), infos, count);
}

hailo_status hailo_stream_read_raw_buffer(hailo_output_stream stream, void* buffer, size_t size) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(buffer);
  return stream->stream.read(buffer, size);
}
hailo_status hailo_stream_write_raw_buffer(hailo_input_stream stream, const void* buffer, size_t size) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(buffer);
  return stream->stream.write(buffer, size);
}
hailo_status hailo_stream_wait_for_async_output_ready(hailo_output_stream stream, size_t transfer_size,
                                                      uint32_t timeout_ms) {
  HAILORT_ALIVE(stream);
  return stream->stream.wait_for_async_ready(transfer_size, std::chrono::milliseconds(timeout_ms));
}
hailo_status hailo_stream_wait_for_async_input_ready(hailo_input_stream stream, size_t transfer_size,
                                                     uint32_t timeout_ms) {
  HAILORT_ALIVE(stream);
  return stream->stream.wait_for_async_ready(transfer_size, std::chrono::milliseconds(timeout_ms));
}
hailo_status hailo_output_stream_get_async_max_queue_size(hailo_output_stream stream, size_t* queue_size) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(queue_size);
  HAILORT_GET(*queue_size, stream->stream.get_async_max_queue_size());
  return HAILO_SUCCESS;
}
hailo_status hailo_input_stream_get_async_max_queue_size(hailo_input_stream stream, size_t* queue_size) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(queue_size);
  HAILORT_GET(*queue_size, stream->stream.get_async_max_queue_size());
  return HAILO_SUCCESS;
}

hailo_status hailo_stream_read_raw_buffer_async(hailo_output_stream stream, void* buffer, size_t size,
                                                hailo_stream_read_async_callback_t user_callback, void* opaque) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(buffer);
  HAILORT_NOT_NULL(user_callback);
  return stream->stream.read_async(buffer, size, [=](const OutputStream::CompletionInfo& info) {
    const hailo_stream_read_async_completion_info_t c = {info.status, info.buffer_addr, info.buffer_size, opaque};
    user_callback(&c);
  });
}

hailo_status hailo_stream_write_raw_buffer_async(hailo_input_stream stream, const void* buffer, size_t size,
                                                 hailo_stream_write_async_callback_t user_callback, void* opaque) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(buffer);
  HAILORT_NOT_NULL(user_callback);
  return stream->stream.write_async(buffer, size, [=](const InputStream::CompletionInfo& info) {
    const hailo_stream_write_async_completion_info_t c = {info.status, info.buffer_addr, info.buffer_size, opaque};
    user_callback(&c);
  });
}
