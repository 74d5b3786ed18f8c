// Proofs for the families without weights.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "program/expect.h"
#include "program/validate.h"

namespace graupel {
namespace {

constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();

/// How many codes of `element` have a sum that stays in s32.
int64_t most_summed(DType element) { return element == DType::kU16 ? 32767 : int64_t{1} << 23; }

Result<> expect_images(const View& in, const View& out) {
  GRAUPEL_DO(expect_view("in", in));
  GRAUPEL_DO(expect_view("out", out));
  if (in.c != out.c) return corrupt(in.c, " input and ", out.c, " output channels");
  return {};
}

/// Codes that are moved keep their type.
Result<> expect_one_element(DType in, DType out) {
  if (in == out) return {};
  return corrupt("input of ", to_string(in), " and output of ", to_string(out), "; they must be equal");
}

Touched touched_images(const View& in, const View& out) { return {{image_region(0, in)}, image_region(0, out)}; }

/// Every window position has a tap inside the image.
Result<> expect_taps(std::string_view axis, int32_t kernel, int32_t stride, int32_t dilation, int32_t pad, int32_t in,
                     int32_t out) {
  const auto meets_image = [&](int64_t o) {
    const int64_t first = o * stride - pad;
    const int64_t skipped = first >= 0 ? 0 : (-first + dilation - 1) / dilation;
    return skipped < kernel && first + skipped * dilation < in;
  };
  // Beyond the leading padding only the last position can leave the image.
  for (int64_t o = 0; o < out; o = o <= pad / stride || o == out - 1 ? o + 1 : out - 1)
    if (!meets_image(o)) return corrupt("the window of output ", o, ", ", axis, ", lies outside the image");
  return {};
}

Result<> expect_pool(const View& in, const View& out, const Window2d& w) {
  GRAUPEL_DO(expect_images(in, out));
  GRAUPEL_DO(expect_window(w, out));
  GRAUPEL_DO(expect_taps("vertical", w.kernel_h, w.stride_h, w.dilation_h, w.pad_top, in.h, out.h));
  return expect_taps("horizontal", w.kernel_w, w.stride_w, w.dilation_w, w.pad_left, in.w, out.w);
}

Result<> expect_indices(std::string_view name, const int32_t* rows, int32_t count, int32_t extent) {
  for (int32_t i = 0; i < count; ++i)
    if (rows[i] < 0 || rows[i] >= extent) return corrupt(name, "[", i, "] is ", rows[i], " of an image of ", extent);
  return {};
}

Result<> expect_blends(std::string_view name, const int32_t* rows, int32_t count, int32_t extent) {
  for (int32_t i = 0; i < count; ++i, rows += 4) {
    GRAUPEL_DO(expect_indices(name, rows, 2, extent));
    if (rows[2] < 0 || rows[3] < 0 || int64_t{rows[2]} + rows[3] != 2048)
      return corrupt(name, "[", i, "] has the weights ", rows[2], " and ", rows[3], "; they must sum to 2048 (N6.2)");
  }
  return {};
}

Result<Region> strided(std::string_view name, int64_t offset, std::span<const Stride> dims) {
  int64_t low = offset, high = offset;
  for (const Stride& dim : dims) {
    if (!reach_fits(dim))
      return corrupt(name, " of extent ", dim.extent, " with stride ", dim.step, " reaches beyond 2^31");
    (dim.step < 0 ? low : high) += (dim.extent - 1) * dim.step;
  }
  if (low < -kMostInt || high > kMostInt) return corrupt(name, " reaches from ", low, " to ", high);
  return strided_region(offset, dims);
}

/// a and b of N5.1's integer form: nothing overflows s32.
Result<> expect_integer_sum(const BinaryParams& p) {
  GRAUPEL_DO(expect_range("ma", p.ma, -32768, 32767));
  GRAUPEL_DO(expect_range("mb", p.mb, -32768, 32767));
  GRAUPEL_DO(expect_range("shift", p.shift, 0, 31));
  const int64_t reach = 255 * (std::abs(int64_t{p.ma}) + std::abs(int64_t{p.mb}));
  return expect_range("c", p.c, -kMostInt + reach, kMostInt - reach);
}

Result<> expect_arithmetic(const BinaryParams& p) {
  GRAUPEL_DO(expect_codes("operand 0", p.a_element));
  GRAUPEL_DO(expect_codes("operand 1", p.b_element));
  GRAUPEL_DO(expect_codes("output", p.out_element));
  const int32_t most_a = most_code(p.a_element), most_b = most_code(p.b_element), most = most_code(p.out_element);
  GRAUPEL_DO(expect_code_range(p.lo, p.hi, most));
  GRAUPEL_DO(expect_zero_point("za", p.za, most_a));
  GRAUPEL_DO(expect_zero_point("zb", p.zb, most_b));
  GRAUPEL_DO(expect_zero_point("z", p.z, most));
  switch (p.kind) {
    case BinaryKind::kAddInteger:
      if (most_a != 255 || most_b != 255 || most != 255) return corrupt("16-bit codes in an integer sum (N8.4)");
      return expect_integer_sum(p);
    case BinaryKind::kAddFloat:
      GRAUPEL_DO(expect_scale("|sa|", std::fabs(p.sa)));
      return expect_scale("|sb|", std::fabs(p.sb));
    case BinaryKind::kMul:
      // The largest product times sa is converted to s32.
      if (p.sa > 0 && double{p.sa} * most_a * most_b < 0x1p30) return {};
      return corrupt("sa is ", p.sa, " (accepted: above 0, times the largest product below 2^30)");
    case BinaryKind::kMin:
    case BinaryKind::kMax:
      GRAUPEL_DO(expect_one_element(p.a_element, p.out_element));
      return expect_one_element(p.b_element, p.out_element);
  }
  return corrupt("kind ", static_cast<int>(p.kind));
}

}  // namespace

Result<Touched> prove(const MaxPoolParams& p, ByteSpan) {
  GRAUPEL_DO(expect_pool(p.in, p.out, p.window));
  GRAUPEL_DO(expect_one_element(p.in.element, p.out.element));
  return touched_images(p.in, p.out);
}

Result<Touched> prove(const AvgPoolParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_pool(p.in, p.out, p.window));
  GRAUPEL_DO(expect_range("dilation", std::max(p.window.dilation_h, p.window.dilation_w), 1, 1));
  GRAUPEL_DO(expect_zero_point("in_zero_point", p.in_zero_point, most_code(p.in.element)));
  GRAUPEL_DO(expect_zero_point("zero_point", p.zero_point, most_code(p.out.element)));
  const int64_t taps = int64_t{p.window.kernel_h} * p.window.kernel_w;
  GRAUPEL_DO(expect_range("window", taps, 1, most_summed(p.in.element)));
  GRAUPEL_DO(expect_constant("factors", p.factors, taps, sizeof(float), constants));
  const float* factors = at<float>(constants.data(), p.factors);
  for (int64_t i = 0; i < taps; ++i) GRAUPEL_DO(expect_scale("factor", factors[i]));
  return touched_images(p.in, p.out);
}

