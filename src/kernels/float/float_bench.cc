// GFLOP/s of every float convolution at shapes of YOLOv8n and MobileNetV2, and nanoseconds per element of the
// functions.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernels/float/float.h"

namespace graupel {
namespace {

struct Shape {
  const char* name;
  int32_t size, in, out, kernel, stride, groups;
};

constexpr Shape kShapes[] = {
    {"stem_640_3_16_k3s2", 640, 3, 16, 3, 2, 1},   {"320_16_32_k3s2", 320, 16, 32, 3, 2, 1},
    {"160_16_16_k3", 160, 16, 16, 3, 1, 1},        {"160_48_32_k1", 160, 48, 32, 1, 1, 1},
    {"80_32_32_k3", 80, 32, 32, 3, 1, 1},          {"80_64_64_k3", 80, 64, 64, 3, 1, 1},
    {"80_80_80_k3", 80, 80, 80, 3, 1, 1},          {"40_64_64_k3", 40, 64, 64, 3, 1, 1},
    {"40_128_128_k3s2", 40, 128, 128, 3, 2, 1},    {"40_384_128_k1", 40, 384, 128, 1, 1, 1},
    {"20_128_128_k3", 20, 128, 128, 3, 1, 1},      {"20_256_256_k1", 20, 256, 256, 1, 1, 1},
    {"20_512_256_k1", 20, 512, 256, 1, 1, 1},      {"20_256_64_k3", 20, 256, 64, 3, 1, 1},
    {"112_16_96_k1", 112, 16, 96, 1, 1, 1},        {"56_144_24_k1", 56, 144, 24, 1, 1, 1},
    {"14_64_384_k1", 14, 64, 384, 1, 1, 1},        {"7_160_960_k1", 7, 160, 960, 1, 1, 1},
    {"112_96_96_dw_k3s2", 112, 96, 96, 3, 2, 96},  {"56_144_144_dw_k3", 56, 144, 144, 3, 1, 144},
    {"14_384_384_dw_k3", 14, 384, 384, 3, 1, 384}, {"7_960_960_dw_k3", 7, 960, 960, 3, 1, 960},
    {"1_1280_1000_dense", 1, 1280, 1000, 1, 1, 1}, {"28_128_128_k3_g32", 28, 128, 128, 3, 1, 32},
};

void conv(benchmark::State& state, const ConvF32Kernel& kernel, const Shape& shape) {
  ConvF32Params p;
  p.in = {shape.size, shape.size, shape.in, shape.in};
  const int32_t out = (shape.size - 1) / shape.stride + 1;
  p.out = {out, out, shape.out, shape.out};
  p.window = {shape.kernel, shape.kernel, shape.stride, shape.stride, 1, 1, shape.kernel / 2, shape.kernel / 2};
  p.groups = shape.groups;
  const std::size_t depth = std::size_t(shape.kernel * shape.kernel * (shape.in / shape.groups));
  const auto floats = [](std::size_t count) {
    return std::unique_ptr<float[]>(new (std::align_val_t{64}) float[count + 16]());
  };
  std::vector<std::unique_ptr<float[]>> keep;
  const auto make = [&](std::size_t count) {
    keep.push_back(floats(count));
    for (std::size_t i = 0; i < count; ++i) keep.back()[i] = float(i % 61) * 0.01f - 0.3f;
    return keep.back().get();
  };
  ConvF32Args args;
  args.src = make(std::size_t(p.in.h * p.in.w * p.in.c));
  args.weights = make(depth * std::size_t(p.out.c));
  args.bias = make(std::size_t(p.out.c));
  args.dst = make(std::size_t(p.out.h * p.out.w * p.out.c));
  if (kernel.pack != nullptr) {
    float* packed = make(kernel.packed_bytes(p) / 4);
    kernel.pack(p, args.weights, packed);
    args.packed = packed;
  }
  if (kernel.scratch_bytes != nullptr) args.scratch = reinterpret_cast<std::byte*>(make(kernel.scratch_bytes(p) / 4));
  const Work work = p.work();
  for (auto _ : state) {
    kernel.run(p, args, {0, work.rows, 0, work.blocks});
    benchmark::ClobberMemory();
  }
  const double flops = 2.0 * double(depth) * double(p.out.h) * double(p.out.w) * double(p.out.c);
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  for (auto& block : keep) ::operator delete[](block.release(), std::align_val_t{64});
}

void unary(benchmark::State& state, UnaryKind kind, Isa isa) {
  std::vector<float> src(4096), dst(4096);
  for (std::size_t i = 0; i < src.size(); ++i) src[i] = float(i % 1021) * 0.012f - 6;
  for (auto _ : state) {
    unary_f32(kind, 0.5f, 1, src.data(), dst.data(), src.size(), isa);
    benchmark::ClobberMemory();
  }
  state.counters["elements/s"] = benchmark::Counter(double(src.size()), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace
}  // namespace graupel

int main(int argc, char** argv) {
  using namespace graupel;
  const Isa best = detected_isa();
  for (const Shape& shape : kShapes) {
    for (const ConvF32Kernel& kernel : conv_f32_kernels()) {
      if (kernel.isa > best || kernel.isa == Isa::kRef) continue;
      ConvF32Params p;
      p.in.c = shape.in, p.out.c = shape.out, p.groups = shape.groups;
      if (kernel.accepts != nullptr && !kernel.accepts(p)) continue;
      benchmark::RegisterBenchmark((std::string(kernel.name) + "/" + shape.name).c_str(),
                                   [&kernel, &shape](benchmark::State& state) { conv(state, kernel, shape); });
    }
  }
  for (int kind = 0; kind <= int(UnaryKind::kCos); ++kind)
    for (Isa isa : {Isa::kAvx512, Isa::kAvx2})
      if (isa <= best)
        benchmark::RegisterBenchmark(
            (std::string(to_string(UnaryKind(kind))) + "/" + std::string(to_string(isa))).c_str(),
            [=](benchmark::State& state) { unary(state, UnaryKind(kind), isa); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
