// Float convolutions: every kernel has the reference's bits (N10.1), and the reference is a convolution.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/float/float.h"

namespace graupel {
namespace {

using Random = std::mt19937;

int32_t pick(Random& rng, int32_t low, int32_t high) { return low + int32_t(rng() % uint32_t(high - low + 1)); }

// 64-byte aligned floats, as a session hands them out.
class Floats {
 public:
  explicit Floats(std::size_t count, float fill = 0) : storage_(count + 32, fill) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    data_ = storage_.data() + (64 - address % 64) % 64 / sizeof(float);
    size_ = count;
  }
  Floats(const Floats& other) : Floats(other.size_) { std::memcpy(data_, other.data_, size_ * sizeof(float)); }
  Floats& operator=(const Floats&) = delete;
  float* data() { return data_; }
  const float* data() const { return data_; }
  std::size_t size() const { return size_; }
  float operator[](std::size_t i) const { return data_[i]; }
  float& operator[](std::size_t i) { return data_[i]; }

 private:
  std::vector<float> storage_;
  float* data_ = nullptr;
  std::size_t size_ = 0;
};

Floats random_floats(Random& rng, std::size_t count) {
  Floats floats(count);
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < count; ++i) floats[i] = rng() % 16 == 0 ? (rng() % 2 == 0 ? 0.0f : -0.0f) : normal(rng);
  return floats;
}

std::size_t image_size(const View& view) {
  return std::size_t(view.h) * std::size_t(view.w) * std::size_t(view.pixel_stride);
}

struct Problem {
  ConvF32Params params;
  Floats src, weights, bias, residual, dst;

  static Problem random(Random& rng);
  Floats run(const ConvF32Kernel& kernel, const std::vector<Tile>& tiles) const;
};

std::string describe(const ConvF32Params& p) {
  const Window2d& w = p.window;
  std::ostringstream out;
  out << "in " << p.in.h << "x" << p.in.w << "x" << p.in.c << "/" << p.in.pixel_stride << " out " << p.out.h << "x"
      << p.out.w << "x" << p.out.c << "/" << p.out.pixel_stride << " kernel " << w.kernel_h << "x" << w.kernel_w
      << " stride " << w.stride_h << "x" << w.stride_w << " dilation " << w.dilation_h << "x" << w.dilation_w << " pad "
      << w.pad_top << "," << w.pad_left << " groups " << p.groups << " residual " << p.residual;
  return out.str();
}

ConvF32Params random_params(Random& rng) {
  ConvF32Params p;
  Window2d& w = p.window;
  const int32_t style = pick(rng, 0, 3);  // plain, 1x1, grouped, depthwise
  w.kernel_h = style == 1 ? 1 : pick(rng, 1, 4);
  w.kernel_w = style == 1 ? 1 : pick(rng, 1, 4);
  w.stride_h = pick(rng, 1, 3), w.stride_w = pick(rng, 1, 3);
  if (pick(rng, 0, 1) == 0) w.stride_h = w.stride_w = 1;
  if (pick(rng, 0, 2) == 0) w.dilation_h = pick(rng, 1, 3), w.dilation_w = pick(rng, 1, 3);
  const int32_t reach_h = (w.kernel_h - 1) * w.dilation_h + 1, reach_w = (w.kernel_w - 1) * w.dilation_w + 1;
  if (pick(rng, 0, 3) != 0) w.pad_top = pick(rng, 0, reach_h), w.pad_left = pick(rng, 0, reach_w);
  p.out.h = pick(rng, 1, 7), p.out.w = pick(rng, 1, 27);
  // The image may end before the last window does (trailing padding) or go on after it.
  p.in.h = std::max(1, (p.out.h - 1) * w.stride_h + reach_h - w.pad_top - pick(rng, -1, reach_h - 1));
  p.in.w = std::max(1, (p.out.w - 1) * w.stride_w + reach_w - w.pad_left - pick(rng, -1, reach_w - 1));
  if (style == 2) p.groups = pick(rng, 2, 5);
  if (style == 3) p.groups = pick(rng, 1, 150);
  p.in.c = p.groups * (style == 3 ? 1 : pick(rng, 1, pick(rng, 0, 3) == 0 ? 260 : 20));
  p.out.c = p.groups * (style == 3 ? pick(rng, 0, 3) == 0 ? 2 : 1 : pick(rng, 1, style == 2 ? 40 : 150));
  p.in.pixel_stride = p.in.c + (pick(rng, 0, 2) == 0 ? pick(rng, 1, 9) : 0);
  p.out.pixel_stride = p.out.c + (pick(rng, 0, 2) == 0 ? pick(rng, 1, 9) : 0);
  p.residual = pick(rng, 0, 1) == 1;
  if (pick(rng, 0, 1) == 1) p.lo = 0;
  if (pick(rng, 0, 2) == 0) p.hi = 1.5f;
  return p;
}

