// Benchmark of one kernel of conv, depthwise or deconv on one layer, beside the peak of the dot-product instruction.
#pragma once

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "kernels/guarded_bytes.h"
#include "kernels/kernel.h"

namespace graupel {

/// Time that this thread has run: other work on the machine does not count.
inline double cpu_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// Operations per second of vpdpbusd on registers alone, 1 multiply-add = 2 operations; 0 where the CPU has none.
inline double vnni_peak() {
#if defined(__x86_64__)
  if (detected_isa() < Isa::kAvx512) return 0;
  constexpr int64_t kRounds = 4'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const double start = cpu_seconds();
    int64_t rounds = kRounds;
    asm volatile(
        "1:\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm\\n\n"
        ".endr\n"
        "dec %0\n"
        "jnz 1b\n"
        : "+r"(rounds)
        :
        : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15");
    const double speed = double(kRounds) * 24 * 64 * 2 / (cpu_seconds() - start);
    if (speed > best) best = speed;
  }
  return best;
#else
  return 0;
#endif
}

/// A layer with made-up constants and data, requantization and a table fused.
template <class Params>
class BenchLayer {
 public:
  BenchLayer(const Kernel<Params>& kernel, Params params, std::size_t weights)
      : kernel_(kernel),
        params_(with_constants(params, weights)),
        source_(image_bytes(params.in)),
        out_(image_bytes(params.out)),
        packed_(kernel.packed_bytes != nullptr ? kernel.packed_bytes(params_) : 0),
        scratch_(kernel.scratch_bytes != nullptr ? kernel.scratch_bytes(params_) : 0) {
    std::fill_n(source_.data(), source_.size(), std::byte{3});
    if (kernel.pack != nullptr) kernel.pack(params_, constants_->data(), packed_.data());
    args_.src[0] = source_.data();
    args_.dst = out_.data();
    args_.constants = constants_->data();
    args_.packed = packed_.data();
    args_.scratch = scratch_.data();
  }

  /// All rows and blocks in one tile.
  void run() const {
    const Work work = params_.work();
    kernel_.run(params_, args_, {0, work.rows, 0, work.blocks});
    benchmark::ClobberMemory();
  }

  /// Seconds of the fastest of some runs.
  double seconds() const {
    double best = 1e9;
    for (const double end = cpu_seconds() + 5e-3; cpu_seconds() < end;) {
      const double start = cpu_seconds();
      run();
      best = std::min(best, cpu_seconds() - start);
    }
    return best;
  }

  /// What a run reads and writes.
  double bytes() const { return double(source_.size()) + double(packed_.size()) + double(out_.size()); }

 private:
  static std::size_t image_bytes(const View& view) {
    return std::size_t(view.h) * view.w * view.pixel_stride * code_bytes(view.element);
  }

  Params with_constants(Params params, std::size_t weights) {
    std::vector<std::byte> bytes;
    const auto append = [&](std::size_t size, int modulus) {
      const ConstRef ref{static_cast<uint32_t>((bytes.size() + 63) / 64 * 64), static_cast<uint32_t>(size)};
      bytes.resize(ref.offset + size);
      for (std::size_t i = 0; i < size; ++i) bytes[ref.offset + i] = static_cast<std::byte>(int(i * 7) % modulus);
      return ref;
    };
    params.weights = append(weights * (params.weight == DType::kS16 ? 2 : 1), 127);
    params.bias = append(std::size_t(params.out.c) * (has_wide_sums(params) ? 8 : 4), 1);
    params.epilogue.scale = append(std::size_t(params.out.c) * 4, 1);
    params.epilogue.table = append(std::size_t{256} * code_bytes(params.out.element), 256);
    for (int c = 0; c < params.out.c; ++c)
      reinterpret_cast<float*>(bytes.data() + params.epilogue.scale.offset)[c] = 0x1p-12f;
    constants_ = std::make_unique<AlignedBytes>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), constants_->data());
    return params;
  }

  const Kernel<Params>& kernel_;
  std::unique_ptr<AlignedBytes> constants_;
  Params params_;
  AlignedBytes source_, out_, packed_, scratch_;
  KernelArgs args_;
};

/// Registers "kernel/name", with the counters
///   GOP/s    2 * useful products in a second;
///   of_peak  that as a fraction of the peak;
///   issued   as of_peak, of `issued` operations, which include what is multiplied by padding (0: unknown);
///   outputs  the fraction of the time that the outputs take when each is a single product (`single`, null: unknown);
///   GB/s     source, weights and output in a second.
/// `issued` + `outputs` near 1: the layer takes what its products and its outputs take in turns. Where GB/s is what the
/// cache that holds the layer delivers, it waits for memory.
template <class Params>
void register_bench(const Kernel<Params>& kernel, const std::string& name, Params params, std::size_t weights,
                    double operations, double issued = 0, const Params* single = nullptr) {
  if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(params))) return;
  const bool split = single != nullptr;
  const Params one = split ? *single : params;
  const auto run = [&kernel, params, weights, operations, issued, split, one](benchmark::State& state) {
    const BenchLayer<Params> layer(kernel, params, weights);
    for (auto _ : state) layer.run();
    static const double peak = vnni_peak();
    using Counter = benchmark::Counter;
    const auto in_a_second = [](double n) { return Counter(n, Counter::kIsIterationInvariantRate); };
    state.counters["GOP/s"] = in_a_second(operations * 1e-9);
    state.counters["GB/s"] = in_a_second(layer.bytes() * 1e-9);
    if (peak > 0) state.counters["of_peak"] = in_a_second(operations / peak);
    if (peak > 0 && issued > 0) state.counters["issued"] = in_a_second(issued / peak);
    if (split)
      state.counters["outputs"] = in_a_second(BenchLayer<Params>(kernel, one, std::size_t(4) * one.out.c).seconds());
  };
  benchmark::RegisterBenchmark((std::string(kernel.name) + "/" + name).c_str(), run)->Unit(benchmark::kMicrosecond);
}

inline int run_benchmarks(int argc, char** argv) {
  std::printf("register-only vpdpbusd: %.0f GOP/s\n", vnni_peak() * 1e-9);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace graupel
