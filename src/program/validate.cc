// The bounds proof: after it no instruction can make a kernel touch memory outside the arena and the constants, and no
// accumulator or conversion can leave the range that the numerics promise.
#include <cmath>
#include <limits>

#include "program/program.h"

namespace graupel {
namespace {

constexpr int64_t kMaxExtent = 1 << 24;
constexpr int64_t kMaxBytes = std::numeric_limits<int32_t>::max();
constexpr double kMaxScaled = 0x1p30;

Result<> expect(bool holds, std::string_view what) {
  if (holds) return {};
  return corrupt(what);
}

bool is_code(int32_t value) { return value >= 0 && value <= 255; }

// Kernels convert |acc * s| < 2^30 to integers (N2.3).
bool is_scale(float s) { return s > 0x1p-100f && s < 0x1p15f; }

Result<> check_view(const View& v) {
  const bool positive = v.h >= 1 && v.w >= 1 && v.c >= 1 && v.h <= kMaxExtent && v.w <= kMaxExtent && v.c <= kMaxExtent;
  GRAUPEL_DO(expect(positive && v.pixel_stride >= v.c && v.pixel_stride <= kMaxExtent,
                    "an image has an impossible extent or stride"));
  return expect(static_cast<double>(v.h) * v.w * v.pixel_stride < static_cast<double>(kMaxBytes),
                "an image is larger than 2 GiB");
}

int64_t extent(const View& v) { return (int64_t{v.h} * v.w - 1) * v.pixel_stride + v.c; }

Result<> check_window(const Window2d& w) {
  constexpr int32_t kMost = 1 << 15;
  const auto in = [](int32_t value, int32_t least) { return value >= least && value < kMost; };
  return expect(in(w.kernel_h, 1) && in(w.kernel_w, 1) && in(w.stride_h, 1) && in(w.stride_w, 1) &&
                    in(w.dilation_h, 1) && in(w.dilation_w, 1) && in(w.pad_top, 0) && in(w.pad_left, 0) &&
                    int64_t{w.kernel_h} * w.dilation_h < kMost && int64_t{w.kernel_w} * w.dilation_w < kMost,
                "a window has an impossible extent");
}

// Windows may hang over the edges, but every window row and column of pooling meets the image.
bool every_window_meets(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t dilation, int32_t pad) {
  const int64_t reach = int64_t{kernel - 1} * dilation;
  return pad <= reach && int64_t{out - 1} * stride - pad < in;
}

bool windows_meet_image(const View& in, const View& out, const Window2d& w) {
  return every_window_meets(in.h, out.h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top) &&
         every_window_meets(in.w, out.w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left);
}

// What one operand of an instruction may touch, counted from its place.
struct Reach {
  std::vector<int64_t> src;
  int64_t dst = 0;
};

class Families {
 public:
  explicit Families(const Program& program) : program_(program) {}

