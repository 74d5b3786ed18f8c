// Convolution kernels on layers of ResNet-50, YOLOv8n and MobileNetV2, as a fraction of the register-only VNNI peak.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/conv_kernels.h"
#include "kernels/conv/conv_plan.h"
#include "kernels/linear_bench.h"

namespace graupel {
namespace {

struct Shape {
  const char* net;
  int extent, in, out, kernel, stride;
};

constexpr Shape kShapes[] = {
    {"resnet50", 224, 3, 64, 7, 2},      {"resnet50", 56, 64, 64, 3, 1},       {"resnet50", 56, 64, 256, 1, 1},
    {"resnet50", 56, 256, 64, 1, 1},     {"resnet50", 56, 256, 512, 1, 2},     {"resnet50", 28, 128, 128, 3, 1},
    {"resnet50", 28, 512, 128, 1, 1},    {"resnet50", 14, 256, 256, 3, 1},     {"resnet50", 14, 1024, 256, 1, 1},
    {"resnet50", 7, 512, 512, 3, 1},     {"resnet50", 7, 2048, 512, 1, 1},     {"resnet50", 1, 2048, 1000, 1, 1},
    {"yolov8n", 640, 3, 16, 3, 2},       {"yolov8n", 320, 16, 32, 3, 2},       {"yolov8n", 160, 16, 16, 3, 1},
    {"yolov8n", 160, 32, 32, 1, 1},      {"yolov8n", 160, 32, 64, 3, 2},       {"yolov8n", 80, 32, 32, 3, 1},
    {"yolov8n", 80, 64, 64, 3, 1},       {"yolov8n", 80, 64, 80, 3, 1},        {"yolov8n", 80, 80, 80, 3, 1},
    {"yolov8n", 80, 80, 80, 1, 1},       {"yolov8n", 40, 128, 128, 3, 1},      {"yolov8n", 40, 192, 128, 1, 1},
    {"yolov8n", 20, 128, 128, 3, 1},     {"yolov8n", 20, 256, 80, 3, 1},       {"yolov8n", 20, 512, 256, 1, 1},
    {"mobilenetv2", 224, 3, 32, 3, 2},   {"mobilenetv2", 112, 32, 16, 1, 1},   {"mobilenetv2", 112, 16, 96, 1, 1},
    {"mobilenetv2", 56, 144, 24, 1, 1},  {"mobilenetv2", 56, 24, 144, 1, 1},   {"mobilenetv2", 28, 192, 32, 1, 1},
    {"mobilenetv2", 14, 64, 384, 1, 1},  {"mobilenetv2", 14, 576, 96, 1, 1},   {"mobilenetv2", 7, 960, 160, 1, 1},
    {"mobilenetv2", 7, 320, 1280, 1, 1}, {"mobilenetv2", 1, 1280, 1000, 1, 1},
};

ConvParams params_of(const Shape& s) {
  ConvParams p;
  p.window = {s.kernel, s.kernel, s.stride, s.stride, 1, 1, s.kernel / 2, s.kernel / 2};
  p.in = {s.extent, s.extent, s.in, s.in};
  const int extent = (s.extent - 1) / s.stride + 1;
  p.out = {extent, extent, s.out, s.out};
  return p;
}

/// Operations of the AVX-512 kernel: sums in steps of four products, channels in vectors of 16.
double issued_operations(const ConvParams& params) {
  const ConvPlan plan = plan_conv(params, {.lanes = 16, .max_vectors = 4});
  double vectors = 0;
  for (ConvSegment s = first_segment(params, plan); s.first < params.out.c; s = next_segment(params, plan, s))
    vectors += s.vectors;
  return 2.0 * 64 * plan.walk.all_steps() * vectors * params.out.h * params.out.w;
}

/// The same outputs from one step each.
ConvParams single_product(ConvParams params) {
  params.window = {};
  params.in = {params.out.h, params.out.w, 4, 4};
  return params;
}

std::string name_of(const Shape& s) {
  return std::string(s.net) + "/" + std::to_string(s.extent) + "x" + std::to_string(s.extent) + "x" +
         std::to_string(s.in) + "-" + std::to_string(s.out) + ",k" + std::to_string(s.kernel) + "s" +
         std::to_string(s.stride);
}

void register_all() {
  for (const Kernel<ConvParams>& kernel : kernel_table<ConvParams>())
    for (const Shape& shape : kShapes) {
      const ConvParams params = params_of(shape);
      const std::size_t terms = std::size_t(shape.kernel) * shape.kernel * shape.in;
      const double operations = 2.0 * double(terms) * params.out.h * params.out.w * params.out.c;
      const ConvParams single = single_product(params);
      const double issued = kernel.isa == Isa::kAvx512 ? issued_operations(params) : 0;
      register_bench<ConvParams>(kernel, name_of(shape), params, terms * params.out.c, operations, issued, &single);
    }
}

}  // namespace
}  // namespace graupel

int main(int argc, char** argv) {
  graupel::register_all();
  return graupel::run_benchmarks(argc, argv);
}
