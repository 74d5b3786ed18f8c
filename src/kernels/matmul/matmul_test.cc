// Matmul kernels against N4.3 written out in 64-bit integers, and every kernel against every other.
#include "kernels/matmul/matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/cpu.h"
#include "kernels/guarded_bytes.h"

namespace graupel {
namespace {

struct Problem {
  MatMulParams params;
  std::vector<uint16_t> a, b;  ///< codes of any type, widened
  std::vector<float> scales;
  std::size_t out_elements = 0;
};

std::size_t elements(const MatMulParams& p, const MatrixView& view, int rows, int columns) {
  int64_t last = int64_t{rows - 1} * view.row + int64_t{columns - 1} * view.column;
  for (std::size_t i = 0; i < 3; ++i) last += int64_t{p.batch[i] - 1} * view.batch[i];
  return static_cast<std::size_t>(last + 1);
}

Problem random_problem(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Problem problem;
  MatMulParams& p = problem.params;
  const int heads = pick(1, 3);
  p.batch = {1, pick(1, 3), heads};
  p.m = pick(1, 60);
  p.k = seed % 3 == 0 ? 4 * pick(1, 20) : pick(1, 70);
  p.n = pick(1, 150);
  // Heads beside each other in every row, or matrix after matrix; rows or columns contiguous.
  const auto view = [&](int rows, int columns, bool by_rows) {
    MatrixView v;
    const int inner = by_rows ? columns : rows, outer = by_rows ? rows : columns;
    const bool interleaved = pick(0, 1) == 1;
    const int pad = pick(0, 1) * 5, stride = (interleaved ? heads : 1) * inner + pad;
    (by_rows ? v.column : v.row) = 1;
    (by_rows ? v.row : v.column) = stride;
    v.batch[2] = interleaved ? inner : outer * stride;
    v.batch[1] = interleaved ? outer * stride : heads * outer * stride;
    return v;
  };
  p.a = view(p.m, p.k, pick(0, 3) != 0);
  p.b = view(p.k, p.n, pick(0, 1) != 0);
  p.out = view(p.m, p.n, true);
  if (seed % 7 == 0) p.b.batch[2] = 0;
  const bool wide = seed % 5 == 0;
  if (wide && pick(0, 1) == 1) p.a.element = DType::kU16;
  if (wide && pick(0, 1) == 1) p.b.element = DType::kU16;
  if (wide && pick(0, 1) == 1) p.out.element = DType::kU16;
  const auto codes = [&](const MatrixView& v, int rows, int columns) {
    std::vector<uint16_t> values(elements(p, v, rows, columns));
    for (uint16_t& value : values) value = static_cast<uint16_t>(pick(0, most_code(v.element)));
    return values;
  };
  problem.a = codes(p.a, p.m, p.k);
  problem.b = codes(p.b, p.k, p.n);
  problem.out_elements = elements(p, p.out, p.m, p.n);
  p.a_zero_point = pick(0, most_code(p.a.element));
  p.b_zero_point = seed % 6 == 0 ? 0 : pick(0, most_code(p.b.element));
  const float unit = static_cast<float>(most_code(p.out.element)) / static_cast<float>(most_code(p.a.element)) /
                     static_cast<float>(most_code(p.b.element)) / static_cast<float>(p.k);
  for (int c = 0; c < p.n; ++c) problem.scales.push_back(unit * static_cast<float>(pick(50, 300)) / 100.0f);
  p.epilogue.scale = {0, static_cast<uint32_t>(problem.scales.size() * sizeof(float))};
  p.epilogue.zero_point = pick(0, most_code(p.out.element));
  p.epilogue.hi = most_code(p.out.element);
  return problem;
}

// N4.3, then N2.1 or N8.3.
std::vector<uint16_t> oracle(const Problem& problem) {
  const MatMulParams& p = problem.params;
  std::vector<uint16_t> out(problem.out_elements);
  for (int x = 0; x < p.batch[0]; ++x)
    for (int y = 0; y < p.batch[1]; ++y)
      for (int z = 0; z < p.batch[2]; ++z)
        for (int i = 0; i < p.m; ++i)
          for (int j = 0; j < p.n; ++j) {
            const auto at = [&](const MatrixView& v, int row, int column) {
              return static_cast<std::size_t>(x * v.batch[0] + y * v.batch[1] + z * v.batch[2] + row * v.row +
                                              column * v.column);
            };
            int64_t acc = 0;
            for (int k = 0; k < p.k; ++k)
              acc += int64_t{problem.a[at(p.a, i, k)] - p.a_zero_point} * (problem.b[at(p.b, k, j)] - p.b_zero_point);
            const float scale = problem.scales[static_cast<std::size_t>(j)];
            const double real = p.wide() ? static_cast<double>(acc) * static_cast<double>(scale)
                                         : static_cast<double>(static_cast<float>(acc) * scale);
            const double code = std::nearbyint(real) + p.epilogue.zero_point;
            out[at(p.out, i, j)] =
                static_cast<uint16_t>(std::min(std::max(code, 0.0), static_cast<double>(p.epilogue.hi)));
          }
  return out;
}

std::size_t bytes_of(const std::vector<uint16_t>& codes, DType element) {
  return codes.size() * static_cast<std::size_t>(code_bytes(element));
}

/// Lays the codes out as they lie in memory.
void store(const std::vector<uint16_t>& codes, DType element, std::byte* bytes) {
  with_codes(element, [&]<class T>(T) {
    T* to = reinterpret_cast<T*>(bytes);
    for (std::size_t i = 0; i < codes.size(); ++i) to[i] = static_cast<T>(codes[i]);
  });
}

TEST(MatMulKernels, EqualTheClauseOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Problem problem = random_problem(seed);
    const MatMulParams& p = problem.params;
    GuardedBytes a(bytes_of(problem.a, p.a.element)), b(bytes_of(problem.b, p.b.element));
    store(problem.a, p.a.element, a.data());
    store(problem.b, p.b.element, b.data());
    const std::vector<uint16_t> codes = oracle(problem);
    std::vector<std::byte> expected(bytes_of(codes, p.out.element));
    store(codes, p.out.element, expected.data());
    int ran = 0;
    for (const auto& kernel : kernel_table<MatMulParams>()) {
      if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(p))) continue;
      std::vector<std::byte> dst(expected.size());
      const std::size_t scratch_bytes = kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(p);
      std::vector<std::byte> scratch(scratch_bytes + 128, std::byte{0xA5});
      KernelArgs args;
      args.src[0] = a.data();
      args.src[1] = b.data();
      args.dst = dst.data();
      args.constants = reinterpret_cast<const std::byte*>(problem.scales.data());
      args.scratch = scratch.data() + 64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64;
      const Work work = p.work();
      const int half = work.rows / 2, cut = work.blocks / 2;
      kernel.run(p, args, {half, work.rows, 0, work.blocks});
      kernel.run(p, args, {0, half, cut, work.blocks});
      kernel.run(p, args, {0, half, 0, cut});
      ASSERT_EQ(dst, expected) << kernel.name;
      EXPECT_TRUE(std::all_of(args.scratch + scratch_bytes, scratch.data() + scratch.size(),
                              [](std::byte byte) { return byte == std::byte{0xA5}; }))
          << kernel.name << " writes behind its scratch";
      ++ran;
    }
    EXPECT_GE(ran, 1);
  }
}

}  // namespace
}  // namespace graupel