  Result<Reach> operator()(const ConvParams& p) const {
    GRAUPEL_DO(check_images(p.in, p.out, p.window));
    GRAUPEL_DO(expect(p.groups >= 1 && p.in.c % p.groups == 0 && p.out.c % p.groups == 0,
                      "groups do not divide the channels"));
    const int64_t taps = int64_t{p.window.kernel_h} * p.window.kernel_w * (p.in.c / p.groups);
    GRAUPEL_DO(check_linear(p.weights, p.bias, p.epilogue, taps, p.out.c, p.in_zero_point));
    return linear_reach(p.in, p.out, p.epilogue);
  }
  Result<Reach> operator()(const DepthwiseParams& p) const {
    GRAUPEL_DO(check_images(p.in, p.out, p.window));
    GRAUPEL_DO(expect(p.in.c == p.out.c, "a depthwise convolution changes the channel count"));
    GRAUPEL_DO(check_linear(p.weights, p.bias, p.epilogue, int64_t{p.window.kernel_h} * p.window.kernel_w, p.out.c,
                            p.in_zero_point));
    return linear_reach(p.in, p.out, p.epilogue);
  }
  Result<Reach> operator()(const DeconvParams& p) const {
    GRAUPEL_DO(check_images(p.in, p.out, p.window));
    GRAUPEL_DO(expect(p.groups >= 1 && p.in.c % p.groups == 0 && p.out.c % p.groups == 0,
                      "groups do not divide the channels"));
    const int64_t taps = int64_t{p.window.kernel_h} * p.window.kernel_w * (p.in.c / p.groups);
    GRAUPEL_DO(check_linear(p.weights, p.bias, p.epilogue, taps, p.out.c, p.in_zero_point));
    return linear_reach(p.in, p.out, p.epilogue);
  }
  Result<Reach> operator()(const MaxPoolParams& p) const {
    GRAUPEL_DO(check_images(p.in, p.out, p.window));
    GRAUPEL_DO(
        expect(p.in.c == p.out.c && windows_meet_image(p.in, p.out, p.window), "a pooling window misses the image"));
    return Reach{{extent(p.in)}, extent(p.out)};
  }
  Result<Reach> operator()(const AvgPoolParams& p) const {
    GRAUPEL_DO(check_images(p.in, p.out, p.window));
    GRAUPEL_DO(
        expect(p.in.c == p.out.c && windows_meet_image(p.in, p.out, p.window), "a pooling window misses the image"));
    GRAUPEL_DO(expect(p.window.dilation_h == 1 && p.window.dilation_w == 1, "average pooling is dilated"));
    const int64_t taps = int64_t{p.window.kernel_h} * p.window.kernel_w;
    GRAUPEL_DO(expect(taps <= 65536 && is_code(p.in_zero_point) && is_code(p.zero_point),
                      "average pooling has impossible numbers"));
    GRAUPEL_TRY(const auto factors, constants<float>(p.factors, taps));
    for (std::size_t i = 0; i < factors.size(); ++i)
      GRAUPEL_DO(expect(is_scale(factors[i]) && 255.0 * taps * static_cast<double>(factors[i]) < kMaxScaled,
                        "an averaging factor is out of range"));
    return Reach{{extent(p.in)}, extent(p.out)};
  }
  Result<Reach> operator()(const ReduceParams& p) const {
    const bool positive = p.outer >= 1 && p.n >= 1 && p.inner >= 1 && p.inner_stride >= p.inner && p.n <= 65536 * 128;
    const double size = static_cast<double>(p.outer) * p.n * p.inner_stride;
    GRAUPEL_DO(expect(positive && size < static_cast<double>(kMaxBytes), "a reduction has an impossible extent"));
    GRAUPEL_DO(expect(is_code(p.in_zero_point) && is_code(p.zero_point) && is_scale(p.factor) &&
                          255.0 * p.n * static_cast<double>(p.factor) < kMaxScaled,
                      "a reduction has a scale or zero point out of range"));
    return Reach{{(int64_t{p.outer} * p.n - 1) * p.inner_stride + p.inner}, int64_t{p.outer} * p.inner};
  }
  Result<Reach> operator()(const BinaryParams& p) const {
    double count = 1;
    int64_t a = 1, b = 1;
    for (std::size_t d = 0; d < 4; ++d) {
      GRAUPEL_DO(expect(p.extent[d] >= 1 && p.a_stride[d] >= 0 && p.b_stride[d] >= 0,
                        "an element-wise operator has an impossible extent"));
      count *= p.extent[d];
      a += int64_t{p.extent[d] - 1} * p.a_stride[d];
      b += int64_t{p.extent[d] - 1} * p.b_stride[d];
    }
    GRAUPEL_DO(expect(count < static_cast<double>(kMaxBytes) && p.out_stride >= p.extent[3] && p.a_stride[3] <= 1 &&
                          p.b_stride[3] <= 1,
                      "an element-wise operator has an impossible extent"));
    GRAUPEL_DO(check_binary_numbers(p));
    const int64_t runs = int64_t{p.extent[0]} * p.extent[1] * p.extent[2];
    return Reach{{a, b}, (runs - 1) * p.out_stride + p.extent[3]};
  }
  Result<Reach> operator()(const LutParams& p) const {
    GRAUPEL_DO(check_same_size(p.in, p.out));
    GRAUPEL_DO(expect(p.tables == 1 || p.tables == p.in.c, "a look-up has neither one table nor one per channel"));
    GRAUPEL_DO(constants<uint8_t>(p.table, int64_t{p.tables} * 256));
    return Reach{{extent(p.in)}, extent(p.out)};
  }
  Result<Reach> operator()(const NearestParams& p) const {
    GRAUPEL_DO(check_resize(p.in, p.out));
    GRAUPEL_DO(check_indices(p.rows, p.out.h, 1, p.in.h));
    GRAUPEL_DO(check_indices(p.columns, p.out.w, 1, p.in.w));
    return Reach{{extent(p.in)}, extent(p.out)};
  }
  Result<Reach> operator()(const BilinearParams& p) const {
    GRAUPEL_DO(check_resize(p.in, p.out));
    GRAUPEL_DO(check_indices(p.rows, p.out.h, 4, p.in.h));
    GRAUPEL_DO(check_indices(p.columns, p.out.w, 4, p.in.w));
    return Reach{{extent(p.in)}, extent(p.out)};
  }
  Result<Reach> operator()(const CopyParams& p) const {
    double count = 1;
    int64_t src_low = p.src_offset, src_high = p.src_offset, dst_high = p.dst_offset;
    for (std::size_t d = 0; d < p.extent.size(); ++d) {
      GRAUPEL_DO(expect(p.extent[d] >= 1 && p.dst_stride[d] >= 0, "a copy has an impossible extent"));
      count *= p.extent[d];
      const int64_t steps = p.extent[d] - 1;
      (p.src_stride[d] < 0 ? src_low : src_high) += steps * p.src_stride[d];
      dst_high += steps * p.dst_stride[d];
      GRAUPEL_DO(expect(src_high < kMaxBytes && dst_high < kMaxBytes, "a copy reaches beyond 2 GiB"));
    }
    GRAUPEL_DO(expect(count < static_cast<double>(kMaxBytes) && src_low >= 0 && p.dst_offset >= 0,
                      "a copy reaches before its operand"));
    return Reach{{src_high + 1}, dst_high + 1};
  }
  Result<Reach> operator()(const FillParams& p) const {
    const bool positive = p.runs >= 1 && p.count >= 1 && p.stride >= 0 && is_code(p.value);
    GRAUPEL_DO(expect(positive && static_cast<double>(p.runs) * p.stride + p.count < static_cast<double>(kMaxBytes),
                      "a fill has an impossible extent"));
    return Reach{{}, int64_t{p.runs - 1} * p.stride + p.count};
  }
  Result<Reach> operator()(const SoftmaxParams& p) const {
    const double size = static_cast<double>(p.outer) * p.n * p.inner;
    GRAUPEL_DO(expect(p.outer >= 1 && p.n >= 1 && p.inner >= 1 && size < static_cast<double>(kMaxBytes),
                      "a softmax has an impossible extent"));
    GRAUPEL_TRY(const auto table, constants<uint32_t>(p.table, 256));
    GRAUPEL_DO(expect(table[0] >= 1, "a softmax table starts with 0"));
    for (uint32_t e : table) GRAUPEL_DO(expect(e <= table[0] && e <= 1u << 20, "a softmax table exceeds its scale"));
    const int64_t all = int64_t{p.outer} * p.n * p.inner;
    return Reach{{all}, all};
  }

