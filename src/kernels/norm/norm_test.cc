// Normalization kernels against the steps of N7.2 written out over 64-bit integers and single floats.
#include "kernels/norm/norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

struct Problem {
  NormParams params;
  std::vector<uint16_t> src;  ///< codes, whatever their type
  std::vector<float> constants;
};

template <class T>
std::vector<std::byte> bytes_of(const std::vector<uint16_t>& codes) {
  const std::vector<T> narrow(codes.begin(), codes.end());
  std::vector<std::byte> bytes(narrow.size() * sizeof(T));
  std::memcpy(bytes.data(), narrow.data(), bytes.size());
  return bytes;
}

std::vector<std::byte> bytes_of(const std::vector<uint16_t>& codes, DType element) {
  return element == DType::kU8 ? bytes_of<uint8_t>(codes) : bytes_of<uint16_t>(codes);
}

Problem random_problem(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Problem problem;
  NormParams& p = problem.params;
  p.outer = pick(1, 5);
  p.rows = seed % 3 == 0 ? pick(2, 50) : 1;
  p.groups = seed % 2 == 0 ? 1 : pick(1, 20);
  p.channels = seed % 5 == 1 ? 1 : pick(1, 130);
  const int width = p.groups * p.channels;
  p.in_stride = width + (seed % 4 == 0 ? pick(1, 9) : 0);
  p.out_stride = width + (seed % 7 == 0 ? pick(1, 9) : 0);
  p.centred = pick(0, 2) > 0;
  p.in_element = pick(0, 2) == 0 ? DType::kU16 : DType::kU8;
  p.out_element = pick(0, 2) == 0 ? DType::kU16 : DType::kU8;
  const int most = most_code(p.in_element);
  p.in_zero_point = pick(0, most);
  p.zero_point = pick(0, most_code(p.out_element));
  p.epsilon = static_cast<float>(pick(1, 1000)) / 7.0f;
  const bool constant = seed % 11 == 0;
  problem.src.resize(static_cast<std::size_t>(p.outer * p.rows * p.in_stride));
  const int middle = pick(0, most);
  for (uint16_t& code : problem.src) code = static_cast<uint16_t>(constant ? middle : pick(0, most));
  const auto count = static_cast<std::size_t>(width);
  problem.constants.resize(128 * (count / 32 + 1));
  for (float& value : problem.constants) value = static_cast<float>(pick(-4000, 4000)) / 97.0f;
  p.scale = {0, static_cast<uint32_t>(count * sizeof(float))};
  p.shift = {static_cast<uint32_t>(256 * (count / 64 + 1)), static_cast<uint32_t>(count * sizeof(float))};
  return problem;
}

// N7.2
int32_t expected_code(const NormParams& p, int64_t x, int64_t s1, int64_t s2, int64_t centred_squares, float scale,
                      float shift) {
  const int64_t n = int64_t{p.rows} * p.channels;
  const int64_t v = p.centred ? n * s2 - s1 * s1 : centred_squares;
  const int64_t d = p.centred ? n * x - s1 : x - p.in_zero_point;
  volatile float sum = static_cast<float>(v) + p.epsilon;
  volatile float root = std::sqrt(sum);
  volatile float r = 1.0f / root;
  volatile float y = static_cast<float>(d) * r;
  y = y * scale;
  y = y + shift;
  const double code = std::nearbyint(static_cast<double>(y)) + p.zero_point;
  return static_cast<int32_t>(std::clamp(code, 0.0, static_cast<double>(most_code(p.out_element))));
}

std::vector<uint16_t> oracle(const Problem& problem) {
  const NormParams& p = problem.params;
  std::vector<uint16_t> dst(static_cast<std::size_t>(p.outer * p.rows * p.out_stride), 7);
  const auto at = [](int64_t row, int64_t stride, int64_t i) { return static_cast<std::size_t>(row * stride + i); };
  for (int64_t o = 0; o < p.outer; ++o)
    for (int64_t g = 0; g < p.groups; ++g) {
      int64_t s1 = 0, s2 = 0, squares = 0;
      const auto each = [&](auto visit) {
        for (int64_t r = o * p.rows; r < (o + 1) * p.rows; ++r)
          for (int64_t c = g * p.channels; c < (g + 1) * p.channels; ++c)
            visit(r, c, int64_t{problem.src[at(r, p.in_stride, c)]});
      };
      each([&](int64_t, int64_t, int64_t x) {
        s1 += x;
        s2 += x * x;
        squares += (x - p.in_zero_point) * (x - p.in_zero_point);
      });
      each([&](int64_t r, int64_t c, int64_t x) {
        const float scale = problem.constants[static_cast<std::size_t>(c)];
        const float shift = problem.constants[p.shift.offset / sizeof(float) + static_cast<std::size_t>(c)];
        dst[at(r, p.out_stride, c)] = static_cast<uint16_t>(expected_code(p, x, s1, s2, squares, scale, shift));
      });
    }
  return dst;
}

void expect_all_rows_equal_the_oracle(const Problem& problem) {
  const NormParams& p = problem.params;
  const std::vector<std::byte> src = bytes_of(problem.src, p.in_element);
  const std::vector<uint16_t> codes = oracle(problem);
  const std::vector<std::byte> expected = bytes_of(codes, p.out_element);
  for (const auto& kernel : kernel_table<NormParams>()) {
    if (kernel.isa > detected_isa()) continue;
    std::vector<std::byte> dst = bytes_of(std::vector<uint16_t>(codes.size(), 7), p.out_element);
    KernelArgs args;
    args.src[0] = src.data();
    args.dst = dst.data();
    args.constants = reinterpret_cast<const std::byte*>(problem.constants.data());
    const Work work = p.work();
    for (int o = 0; o < work.rows; ++o) {
      kernel.run(p, args, {o, o + 1, work.blocks / 2, work.blocks});
      kernel.run(p, args, {o, o + 1, 0, work.blocks / 2});
    }
    ASSERT_EQ(dst, expected) << kernel.name << " of " << p.outer << "x" << p.rows << "x" << p.groups << "x"
                             << p.channels;
  }
}

// N7.2
TEST(NormKernels, EqualTheClauseOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    expect_all_rows_equal_the_oracle(random_problem(seed));
    if (HasFatalFailure()) return;
  }
}

// N7.2, N8.4: the longest runs whose sums stay exact.
TEST(NormKernels, SumTheLargestAllowedRunsExactly) {
  for (const DType element : {DType::kU8, DType::kU16}) {
    Problem problem;
    NormParams& p = problem.params;
    p.in_element = element;
    p.channels = p.in_stride = p.out_stride = element == DType::kU8 ? 1 << 23 : 32767;
    p.epsilon = 1;
    const auto n = static_cast<std::size_t>(p.channels);
    problem.src.assign(n, static_cast<uint16_t>(most_code(element)));
    for (std::size_t i = 0; i < n; i += 3) problem.src[i] = 0;
    problem.constants.assign(2 * (n + 64), 20.0f);
    p.scale = {0, static_cast<uint32_t>(n * sizeof(float))};
    p.shift = {static_cast<uint32_t>((n + 63) / 64 * 64 * sizeof(float)), static_cast<uint32_t>(n * sizeof(float))};
    expect_all_rows_equal_the_oracle(problem);
  }
}

}  // namespace
}  // namespace graupel