Result<Touched> prove(const ReduceParams& p, ByteSpan) {
  GRAUPEL_DO(expect_codes("input", p.in_element));
  GRAUPEL_DO(expect_codes("output", p.out_element));
  GRAUPEL_DO(expect_range("outer", p.outer, 1, kMostInt));
  GRAUPEL_DO(expect_range("n", p.n, 1, most_summed(p.in_element)));
  GRAUPEL_DO(expect_range("inner", p.inner, 1, kMostInt / p.outer));
  GRAUPEL_DO(expect_range("inner_stride", p.inner_stride, p.inner, kMostInt / (int64_t{p.outer} * p.n)));
  GRAUPEL_DO(expect_zero_point("in_zero_point", p.in_zero_point, most_code(p.in_element)));
  GRAUPEL_DO(expect_zero_point("zero_point", p.zero_point, most_code(p.out_element)));
  const bool moves = p.kind == ReduceKind::kMax || p.kind == ReduceKind::kMin;
  if (moves) GRAUPEL_DO(expect_one_element(p.in_element, p.out_element));
  GRAUPEL_DO(expect_scale("factor", p.factor));
  const Stride in[] = {{int64_t{p.outer} * p.n, p.inner_stride}, {p.inner, 1}};
  return Touched{{scaled_region(strided_region(0, in), code_bytes(p.in_element))},
                 scaled_region(dense_region(0, int64_t{p.outer} * p.inner), code_bytes(p.out_element))};
}

