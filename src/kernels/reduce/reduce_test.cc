// Reduction kernels against a naive loop, all bits, on random problems (N6.1).
#include "kernels/reduce/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

std::vector<uint8_t> oracle(const ReduceParams& p, const std::vector<uint8_t>& src) {
  std::vector<uint8_t> dst;
  for (int o = 0; o < p.outer; ++o)
    for (int i = 0; i < p.inner; ++i) {
      int64_t sum = 0;
      for (int k = 0; k < p.n; ++k) sum += src[static_cast<std::size_t>((o * p.n + k) * p.inner_stride + i)];
      const auto centred = static_cast<int32_t>(sum - int64_t{p.n} * p.in_zero_point);
      const float t = static_cast<float>(centred) * p.factor;
      dst.push_back(
          static_cast<uint8_t>(std::clamp(std::nearbyint(t) + static_cast<float>(p.zero_point), 0.0f, 255.0f)));
    }
  return dst;
}

void expect_all_rows_equal_the_oracle(const ReduceParams& params, const std::vector<uint8_t>& src) {
  const std::vector<uint8_t> expected = oracle(params, src);
  for (const auto& kernel : kernel_table<ReduceParams>()) {
    if (kernel.isa > detected_isa()) continue;
    std::vector<uint8_t> dst(expected.size());
    KernelArgs args;
    args.src[0] = reinterpret_cast<const std::byte*>(src.data());
    args.dst = reinterpret_cast<std::byte*>(dst.data());
    kernel.run(params, args, {params.outer / 2, params.outer, 0, 1});
    kernel.run(params, args, {0, params.outer / 2, 0, 1});
    ASSERT_EQ(dst, expected) << kernel.name;
  }
}

TEST(ReduceKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    ReduceParams p{pick(1, 4), pick(1, 60), seed % 3 == 0 ? 1 : pick(1, 200), 0, pick(0, 255), pick(0, 255), 0};
    p.inner_stride = p.inner + (seed % 2 == 0 ? 0 : pick(0, 9));
    p.factor = static_cast<float>(pick(1, 3000)) / 1000.0f / static_cast<float>(p.n);
    std::vector<uint8_t> src(static_cast<std::size_t>(p.outer * p.n * p.inner_stride));
    for (uint8_t& code : src) code = static_cast<uint8_t>(pick(0, 255));
    expect_all_rows_equal_the_oracle(p, src);
    if (HasFatalFailure()) return;
  }
}

TEST(ReduceKernels, SumTheLargestAllowedRunExactly) {
  ReduceParams p{1, 65536 * 128, 1, 1, 0, 0, 1.0f / (65536.0f * 128.0f)};
  expect_all_rows_equal_the_oracle(p, std::vector<uint8_t>(static_cast<std::size_t>(p.n), 255));
  p.in_zero_point = 255;
  p.zero_point = 9;
  expect_all_rows_equal_the_oracle(p, std::vector<uint8_t>(static_cast<std::size_t>(p.n), 253));
}

}  // namespace
}  // namespace graupel
