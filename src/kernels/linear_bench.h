// Benchmark of one kernel of conv, depthwise or deconv on one layer, beside the peak of the dot-product instruction.
#pragma once

#include <benchmark/benchmark.h>
#include <time.h>

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

/// Registers "name/kernel": requantization and a table fused, all rows and blocks in one tile.
template <class Params>
void register_bench(const Kernel<Params>& kernel, const std::string& name, Params params, std::size_t weights,
                    double operations) {
  if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(params))) return;
  const auto run = [kernel, params, weights, operations](benchmark::State& state) mutable {
    std::vector<std::byte> bytes;
    const auto append = [&](std::size_t size, int modulus) {
      const ConstRef ref{static_cast<uint32_t>((bytes.size() + 63) / 64 * 64), static_cast<uint32_t>(size)};
      bytes.resize(ref.offset + size);
      for (std::size_t i = 0; i < size; ++i) bytes[ref.offset + i] = static_cast<std::byte>(int(i * 7) % modulus);
      return ref;
    };
    params.weights = append(weights, 127);
    params.bias = append(std::size_t(params.out.c) * 4, 1);
    params.epilogue.scale = append(std::size_t(params.out.c) * 4, 1);
    params.epilogue.table = append(256, 256);
    for (int c = 0; c < params.out.c; ++c)
      reinterpret_cast<float*>(bytes.data() + params.epilogue.scale.offset)[c] = 0x1p-12f;

    AlignedBytes constants(bytes.size());
    std::copy(bytes.begin(), bytes.end(), constants.data());
    AlignedBytes source(std::size_t(params.in.h) * params.in.w * params.in.pixel_stride);
    std::fill_n(source.data(), source.size(), std::byte{3});
    AlignedBytes out(std::size_t(params.out.h) * params.out.w * params.out.pixel_stride);
    AlignedBytes packed(kernel.packed_bytes != nullptr ? kernel.packed_bytes(params) : 0);
    if (kernel.pack != nullptr) kernel.pack(params, constants.data(), packed.data());
    AlignedBytes scratch(kernel.scratch_bytes != nullptr ? kernel.scratch_bytes(params) : 0);
    KernelArgs args;
    args.src[0] = source.data();
    args.dst = out.data();
    args.constants = constants.data();
    args.packed = packed.data();
    args.scratch = scratch.data();
    const Work work = params.work();
    for (auto _ : state) {
      kernel.run(params, args, {0, work.rows, 0, work.blocks});
      benchmark::ClobberMemory();
    }
    static const double peak = vnni_peak();
    using Counter = benchmark::Counter;
    state.counters["GOP/s"] = Counter(operations * 1e-9, Counter::kIsIterationInvariantRate);
    if (peak > 0) state.counters["of_peak"] = Counter(operations / peak, Counter::kIsIterationInvariantRate);
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