Problem Problem::random(Random& rng) {
  const ConvF32Params p = random_params(rng);
  const std::size_t taps = std::size_t(p.window.kernel_h) * std::size_t(p.window.kernel_w);
  const std::size_t depth = taps * std::size_t(p.in.c / p.groups);
  return {p,
          random_floats(rng, image_size(p.in)),
          random_floats(rng, depth * std::size_t(p.out.c)),
          random_floats(rng, std::size_t(p.out.c)),
          random_floats(rng, image_size(p.out)),
          random_floats(rng, image_size(p.out))};
}

Floats Problem::run(const ConvF32Kernel& kernel, const std::vector<Tile>& tiles) const {
  const float garbage = std::numeric_limits<float>::quiet_NaN();
  Floats result = dst;
  Floats packed(kernel.packed_bytes == nullptr ? 0 : kernel.packed_bytes(params) / sizeof(float), garbage);
  if (kernel.pack != nullptr) kernel.pack(params, weights.data(), packed.data());
  Floats scratch(kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(params) / sizeof(float), garbage);
  ConvF32Args args{src.data(),      weights.data(), kernel.pack == nullptr ? nullptr : packed.data(), bias.data(),
                   residual.data(), result.data(),  reinterpret_cast<std::byte*>(scratch.data())};
  for (const Tile& tile : tiles) kernel.run(params, args, tile);
  return result;
}

std::vector<Tile> whole(const Work& work) { return {{0, work.rows, 0, work.blocks}}; }

std::vector<Tile> random_split(Random& rng, const Work& work) {
  std::vector<Tile> tiles;
  for (int32_t block = 0; block < work.blocks;) {
    const int32_t block_end = pick(rng, block + 1, work.blocks);
    for (int32_t row = 0; row < work.rows;) {
      const int32_t row_end = pick(rng, row + 1, work.rows);
      tiles.push_back({row, row_end, block, block_end});
      row = row_end;
    }
    block = block_end;
  }
  std::shuffle(tiles.begin(), tiles.end(), rng);
  return tiles;
}

bool same_bits(const Floats& a, const Floats& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// N10.1: one FMA per step, K strictly sequential; so a kernel, a split and an ISA cannot show in the bits.
TEST(ConvF32Kernels, EqualTheReferenceOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    Random rng(seed);
    const Problem problem = Problem::random(rng);
    const Work work = problem.params.work();
    const Floats expected = problem.run(conv_f32_kernels().back(), whole(work));
    for (const ConvF32Kernel& kernel : conv_f32_kernels()) {
      if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(problem.params))) continue;
      ASSERT_TRUE(same_bits(expected, problem.run(kernel, whole(work))))
          << kernel.name << ", seed " << seed << ": " << describe(problem.params);
      ASSERT_TRUE(same_bits(expected, problem.run(kernel, random_split(rng, work))))
          << kernel.name << " in tiles, seed " << seed << ": " << describe(problem.params);
    }
  }
}

// N10.1: row groups, K chunks and the flat form of 1x1 need images larger than the random ones.
TEST(ConvF32Kernels, EqualTheReferenceWhenAnImageNeedsSeveralRowGroups) {
  for (const auto& [size, channels, kernel_size] : {std::array{90, 97, 1}, std::array{70, 99, 3}}) {
    Random rng(7);
    ConvF32Params p;
    p.in = {size, size, channels, channels};
    p.out = {size, size, 21, 21};
    p.window = {kernel_size, kernel_size, 1, 1, 1, 1, kernel_size / 2, kernel_size / 2};
    const Problem problem{p,
                          random_floats(rng, image_size(p.in)),
                          random_floats(rng, std::size_t(kernel_size * kernel_size * channels * 21)),
                          random_floats(rng, 21),
                          Floats(0),
                          Floats(image_size(p.out))};
    const Floats expected = problem.run(conv_f32_kernels().back(), whole(p.work()));
    for (const ConvF32Kernel& kernel : conv_f32_kernels()) {
      if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(p))) continue;
      EXPECT_TRUE(same_bits(expected, problem.run(kernel, whole(p.work())))) << kernel.name << ": " << describe(p);
    }
  }
}

