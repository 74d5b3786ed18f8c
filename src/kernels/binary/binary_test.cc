// Every element-wise kernel against the reference, and the reference against the clauses.
#include "kernels/binary/binary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/guarded_bytes.h"

namespace graupel {
namespace {

using Random = std::mt19937;

constexpr BinaryKind kKinds[] = {BinaryKind::kAddInteger, BinaryKind::kAddFloat, BinaryKind::kMul, BinaryKind::kMin,
                                 BinaryKind::kMax};

int pick(Random& random, int lo, int hi) {
  return lo + static_cast<int>(random() % static_cast<uint32_t>(hi - lo + 1));
}

struct Problem {
  BinaryParams params;
  std::vector<uint8_t> a, b;
};

// Dense, broadcast in some extents, or with gaps; returns how many elements it spans.
int draw_strides(Random& random, const std::array<int32_t, 4>& extent, std::array<int32_t, 4>& stride) {
  const int kind = pick(random, 0, 3);
  int step = 1, last = 0;
  for (std::size_t d = 4; d-- > 0;) {
    const bool repeats = kind == 0 ? false : kind == 1 ? true : pick(random, 0, 1) == 0;
    stride[d] = repeats ? 0 : step;
    last += (extent[d] - 1) * stride[d];
    if (!repeats) step *= extent[d] + (kind == 3 && d < 3 ? pick(random, 0, 2) : 0);
  }
  return last + 1;
}

void draw_numbers(Random& random, BinaryParams& p) {
  p.ma = pick(random, -32768, 32767);
  p.mb = pick(random, -32768, 32767);
  p.shift = pick(random, 8, 20);
  p.c = pick(random, -(1 << 24), 1 << 24);
  p.za = pick(random, 0, 255);
  p.zb = pick(random, 0, 255);
  p.z = pick(random, 0, 255);
  p.sa = std::ldexp(static_cast<float>(pick(random, 1 << 20, 1 << 21)), pick(random, -45, -15));
  p.sb = std::ldexp(static_cast<float>(pick(random, 1 << 20, 1 << 21)), pick(random, -45, -15));
  if (pick(random, 0, 3) == 0) p.sa = p.sb = 0.5f;  // ties
  if (pick(random, 0, 9) == 0) p.sa = 1e38f;        // overflow saturates
  if (pick(random, 0, 3) != 0) return;
  p.lo = pick(random, 0, 128);
  p.hi = pick(random, p.lo, 255);
}

void fill(Random& random, std::vector<uint8_t>& codes) {
  const int kind = pick(random, 0, 4);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 255 : random());
}

Problem draw(Random& random) {
  Problem problem;
  BinaryParams& p = problem.params;
  p.kind = kKinds[pick(random, 0, 4)];
  for (int32_t& extent : p.extent) extent = pick(random, 0, 2) == 0 ? 1 : pick(random, 1, 6);
  if (pick(random, 0, 1) == 0) p.extent[3] = pick(random, 1, 150);
  p.out_stride = p.extent[3] + (pick(random, 0, 2) == 0 ? pick(random, 1, 5) : 0);
  problem.a.resize(static_cast<std::size_t>(draw_strides(random, p.extent, p.a_stride)));
  problem.b.resize(static_cast<std::size_t>(draw_strides(random, p.extent, p.b_stride)));
  fill(random, problem.a);
  fill(random, problem.b);
  draw_numbers(random, p);
  return problem;
}

std::vector<uint8_t> run(const Kernel<BinaryParams>& kernel, const Problem& problem, Random& random) {
  const BinaryParams& p = problem.params;
  GuardedBytes a(problem.a.size(), pick(random, 0, 1) == 0), b(problem.b.size(), pick(random, 0, 1) == 0);
  std::copy(problem.a.begin(), problem.a.end(), a.codes());
  std::copy(problem.b.begin(), problem.b.end(), b.codes());
  const auto lines = static_cast<std::size_t>(p.extent[0]) * p.extent[1] * p.extent[2];
  GuardedBytes dst((lines - 1) * p.out_stride + p.extent[3], pick(random, 0, 1) == 0);
  std::fill_n(dst.codes(), dst.size(), uint8_t{0xA5});
  KernelArgs args;
  args.src[0] = a.data();
  args.src[1] = b.data();
  args.dst = dst.data();
  for (int row = 0; row < p.work().rows;) {
    const int end = pick(random, row + 1, p.work().rows);
    kernel.run(p, args, {row, end, 0, 1});
    row = end;
  }
  return {dst.codes(), dst.codes() + dst.size()};
}

void expect_equal_kernels(const Problem& problem, uint32_t seed) {
  Random random(seed);
  const auto table = kernel_table<BinaryParams>();
  const std::vector<uint8_t> expected = run(table.back(), problem, random);
  for (const Kernel<BinaryParams>& kernel : table) {
    if (kernel.isa > detected_isa()) continue;
    if (kernel.accepts != nullptr) {
      ASSERT_TRUE(kernel.accepts(problem.params)) << kernel.name << ", seed " << seed;
    }
    ASSERT_TRUE(run(kernel, problem, random) == expected)
        << kernel.name << ", kind " << static_cast<int>(problem.params.kind) << ", seed " << seed;
  }
}

// N5.1, N5.2, N5.3
TEST(BinaryKernels, EqualTheReferenceOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 3000; ++seed) {
    Random random(seed);
    expect_equal_kernels(draw(random), seed);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// Every pair of codes, with many zero points and scales.
Problem all_pairs(BinaryKind kind) {
  Problem problem;
  problem.params.kind = kind;
  problem.params.extent = {1, 4, 64, 256};
  problem.params.a_stride = {0, 64, 1, 0};
  problem.params.b_stride = {0, 0, 0, 1};
  problem.params.out_stride = 256;
  for (int i = 0; i < 256; ++i) problem.a.push_back(static_cast<uint8_t>(i));
  problem.b = problem.a;
  return problem;
}

// N5.1, N5.2, N5.3
TEST(BinaryKernels, EqualTheReferenceOnEveryPairOfCodes) {
  for (BinaryKind kind : kKinds)
    for (uint32_t seed = 1; seed <= 20; ++seed) {
      Random random(seed);
      Problem problem = all_pairs(kind);
      draw_numbers(random, problem.params);
      expect_equal_kernels(problem, seed);
      if (testing::Test::HasFatalFailure()) return;
    }
}

int sat(double x) { return static_cast<int>(std::min(std::max(x, 0.0), 255.0)); }

// The clauses in arithmetic of their own: 64-bit floor for the shift, double for what is exact in it.
int by_the_clause(const BinaryParams& p, int a, int b) {
  switch (p.kind) {
    case BinaryKind::kAddInteger: {
      const int64_t sum = int64_t{a} * p.ma + int64_t{b} * p.mb + p.c;
      return sat(std::floor(static_cast<double>(sum) / std::ldexp(1.0, p.shift)));
    }
    case BinaryKind::kAddFloat: {
      const auto x = static_cast<float>(double(a - p.za) * double(p.sa));
      const auto y = static_cast<float>(double(b - p.zb) * double(p.sb));
      return sat(double(std::nearbyint(static_cast<float>(double(x) + double(y)))) + p.z);
    }
    case BinaryKind::kMul:
      return sat(double(std::nearbyint(static_cast<float>(double((a - p.za) * (b - p.zb)) * double(p.sa)))) + p.z);
    case BinaryKind::kMin: return std::min(a, b);
    case BinaryKind::kMax: return std::max(a, b);
  }
  return -1;
}

// N5.1, N5.2, N5.3
TEST(BinaryReference, FollowsTheClausesOnEveryPairOfCodes) {
  for (BinaryKind kind : kKinds)
    for (uint32_t seed = 1; seed <= 10; ++seed) {
      Random random(seed);
      Problem problem = all_pairs(kind);
      draw_numbers(random, problem.params);
      problem.params.lo = 0;
      problem.params.hi = 255;
      const std::vector<uint8_t> out = run(kernel_table<BinaryParams>().back(), problem, random);
      for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b)
          ASSERT_EQ(out[static_cast<std::size_t>(a * 256 + b)], by_the_clause(problem.params, a, b))
              << "kind " << static_cast<int>(kind) << ", codes " << a << ", " << b << ", seed " << seed;
    }
}

}  // namespace
}  // namespace graupel
