// Random problems for the tests of conv, depthwise and deconv, and the check that all of a family's kernels agree.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "kernels/guarded_bytes.h"
#include "kernels/kernel.h"

namespace graupel {

using Random = std::mt19937;

inline int pick(Random& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
inline bool chance(Random& random, int percent) { return pick(random, 1, 100) <= percent; }

/// What codes and weights look like.
enum class Content { kRandom, kExtreme };

/// Bytes that a strided image of one frame occupies: nothing after the last pixel's last channel.
inline std::size_t image_bytes(const View& view) {
  return ((static_cast<std::size_t>(view.h) * view.w - 1) * view.pixel_stride + view.c) * code_bytes(view.element);
}

/// Parameters with their data. Sources and outputs touch inaccessible pages.
template <class Params>
struct LinearProblem {
  Params params;
  std::vector<std::byte> constants;
  std::unique_ptr<GuardedBytes> source, residual, out;
};

inline void fill_codes(Random& random, Content content, DType element, GuardedBytes& bytes) {
  const int most = most_code(element);
  with_codes(element, [&]<class T>(T) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
      const auto code =
          static_cast<T>(content == Content::kExtreme ? pick(random, 0, 1) * most : pick(random, 0, most));
      std::memcpy(bytes.data() + at, &code, sizeof(T));
    }
  });
}

/// Makes some of the types 16-bit.
template <class Params>
void draw_types(Random& random, Params& params) {
  if (chance(random, 50)) return;
  const auto codes = [&] { return chance(random, 60) ? DType::kU16 : DType::kU8; };
  params.in.element = codes();
  params.out.element = codes();
  params.epilogue.residual_element = codes();
  params.weight = chance(random, 50) ? DType::kS16 : DType::kS8;
}

template <class T>
ConstRef append(std::vector<std::byte>& constants, const std::vector<T>& values) {
  const std::size_t offset = (constants.size() + 63) / 64 * 64, size = values.size() * sizeof(T);
  constants.resize(offset + size);
  std::memcpy(constants.data() + offset, values.data(), size);
  return {static_cast<uint32_t>(offset), static_cast<uint32_t>(size)};
}

