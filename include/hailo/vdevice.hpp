// VDevice: the virtual device that network groups are configured on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hailo/device.hpp"
#include "hailo/expected.hpp"
#include "hailo/hef.hpp"
#include "hailo/network_group.hpp"

namespace hailort {

class InferModel;

/// The CPU is one physical device. One VDevice owns it in a process; several with the same group_id share it and its
/// scheduler. Defaults: round robin, group "UNIQUE".
class HAILORTAPI VDevice {
 public:
  /// Errors: HAILO_INVALID_ARGUMENT, HAILO_OUT_OF_PHYSICAL_DEVICES (taken, or more than one asked for),
  /// HAILO_INVALID_OPERATION (counts that differ; multi_process_service).
  static Expected<std::unique_ptr<VDevice>> create(const hailo_vdevice_params_t& params);
  static Expected<std::unique_ptr<VDevice>> create();
  /// Without a scheduler.
  static Expected<std::unique_ptr<VDevice>> create(const std::vector<std::string>& device_ids);
  static Expected<std::shared_ptr<VDevice>> create_shared(const hailo_vdevice_params_t& params);
  static Expected<std::shared_ptr<VDevice>> create_shared();
  static Expected<std::shared_ptr<VDevice>> create_shared(const std::vector<std::string>& device_ids);

  virtual ~VDevice();
  VDevice(const VDevice&) = delete;
  VDevice& operator=(const VDevice&) = delete;

  /// Groups that `configure_params` does not name get the defaults; names that the HEF lacks are ignored. Errors:
  /// HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE (a file without a program for the virtual device), HAILO_HEF_FILE_CORRUPTED,
  /// HAILO_OUT_OF_HOST_MEMORY.
  Expected<ConfiguredNetworkGroupVector> configure(Hef& hef, const NetworkGroupsParamsMap& configure_params = {});
  /// `name`: a network group's; anything else is HAILO_NOT_IMPLEMENTED.
  Expected<std::shared_ptr<InferModel>> create_infer_model(const std::string& hef_path, const std::string& name = "");
  Expected<std::shared_ptr<InferModel>> create_infer_model(const MemoryView hef_buffer, const std::string& name = "");
  Expected<std::shared_ptr<InferModel>> create_infer_model(std::shared_ptr<Buffer> hef_buffer,
                                                           const std::string& name = "");
  Expected<std::shared_ptr<InferModel>> create_infer_model(Hef hef, const std::string& name = "");

  Expected<std::vector<std::reference_wrapper<Device>>> get_physical_devices() const;
  Expected<std::vector<std::string>> get_physical_devices_ids() const;
  Expected<hailo_stream_interface_t> get_default_streams_interface() const;
  Expected<NetworkGroupsParamsMap> create_configure_params(Hef& hef) const;
  Expected<ConfigureNetworkParams> create_configure_params(Hef& hef, const std::string& network_group_name) const;

  /// The virtual device reads memory where it is: these check their arguments and that a mapping is not made twice
  /// (HAILO_DMA_MAPPING_ALREADY_EXISTS) and exists when it is undone (HAILO_NOT_FOUND). DMA buffers:
  /// HAILO_NOT_SUPPORTED.
  hailo_status dma_map(void* address, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status dma_unmap(void* address, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status dma_map_dmabuf(int dmabuf_fd, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status dma_unmap_dmabuf(int dmabuf_fd, size_t size, hailo_dma_buffer_direction_t direction);

  const hailo_vdevice_params_t get_params() const;
  hailo_status before_fork() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_parent() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_child() { return HAILO_SUCCESS; }
  static bool service_over_ip_mode() { return false; }
  static bool should_force_hrpc_client() { return false; }

  class Impl;
  explicit VDevice(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

}  // namespace hailort
