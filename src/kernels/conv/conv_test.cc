// Every convolution kernel against the reference, and the reference against the text of the numerics.
#include "kernels/conv/conv.h"

#include "kernels/linear_problem.h"

namespace graupel {
namespace {

/// The exact sum of N4.1 with the padding of N1.3.
auto exact_sum(const LinearProblem<ConvParams>& problem) {
  return [&problem](int y, int x, int channel) {
    const ConvParams& p = problem.params;
    const Window2d& w = p.window;
    const int depth = p.in.c / p.groups, group = channel / (p.out.c / p.groups);
    int64_t sum = bias_at(problem, channel);
    for (int ky = 0; ky < w.kernel_h; ++ky)
      for (int kx = 0; kx < w.kernel_w; ++kx)
        for (int i = 0; i < depth; ++i) {
          const int code = code_at(problem, y * w.stride_h - w.pad_top + ky * w.dilation_h,
                                   x * w.stride_w - w.pad_left + kx * w.dilation_w, group * depth + i);
          sum +=
              int64_t{code} * weight_at(problem, (std::size_t(ky * w.kernel_w + kx) * depth + i) * p.out.c + channel);
        }
    return sum;
  };
}

LinearProblem<ConvParams> finish(Random& random, Content content, const ConvParams& params) {
  const int terms = params.window.kernel_h * params.window.kernel_w * (params.in.c / params.groups);
  return fill_problem(random, content, params, terms, std::size_t(terms) * params.out.c);
}

int64_t products(const ConvParams& p) {
  return int64_t{p.out.h} * p.out.w * p.out.c * p.window.kernel_h * p.window.kernel_w * (p.in.c / p.groups);
}

ConvParams draw_params(Random& random) {
  ConvParams params;
  do {
    draw_window(random, chance(random, 20) ? 40 : 12, params.window, params.in, params.out);
    if (chance(random, 25)) {
      params.window = {};
      params.out.h = params.in.h;
      params.out.w = params.in.w;
    }
    params.groups = chance(random, 75) ? 1 : pick(random, 2, 9);
    const int most = params.groups == 1 ? 130 : chance(random, 20) ? 70 : 20;
    params.in.c = pick(random, 1, most) * params.groups;
    if (chance(random, 40)) params.in.c = (params.in.c + 3) / 4 * 4 * params.groups;
    params.out.c = pick(random, 1, most) * params.groups;
    if (chance(random, 20)) {  // a stem: runs of a kernel row that are no multiple of four bytes
      params.groups = 1;
      params.in.c = pick(random, 1, 4);
      params.out.c = chance(random, 50) ? 16 * pick(random, 1, 5) : pick(random, 1, 70);
    }
    params.in.pixel_stride = draw_stride(random, params.in.c);
    params.out.pixel_stride = draw_stride(random, params.out.c);
    if (chance(random, 20)) {  // neighbours that one store writes
      params.groups = 1;
      params.out.c = params.out.pixel_stride = 16 * pick(random, 1, 2);
    }
  } while (products(params) > 2'000'000);
  draw_types(random, params);
  return params;
}

void check_random(uint32_t first_seed, int count, Content content) {
  for (uint32_t seed = first_seed; seed < first_seed + count; ++seed) {
    Random random(seed);
    const LinearProblem<ConvParams> problem = finish(random, content, draw_params(random));
    SCOPED_TRACE(describe(seed, problem.params));
    expect_equal_kernels(random, problem, exact_sum(problem));
    if (testing::Test::HasFatalFailure()) return;
  }
}

// N1.3, N1.4, N2.1, N3.2, N4.1, N4.2, N8.1 to N8.3
TEST(ConvKernels, EqualTheReferenceOnRandomProblems) { check_random(1, 400, Content::kRandom); }

// N1.4, N8.2, N8.3: all codes 0 or the largest, all weights +- the largest
TEST(ConvKernels, EqualTheReferenceOnExtremeCodes) { check_random(5000, 150, Content::kExtreme); }

struct Shape {
  int extent, in, out, kernel, stride, groups = 1;
};

// Layers of common networks, cut to a few rows: many tiles, whole blocks, several bands.
TEST(ConvKernels, EqualTheReferenceOnNetworkShapes) {
  for (const Shape& s :
       {Shape{56, 64, 64, 3, 1}, Shape{14, 256, 256, 3, 1}, Shape{7, 512, 512, 3, 1}, Shape{56, 64, 256, 1, 1},
        Shape{56, 256, 512, 1, 2}, Shape{224, 3, 64, 7, 2}, Shape{160, 3, 16, 3, 2}, Shape{80, 80, 80, 3, 1},
        Shape{160, 16, 16, 3, 1}, Shape{40, 48, 48, 3, 1}, Shape{40, 144, 24, 1, 1}, Shape{1, 1280, 1000, 1, 1},
        Shape{28, 128, 128, 3, 1, 32}, Shape{14, 256, 256, 3, 2, 2}}) {
    ConvParams params;
    params.groups = s.groups;
    params.window = {s.kernel, s.kernel, s.stride, s.stride, 1, 1, s.kernel / 2, s.kernel / 2};
    params.in = {std::min(s.extent, 9), s.extent, s.in, s.in};
    params.out = {(params.in.h - 1) / s.stride + 1, (s.extent - 1) / s.stride + 1, s.out, s.out};
    Random random(7);
    const LinearProblem<ConvParams> problem = finish(random, Content::kRandom, params);
    SCOPED_TRACE(describe(7, params));
    const auto reference = run_kernel(random, kernel_table<ConvParams>().back(), problem, 1);
    for (const Kernel<ConvParams>& kernel : kernel_table<ConvParams>())
      if (kernel.isa <= detected_isa()) {
        EXPECT_TRUE(run_kernel(random, kernel, problem, 1) == reference) << kernel.name;
      }
  }
}

// N1.4: a sum beyond 2^31 wraps, in the reference as in the vector kernels
TEST(ConvKernels, AccumulateModulo2To32) {
  ConvParams params;
  params.in = {1, 3, 4, 4};
  params.out = {1, 3, 20, 20};
  Random random(11);
  LinearProblem<ConvParams> problem = finish(random, Content::kExtreme, params);
  auto* bias = reinterpret_cast<int32_t*>(problem.constants.data() + problem.params.bias.offset);
  auto* scale = reinterpret_cast<float*>(problem.constants.data() + problem.params.epilogue.scale.offset);
  for (int c = 0; c < params.out.c; ++c) {
    bias[c] = c % 2 == 0 ? INT32_MAX - 100 : INT32_MIN + 100;
    scale[c] = 0x1p-25f;
  }
  expect_equal_kernels(random, problem, exact_sum(problem));
}

// N2.1: halves go to the even neighbour on both sides of zero
TEST(ConvKernels, RoundHalvesToEven) {
  ConvParams params;
  params.in = {1, 1, 1, 1};
  params.out = {1, 1, 64, 64};
  Random random(12);
  LinearProblem<ConvParams> problem = finish(random, Content::kRandom, params);
  auto* bias = reinterpret_cast<int32_t*>(problem.constants.data() + problem.params.bias.offset);
  auto* scale = reinterpret_cast<float*>(problem.constants.data() + problem.params.epilogue.scale.offset);
  auto* weights = reinterpret_cast<int8_t*>(problem.constants.data() + problem.params.weights.offset);
  for (int c = 0; c < 64; ++c) {
    weights[c] = 0;
    bias[c] = 2 * (c - 32) + 1;
    scale[c] = 0.5f;
  }
  Epilogue plain;
  plain.scale = problem.params.epilogue.scale;
  plain.zero_point = 100;
  problem.params.epilogue = plain;
  problem.residual.reset();
  expect_equal_kernels(random, problem, exact_sum(problem));
  EXPECT_EQ(problem.out->codes()[32], 100);  // 0.5
  EXPECT_EQ(problem.out->codes()[33], 102);  // 1.5
  EXPECT_EQ(problem.out->codes()[31], 100);  // -0.5
  EXPECT_EQ(problem.out->codes()[30], 98);   // -1.5
}

}  // namespace
}  // namespace graupel
