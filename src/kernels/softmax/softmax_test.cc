// Softmax kernels against the steps of N7.1 written out in 64-bit integers and single floats.
#include "kernels/softmax/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

struct Problem {
  SoftmaxParams params;
  std::vector<uint8_t> src;
  std::vector<uint32_t> table;
};

Problem random_problem(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Problem problem;
  problem.params = {pick(1, 40), pick(1, 90), seed % 2 == 0 ? 1 : pick(1, 200), {0, 1024}};
  if (seed % 4 == 0) problem.params.n = 16;
  const int spread = seed % 5 == 0 ? 0 : 255;
  const auto& p = problem.params;
  problem.src.resize(static_cast<std::size_t>(p.outer * p.n * p.inner));
  for (uint8_t& code : problem.src) code = static_cast<uint8_t>(pick(0, spread));
  const double scale = pick(1, 200) / 1000.0;
  for (int d = 0; d < 256; ++d)
    problem.table.push_back(static_cast<uint32_t>(std::nearbyint(0x1p20 * std::exp(-d * scale))));
  return problem;
}

// N7.1
std::vector<uint8_t> oracle(const Problem& problem) {
  const SoftmaxParams& p = problem.params;
  std::vector<uint8_t> dst(problem.src.size());
  for (int o = 0; o < p.outer; ++o)
    for (int i = 0; i < p.inner; ++i) {
      const auto index = [&](int k) { return static_cast<std::size_t>((o * p.n + k) * p.inner + i); };
      int best = 0;
      for (int k = 0; k < p.n; ++k) best = std::max<int>(best, problem.src[index(k)]);
      const auto e = [&](int k) { return problem.table[static_cast<std::size_t>(best - problem.src[index(k)])]; };
      uint64_t sum = 0;
      for (int k = 0; k < p.n; ++k) sum += e(k);
      const float inverse = 255.0f / static_cast<float>(sum);
      for (int k = 0; k < p.n; ++k)
        dst[index(k)] = static_cast<uint8_t>(std::nearbyint(static_cast<float>(e(k)) * inverse));
    }
  return dst;
}

TEST(SoftmaxKernels, EqualTheClauseOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Problem problem = random_problem(seed);
    const std::vector<uint8_t> expected = oracle(problem);
    for (const auto& kernel : kernel_table<SoftmaxParams>()) {
      if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(problem.params))) continue;
      std::vector<uint8_t> dst(expected.size());
      KernelArgs args;
      args.src[0] = reinterpret_cast<const std::byte*>(problem.src.data());
      args.dst = reinterpret_cast<std::byte*>(dst.data());
      args.constants = reinterpret_cast<const std::byte*>(problem.table.data());
      const Work work = problem.params.work();
      const int half = work.rows / 2, cut = work.blocks / 2;
      kernel.run(problem.params, args, {half, work.rows, 0, work.blocks});
      kernel.run(problem.params, args, {0, half, cut, work.blocks});
      kernel.run(problem.params, args, {0, half, 0, cut});
      ASSERT_EQ(dst, expected) << kernel.name;
    }
  }
}

TEST(SoftmaxKernels, SumMoreThanFourThousandEqualTermsExactly) {
  Problem problem;
  problem.params = {1, 5000, 1, {0, 1024}};
  problem.src.assign(5000, 77);
  problem.table.assign(256, 1u << 20);
  EXPECT_EQ(oracle(problem)[0], 0);
  std::vector<uint8_t> dst(5000, 1);
  KernelArgs args;
  args.src[0] = reinterpret_cast<const std::byte*>(problem.src.data());
  args.dst = reinterpret_cast<std::byte*>(dst.data());
  args.constants = reinterpret_cast<const std::byte*>(problem.table.data());
  pick_kernel(problem.params, detected_isa()).run(problem.params, args, {});
  EXPECT_EQ(dst, oracle(problem));
}

}  // namespace
}  // namespace graupel
