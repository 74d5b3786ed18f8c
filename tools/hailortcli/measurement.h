// Frames through a configured network, counted and timed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hailo/hailort.hpp"

namespace hailort::cli {

/// The interface that carries the frames.
enum class Interface {
  kStreams,       ///< raw streams: the device's own format, no conversion
  kVStreams,      ///< virtual streams
  kAsync,         ///< InferModel
  kAsyncStreams,  ///< raw streams with callbacks
};

/// What one virtual stream has of its own; AUTO: the network's choice.
struct StreamOptions {
  hailo_format_type_t type = HAILO_FORMAT_TYPE_AUTO;
  hailo_format_order_t order = HAILO_FORMAT_ORDER_AUTO;
};

/// Figures that a virtual stream collected of its frames.
struct StreamStatistics {
  std::string stream, what;  ///< what: "fps", or "latency_us" of a call
  std::size_t count = 0;
  double min = 0, max = 0, mean = 0, deviation = 0;
};

struct NetworkOptions {
  Interface interface = Interface::kVStreams;
  std::string group;  ///< empty: the HEF's own
  uint16_t batch_size = HAILO_DEFAULT_BATCH_SIZE;
  std::map<std::string, uint16_t> network_batches;  ///< of networks with a batch of their own
  hailo_power_mode_t power_mode = HAILO_POWER_MODE_PERFORMANCE;
  hailo_format_type_t format_type = HAILO_FORMAT_TYPE_AUTO;
  bool scheduled = false;                ///< else the network is activated
  bool hw_latency = false;               ///< ask the device for its time per frame
  bool one_at_a_time = false;            ///< a frame enters when the one before has left: gives the overall latency
  double framerate = 0;                  ///< frames per second that are sent at most; 0: as fast as they are taken
  std::vector<std::string> input_files;  ///< "name=file", or one file for a single input; whole frames, used in turn
  std::optional<uint32_t> threshold, timeout_ms;
  uint8_t priority = HAILO_SCHEDULER_PRIORITY_NORMAL;
  std::map<std::string, StreamOptions> streams;             ///< virtual streams by name
  bool fps_statistics = false, latency_statistics = false;  ///< of virtual streams

  StreamOptions stream(const std::string& name) const {
    const auto own = streams.find(name);
    return own == streams.end() ? StreamOptions{} : own->second;
  }
};

/// Frames stop at the count, or when the time is over if there is no count.
struct Limit {
  std::optional<uint64_t> frames;
  double seconds = 5;
};

struct Measurement {
  uint64_t frames = 0;
  double seconds = 0;
  uint64_t bytes_sent = 0, bytes_received = 0;  ///< in the format that the interface carries
  std::optional<double> hw_latency_ms, overall_latency_ms;
  std::vector<StreamStatistics> statistics;

  double fps() const { return seconds > 0 ? static_cast<double>(frames) / seconds : 0; }
  double send_mbit() const { return rate(bytes_sent); }
  double receive_mbit() const { return rate(bytes_received); }

 private:
  double rate(uint64_t bytes) const { return seconds > 0 ? static_cast<double>(bytes) * 8e-6 / seconds : 0; }
};

using OnProgress = std::function<void(uint64_t frames, double seconds)>;

class Carrier;

/// A network of a HEF on a device. Everything throws hailort_error.
class Network {
 public:
  Network(VDevice& vdevice, const std::string& hef, NetworkOptions options);
  ~Network();

  const std::string& name() const { return name_; }
  /// `progress` is called from this thread about ten times a second.
  Measurement measure(const Limit& limit, const OnProgress& progress);

 private:
  NetworkOptions options_;
  std::string name_;
  std::unique_ptr<Carrier> carrier_;
};

}  // namespace hailort::cli
