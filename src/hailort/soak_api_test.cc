// Two threads, four models, round robin: every frame carries its number, and every byte that comes back is checked. Two
// seconds, or ten minutes with GRAUPEL_SLOW=1.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

constexpr int32_t kH = 16, kW = 32, kC = 8;
constexpr std::size_t kFrame = kH * kW * kC;
constexpr int kModels = 4, kThreads = 2;
constexpr std::size_t kInFlight = 3;  ///< jobs of a thread on one model
constexpr std::chrono::milliseconds kLong(60000);

/// What model `model` makes of a code: a permutation of its own, so that no byte can be lost or come from another.
uint8_t mapped(int model, uint8_t code) { return static_cast<uint8_t>(code * (2 * model + 3) + 17 * model + 5); }

graupel::Program checksum_model(int model) {
  graupel::Program program;
  program.name = "checksum" + std::to_string(model);
  program.layer_names = {"permutation1"};
  graupel::Bytes constants;
  std::vector<uint8_t> table(256);
  for (int code = 0; code < 256; ++code)
    table[static_cast<std::size_t>(code)] = mapped(model, static_cast<uint8_t>(code));
  const graupel::View image = graupel::testing::view(kH, kW, kC);
  program.instrs = {{graupel::LutParams{image, image, 1, graupel::testing::append(constants, table)},
                     {{graupel::Place::Space::kArena, 0}},
                     {graupel::Place::Space::kArena, kFrame},
                     0}};
  program.constants = std::move(constants);
  program.arena_size = 2 * kFrame + 64;
  const graupel::TensorType type{graupel::DType::kU8, {1, kH, kW, kC}, graupel::QuantParams::per_tensor(1, 0)};
  program.inputs = {{"in", type, 0, {}, {}, {}}};
  program.outputs = {{"out", type, kFrame, {}, {}, {}}};
  return program;
}

/// Byte `i` of frame `number` of `thread`: the number itself first, then what follows from it.
uint8_t code_of(int thread, uint64_t number, std::size_t i) {
  if (i < 8) return static_cast<uint8_t>(number >> 8 * i);
  return static_cast<uint8_t>((number + static_cast<uint64_t>(thread) * 77 + i) * 0x9E3779B97F4A7C15u >> 56);
}

/// A frame on its way.
struct Slot {
  Bytes in = Bytes(kFrame), out = Bytes(kFrame);
  ConfiguredInferModel::Bindings bindings;
  AsyncInferJob job;
  uint64_t number = 0;
  bool busy = false;
};

class Worker {
 public:
  Worker(int thread, std::vector<ConfiguredInferModel>& models, std::atomic<uint64_t>& completed)
      : thread_(thread), models_(models), completed_(completed), slots_(models.size()) {
    for (std::size_t m = 0; m < models.size(); ++m)
      for (Slot& slot : slots_[m]) {
        slot.bindings = models[m].create_bindings().release();
        EXPECT_EQ(slot.bindings.input()->set_buffer(MemoryView(slot.in.data(), kFrame)), HAILO_SUCCESS);
        EXPECT_EQ(slot.bindings.output()->set_buffer(MemoryView(slot.out.data(), kFrame)), HAILO_SUCCESS);
      }
  }

  /// Frames to every model in turn; returns how many.
  uint64_t run_for(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    uint64_t sent = 0;
    while (std::chrono::steady_clock::now() < end && !::testing::Test::HasFailure())
      for (std::size_t m = 0; m < models_.size(); ++m, ++sent) send(m);
    for (std::size_t m = 0; m < models_.size(); ++m)
      for (Slot& slot : slots_[m]) collect(m, slot);
    return sent;
  }

 private:
  void send(std::size_t m) {
    Slot& slot = slots_[m][turn_[m]++ % kInFlight];
    collect(m, slot);
    slot.number = number_++;
    for (std::size_t i = 0; i < kFrame; ++i) slot.in[i] = code_of(thread_, slot.number, i);
    std::fill(slot.out.begin(), slot.out.end(), uint8_t{0});
    ASSERT_EQ(models_[m].wait_for_async_ready(kLong), HAILO_SUCCESS);
    auto job = models_[m].run_async(slot.bindings, [this](const AsyncInferCompletionInfo& info) {
      EXPECT_EQ(info.status, HAILO_SUCCESS);
      ++completed_;
    });
    ASSERT_EQ(job.status(), HAILO_SUCCESS);
    slot.job = job.release();
    slot.busy = true;
  }
  void collect(std::size_t m, Slot& slot) {
    if (!slot.busy) return;
    slot.busy = false;
    ASSERT_EQ(slot.job.wait(kLong), HAILO_SUCCESS);
    for (std::size_t i = 0; i < kFrame; ++i)
      ASSERT_EQ(slot.out[i], mapped(static_cast<int>(m), code_of(thread_, slot.number, i)))
          << "thread " << thread_ << ", model " << m << ", frame " << slot.number << ", byte " << i;
  }

  int thread_;
  std::vector<ConfiguredInferModel>& models_;
  std::atomic<uint64_t>& completed_;
  std::vector<std::array<Slot, kInFlight>> slots_;
  std::array<std::size_t, kModels> turn_{};
  uint64_t number_ = 0;
};

/// Bytes of the heap in use, and of memory resident.
std::pair<std::size_t, std::size_t> memory() {
  std::size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return {mallinfo2().uordblks, resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE))};
}

uint64_t run_all(std::vector<Worker>& workers, std::chrono::milliseconds time) {
  std::atomic<uint64_t> sent{0};
  std::vector<std::thread> threads;
  for (Worker& worker : workers) threads.emplace_back([&, time] { sent += worker.run_for(time); });
  for (std::thread& thread : threads) thread.join();
  return sent;
}

TEST(Soak, TwoThreadsOnFourModelsLoseAndMixNoFrameAndKeepTheirMemory) {
  const char* slow = std::getenv("GRAUPEL_SLOW");
  const std::chrono::milliseconds time(slow != nullptr && *slow == '1' ? 600'000 : 2'000);
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  std::vector<std::shared_ptr<InferModel>> models;
  std::vector<ConfiguredInferModel> configured;
  for (int m = 0; m < kModels; ++m) {
    Sample sample(checksum_model(m));
    models.push_back(vdevice->create_infer_model(sample.file()).release());
    models.back()->set_batch_size(static_cast<uint16_t>(1 + m % 3));
    configured.push_back(models.back()->configure().release());
  }
  std::atomic<uint64_t> completed{0};
  std::vector<Worker> workers;
  workers.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) workers.emplace_back(thread, configured, completed);
  uint64_t sent = run_all(workers, time / 10);
  const auto [heap, resident] = memory();
  sent += run_all(workers, time * 9 / 10);
  const auto [heap_after, resident_after] = memory();
  EXPECT_EQ(completed, sent);
  EXPECT_GT(sent, 100u);
  EXPECT_LT(heap_after, heap + (256u << 10)) << "the heap grew from " << heap << " bytes";
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
  EXPECT_LT(resident_after, resident + (8u << 20)) << "resident memory grew from " << resident << " bytes";
#endif
  std::printf("%llu frames in %lld ms; heap %zu -> %zu, resident %zu -> %zu bytes\n",
              static_cast<unsigned long long>(sent), static_cast<long long>(time.count()), heap, heap_after, resident,
              resident_after);
}

}  // namespace
}  // namespace hailort::testing
