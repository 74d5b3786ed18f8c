// Every depthwise kernel against the reference, and the reference against the text of the numerics.
#include "kernels/depthwise/depthwise.h"

#include "kernels/linear_problem.h"

namespace graupel {
namespace {

/// The exact sum of N4.1 with the padding of N1.3.
auto exact_sum(const LinearProblem<DepthwiseParams>& problem) {
  return [&problem](int y, int x, int channel) {
    const DepthwiseParams& p = problem.params;
    const Window2d& w = p.window;
    int64_t sum = bias_at(problem, channel);
    for (int ky = 0; ky < w.kernel_h; ++ky)
      for (int kx = 0; kx < w.kernel_w; ++kx)
        sum += int64_t{code_at(problem, y * w.stride_h - w.pad_top + ky * w.dilation_h,
                               x * w.stride_w - w.pad_left + kx * w.dilation_w, channel)} *
               weight_at(problem, std::size_t(ky * w.kernel_w + kx) * p.out.c + channel);
    return sum;
  };
}

void check_random(uint32_t first_seed, int count, Content content) {
  for (uint32_t seed = first_seed; seed < first_seed + count; ++seed) {
    Random random(seed);
    DepthwiseParams params;
    draw_window(random, 14, params.window, params.in, params.out);
    if (chance(random, 40)) {  // the unrolled window
      const int stride = pick(random, 1, 2), height = pick(random, 1, 4);
      params.window = {height, 3, 1, stride, 1, 1, height / 2, pick(random, 0, 2)};
      params.in.h = pick(random, height, 8);
      params.in.w = pick(random, 3, 20);
      params.out.h = params.in.h + 2 * (height / 2) - height + 1;
      params.out.w = (params.in.w + params.window.pad_left + pick(random, 0, 2) - 3) / stride + 1;
    }
    params.in.c = params.out.c = pick(random, 1, 200);
    params.in.pixel_stride = draw_stride(random, params.in.c);
    params.out.pixel_stride = draw_stride(random, params.out.c);
    draw_types(random, params);
    const int terms = params.window.kernel_h * params.window.kernel_w;
    const auto problem = fill_problem(random, content, params, terms, std::size_t(terms) * params.out.c);
    SCOPED_TRACE(describe(seed, problem.params));
    if (detected_isa() > Isa::kRef) {
      ASSERT_GT(pick_kernel(problem.params, detected_isa()).isa, Isa::kRef);
    }
    expect_equal_kernels(random, problem, exact_sum(problem));
    if (testing::Test::HasFatalFailure()) return;
  }
}

// N1.3, N1.4, N2.1, N3.2, N4.1, N4.2, N8.1 to N8.3
TEST(DepthwiseKernels, EqualTheReferenceOnRandomProblems) { check_random(1, 400, Content::kRandom); }

// N1.4, N8.2: all codes 0 or the largest, all weights +- the largest
TEST(DepthwiseKernels, EqualTheReferenceOnExtremeCodes) { check_random(5000, 150, Content::kExtreme); }

// N8.3: halves go to the even neighbour on both sides of zero
TEST(DepthwiseKernels, RoundHalvesOfWideSumsToEven) {
  DepthwiseParams params;
  params.in = {1, 1, 64, 64, DType::kU16};
  params.out = {1, 1, 64, 64, DType::kU16};
  Random random(12);
  auto problem = fill_problem(random, Content::kRandom, params, 1, 64);
  auto* bias = reinterpret_cast<int64_t*>(problem.constants.data() + problem.params.bias.offset);
  auto* scale = reinterpret_cast<float*>(problem.constants.data() + problem.params.epilogue.scale.offset);
  for (int c = 0; c < 64; ++c) {
    problem.constants[problem.params.weights.offset + c] = std::byte{0};
    bias[c] = 2 * (c - 32) + 1;
    scale[c] = 0.5f;
  }
  Epilogue plain;
  plain.scale = problem.params.epilogue.scale;
  plain.zero_point = 1000;
  plain.hi = 65535;
  problem.params.epilogue = plain;
  problem.residual.reset();
  expect_equal_kernels(random, problem, exact_sum(problem));
  const auto code = [&](int channel) { return read_code(DType::kU16, problem.out->data(), channel); };
  EXPECT_EQ(code(32), 1000);  // 0.5
  EXPECT_EQ(code(33), 1002);  // 1.5
  EXPECT_EQ(code(31), 1000);  // -0.5
  EXPECT_EQ(code(30), 998);   // -1.5
}

}  // namespace
}  // namespace graupel
