// Asynchronous jobs on the caller's buffers, each checked against a synchronous run.
// Usage: cpp_infer_async MODEL.hef [FRAMES]
#include <atomic>
#include <iostream>
#include <map>
#include <vector>

#include "hailo/hailort.hpp"

using namespace hailort;

namespace {

struct Frame {
  std::map<std::string, std::vector<uint8_t>> buffers;  ///< inputs and outputs
};

Frame make_frame(const InferModel& model, unsigned seed) {
  Frame frame;
  for (const auto& input : model.inputs()) {
    std::vector<uint8_t>& bytes = frame.buffers[input.name()];
    bytes.resize(input.get_frame_size());
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 3 + seed * 29);
  }
  for (const auto& output : model.outputs()) frame.buffers[output.name()].resize(output.get_frame_size());
  return frame;
}

ConfiguredInferModel::Bindings bind(ConfiguredInferModel& model, Frame& frame) {
  std::map<std::string, MemoryView> views;
  for (auto& buffer : frame.buffers)
    views.emplace(buffer.first, MemoryView(buffer.second.data(), buffer.second.size()));
  return model.create_bindings(views).expect("bindings");
}

void check(hailo_status status, const char* what) {
  if (HAILO_SUCCESS != status) throw hailort_error(status, what);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: " << argv[0] << " MODEL.hef [FRAMES]\n", 2;
  const unsigned frames = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 200;
  const std::chrono::seconds timeout(10);
  try {
    auto vdevice = VDevice::create().expect("virtual device");
    auto model = vdevice->create_infer_model(argv[1]).expect("model");
    auto configured = model->configure().expect("configured model");
    std::vector<Frame> all;
    for (unsigned i = 0; i < frames; ++i) all.push_back(make_frame(*model, i));
    std::atomic<unsigned> done(0);
    AsyncInferJob last;
    for (Frame& frame : all) {
      check(configured.wait_for_async_ready(timeout), "waiting for room");
      auto job = configured.run_async(bind(configured, frame), [&](const AsyncInferCompletionInfo& info) {
        if (HAILO_SUCCESS == info.status) ++done;
      });
      last = std::move(job).expect("job");
      if (&frame != &all.back()) last.detach();
    }
    check(last.wait(timeout), "waiting for the last job");
    unsigned equal = 0;
    for (unsigned i = 0; i < frames; ++i) {
      Frame again = make_frame(*model, i);
      check(configured.run(bind(configured, again), timeout), "running a frame");
      equal += again.buffers == all[i].buffers ? 1 : 0;
    }
    std::cout << done << " of " << frames << " jobs done, " << equal << " equal to a synchronous run\n";
    return done == frames && equal == frames ? 0 : 1;
  } catch (const hailort_error& error) {
    std::cerr << error.what() << '\n';
    return error.status();
  }
}
