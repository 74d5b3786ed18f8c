#include "hailort/monitor.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>

#include "hailort/log.h"

namespace hailort {
namespace {

constexpr int kSamples = 10;  ///< of queues, in each report
constexpr Milliseconds kPause(100);

struct Queue {
  bool input = false;
  std::size_t sum = 0, most = 0, fewest = SIZE_MAX;
  int samples = 0;
};

/// Of one name; several networks may have it.
struct Figures {
  uint64_t frames = 0;
  std::chrono::nanoseconds busy{0};
  std::map<std::string, Queue> queues;
};
using Totals = std::map<std::string, Figures>;

void add(const std::vector<MonitorSample>& samples, Totals& totals) {
  for (auto& [name, figures] : totals) figures.frames = 0, figures.busy = {};
  for (const MonitorSample& sample : samples) {
    Figures& figures = totals[sample.network];
    figures.frames += sample.frames;
    figures.busy += sample.busy;
    for (const MonitorSample::Stream& stream : sample.streams) {
      Queue& queue = figures.queues[stream.name];
      queue.input = stream.input;
      queue.sum += stream.queued;
      queue.most = std::max(queue.most, stream.queued);
      queue.fewest = std::min(queue.fewest, stream.queued);
      ++queue.samples;
    }
  }
}

/// Names are one field of a line each.
std::string field(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  return name;
}

std::string report(const std::string& device, const Totals& before, const Totals& now, double seconds) {
  std::string lines;
  double device_share = 0;
  for (const auto& [name, figures] : now) {
    const auto earlier = before.find(name);
    const Figures from = earlier == before.end() ? Figures{} : earlier->second;
    const double frames = figures.frames > from.frames ? static_cast<double>(figures.frames - from.frames) : 0;
    const auto busy = std::max(std::chrono::duration<double>(figures.busy - from.busy).count(), 0.0);
    const double share = std::min(busy / seconds, 1.0);
    device_share += share;
    lines += graupel::cat("network\t", field(name), "\t", share, "\t", frames / seconds, "\n");
    for (const auto& [stream, queue] : figures.queues)
      lines += graupel::cat("stream\t", field(name), "\t", field(stream), "\t", queue.input ? "H2D" : "D2H", "\t",
                            static_cast<double>(queue.sum) / queue.samples, "\t", queue.most, "\t", queue.fewest, "\t",
                            Network::kQueueFrames, "\n");
  }
  return graupel::cat("device\t", device, "\tHAILO8\t", std::min(device_share, 1.0), "\n") + lines;
}

}  // namespace

std::unique_ptr<Monitor> Monitor::start(std::string device_id, Sampler sampler) {
  const char* wanted = std::getenv("HAILO_MONITOR");
  if (wanted == nullptr || std::string_view(wanted) != "1") return nullptr;
  return std::make_unique<Monitor>(std::move(device_id), std::move(sampler));
}

Monitor::Monitor(std::string device_id, Sampler sampler)
    : device_id_(std::move(device_id)), sampler_(std::move(sampler)) {
  std::error_code fault;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(fault) / "hmon_files";
  std::filesystem::create_directories(folder, fault);
  path_ = (folder / std::to_string(::getpid())).string();
  if (fault) log(LogLevel::kWarning, "HAILO_MONITOR: cannot make '" + folder.string() + "': " + fault.message());
  thread_ = std::thread([this] { run(); });
}

Monitor::~Monitor() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void Monitor::run() {
  Totals before;
  Clock::time_point start = Clock::now();
  std::unique_lock lock(mutex_);
  while (!stop_) {
    Totals now;
    for (int i = 0; i < kSamples && !stop_; ++i) {
      lock.unlock();
      add(sampler_(), now);
      lock.lock();
      stopped_.wait_for(lock, kPause, [&] { return stop_; });
    }
    if (stop_) return;
    const double seconds = std::max(std::chrono::duration<double>(Clock::now() - start).count(), 1e-3);
    const std::string text = report(device_id_, before, now, seconds);
    // Renamed into place, so that a reader sees a whole report.
    std::ofstream(path_ + ".new", std::ios::binary) << text;
    std::error_code ignored;
    std::filesystem::rename(path_ + ".new", path_, ignored);
    before = std::move(now);
    start = Clock::now();
  }
}

}  // namespace hailort
