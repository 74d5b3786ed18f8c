// The virtual device behind the public one.
#pragma once

#include "hailo/vdevice.hpp"
#include "hailort/dma_mappings.h"
#include "hailort/virtual_device.h"

namespace hailort {

class VDevice::Impl {
 public:
  hailo_vdevice_params_t params{};
  std::string group_id;
  std::shared_ptr<VirtualDevice> device;
  std::unique_ptr<Device> physical;
  DmaMappings mappings;
};

/// Configures the only network group of a HEF.
Expected<ConfiguredNetworkGroupVector> configure_on(std::shared_ptr<VirtualDevice> device, const Hef& hef,
                                                    const NetworkGroupsParamsMap& params);

}  // namespace hailort