Result<Touched> prove(const BinaryParams& p, ByteSpan) {
  GRAUPEL_DO(expect_arithmetic(p));
  int64_t elements = 1;
  for (int32_t extent : p.extent) {
    GRAUPEL_DO(expect_range("extent", extent, 1, kMostInt / elements));
    elements *= extent;
  }
  const int64_t runs = elements / p.extent[3];
  GRAUPEL_DO(expect_range("out_stride", p.out_stride, p.extent[3], kMostInt / runs));
  std::vector<Region> src;
  for (const bool first : {true, false}) {
    const auto& strides = first ? p.a_stride : p.b_stride;
    Stride dims[4];
    for (std::size_t d = 0; d < 4; ++d) {
      GRAUPEL_DO(expect_range("stride", strides[d], 0, d == 3 ? 1 : kMostInt));
      dims[d] = {p.extent[d], strides[d]};
    }
    GRAUPEL_TRY(const Region region, strided("operand", 0, dims));
    src.push_back(scaled_region(region, code_bytes(first ? p.a_element : p.b_element)));
  }
  const Stride out[] = {{runs, p.out_stride}, {p.extent[3], 1}};
  return Touched{std::move(src), scaled_region(strided_region(0, out), code_bytes(p.out_element))};
}

Result<Touched> prove(const LutParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_images(p.in, p.out));
  if (p.in.h != p.out.h || p.in.w != p.out.w)
    return corrupt("input ", p.in.h, "x", p.in.w, " and output ", p.out.h, "x", p.out.w);
  if (p.tables != 1 && p.tables != p.in.c) return corrupt(p.tables, " tables for ", p.in.c, " channels");
  GRAUPEL_DO(expect_constant("table", p.table, int64_t{p.tables} * (most_code(p.in.element) + 1),
                             code_bytes(p.out.element), constants));
  return touched_images(p.in, p.out);
}

Result<Touched> prove(const NearestParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_images(p.in, p.out));
  GRAUPEL_DO(expect_one_element(p.in.element, p.out.element));
  GRAUPEL_DO(expect_constant("rows", p.rows, p.out.h, sizeof(int32_t), constants));
  GRAUPEL_DO(expect_constant("columns", p.columns, p.out.w, sizeof(int32_t), constants));
  GRAUPEL_DO(expect_indices("rows", at<int32_t>(constants.data(), p.rows), p.out.h, p.in.h));
  GRAUPEL_DO(expect_indices("columns", at<int32_t>(constants.data(), p.columns), p.out.w, p.in.w));
  return touched_images(p.in, p.out);
}

Result<Touched> prove(const BilinearParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_images(p.in, p.out));
  GRAUPEL_DO(expect_one_element(p.in.element, p.out.element));
  GRAUPEL_DO(expect_constant("rows", p.rows, int64_t{p.out.h} * 4, sizeof(int32_t), constants));
  GRAUPEL_DO(expect_constant("columns", p.columns, int64_t{p.out.w} * 4, sizeof(int32_t), constants));
  GRAUPEL_DO(expect_blends("rows", at<int32_t>(constants.data(), p.rows), p.out.h, p.in.h));
  GRAUPEL_DO(expect_blends("columns", at<int32_t>(constants.data(), p.columns), p.out.w, p.in.w));
  return touched_images(p.in, p.out);
}

Result<Touched> prove(const CopyParams& p, ByteSpan) {
  GRAUPEL_DO(expect_codes("it", p.element));
  Stride src[6], dst[6];
  int64_t elements = 1;
  for (std::size_t d = 0; d < 6; ++d) {
    GRAUPEL_DO(expect_range("extent", p.extent[d], 1, kMostInt / elements));
    elements *= p.extent[d];
    src[d] = {p.extent[d], p.src_stride[d]};
    dst[d] = {p.extent[d], p.dst_stride[d]};
  }
  GRAUPEL_TRY(const Region read, strided("source", p.src_offset, src));
  GRAUPEL_TRY(const Region written, strided("destination", p.dst_offset, dst));
  // Threads share the work: a byte that is written twice would have no certain value.
  if (elements > written.high - written.low)
    return corrupt(elements, " elements are copied to ", written.high - written.low, " places");
  const int64_t bytes = code_bytes(p.element);
  return Touched{{scaled_region(read, bytes)}, scaled_region(written, bytes)};
}

Result<Touched> prove(const FillParams& p, ByteSpan) {
  GRAUPEL_DO(expect_range("runs", p.runs, 1, kMostInt));
  GRAUPEL_DO(expect_range("count", p.count, 1, kMostInt));
  GRAUPEL_DO(expect_range("stride", p.stride, p.runs == 1 ? 0 : p.count, kMostInt));
  GRAUPEL_DO(expect_codes("it", p.element));
  GRAUPEL_DO(expect_range("value", p.value, 0, most_code(p.element)));
  const Stride dims[] = {{p.runs, p.stride}, {p.count, 1}};
  GRAUPEL_TRY(const Region written, strided("fill", 0, dims));
  return Touched{{}, scaled_region(written, code_bytes(p.element))};
}