 private:
  static Result<> check_images(const View& in, const View& out, const Window2d& window) {
    GRAUPEL_DO(check_view(in));
    GRAUPEL_DO(check_view(out));
    return check_window(window);
  }
  static Result<> check_same_size(const View& in, const View& out) {
    GRAUPEL_DO(check_view(in));
    GRAUPEL_DO(check_view(out));
    return expect(in.h == out.h && in.w == out.w && in.c == out.c, "an element-wise operator changes the extents");
  }
  static Result<> check_resize(const View& in, const View& out) {
    GRAUPEL_DO(check_view(in));
    GRAUPEL_DO(check_view(out));
    return expect(in.c == out.c, "a resize changes the channel count");
  }
  static Reach linear_reach(const View& in, const View& out, const Epilogue& e) {
    Reach reach{{extent(in)}, extent(out)};
    if (e.residual) reach.src.push_back((int64_t{out.h} * out.w - 1) * e.residual_pixel_stride + out.c);
    return reach;
  }

  template <class T>
  Result<std::span<const T>> constants(ConstRef ref, int64_t count) const {
    GRAUPEL_DO(expect(ref.offset % 64 == 0 && uint64_t{ref.offset} + ref.size <= program_.constants.size() &&
                          ref.size == static_cast<uint64_t>(count) * sizeof(T),
                      "a constant lies outside the constants or has another size than its instruction needs"));
    return std::span<const T>(at<T>(program_.constants.data(), ref), static_cast<std::size_t>(count));
  }

