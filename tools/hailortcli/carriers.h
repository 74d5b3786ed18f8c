// The interfaces of libhailort behind one: a frame is sent to every input, and what comes out is received and dropped.
#pragma once

#include <memory>

#include "hailortcli/measurement.h"

namespace hailort::cli {

class Carrier {
 public:
  virtual ~Carrier() = default;
  /// Hands frame `number` to the network; returns when it is taken.
  virtual void send(uint64_t number) = 0;
  /// Returns when every frame that was sent has been received.
  virtual void wait_for_all() = 0;
  virtual std::size_t bytes_in() const = 0;  ///< per frame
  virtual std::size_t bytes_out() const = 0;
  virtual LatencyMeasurementResult hw_latency() = 0;
  virtual std::vector<StreamStatistics> statistics() const { return {}; }
};

/// Throws hailort_error. `group` is one of the HEF's.
std::unique_ptr<Carrier> make_carrier(VDevice& vdevice, Hef& hef, const std::string& group,
                                      const NetworkOptions& options);

/// The group with its scheduler's settings.
std::shared_ptr<ConfiguredNetworkGroup> configure(VDevice& vdevice, Hef& hef, const std::string& name,
                                                  const NetworkOptions& options);
/// Raw streams with callbacks instead of waiting calls.
std::unique_ptr<Carrier> make_async_streams(std::shared_ptr<ConfiguredNetworkGroup> group,
                                            const NetworkOptions& options);

/// The frames of one input: those of its file in turn, or one made here.
class InputFrames {
 public:
  /// HAILO_OPEN_FILE_FAILURE, HAILO_INVALID_ARGUMENT (not whole frames).
  InputFrames(const std::string& name, std::size_t frame_bytes, bool single, const std::vector<std::string>& files);
  MemoryView frame(uint64_t number) {
    return MemoryView(bytes_.data() + number % (bytes_.size() / frame_bytes_) * frame_bytes_, frame_bytes_);
  }

 private:
  std::size_t frame_bytes_;
  std::vector<uint8_t> bytes_;
};

/// HAILO_INVALID_ARGUMENT for a "name=file" whose name is none of `names`.
void check_input_files(const std::vector<std::string>& files, const std::vector<std::string>& names);

}  // namespace hailort::cli