/// Draws, for params whose geometry and types are set, weights, bias, scales, table, residual and data. `terms` is the
/// number of products in a sum, `weights` the number of weights. N2.3 holds.
template <class Params>
LinearProblem<Params> fill_problem(Random& random, Content content, Params params, int terms, std::size_t weights) {
  LinearProblem<Params> problem;
  const int most_weight = params.weight == DType::kS16 ? 32639 : 127;
  std::vector<int16_t> weight(weights);
  for (int16_t& w : weight)
    w = static_cast<int16_t>(content == Content::kExtreme ? (pick(random, 0, 1) * 2 - 1) * most_weight
                                                          : pick(random, -most_weight, most_weight));
  if (content == Content::kExtreme && chance(random, 50))
    std::fill(weight.begin(), weight.end(), static_cast<int16_t>(most_weight));
  const bool mixed = has_wide_sums(params) || params.out.element == DType::kU16;
  const bool with_table = chance(random, 50);
  const int entries = mixed && chance(random, 50) ? 65536 : 256;
  const int most = with_table ? entries - 1 : most_code(params.out.element), most_in = most_code(params.in.element);
  std::vector<int32_t> bias(params.out.c);
  std::vector<float> scale(params.out.c);
  const double spread = 80.0 / 255 * most / (std::sqrt(double(terms)) * most_weight * 64.0 / 255 * most_in);
  for (int c = 0; c < params.out.c; ++c) {
    bias[c] = pick(random, -20000, 20000);
    scale[c] = static_cast<float>(spread * std::exp2(std::uniform_real_distribution<double>(-4.0, 4.0)(random)));
  }
  const double unit = most_in / 255.0 * most_weight / 127.0;
  const auto wide_bias = [&](int32_t b) { return static_cast<int64_t>(b * unit); };
  params.weights = params.weight == DType::kS16
                       ? append(problem.constants, weight)
                       : append(problem.constants, std::vector<int8_t>(weight.begin(), weight.end()));
  std::vector<int64_t> wide;
  std::transform(bias.begin(), bias.end(), std::back_inserter(wide), wide_bias);
  params.bias = has_wide_sums(params) ? append(problem.constants, wide) : append(problem.constants, bias);
  Epilogue& epilogue = params.epilogue;
  epilogue.scale = append(problem.constants, scale);
  epilogue.zero_point = pick(random, 0, most);
  epilogue.hi = most;
  if (chance(random, 50)) {
    epilogue.lo = pick(random, 0, most);
    epilogue.hi = pick(random, epilogue.lo, most);
  }
  if (with_table)
    with_codes(params.out.element, [&]<class T>(T) {
      std::vector<T> table(entries);
      for (T& entry : table) entry = static_cast<T>(pick(random, 0, most_code(params.out.element)));
      epilogue.table = append(problem.constants, table);
    });
  params.in_zero_point = pick(random, 0, most_in);
  const bool at_start = chance(random, 30);
  if (chance(random, 40)) {
    epilogue.residual = true;
    const int most_residual = most_code(epilogue.residual_element);
    epilogue.residual_zero_point = pick(random, 0, most_residual);
    epilogue.residual_scale =
        static_cast<float>(std::uniform_real_distribution<double>(0.01, 3.0)(random) * most / most_residual);
    View view = params.out;
    view.element = epilogue.residual_element;
    view.pixel_stride = epilogue.residual_pixel_stride = params.out.c + (chance(random, 50) ? pick(random, 0, 40) : 0);
    problem.residual = std::make_unique<GuardedBytes>(image_bytes(view), at_start);
    fill_codes(random, content, epilogue.residual_element, *problem.residual);
  }
  problem.source = std::make_unique<GuardedBytes>(image_bytes(params.in), at_start);
  fill_codes(random, content, params.in.element, *problem.source);
  problem.out = std::make_unique<GuardedBytes>(image_bytes(params.out), at_start);
  problem.params = params;
  return problem;
}

/// Element `index` of codes at `bytes`.
inline int read_code(DType element, const std::byte* bytes, std::size_t index) {
  return with_codes(element, [&]<class T>(T) {
    T code;
    std::memcpy(&code, bytes + index * sizeof(T), sizeof(T));
    return int{code};
  });
}

template <class Params>
int weight_at(const LinearProblem<Params>& problem, std::size_t index) {
  const std::byte* constants = problem.constants.data();
  const Params& params = problem.params;
  return params.weight == DType::kS16 ? int{at<int16_t>(constants, params.weights)[index]}
                                      : int{at<int8_t>(constants, params.weights)[index]};
}
template <class Params>
int64_t bias_at(const LinearProblem<Params>& problem, int channel) {
  const std::byte* constants = problem.constants.data();
  const Params& params = problem.params;
  return has_wide_sums(params) ? at<int64_t>(constants, params.bias)[channel]
                               : int64_t{at<int32_t>(constants, params.bias)[channel]};
}

/// R, zero point, clamp and table.
inline int finished_code(const Epilogue& epilogue, const std::byte* constants, double real, DType out) {
  const double integer = std::nearbyint(real) + epilogue.zero_point;
  const int code = static_cast<int>(std::clamp(integer, double(epilogue.lo), double(epilogue.hi)));
  return epilogue.table ? read_code(out, constants + epilogue.table.offset, static_cast<std::size_t>(code)) : code;
}

/// The code of one output by the text of the numerics: `acc` is the exact sum of a wide operator (N8.3).
inline int expected_wide_code(const Epilogue& epilogue, const std::byte* constants, int64_t acc, int channel,
                              int residual_code, DType out) {
  double real = static_cast<double>(acc) * double{at<float>(constants, epilogue.scale)[channel]};
  if (epilogue.residual)
    real = real + double(residual_code - epilogue.residual_zero_point) * double{epilogue.residual_scale};
  return finished_code(epilogue, constants, real, out);
}

