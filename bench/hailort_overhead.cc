// What libhailort costs over the bare session: hailort_overhead HEF [SECONDS]. Prints the time to open the file and to
// configure its network, and frames per second of the session alone and of InferModel with jobs in flight, in turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "hailo/hailort.hpp"
#include "hef/hef.h"
#include "runtime/session.h"

namespace {

using namespace hailort;
using Clock = std::chrono::steady_clock;
using Bytes = std::vector<uint8_t>;
constexpr std::chrono::milliseconds kLong(60000);

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A frame and where it comes from, one buffer per stream.
struct Slot {
  std::vector<Bytes> in, out;
  ConfiguredInferModel::Bindings bindings;
  AsyncInferJob job;
};

double session_rate(graupel::Session& session, double seconds) {
  const graupel::Program& program = session.program();
  std::vector<Bytes> in, out;
  for (const graupel::Port& port : program.inputs) in.emplace_back(port.type.bytes(), uint8_t{77});
  for (const graupel::Port& port : program.outputs) out.emplace_back(port.type.bytes());
  std::vector<const uint8_t*> from;
  std::vector<uint8_t*> to;
  for (const Bytes& codes : in) from.push_back(codes.data());
  for (Bytes& codes : out) to.push_back(codes.data());
  int frames = 0;
  const auto start = Clock::now();
  for (; ms_since(start) < seconds * 1000; ++frames)
    if (!session.run(from, to).ok()) return 0;
  return frames / (ms_since(start) / 1000);
}

double async_rate(InferModel& model, ConfiguredInferModel& configured, double seconds) {
  std::vector<Slot> slots(4);
  for (Slot& slot : slots) {
    slot.bindings = configured.create_bindings().release();
    for (const auto& input : model.inputs()) {
      Bytes& codes = slot.in.emplace_back(input.get_frame_size(), uint8_t{77});
      slot.bindings.input(input.name())->set_buffer(MemoryView(codes.data(), codes.size()));
    }
    for (const auto& output : model.outputs()) {
      Bytes& codes = slot.out.emplace_back(output.get_frame_size());
      slot.bindings.output(output.name())->set_buffer(MemoryView(codes.data(), codes.size()));
    }
  }
  std::size_t frames = 0;
  const auto start = Clock::now();
  for (; ms_since(start) < seconds * 1000; ++frames) {
    Slot& slot = slots[frames % slots.size()];
    if (slot.job.wait(kLong) != HAILO_SUCCESS) return 0;
    slot.job = configured.run_async(slot.bindings).expect("run_async");
    slot.job.detach();
  }
  for (Slot& slot : slots) slot.job.wait(kLong);
  return static_cast<double>(frames) / (ms_since(start) / 1000);
}

int run(const char* path, double seconds) {
  double open_ms = 1e9, configure_ms = 1e9;
  for (int i = 0; i < 10; ++i) {
    auto vdevice = VDevice::create().expect("device");
    const auto start = Clock::now();
    auto model = vdevice->create_infer_model(path).expect("HEF");
    open_ms = std::min(open_ms, ms_since(start));
    const auto opened = Clock::now();
    auto configured = model->configure().expect("configure");
    configure_ms = std::min(configure_ms, ms_since(opened));
  }
  const auto hef = graupel::open_hef(path);
  if (!hef.ok() || !hef->program()) return 1;
  auto session = graupel::Session::create(*hef->program());
  if (!session.ok()) return 1;
  auto vdevice = VDevice::create().expect("device");
  auto model = vdevice->create_infer_model(path).expect("HEF");
  auto configured = model->configure().expect("configure");
  double bare = 0, async = 0;
  for (int turn = 0; turn < 5; ++turn) {  // in turns, so that a busy moment of the machine meets both
    bare = std::max(bare, session_rate(*session, seconds / 5));
    async = std::max(async, async_rate(*model, configured, seconds / 5));
  }
  std::printf("open %.2f ms, configure %.2f ms; session %.2f frames/s, InferModel %.2f frames/s: %.3f of it\n", open_ms,
              configure_ms, bare, async, async / bare);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: hailort_overhead HEF [SECONDS]\n");
    return 2;
  }
  return run(argv[1], argc > 2 ? std::atof(argv[2]) : 5);
}
