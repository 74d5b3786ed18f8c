// Resize kernels against naive loops, all bits, on random problems.
#include "kernels/resize/resize.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

template <class Params>
struct Problem {
  Params params;
  std::vector<uint8_t> src;
  std::vector<int32_t> constants;  ///< rows, then columns

  uint8_t code(int y, int x, int c) const {
    return src[static_cast<std::size_t>((y * params.in.w + x) * params.in.pixel_stride + c)];
  }
  int32_t row(int i) const { return constants[params.rows.offset / 4 + static_cast<uint32_t>(i)]; }
  int32_t column(int i) const { return constants[params.columns.offset / 4 + static_cast<uint32_t>(i)]; }
};

template <class Params, class Fill>
Problem<Params> random_problem(std::mt19937& random, uint32_t entry, Fill fill) {
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Problem<Params> problem;
  Params& p = problem.params;
  p.in = {pick(1, 9), pick(1, 9), pick(1, 200), 0};
  p.in.pixel_stride = p.in.c + pick(0, 20);
  p.out = {pick(1, 12), pick(1, 12), p.in.c, p.in.c + pick(0, 20)};
  problem.src.resize(static_cast<std::size_t>(p.in.h * p.in.w * p.in.pixel_stride));
  for (uint8_t& code : problem.src) code = static_cast<uint8_t>(pick(0, 255));
  for (int y = 0; y < p.out.h; ++y) fill(problem.constants, p.in.h);
  for (int x = 0; x < p.out.w; ++x) fill(problem.constants, p.in.w);
  const auto rows = static_cast<uint32_t>(p.out.h) * entry, columns = static_cast<uint32_t>(p.out.w) * entry;
  p.rows = {0, rows};
  p.columns = {rows, columns};
  return problem;
}

uint8_t oracle(const Problem<NearestParams>& problem, int y, int x, int c) {
  return problem.code(problem.row(y), problem.column(x), c);
}

// N6.2
uint8_t oracle(const Problem<BilinearParams>& problem, int y, int x, int c) {
  int64_t sum = 1 << 21;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      sum += int64_t{problem.code(problem.row(4 * y + i), problem.column(4 * x + j), c)} * problem.row(4 * y + 2 + i) *
             problem.column(4 * x + 2 + j);
  return static_cast<uint8_t>(sum >> 22);
}

template <class Params>
void expect_all_rows_equal_the_oracle(const Problem<Params>& problem) {
  const Params& p = problem.params;
  std::vector<uint8_t> expected(static_cast<std::size_t>(p.out.h * p.out.w * p.out.pixel_stride), 0xA5);
  for (int y = 0; y < p.out.h; ++y)
    for (int x = 0; x < p.out.w; ++x)
      for (int c = 0; c < p.out.c; ++c)
        expected[static_cast<std::size_t>((y * p.out.w + x) * p.out.pixel_stride + c)] = oracle(problem, y, x, c);
  for (const auto& kernel : kernel_table<Params>()) {
    if (kernel.isa > detected_isa()) continue;
    std::vector<uint8_t> dst(expected.size(), 0xA5);
    KernelArgs args;
    args.src[0] = reinterpret_cast<const std::byte*>(problem.src.data());
    args.dst = reinterpret_cast<std::byte*>(dst.data());
    args.constants = reinterpret_cast<const std::byte*>(problem.constants.data());
    kernel.run(p, args, {p.out.h / 2, p.out.h, 0, 1});
    kernel.run(p, args, {0, p.out.h / 2, 0, 1});
    ASSERT_EQ(dst, expected) << kernel.name;
  }
}

TEST(NearestKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    expect_all_rows_equal_the_oracle(
        random_problem<NearestParams>(random, 4, [&](std::vector<int32_t>& table, int extent) {
          table.push_back(static_cast<int32_t>(random() % static_cast<uint32_t>(extent)));
        }));
    if (HasFatalFailure()) return;
  }
}

TEST(BilinearKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    expect_all_rows_equal_the_oracle(
        random_problem<BilinearParams>(random, 16, [&](std::vector<int32_t>& table, int extent) {
          const auto low = static_cast<int32_t>(random() % static_cast<uint32_t>(extent));
          const auto high = static_cast<int32_t>(random() % 2049);
          table.insert(table.end(), {low, std::min(low + 1, extent - 1), 2048 - high, high});
        }));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace graupel