/// The same of a narrow one (N1.4, N2.1, N3.2, N4.2).
inline int expected_code(const Epilogue& epilogue, const std::byte* constants, int64_t acc, int channel,
                         int residual_code, DType out) {
  const auto wrapped = static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(acc)));
  // A product of two binary32 values is exact in double; the cast is the one rounding of fl().
  const auto once = [](double exact) { return static_cast<float>(exact); };
  float real = once(double{once(wrapped)} * double{at<float>(constants, epilogue.scale)[channel]});
  if (epilogue.residual) {
    const float other = once(double(residual_code - epilogue.residual_zero_point) * double{epilogue.residual_scale});
    // The exact sum of two binary32 values may need more than 53 bits; the float addition rounds it once.
    real = real + other;
  }
  return finished_code(epilogue, constants, double{real}, out);
}

/// The whole output image, gaps between pixels holding `fill`, from an exact sum per output: `sum(y, x, channel)`.
template <class Params, class Sum>
std::vector<uint8_t> expected_image(const LinearProblem<Params>& problem, uint8_t fill, Sum&& sum) {
  const Params& params = problem.params;
  std::vector<uint8_t> image(image_bytes(params.out), fill);
  for (int y = 0; y < params.out.h; ++y)
    for (int x = 0; x < params.out.w; ++x)
      for (int c = 0; c < params.out.c; ++c) {
        const std::size_t pixel = std::size_t(y) * params.out.w + x;
        const int residual = problem.residual ? read_code(params.epilogue.residual_element, problem.residual->data(),
                                                          pixel * params.epilogue.residual_pixel_stride + c)
                                              : 0;
        const auto rule = has_wide_sums(params) ? expected_wide_code : expected_code;
        const int code = rule(params.epilogue, problem.constants.data(), sum(y, x, c), c, residual, params.out.element);
        with_codes(params.out.element, [&]<class T>(T) {
          const auto written = static_cast<T>(code);
          std::memcpy(image.data() + (pixel * params.out.pixel_stride + c) * sizeof(T), &written, sizeof(T));
        });
      }
  return image;
}

/// The code under (y, x), or the input's zero point outside the image (N1.3).
template <class Params>
int code_at(const LinearProblem<Params>& problem, int y, int x, int channel) {
  const View& in = problem.params.in;
  if (y < 0 || y >= in.h || x < 0 || x >= in.w) return problem.params.in_zero_point;
  return read_code(in.element, problem.source->data(), (std::size_t(y) * in.w + x) * in.pixel_stride + channel);
}

/// [0, total) cut at random.
inline std::vector<int> cuts(Random& random, int total) {
  std::vector<int> at = {0};
  while (at.back() < total) at.push_back(chance(random, 50) ? total : pick(random, at.back() + 1, total));
  return at;
}

/// Runs `kernel` over randomly cut tiles; the whole output buffer, gaps included, which held `fill` before.
template <class Params>
std::vector<uint8_t> run_kernel(Random& random, const Kernel<Params>& kernel, const LinearProblem<Params>& problem,
                                uint8_t fill) {
  const Params& params = problem.params;
  // Exact copies, so that the address sanitizer sees an access beyond them.
  AlignedBytes constants(problem.constants.size());
  std::memcpy(constants.data(), problem.constants.data(), constants.size());
  AlignedBytes packed(kernel.packed_bytes != nullptr ? kernel.packed_bytes(params) : 0);
  if (kernel.pack != nullptr) kernel.pack(params, constants.data(), packed.data());
  AlignedBytes scratch(kernel.scratch_bytes != nullptr ? kernel.scratch_bytes(params) : 0);

  GuardedBytes& out = *problem.out;
  std::memset(out.data(), fill, out.size());
  KernelArgs args;
  args.src[0] = problem.source->data();
  args.src[1] = problem.residual ? problem.residual->data() : nullptr;
  args.dst = out.data();
  args.constants = constants.data();
  args.packed = packed.data();
  args.scratch = scratch.data();
  const Work work = params.work();
  const std::vector<int> rows = cuts(random, work.rows), blocks = cuts(random, work.blocks);
  for (std::size_t r = 0; r + 1 < rows.size(); ++r)
    for (std::size_t b = 0; b + 1 < blocks.size(); ++b) {
      std::memset(scratch.data(), pick(random, 0, 255), scratch.size());
      kernel.run(params, args, {rows[r], rows[r + 1], blocks[b], blocks[b + 1]});
    }
  return {out.codes(), out.codes() + out.size()};
}

