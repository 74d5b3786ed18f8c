// Reduction kernels against a naive loop, all bits, on random problems (N6.1, N6.3).
#include "kernels/reduce/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

// N6.1, N6.3
double expected_code(const ReduceParams& p, const std::vector<int64_t>& codes) {
  int64_t sum = 0, squares = 0;
  for (const int64_t code : codes) {
    sum += code - p.in_zero_point;
    squares += (code - p.in_zero_point) * (code - p.in_zero_point);
  }
  const auto rounded = [&](float t) {
    return std::clamp(std::nearbyint(double{t}) + p.zero_point, 0.0, double(most_code(p.out_element)));
  };
  switch (p.kind) {
    case ReduceKind::kSum: return rounded(static_cast<float>(sum) * p.factor);
    case ReduceKind::kMax: return double(*std::max_element(codes.begin(), codes.end()));
    case ReduceKind::kMin: return double(*std::min_element(codes.begin(), codes.end()));
    case ReduceKind::kLength: return rounded(std::sqrt(static_cast<float>(squares)) * p.factor);
    case ReduceKind::kSquares: return rounded(static_cast<float>(squares) * p.factor);
  }
  return -1;
}

std::vector<uint8_t> oracle(const ReduceParams& p, const std::vector<uint8_t>& src) {
  std::vector<uint8_t> dst;
  for (int o = 0; o < p.outer; ++o)
    for (int i = 0; i < p.inner; ++i) {
      std::vector<int64_t> codes;
      for (int k = 0; k < p.n; ++k) codes.push_back(src[static_cast<std::size_t>((o * p.n + k) * p.inner_stride + i)]);
      dst.push_back(static_cast<uint8_t>(expected_code(p, codes)));
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
    ReduceParams p{static_cast<ReduceKind>(seed % 5),
                   pick(1, 4),
                   pick(1, 60),
                   seed % 3 == 0 ? 1 : pick(1, 200),
                   0,
                   pick(0, 255),
                   pick(0, 255),
                   0};
    p.inner_stride = p.inner + (seed % 2 == 0 ? 0 : pick(0, 9));
    p.factor = static_cast<float>(pick(1, 3000)) / 1000.0f / static_cast<float>(p.n);
    if (p.kind == ReduceKind::kSquares) p.factor /= 100;
    std::vector<uint8_t> src(static_cast<std::size_t>(p.outer * p.n * p.inner_stride));
    for (uint8_t& code : src) code = static_cast<uint8_t>(pick(0, 255));
    expect_all_rows_equal_the_oracle(p, src);
    if (HasFatalFailure()) return;
  }
}

TEST(ReduceKernels, SumTheLargestAllowedRunExactly) {
  ReduceParams p{ReduceKind::kSum, 1, 65536 * 128, 1, 1, 0, 0, 1.0f / (65536.0f * 128.0f)};
  expect_all_rows_equal_the_oracle(p, std::vector<uint8_t>(static_cast<std::size_t>(p.n), 255));
  p.in_zero_point = 255;
  p.zero_point = 9;
  expect_all_rows_equal_the_oracle(p, std::vector<uint8_t>(static_cast<std::size_t>(p.n), 253));
}

}  // namespace
}  // namespace graupel
