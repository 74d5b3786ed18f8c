// Every copy and fill kernel against the reference, and the reference against index arithmetic.
#include "kernels/copy/copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
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
  CopyParams params;
  int src_size = 0, dst_size = 0;
};

// Lays the extents out in the order `order` (innermost first), with gaps now and then; returns the size.
int lay_out(Random& random, const std::array<int32_t, 6>& extent, std::array<std::size_t, 6> order,
            std::array<int32_t, 6>& stride) {
  int size = 1;
  for (std::size_t d : order) {
    if (pick(random, 0, 7) == 0) size += pick(random, 1, 3);
    stride[d] = size;
    size *= extent[d];
  }
  return size;
}

Problem draw(Random& random) {
  Problem problem;
  CopyParams& p = problem.params;
  for (std::size_t d = 0; d < 6; ++d) p.extent[d] = pick(random, 0, 1) == 0 ? 1 : pick(random, 1, 4);
  for (std::size_t d : {4u, 5u})
    if (pick(random, 0, 1) == 0) p.extent[d] = pick(random, 1, 70);
  std::array<std::size_t, 6> order{5, 4, 3, 2, 1, 0};
  if (pick(random, 0, 2) == 0) std::shuffle(order.begin(), order.end(), random);
  problem.dst_size = lay_out(random, p.extent, order, p.dst_stride);
  switch (pick(random, 0, 3)) {
    case 0: std::shuffle(order.begin(), order.end(), random); break;
    case 1: std::swap(order[0], order[1]); break;
    default: break;
  }
  problem.src_size = lay_out(random, p.extent, order, p.src_stride);
  for (std::size_t d = 0; d < 6; ++d) {
    if (pick(random, 0, 9) != 0) continue;
    p.src_offset += (p.extent[d] - 1) * p.src_stride[d];
    p.src_stride[d] = -p.src_stride[d];
  }
  p.dst_offset = pick(random, 0, 1) * pick(random, 0, 5);
  problem.dst_size += p.dst_offset;
  return problem;
}

template <class Params>
std::vector<uint8_t> run(const Kernel<Params>& kernel, const Params& params, int src_size, int dst_size,
                         Random& random) {
  GuardedBytes src(static_cast<std::size_t>(src_size), pick(random, 0, 1) == 0);
  for (int i = 0; i < src_size; ++i) src.codes()[i] = static_cast<uint8_t>(i * 31 + i / 256);
  GuardedBytes dst(static_cast<std::size_t>(dst_size), pick(random, 0, 1) == 0);
  std::fill_n(dst.codes(), dst.size(), uint8_t{0xA5});
  KernelArgs args;
  args.src[0] = src.data();
  args.dst = dst.data();
  for (int row = 0; row < params.work().rows;) {
    const int end = pick(random, row + 1, params.work().rows);
    kernel.run(params, args, {row, end, 0, 1});
    row = end;
  }
  return {dst.codes(), dst.codes() + dst.size()};
}

// N5.3
TEST(CopyKernels, EqualTheReferenceOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 2000; ++seed) {
    Random random(seed);
    const Problem problem = draw(random);
    const auto table = kernel_table<CopyParams>();
    const auto expected = run(table.back(), problem.params, problem.src_size, problem.dst_size, random);
    for (const Kernel<CopyParams>& kernel : table) {
      if (kernel.isa > detected_isa()) continue;
      ASSERT_TRUE(run(kernel, problem.params, problem.src_size, problem.dst_size, random) == expected)
          << kernel.name << ", seed " << seed;
    }
  }
}

// N5.3: element (i, j) of an image's two inner extents changes places with (j, i), at sizes around the 16 x 16 squares.
TEST(CopyKernels, TransposePlanes) {
  for (const auto& [lines, columns] : {std::pair{16, 16}, {32, 48}, {17, 31}, {3, 100}, {85, 484}, {1, 5}}) {
    CopyParams params;
    params.extent = {1, 1, 1, 1, lines, columns};
    params.src_stride = {0, 0, 0, 0, 1, lines};
    params.dst_stride = {0, 0, 0, 0, columns, 1};
    Random random(3);
    for (const Kernel<CopyParams>& kernel : kernel_table<CopyParams>()) {
      if (kernel.isa > detected_isa()) continue;
      const auto out = run(kernel, params, lines * columns, lines * columns, random);
      for (int i = 0; i < lines; ++i)
        for (int j = 0; j < columns; ++j) {
          const int from = j * lines + i;
          ASSERT_EQ(out[static_cast<std::size_t>(i * columns + j)], static_cast<uint8_t>(from * 31 + from / 256))
              << kernel.name << " at " << i << ", " << j;
        }
    }
  }
}

// N5.3: a negative source stride reverses.
TEST(CopyKernels, ReverseARun) {
  CopyParams params;
  params.extent = {1, 1, 1, 1, 1, 5};
  params.src_stride = {0, 0, 0, 0, 0, -1};
  params.dst_stride = {0, 0, 0, 0, 0, 1};
  params.src_offset = 4;
  Random random(1);
  for (const Kernel<CopyParams>& kernel : kernel_table<CopyParams>()) {
    if (kernel.isa > detected_isa()) continue;
    EXPECT_EQ(run(kernel, params, 5, 5, random), (std::vector<uint8_t>{124, 93, 62, 31, 0})) << kernel.name;
  }
}

// N5.3: what lies between the runs stays.
TEST(FillKernels, EqualTheReferenceOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    FillParams params{pick(random, 1, 9), pick(random, 0, 200), 0, pick(random, 0, 255)};
    params.stride = params.count + pick(random, 0, 4);
    const int size = (params.runs - 1) * params.stride + params.count;
    std::vector<uint8_t> expected(static_cast<std::size_t>(size), 0xA5);
    for (int r = 0; r < params.runs; ++r)
      std::fill_n(expected.begin() + r * params.stride, params.count, static_cast<uint8_t>(params.value));
    for (const Kernel<FillParams>& kernel : kernel_table<FillParams>()) {
      if (kernel.isa > detected_isa()) continue;
      ASSERT_TRUE(run(kernel, params, 0, size, random) == expected) << kernel.name << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace graupel
