// Every look-up kernel against the reference, and the reference against its definition.
#include "kernels/lut/lut.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/guarded_bytes.h"

namespace graupel {
namespace {

using Random = std::mt19937;

int pick(Random& random, int lo, int hi) {
  return lo + static_cast<int>(random() % static_cast<uint32_t>(hi - lo + 1));
}

struct Problem {
  LutParams params;
  std::vector<uint8_t> codes;
  std::vector<std::byte> constants;
};

Problem draw(Random& random) {
  Problem problem;
  LutParams& p = problem.params;
  const int c = pick(random, 0, 3) == 0 ? pick(random, 1, 300) : pick(random, 1, 40);
  p.in = {pick(random, 1, 5), pick(random, 1, 9), c, c + (pick(random, 0, 2) == 0 ? pick(random, 0, 5) : 0)};
  p.out = {p.in.h, p.in.w, c, c + (pick(random, 0, 2) == 0 ? pick(random, 0, 5) : 0)};
  p.tables = pick(random, 0, 2) == 0 ? c : 1;
  p.table = {64, static_cast<uint32_t>(p.tables) * 256};
  problem.constants.resize(p.table.offset + p.table.size);
  for (std::byte& b : problem.constants) b = static_cast<std::byte>(random());
  problem.codes.resize(static_cast<std::size_t>(p.in.h * p.in.w - 1) * p.in.pixel_stride + p.in.c);
  const int kind = pick(random, 0, 3);
  for (uint8_t& code : problem.codes) code = static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 255 : random());
  return problem;
}

// Runs the rows in random tiles; what lies between pixels must stay 0xA5.
std::vector<uint8_t> run(const Kernel<LutParams>& kernel, const Problem& problem, Random& random) {
  const LutParams& p = problem.params;
  GuardedBytes src(problem.codes.size(), pick(random, 0, 1) == 0);
  std::copy(problem.codes.begin(), problem.codes.end(), src.codes());
  GuardedBytes dst(static_cast<std::size_t>(p.out.h * p.out.w - 1) * p.out.pixel_stride + p.out.c);
  std::fill_n(dst.codes(), dst.size(), uint8_t{0xA5});
  KernelArgs args;
  args.src[0] = src.data();
  args.dst = dst.data();
  args.constants = problem.constants.data();
  for (int row = 0; row < p.work().rows;) {
    const int end = pick(random, row + 1, p.work().rows);
    kernel.run(p, args, {row, end, 0, 1});
    row = end;
  }
  return {dst.codes(), dst.codes() + dst.size()};
}

// N3.1
TEST(LutKernels, EqualTheReferenceOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 600; ++seed) {
    Random random(seed);
    const Problem problem = draw(random);
    const std::vector<uint8_t> expected = run(kernel_table<LutParams>().back(), problem, random);
    for (const Kernel<LutParams>& kernel : kernel_table<LutParams>()) {
      if (kernel.isa > detected_isa()) continue;
      ASSERT_TRUE(run(kernel, problem, random) == expected) << kernel.name << ", seed " << seed;
    }
  }
}

// N3.1: every code, with a table that no other entry could stand in for.
TEST(LutKernels, FindEveryEntry) {
  Problem problem;
  problem.params.in = problem.params.out = {1, 3, 256, 256};
  problem.params.table = {0, 256};
  for (int i = 0; i < 768; ++i) problem.codes.push_back(static_cast<uint8_t>(i));
  for (int i = 0; i < 256; ++i) problem.constants.push_back(static_cast<std::byte>(i * 73 + 11));
  Random random(1);
  for (const Kernel<LutParams>& kernel : kernel_table<LutParams>()) {
    if (kernel.isa > detected_isa()) continue;
    const std::vector<uint8_t> out = run(kernel, problem, random);
    for (int i = 0; i < 768; ++i)
      ASSERT_EQ(out[static_cast<std::size_t>(i)], static_cast<uint8_t>(i * 73 + 11)) << kernel.name;
  }
}

// N3.1: channel ch of every pixel goes through table ch.
TEST(LutKernels, UseTheTableOfTheChannel) {
  Problem problem;
  problem.params.in = {2, 2, 3, 4};
  problem.params.out = {2, 2, 3, 3};
  problem.params.tables = 3;
  problem.params.table = {0, 768};
  problem.codes.assign(15, 9);
  problem.constants.assign(768, std::byte{0});
  for (std::size_t ch = 0; ch < 3; ++ch) problem.constants[ch * 256 + 9] = static_cast<std::byte>(ch + 1);
  Random random(1);
  for (const Kernel<LutParams>& kernel : kernel_table<LutParams>()) {
    if (kernel.isa > detected_isa()) continue;
    EXPECT_EQ(run(kernel, problem, random), (std::vector<uint8_t>{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3})) << kernel.name;
  }
}

}  // namespace
}  // namespace graupel
