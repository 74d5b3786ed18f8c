// Every transposed convolution kernel against the reference, and the reference against the text of the numerics.
#include "kernels/deconv/deconv.h"

#include "kernels/linear_problem.h"

namespace graupel {
namespace {

/// The exact sum of N4.1, by the scatter definition: every input adds to the outputs that the window places it on, and
/// taps that no input reaches read the input's zero point (N1.3).
auto exact_sum(const LinearProblem<DeconvParams>& problem) {
  const DeconvParams& p = problem.params;
  const Window2d& w = p.window;
  const int depth = p.in.c / p.groups, group_outputs = p.out.c / p.groups;
  std::vector<int64_t> sums(std::size_t(p.out.h) * p.out.w * p.out.c);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = bias_at(problem, static_cast<int>(i % p.out.c));
    for (int k = 0; k < w.kernel_h * w.kernel_w * depth; ++k)
      sums[i] += int64_t{p.in_zero_point} * weight_at(problem, std::size_t(k) * p.out.c + i % p.out.c);
  }
  for (int iy = 0; iy < p.in.h; ++iy)
    for (int ix = 0; ix < p.in.w; ++ix)
      for (int ky = 0; ky < w.kernel_h; ++ky)
        for (int kx = 0; kx < w.kernel_w; ++kx) {
          const int oy = iy * w.stride_h - w.pad_top + ky * w.dilation_h;
          const int ox = ix * w.stride_w - w.pad_left + kx * w.dilation_w;
          if (oy < 0 || oy >= p.out.h || ox < 0 || ox >= p.out.w) continue;
          for (int o = 0; o < p.out.c; ++o)
            for (int i = 0; i < depth; ++i)
              sums[(std::size_t(oy) * p.out.w + ox) * p.out.c + o] +=
                  int64_t{code_at(problem, iy, ix, o / group_outputs * depth + i) - p.in_zero_point} *
                  weight_at(problem, (std::size_t(ky * w.kernel_w + kx) * depth + i) * p.out.c + o);
        }
  return [sums, w_out = p.out.w, c_out = p.out.c](int y, int x, int channel) {
    return sums[(std::size_t(y) * w_out + x) * c_out + channel];
  };
}

void check_random(uint32_t first_seed, int count, Content content) {
  for (uint32_t seed = first_seed; seed < first_seed + count; ++seed) {
    Random random(seed);
    DeconvParams params;
    // The output of a transposed convolution is the input of the convolution with the same window.
    draw_window(random, 10, params.window, params.out, params.in);
    params.groups = chance(random, 70) ? 1 : pick(random, 2, 5);
    params.in.c = pick(random, 1, params.groups == 1 ? 40 : 9) * params.groups;
    params.out.c = pick(random, 1, params.groups == 1 ? 90 : 9) * params.groups;
    params.in.pixel_stride = draw_stride(random, params.in.c);
    params.out.pixel_stride = draw_stride(random, params.out.c);
    draw_types(random, params);
    const int terms = params.window.kernel_h * params.window.kernel_w * (params.in.c / params.groups);
    const auto problem = fill_problem(random, content, params, terms, std::size_t(terms) * params.out.c);
    SCOPED_TRACE(describe(seed, problem.params));
    expect_equal_kernels(random, problem, exact_sum(problem));
    if (testing::Test::HasFatalFailure()) return;
  }
}

// N1.3, N1.4, N2.1, N3.2, N4.1, N4.2, N8.1 to N8.3
TEST(DeconvKernels, EqualTheReferenceOnRandomProblems) { check_random(1, 150, Content::kRandom); }

// N1.4, N8.2: all codes 0 or the largest, all weights +- the largest
TEST(DeconvKernels, EqualTheReferenceOnExtremeCodes) { check_random(5000, 50, Content::kExtreme); }

}  // namespace
}  // namespace graupel
