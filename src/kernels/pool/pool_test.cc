// Pooling kernels: hand-computed cases, a naive oracle, and every row of the tables against the reference.
#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

template <class Params>
struct Problem {
  Params params;
  std::vector<uint8_t> src;
  std::vector<float> factors;

  KernelArgs args(std::vector<uint8_t>& dst) const {
    KernelArgs args;
    args.src[0] = reinterpret_cast<const std::byte*>(src.data());
    args.dst = reinterpret_cast<std::byte*>(dst.data());
    args.constants = reinterpret_cast<const std::byte*>(factors.data());
    return args;
  }
  std::size_t dst_size() const {
    return static_cast<std::size_t>(params.out.h * params.out.w * params.out.pixel_stride);
  }
};

int extent(int in, int kernel, int stride, int dilation, int pads) {
  return (in + pads - (kernel - 1) * dilation - 1) / stride + 1;
}

template <class Params>
Problem<Params> random_problem(std::mt19937& random, bool dilated) {
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Problem<Params> problem;
  Params& p = problem.params;
  p.window = {pick(1, 5), pick(1, 5), pick(1, 3), pick(1, 3), 1, 1, 0, 0};
  if (dilated) p.window.dilation_h = p.window.dilation_w = pick(1, 2);
  p.window.pad_top = pick(0, p.window.kernel_h - 1);
  p.window.pad_left = pick(0, p.window.kernel_w - 1);
  p.in = {pick(9, 14), pick(9, 14), pick(1, 150), 0};
  p.in.pixel_stride = p.in.c + pick(0, 20);
  p.out.c = p.in.c;
  p.out.pixel_stride = p.out.c + pick(0, 20);
  p.out.h = extent(p.in.h, p.window.kernel_h, p.window.stride_h, p.window.dilation_h, 2 * p.window.pad_top);
  p.out.w = extent(p.in.w, p.window.kernel_w, p.window.stride_w, p.window.dilation_w, 2 * p.window.pad_left);
  problem.src.resize(static_cast<std::size_t>(p.in.h * p.in.w * p.in.pixel_stride));
  for (uint8_t& code : problem.src) code = static_cast<uint8_t>(pick(0, 255));
  for (int n = 1; n <= p.window.kernel_h * p.window.kernel_w; ++n)
    problem.factors.push_back(1.25f / static_cast<float>(n));
  return problem;
}

/// Calls visit(code) for every element under the window of output (y, x), channel c.
template <class Params, class Visit>
void visit_window(const Problem<Params>& problem, int y, int x, int c, Visit visit) {
  const Params& p = problem.params;
  for (int ky = 0; ky < p.window.kernel_h; ++ky)
    for (int kx = 0; kx < p.window.kernel_w; ++kx) {
      const int iy = y * p.window.stride_h - p.window.pad_top + ky * p.window.dilation_h;
      const int ix = x * p.window.stride_w - p.window.pad_left + kx * p.window.dilation_w;
      if (iy >= 0 && iy < p.in.h && ix >= 0 && ix < p.in.w)
        visit(problem.src[static_cast<std::size_t>((iy * p.in.w + ix) * p.in.pixel_stride + c)]);
    }
}

uint8_t oracle(const Problem<MaxPoolParams>& problem, int y, int x, int c) {
  uint8_t best = 0;
  visit_window(problem, y, x, c, [&](uint8_t code) { best = std::max(best, code); });
  return best;
}

uint8_t oracle(const Problem<AvgPoolParams>& problem, int y, int x, int c) {
  int sum = 0, n = 0;
  visit_window(problem, y, x, c, [&](uint8_t code) { sum += code, ++n; });
  const AvgPoolParams& p = problem.params;
  const float t = static_cast<float>(sum - n * p.in_zero_point) * problem.factors[static_cast<std::size_t>(n - 1)];
  return static_cast<uint8_t>(std::clamp(static_cast<int>(std::nearbyint(t)) + p.zero_point, 0, 255));
}

template <class Params>
void expect_all_rows_equal_the_oracle(const Problem<Params>& problem) {
  const Params& p = problem.params;
  std::vector<uint8_t> expected(problem.dst_size(), 0xA5);
  for (int y = 0; y < p.out.h; ++y)
    for (int x = 0; x < p.out.w; ++x)
      for (int c = 0; c < p.out.c; ++c)
        expected[static_cast<std::size_t>((y * p.out.w + x) * p.out.pixel_stride + c)] = oracle(problem, y, x, c);
  for (const auto& kernel : kernel_table<Params>()) {
    if (kernel.isa > detected_isa()) continue;
    std::vector<uint8_t> dst(problem.dst_size(), 0xA5);
    const int half = p.out.h / 2;
    kernel.run(p, problem.args(dst), {half, p.out.h, 0, 1});
    kernel.run(p, problem.args(dst), {0, half, 0, 1});
    ASSERT_EQ(dst, expected) << kernel.name;
  }
}

TEST(MaxPoolKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    expect_all_rows_equal_the_oracle(random_problem<MaxPoolParams>(random, true));
    if (HasFatalFailure()) return;
  }
}

// N6.1
TEST(AvgPoolKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    auto problem = random_problem<AvgPoolParams>(random, false);
    problem.params.in_zero_point = static_cast<int32_t>(random() % 256);
    problem.params.zero_point = static_cast<int32_t>(random() % 256);
    problem.params.factors = {0, static_cast<uint32_t>(problem.factors.size() * sizeof(float))};
    expect_all_rows_equal_the_oracle(problem);
    if (HasFatalFailure()) return;
  }
}

// N6.1: ties go to the even code, results saturate.
TEST(AvgPoolKernels, RoundHalvesToEvenAndSaturate) {
  Problem<AvgPoolParams> problem;
  problem.params.in = {1, 2, 4, 4};
  problem.params.out = {1, 1, 4, 4};
  problem.params.window.kernel_w = 2;
  problem.params.factors = {0, 8};
  problem.src = {1, 2, 255, 0, 2, 3, 255, 0};
  for (const auto& kernel : kernel_table<AvgPoolParams>()) {
    if (kernel.isa > detected_isa()) continue;
    std::vector<uint8_t> dst(4);
    problem.factors = {1.0f, 0.5f};
    problem.params.in_zero_point = problem.params.zero_point = 0;
    kernel.run(problem.params, problem.args(dst), {});
    EXPECT_EQ(dst, (std::vector<uint8_t>{2, 2, 255, 0})) << kernel.name;
    problem.factors = {1.0f, 30000.0f};
    problem.params.in_zero_point = 2;
    problem.params.zero_point = 7;
    kernel.run(problem.params, problem.args(dst), {});
    EXPECT_EQ(dst, (std::vector<uint8_t>{0, 255, 255, 0})) << kernel.name;
  }
}

}  // namespace
}  // namespace graupel
