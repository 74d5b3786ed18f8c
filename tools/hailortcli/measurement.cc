#include "hailortcli/measurement.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "hailortcli/carriers.h"

namespace hailort::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

Network::Network(VDevice& vdevice, const std::string& path, NetworkOptions options) : options_(std::move(options)) {
  Hef hef = Hef::create(path).expect("cannot open '" + path + "'");
  const std::vector<std::string> groups = hef.get_network_groups_names();
  name_ = options_.group.empty() && !groups.empty() ? groups[0] : options_.group;
  if (std::find(groups.begin(), groups.end(), name_) == groups.end())
    throw hailort_error(HAILO_NOT_FOUND, "'" + path + "' has no network group '" + name_ + "'");
  carrier_ = make_carrier(vdevice, hef, name_, options_);
}

Network::~Network() = default;

Measurement Network::measure(const Limit& limit, const OnProgress& progress) {
  Measurement result;
  const auto begin = Clock::now();
  double shown = 0, waited_for_frames = 0;
  while (limit.frames ? result.frames < *limit.frames : seconds_since(begin) < limit.seconds) {
    if (options_.framerate > 0)
      std::this_thread::sleep_until(begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                                static_cast<double>(result.frames) / options_.framerate)));
    const auto sent = Clock::now();
    carrier_->send(result.frames);
    if (options_.one_at_a_time) {
      carrier_->wait_for_all();
      waited_for_frames += seconds_since(sent);
    }
    ++result.frames;
    if (progress && seconds_since(begin) - shown > 0.1) progress(result.frames, shown = seconds_since(begin));
  }
  carrier_->wait_for_all();
  result.seconds = seconds_since(begin);
  result.bytes_sent = result.frames * carrier_->bytes_in();
  result.bytes_received = result.frames * carrier_->bytes_out();
  if (options_.one_at_a_time && result.frames > 0)
    result.overall_latency_ms = waited_for_frames * 1e3 / static_cast<double>(result.frames);
  if (options_.hw_latency)
    result.hw_latency_ms = static_cast<double>(carrier_->hw_latency().avg_hw_latency.count()) * 1e-6;
  result.statistics = carrier_->statistics();
  if (progress) progress(result.frames, result.seconds);
  return result;
}

}  // namespace hailort::cli
