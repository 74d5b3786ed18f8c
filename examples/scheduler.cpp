// Two models on one device: a thread for each, the scheduler between them.
// Usage: cpp_scheduler FIRST.hef SECOND.hef [FRAMES]
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "hailo/hailort.hpp"

using namespace hailort;

namespace {

/// Writes and reads `frames` frames of every stream, one after another.
hailo_status run(ConfiguredNetworkGroup& group, int frames) {
  auto vstreams = VStreamsBuilder::create_vstreams(group, true, HAILO_FORMAT_TYPE_AUTO).expect("virtual streams");
  for (int i = 0; i < frames; ++i) {
    for (InputVStream& input : vstreams.first) {
      std::vector<uint8_t> frame(input.get_frame_size(), static_cast<uint8_t>(i));
      const hailo_status status = input.write(MemoryView(frame.data(), frame.size()));
      if (HAILO_SUCCESS != status) return status;
    }
    for (OutputVStream& output : vstreams.second) {
      std::vector<uint8_t> frame(output.get_frame_size());
      const hailo_status status = output.read(MemoryView(frame.data(), frame.size()));
      if (HAILO_SUCCESS != status) return status;
    }
  }
  return HAILO_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: " << argv[0] << " FIRST.hef SECOND.hef [FRAMES]\n", 2;
  const int frames = argc > 3 ? std::stoi(argv[3]) : 100;
  try {
    auto vdevice = VDevice::create().expect("virtual device");
    std::vector<std::shared_ptr<ConfiguredNetworkGroup>> groups;
    for (int i = 1; i <= 2; ++i) {
      auto hef = Hef::create(argv[i]).expect("HEF");
      groups.push_back(vdevice->configure(hef).expect("network group")[0]);
    }
    groups[0]->set_scheduler_priority(HAILO_SCHEDULER_PRIORITY_NORMAL + 1);
    groups[1]->set_scheduler_threshold(2);
    groups[1]->set_scheduler_timeout(std::chrono::milliseconds(20));
    std::atomic<int> failed(0);
    std::vector<std::thread> threads;
    for (auto& group : groups)
      threads.emplace_back([&group, &failed, frames] { failed += HAILO_SUCCESS == run(*group, frames) ? 0 : 1; });
    for (std::thread& thread : threads) thread.join();
    std::cout << frames << " frames of each model, " << failed << " failures\n";
    return failed;
  } catch (const hailort_error& error) {
    std::cerr << error.what() << '\n';
    return error.status();
  }
}
