// The network group behind the public one: a network on a device, and its raw streams.
#pragma once

#include <map>
#include <mutex>

#include "hailo/network_group.hpp"
#include "hailo/vstream.hpp"
#include "hailort/network.h"
#include "hailort/nms_settings.h"

namespace hailort {

class ConfiguredNetworkGroup::Impl {
 public:
  /// Errors: those of Network::create().
  static Expected<std::shared_ptr<Impl>> create(std::shared_ptr<VirtualDevice> device,
                                                std::shared_ptr<const Hef::Impl> hef,
                                                const ConfigureNetworkParams& params);

  /// A network group as the caller of configure() gets it.
  static std::shared_ptr<ConfiguredNetworkGroup> wrap(std::shared_ptr<Impl> impl);

  Network& network() const { return *network_; }
  const std::shared_ptr<Network>& shared_network() const { return network_; }
  const Hef& hef() const { return hef_; }
  std::span<const std::unique_ptr<InputStream>> inputs() const { return inputs_; }
  std::span<const std::unique_ptr<OutputStream>> outputs() const { return outputs_; }

  /// Settings of detections, by virtual output stream; threads may ask and change at any time.
  NmsSettings nms(const std::string& name) const {
    const std::lock_guard lock(nms_mutex_);
    const auto found = nms_.find(name);
    return found == nms_.end() ? NmsSettings() : found->second;
  }
  template <class Value>
  void set_nms(const std::string& name, std::optional<Value> NmsSettings::*field, Value value) {
    const std::lock_guard lock(nms_mutex_);
    nms_[name].*field = value;
  }

  AccumulatorPtr activation_times, deactivation_times;

 private:
  std::shared_ptr<Network> network_;
  Hef hef_;
  std::vector<std::unique_ptr<InputStream>> inputs_;
  std::vector<std::unique_ptr<OutputStream>> outputs_;
  mutable std::mutex nms_mutex_;
  std::map<std::string, NmsSettings> nms_;

  explicit Impl(std::shared_ptr<Network> network);
};

class ActivatedNetworkGroup::Impl {
 public:
  std::shared_ptr<ConfiguredNetworkGroup::Impl> group;
};

}  // namespace hailort
