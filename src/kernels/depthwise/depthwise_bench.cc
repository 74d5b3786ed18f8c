// Depthwise kernels on layers of MobileNetV2 and EfficientNet, and on some with u16 codes of PicoDet and YOLOX.
#include "kernels/depthwise/depthwise.h"
#include "kernels/linear_bench.h"

namespace graupel {
namespace {

struct Shape {
  int extent, channels, kernel, stride;
  DType in = DType::kU8, out = DType::kU8;
};

constexpr Shape kShapes[] = {{112, 32, 3, 1},
                             {112, 64, 3, 1},
                             {112, 96, 3, 2},
                             {56, 128, 3, 1},
                             {56, 144, 3, 1},
                             {56, 144, 3, 2},
                             {28, 192, 3, 1},
                             {14, 384, 3, 1},
                             {14, 576, 3, 2},
                             {7, 960, 3, 1},
                             {28, 240, 5, 1},
                             {14, 672, 5, 2},
                             {14, 384, 7, 1},
                             {40, 96, 5, 1, DType::kU16, DType::kU16},
                             {40, 96, 3, 1, DType::kU16, DType::kU8},
                             {80, 48, 3, 2, DType::kU8, DType::kU16}};

void register_all() {
  for (const Kernel<DepthwiseParams>& kernel : kernel_table<DepthwiseParams>())
    for (const Shape& s : kShapes) {
      DepthwiseParams p;
      p.window = {s.kernel, s.kernel, s.stride, s.stride, 1, 1, s.kernel / 2, s.kernel / 2};
      p.in = {s.extent, s.extent, s.channels, s.channels, s.in};
      const int extent = (s.extent - 1) / s.stride + 1;
      p.out = {extent, extent, s.channels, s.channels, s.out};
      const std::string name = std::to_string(s.extent) + "x" + std::to_string(s.extent) + "x" +
                               std::to_string(s.channels) + ",k" + std::to_string(s.kernel) + "s" +
                               std::to_string(s.stride) + (s.in == DType::kU16 ? ",u16 in" : "") +
                               (s.out == DType::kU16 ? ",u16 out" : "");
      const std::size_t terms = std::size_t(s.kernel) * s.kernel;
      register_bench<DepthwiseParams>(kernel, name, p, terms * s.channels,
                                      2.0 * double(terms) * extent * extent * s.channels);
    }
}

}  // namespace
}  // namespace graupel

int main(int argc, char** argv) {
  graupel::register_all();
  return graupel::run_benchmarks(argc, argv);
}