/// Every row of the table that this CPU runs gives the reference's bytes. `sum` is the exact sum of an output, for the
/// check of the reference itself; null skips that.
template <class Params, class Sum>
void expect_equal_kernels(Random& random, const LinearProblem<Params>& problem, Sum&& sum) {
  constexpr uint8_t kFill = 0xCD;
  const auto table = kernel_table<Params>();
  const std::vector<uint8_t> reference = run_kernel(random, table.back(), problem, kFill);
  ASSERT_EQ(reference, expected_image(problem, kFill, sum)) << "the reference differs from the numerics";
  for (const Kernel<Params>& kernel : table) {
    if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(problem.params))) continue;
    ASSERT_EQ(run_kernel(random, kernel, problem, kFill), reference) << "kernel " << kernel.name;
  }
}

inline std::string describe(const View& v) {
  return std::to_string(v.h) + "x" + std::to_string(v.w) + "x" + std::to_string(v.c) + " stride " +
         std::to_string(v.pixel_stride) + (v.element == DType::kU16 ? " u16" : "");
}

template <class Params>
std::string describe(uint32_t seed, const Params& p) {
  const Window2d& w = p.window;
  std::string text =
      "seed " + std::to_string(seed) + ", in " + describe(p.in) + ", out " + describe(p.out) + ", window";
  for (const int n :
       {w.kernel_h, w.kernel_w, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w, w.pad_top, w.pad_left})
    text += " " + std::to_string(n);
  if (p.weight == DType::kS16) text += ", s16 weights";
  if constexpr (requires { p.groups; }) text += ", groups " + std::to_string(p.groups);
  return text;
}

/// A window with odd pads, and extents of input and output that fit it; the trailing pad may differ from the leading.
inline void draw_window(Random& random, int max_extent, Window2d& window, View& in, View& out) {
  const auto draw = [&](int32_t& kernel, int32_t& stride, int32_t& dilation, int32_t& pad, int32_t& from, int32_t& to) {
    constexpr int kKernels[] = {1, 1, 2, 3, 3, 3, 4, 5, 7};
    kernel = kKernels[pick(random, 0, 8)];
    stride = chance(random, 60) ? 1 : pick(random, 2, 3);
    dilation = chance(random, 75) ? 1 : pick(random, 2, 3);
    const int reach = (kernel - 1) * dilation + 1;
    pad = chance(random, 60) ? (reach - 1) / 2 : pick(random, 0, reach - 1);
    const int trailing = chance(random, 60) ? pad : pick(random, 0, reach - 1);
    from = pick(random, std::max(1, reach - pad - trailing), std::max(max_extent, reach));
    to = (from + pad + trailing - reach) / stride + 1;
  };
  draw(window.kernel_h, window.stride_h, window.dilation_h, window.pad_top, in.h, out.h);
  draw(window.kernel_w, window.stride_w, window.dilation_w, window.pad_left, in.w, out.w);
}

inline int draw_stride(Random& random, int channels) {
  return channels + (chance(random, 40) ? pick(random, 0, 70) : 0);
}

}  // namespace graupel