  Result<> check_indices(ConstRef ref, int64_t count, int64_t per_item, int32_t extent) const {
    GRAUPEL_TRY(const auto items, constants<int32_t>(ref, count * per_item));
    const auto inside = [extent](int32_t index) { return index >= 0 && index < extent; };
    for (std::size_t i = 0; i < items.size(); i += static_cast<std::size_t>(per_item)) {
      GRAUPEL_DO(expect(inside(items[i]), "a resize reads outside its input"));
      if (per_item == 1) continue;
      GRAUPEL_DO(expect(inside(items[i + 1]) && items[i + 2] >= 0 && items[i + 3] >= 0 && items[i + 2] <= 2048 &&
                            items[i + 2] + items[i + 3] == 2048,
                        "a resize reads outside its input or has weights that do not sum to 2048"));
    }
    return {};
  }

  Result<> check_epilogue(const Epilogue& e, int64_t channels) const {
    GRAUPEL_DO(expect(is_code(e.zero_point) && is_code(e.lo) && is_code(e.hi) && e.lo <= e.hi,
                      "an epilogue has codes outside 0..255"));
    if (e.table) GRAUPEL_DO(constants<uint8_t>(e.table, 256));
    if (!e.residual) return {};
    return expect(is_code(e.residual_zero_point) && is_scale(e.residual_scale) && e.residual_pixel_stride >= channels &&
                      e.residual_pixel_stride <= kMaxExtent,
                  "a residual has a scale, zero point or stride out of range");
  }

  // N2.3: per output channel |acc| < 2^31 and |acc| * s < 2^30, for any input.
  Result<> check_linear(ConstRef weights, ConstRef bias, const Epilogue& e, int64_t taps, int64_t channels,
                        int32_t in_zero_point) const {
    GRAUPEL_DO(expect(is_code(in_zero_point) &&
                          static_cast<double>(taps) * static_cast<double>(channels) < static_cast<double>(kMaxBytes),
                      "weights are larger than 2 GiB"));
    GRAUPEL_DO(check_epilogue(e, channels));
    GRAUPEL_TRY(const auto w, constants<int8_t>(weights, taps * channels));
    GRAUPEL_TRY(const auto b, constants<int32_t>(bias, channels));
    GRAUPEL_TRY(const auto s, constants<float>(e.scale, channels));
    const auto n = static_cast<std::size_t>(channels);
    std::vector<int64_t> low(n, 0), high(n, 0);
    sum_signs(w, n, low, high);
    const double residual = e.residual ? 255.0 * static_cast<double>(e.residual_scale) : 0.0;
    for (std::size_t c = 0; c < n; ++c) {
      const int64_t most = std::max(std::abs(b[c] + 255 * low[c]), std::abs(b[c] + 255 * high[c]));
      GRAUPEL_DO(expect(is_scale(s[c]) && most <= std::numeric_limits<int32_t>::max() &&
                            static_cast<double>(most) * static_cast<double>(s[c]) + residual < kMaxScaled,
                        "an output channel could overflow its accumulator or its scale"));
    }
    return {};
  }

  // Sums of the negative and of the positive weights per channel; short runs fit 32 bits.
  static void sum_signs(std::span<const int8_t> w, std::size_t n, std::vector<int64_t>& low,
                        std::vector<int64_t>& high) {
    constexpr std::size_t kRun = 1 << 16;
    std::vector<int32_t> negative(n), positive(n);
    const std::size_t rows = w.size() / n;
    for (std::size_t begin = 0; begin < rows; begin += kRun) {
      std::fill(negative.begin(), negative.end(), 0);
      std::fill(positive.begin(), positive.end(), 0);
      for (std::size_t row = begin; row < std::min(rows, begin + kRun); ++row)
        for (std::size_t c = 0; c < n; ++c) {
          const int32_t value = w[row * n + c];
          negative[c] += std::min(value, 0);
          positive[c] += std::max(value, 0);
        }
      for (std::size_t c = 0; c < n; ++c) {
        low[c] += negative[c];
        high[c] += positive[c];
      }
    }
  }