Result<Touched> prove(const SoftmaxParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_range("outer", p.outer, 1, kMostInt));
  GRAUPEL_DO(expect_range("n", p.n, 1, kMostInt / p.outer));
  GRAUPEL_DO(expect_range("inner", p.inner, 1, kMostInt / (int64_t{p.outer} * p.n)));
  GRAUPEL_DO(expect_codes("input", p.in_element));
  GRAUPEL_DO(expect_codes("output", p.out_element));
  const int codes = most_code(p.in_element) + 1;
  GRAUPEL_DO(expect_constant("table", p.table, codes, sizeof(uint32_t), constants));
  // The largest code has d = 0, so that a positive table[0] keeps the sum above zero; 2^20 is N7.1's scale.
  const auto* table = at<uint32_t>(constants.data(), p.table);
  for (int d = 0; d < codes; ++d)
    if (table[d] > (1u << 20) || (d == 0 && table[d] == 0))
      return corrupt("table[", d, "] is ", table[d], " (accepted: to 2^20, and table[0] above 0; N7.1)");
  const Region all = dense_region(0, int64_t{p.outer} * p.n * p.inner);
  return Touched{{scaled_region(all, code_bytes(p.in_element))}, scaled_region(all, code_bytes(p.out_element))};
}

// The result saturates before it is rounded, so that what is proved of scale and shift is only that they are finite
// and their products and sums stay so.
Result<Touched> prove(const NormParams& p, ByteSpan constants) {
  GRAUPEL_DO(expect_codes("input", p.in_element));
  GRAUPEL_DO(expect_codes("output", p.out_element));
  GRAUPEL_DO(expect_range("outer", p.outer, 1, kMostInt));
  GRAUPEL_DO(expect_range("rows", p.rows, 1, std::min(most_summed(p.in_element), kMostInt / p.outer)));
  GRAUPEL_DO(expect_range("channels", p.channels, 1, most_summed(p.in_element) / p.rows));
  const int64_t runs = int64_t{p.outer} * p.rows;
  GRAUPEL_DO(expect_range("groups", p.groups, 1, kMostInt / runs / p.channels));
  const int64_t width = int64_t{p.groups} * p.channels;
  GRAUPEL_DO(expect_range("in_stride", p.in_stride, width, kMostInt / runs));
  GRAUPEL_DO(expect_range("out_stride", p.out_stride, width, kMostInt / runs));
  GRAUPEL_DO(expect_zero_point("in_zero_point", p.in_zero_point, most_code(p.in_element)));
  GRAUPEL_DO(expect_zero_point("zero_point", p.zero_point, most_code(p.out_element)));
  if (!(p.epsilon > 0x1p-100f && p.epsilon < 0x1p100f))
    return corrupt("epsilon is ", p.epsilon, " (accepted: between 2^-100 and 2^100; N7.2)");
  for (const auto& [name, ref] : {std::pair{"scale", p.scale}, {"shift", p.shift}}) {
    GRAUPEL_DO(expect_constant(name, ref, width, sizeof(float), constants));
    const auto* values = at<float>(constants.data(), ref);
    for (int64_t c = 0; c < width; ++c)
      if (!(std::fabs(values[c]) <= 0x1p30f))
        return corrupt(name, " of channel ", c, " is ", values[c], " (accepted: to 2^30; N7.2)");
  }
  const Stride in[] = {{runs, p.in_stride}, {width, 1}}, out[] = {{runs, p.out_stride}, {width, 1}};
  return Touched{{scaled_region(strided_region(0, in), code_bytes(p.in_element))},
                 scaled_region(strided_region(0, out), code_bytes(p.out_element))};
}

Result<Touched> prove(const ArgMaxParams& p, ByteSpan) {
  GRAUPEL_DO(expect_codes("input", p.in_element));
  GRAUPEL_DO(expect_codes("output", p.out_element));
  GRAUPEL_DO(expect_range("outer", p.outer, 1, kMostInt));
  GRAUPEL_DO(expect_range("n", p.n, 1, std::min<int64_t>(kMostInt / p.outer, int64_t{most_code(p.out_element)} + 1)));
  GRAUPEL_DO(expect_range("inner", p.inner, 1, kMostInt / (int64_t{p.outer} * p.n)));
  return Touched{{scaled_region(dense_region(0, int64_t{p.outer} * p.n * p.inner), code_bytes(p.in_element))},
                 scaled_region(dense_region(0, int64_t{p.outer} * p.inner), code_bytes(p.out_element))};
}

}  // namespace graupel
