// Transposed convolution kernels on layers that double the extents: decoders of segmentation, depth and pose networks.
#include "kernels/deconv/deconv.h"
#include "kernels/linear_bench.h"

namespace graupel {
namespace {

struct Shape {
  int extent, in, out, kernel, groups = 1;
};

constexpr Shape kShapes[] = {{8, 256, 256, 4}, {16, 256, 256, 4}, {32, 128, 64, 4},   {64, 64, 32, 2},
                             {64, 32, 16, 3},  {128, 16, 1, 2},   {32, 32, 32, 4, 32}};

void register_all() {
  for (const Kernel<DeconvParams>& kernel : kernel_table<DeconvParams>())
    for (const Shape& s : kShapes) {
      DeconvParams p;
      p.groups = s.groups;
      p.window = {s.kernel, s.kernel, 2, 2, 1, 1, (s.kernel - 1) / 2, (s.kernel - 1) / 2};
      p.in = {s.extent, s.extent, s.in, s.in};
      p.out = {2 * s.extent, 2 * s.extent, s.out, s.out};
      const std::string name = std::to_string(s.extent) + "x" + std::to_string(s.extent) + "x" + std::to_string(s.in) +
                               "-" + std::to_string(s.out) + ",k" + std::to_string(s.kernel) + "s2" +
                               (s.groups > 1 ? ",g" + std::to_string(s.groups) : "");
      // Every input meets every tap once.
      const double products = double(s.kernel) * s.kernel * s.extent * s.extent * s.in / s.groups * s.out;
      const std::size_t weights = std::size_t(s.kernel) * s.kernel * s.in / s.groups * s.out;
      register_bench<DeconvParams>(kernel, name, p, weights, 2.0 * products);
    }
}

}  // namespace
}  // namespace graupel

int main(int argc, char** argv) {
  graupel::register_all();
  return graupel::run_benchmarks(argc, argv);
}