  static Result<> check_binary_numbers(const BinaryParams& p) {
    const bool codes = is_code(p.za) && is_code(p.zb) && is_code(p.z) && is_code(p.lo) && is_code(p.hi) && p.lo <= p.hi;
    GRAUPEL_DO(expect(codes && p.kind <= BinaryKind::kMax,
                      "an element-wise operator has codes outside 0..255 or an unknown kind"));
    if (p.kind == BinaryKind::kAddInteger) {
      const auto s16 = [](int32_t m) { return m >= -32768 && m <= 32767; };
      const int64_t most = int64_t{255} * (std::abs(int64_t{p.ma}) + std::abs(int64_t{p.mb})) + std::abs(int64_t{p.c});
      return expect(
          s16(p.ma) && s16(p.mb) && p.shift >= 0 && p.shift <= 31 && most <= std::numeric_limits<int32_t>::max(),
          "an addition could overflow");
    }
    if (p.kind == BinaryKind::kAddFloat)
      return expect(std::abs(p.sa) < 0x1p15f && std::abs(p.sb) < 0x1p15f, "an addition has a scale out of range");
    if (p.kind == BinaryKind::kMul)
      return expect(is_scale(p.sa) && 65025.0 * static_cast<double>(p.sa) < kMaxScaled,
                    "a product has a scale out of range");
    return {};
  }

  const Program& program_;
};

Result<> check_place(const Program& program, const Place& place, int64_t reach) {
  const uint64_t size = place.space == Place::Space::kArena ? program.arena_size : program.constants.size();
  return expect(
      place.space <= Place::Space::kConstants && uint64_t{place.offset} + static_cast<uint64_t>(reach) <= size,
      "an operand reaches outside the arena or the constants");
}

Result<> check_instr(const Program& program, const Instr& instr) {
  GRAUPEL_DO(expect(instr.layer < program.layer_names.size(), "its layer does not exist"));
  GRAUPEL_TRY(const Reach reach, std::visit(Families(program), instr.params));
  GRAUPEL_DO(expect(instr.src.size() == reach.src.size(), "it has another number of operands than its kind needs"));
  for (std::size_t i = 0; i < reach.src.size(); ++i) GRAUPEL_DO(check_place(program, instr.src[i], reach.src[i]));
  GRAUPEL_DO(expect(instr.dst.space == Place::Space::kArena, "it writes to the constants"));
  return check_place(program, instr.dst, reach.dst);
}

Result<> check_type(const TensorType& type) {
  GRAUPEL_DO(validate(type.shape));
  const bool quantized =
      type.dtype == DType::kU8 && type.quant && type.quant->scale.size() == 1 && type.quant->zero_point.size() == 1;
  return expect(quantized && element_count(type.shape) >= 1 && type.quant->axis == -1 &&
                    is_code(type.quant->zero_point[0]) && std::isfinite(type.quant->scale[0]) &&
                    type.quant->scale[0] > 0,
                "its type is not u8 with one scale");
}

Result<> check_port(const Program& program, const Port& port) {
  GRAUPEL_DO(check_type(port.type));
  const Preprocess& pre = port.preprocess;
  const bool known = pre.color <= Preprocess::Color::kGray && pre.fit <= Preprocess::Fit::kCrop &&
                     pre.align <= Preprocess::Align::kTopLeft;
  GRAUPEL_DO(expect(known && std::isfinite(pre.scale) && pre.scale != 0, "its pre-processing is unknown"));
  return check_place(program, {Place::Space::kArena, port.offset}, static_cast<int64_t>(port.type.bytes()));
}

Result<> check_tap(const Program& program, const Tap& tap) {
  GRAUPEL_DO(check_type(tap.type));
  const int64_t inner = tap.type.shape.empty() ? 1 : tap.type.shape.back();
  const int64_t runs = element_count(tap.type.shape) / inner;
  GRAUPEL_DO(expect(tap.layer < program.layer_names.size() && tap.last_instr < program.instrs.size() &&
                        tap.pixel_stride >= inner &&
                        static_cast<double>(runs) * tap.pixel_stride < static_cast<double>(kMaxBytes),
                    "it names a layer, an instruction or a stride that does not exist"));
  return check_place(program, {Place::Space::kArena, tap.offset}, (runs - 1) * tap.pixel_stride + inner);
}

}  // namespace

Result<> validate(const Program& program) {
  GRAUPEL_DO(expect(program.arena_size <= static_cast<uint64_t>(kMaxBytes), "the arena is larger than 2 GiB"));
  for (std::size_t i = 0; i < program.instrs.size(); ++i)
    GRAUPEL_DO(check_instr(program, program.instrs[i]).within("instruction ", i));
  for (const auto* ports : {&program.inputs, &program.outputs})
    for (const Port& port : *ports) GRAUPEL_DO(check_port(program, port).within("port '", port.name, "'"));
  for (std::size_t i = 0; i < program.taps.size(); ++i)
    GRAUPEL_DO(check_tap(program, program.taps[i]).within("tap ", i));
  return {};
}

}  // namespace graupel
