// Frames through virtual streams in C++: a thread for every stream. Usage: cpp_vstreams MODEL.hef [FRAMES]
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "hailo/hailort.hpp"

using namespace hailort;

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: " << argv[0] << " MODEL.hef [FRAMES]\n", 2;
  const int frames = argc > 2 ? std::stoi(argv[2]) : 100;
  try {
    auto vdevice = VDevice::create().expect("virtual device");
    auto hef = Hef::create(argv[1]).expect("HEF");
    auto params = vdevice->create_configure_params(hef).expect("parameters");
    auto group = vdevice->configure(hef, params).expect("network group")[0];
    auto vstreams = VStreamsBuilder::create_vstreams(*group, true, HAILO_FORMAT_TYPE_FLOAT32).expect("virtual streams");
    std::atomic<int> failed(0);
    std::vector<std::thread> threads;
    for (InputVStream& input : vstreams.first)
      threads.emplace_back([&] {
        std::vector<float> frame(input.get_frame_size() / sizeof(float), 1.0f);
        for (int i = 0; i < frames; ++i)
          failed += HAILO_SUCCESS == input.write(MemoryView(frame.data(), input.get_frame_size())) ? 0 : 1;
      });
    for (OutputVStream& output : vstreams.second)
      threads.emplace_back([&] {
        std::vector<float> frame(output.get_frame_size() / sizeof(float));
        for (int i = 0; i < frames; ++i)
          failed += HAILO_SUCCESS == output.read(MemoryView(frame.data(), output.get_frame_size())) ? 0 : 1;
      });
    for (std::thread& thread : threads) thread.join();
    std::cout << frames << " frames, " << failed << " failures\n";
    return failed == 0 ? 0 : 1;
  } catch (const hailort_error& error) {
    std::cerr << error.what() << '\n';
    return error.status();
  }
}