// Sums in double, in another order, with the zero padding left out.
void naive(const Problem& problem, int32_t y, int32_t x, int32_t o, double& sum, double& magnitude) {
  const ConvF32Params& p = problem.params;
  const int32_t group_in = p.in.c / p.groups, group = o / (p.out.c / p.groups);
  sum = magnitude = 0;
  for (int32_t i = group_in - 1; i >= 0; --i)
    for (int32_t kx = 0; kx < p.window.kernel_w; ++kx)
      for (int32_t ky = 0; ky < p.window.kernel_h; ++ky) {
        const int32_t iy = y * p.window.stride_h + ky * p.window.dilation_h - p.window.pad_top;
        const int32_t ix = x * p.window.stride_w + kx * p.window.dilation_w - p.window.pad_left;
        if (iy < 0 || ix < 0 || iy >= p.in.h || ix >= p.in.w) continue;
        const double a = problem.src[std::size_t((iy * p.in.w + ix) * p.in.pixel_stride + group * group_in + i)];
        const double b = problem.weights[std::size_t(((ky * p.window.kernel_w + kx) * group_in + i) * p.out.c + o)];
        sum += a * b;
        magnitude += std::fabs(a * b);
      }
  const double bias = problem.bias[std::size_t(o)];
  sum += bias;
  magnitude += std::fabs(bias);
}

TEST(ConvF32Reference, IsAConvolutionWithinFloatRounding) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    Random rng(seed);
    const Problem problem = Problem::random(rng);
    const ConvF32Params& p = problem.params;
    const Floats result = problem.run(conv_f32_kernels().back(), whole(p.work()));
    const double depth = double(p.window.kernel_h) * p.window.kernel_w * (p.in.c / p.groups);
    for (int32_t y = 0; y < p.out.h; ++y)
      for (int32_t x = 0; x < p.out.w; ++x) {
        const std::size_t pixel = std::size_t((y * p.out.w + x) * p.out.pixel_stride);
        for (int32_t o = 0; o < p.out.c; ++o) {
          double sum, magnitude;
          naive(problem, y, x, o, sum, magnitude);
          const std::size_t at = pixel + std::size_t(o);
          if (p.residual) sum += problem.residual[at], magnitude += std::fabs(problem.residual[at]);
          sum = std::min(std::max(sum, double(p.lo)), double(p.hi));
          ASSERT_NEAR(result[at], sum, (depth + 2) * magnitude * 0x1p-24) << "seed " << seed << ": " << describe(p);
        }
        for (int32_t o = p.out.c; o < p.out.pixel_stride; ++o)
          ASSERT_EQ(result[pixel + std::size_t(o)], problem.dst[pixel + std::size_t(o)])
              << "between pixels, " << describe(p);
      }
  }
}

TEST(ConvF32Kernels, AreChosenByIsaAndShape) {
  ConvF32Params dense;
  dense.in.c = dense.out.c = 32;
  ConvF32Params depthwise = dense;
  depthwise.groups = 32;
  EXPECT_EQ(pick_conv_f32(dense, Isa::kRef).name, "conv_f32_ref");
  EXPECT_EQ(pick_conv_f32(depthwise, Isa::kRef).name, "conv_f32_ref");
#if defined(__x86_64__)
  EXPECT_EQ(pick_conv_f32(dense, Isa::kAvx2).name, "conv_f32_avx2");
  EXPECT_EQ(pick_conv_f32(dense, Isa::kAvx512).name, "conv_f32_avx512");
  EXPECT_EQ(pick_conv_f32(depthwise, Isa::kAvx512).name, "depthwise_f32_avx512");
#endif
}

}  // namespace
}  // namespace graupel
