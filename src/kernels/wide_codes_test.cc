// u16 codes in the families without weights: every kernel that accepts them against the text of the numerics (N8.4).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "kernels/binary/binary.h"
#include "kernels/copy/copy.h"
#include "kernels/edge/edge.h"
#include "kernels/guarded_bytes.h"
#include "kernels/lut/lut.h"
#include "kernels/pool/pool.h"
#include "kernels/reduce/reduce.h"
#include "kernels/resize/resize.h"
#include "kernels/softmax/softmax.h"

namespace graupel {
namespace {

using Random = std::mt19937;
using Codes = std::vector<int32_t>;

int pick(Random& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
DType draw_type(Random& random) { return pick(random, 0, 2) > 0 ? DType::kU16 : DType::kU8; }

Codes draw_codes(Random& random, std::size_t count, DType type) {
  Codes codes(count);
  for (int32_t& code : codes) code = pick(random, 0, 9) == 0 ? most_code(type) : pick(random, 0, most_code(type));
  return codes;
}

void write(const Codes& codes, DType type, std::byte* to) {
  with_codes(type, [&]<class T>(T) {
    const std::vector<T> narrow(codes.begin(), codes.end());
    std::memcpy(to, narrow.data(), narrow.size() * sizeof(T));
  });
}

Codes read(const std::byte* from, std::size_t count, DType type) {
  return with_codes(type, [&]<class T>(T) {
    std::vector<T> narrow(count);
    std::memcpy(narrow.data(), from, count * sizeof(T));
    return Codes(narrow.begin(), narrow.end());
  });
}

struct Operand {
  Codes codes;
  DType type;
};

/// Constants at multiples of 64.
class Constants {
 public:
  template <class T>
  ConstRef add(const std::vector<T>& values) {
    const std::size_t offset = (bytes_.size() + 63) / 64 * 64;
    bytes_.resize(offset + values.size() * sizeof(T));
    std::memcpy(bytes_.data() + offset, values.data(), values.size() * sizeof(T));
    return {static_cast<uint32_t>(offset), static_cast<uint32_t>(values.size() * sizeof(T))};
  }
  const std::byte* data() const { return bytes_.data(); }

 private:
  std::vector<std::byte> bytes_;
};

/// Every kernel of the family that takes `params` gives `expected`, over rows cut at random.
template <class P>
void expect_codes(Random& random, const P& params, const std::vector<Operand>& operands, const Constants& constants,
                  const Codes& expected, DType out_type) {
  for (const Kernel<P>& kernel : kernel_table<P>()) {
    if (kernel.isa > detected_isa() || (kernel.accepts != nullptr && !kernel.accepts(params))) continue;
    std::vector<std::unique_ptr<GuardedBytes>> sources;
    KernelArgs args;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const auto& [codes, type] = operands[i];
      sources.push_back(std::make_unique<GuardedBytes>(codes.size() * static_cast<std::size_t>(code_bytes(type))));
      write(codes, type, sources.back()->data());
      args.src[i] = sources.back()->data();
    }
    GuardedBytes out(expected.size() * static_cast<std::size_t>(code_bytes(out_type)), pick(random, 0, 1) == 0);
    args.dst = out.data();
    args.constants = constants.data();
    const Work work = params.work();
    for (int row = 0; row < work.rows;) {
      const int end = pick(random, row + 1, work.rows);
      kernel.run(params, args, {row, end, 0, work.blocks});
      row = end;
    }
    ASSERT_EQ(read(out.data(), expected.size(), out_type), expected) << P::kName << " " << kernel.name;
  }
}

/// q = sat(R(real) + z).
int32_t code_of(double real, int32_t zero_point, int32_t lo, int32_t hi) {
  return static_cast<int32_t>(std::clamp(std::nearbyint(real) + zero_point, double(lo), double(hi)));
}
float once(double exact) { return static_cast<float>(exact); }

void for_seeds(int count, const std::function<void(Random&)>& check) {
  for (uint32_t seed = 1; seed <= static_cast<uint32_t>(count); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    check(random);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// N8.4: one entry per code of what is read, of the type that is written.
TEST(WideCodes, LookUp) {
  for_seeds(40, [](Random& random) {
    LutParams p;
    p.in = {pick(random, 1, 4), pick(random, 1, 5), pick(random, 1, 40), 0, draw_type(random)};
    p.out = p.in;
    p.in.pixel_stride = p.out.pixel_stride = p.in.c;
    p.out.element = draw_type(random);
    p.tables = pick(random, 0, 3) == 0 ? p.in.c : 1;
    const int entries = most_code(p.in.element) + 1;
    const Codes table = draw_codes(random, static_cast<std::size_t>(p.tables * entries), p.out.element);
    Constants constants;
    p.table = p.out.element == DType::kU16 ? constants.add(std::vector<uint16_t>(table.begin(), table.end()))
                                           : constants.add(std::vector<uint8_t>(table.begin(), table.end()));
    const Codes source = draw_codes(random, static_cast<std::size_t>(p.in.h * p.in.w * p.in.c), p.in.element);
    Codes expected;
    for (std::size_t i = 0; i < source.size(); ++i)
      expected.push_back(table[static_cast<std::size_t>((p.tables == 1 ? 0 : int(i) % p.in.c) * entries + source[i])]);
    expect_codes(random, p, {{source, p.in.element}}, constants, expected, p.out.element);
  });
}

// N8.4, N5.1 (float form), N5.2, N5.3
TEST(WideCodes, ElementWise) {
  for_seeds(300, [](Random& random) {
    BinaryParams p;
    constexpr BinaryKind kKinds[] = {BinaryKind::kAddFloat, BinaryKind::kMul, BinaryKind::kMin, BinaryKind::kMax};
    p.kind = kKinds[pick(random, 0, 3)];
    const bool moves = p.kind == BinaryKind::kMin || p.kind == BinaryKind::kMax;
    p.a_element = DType::kU16;
    p.b_element = moves ? DType::kU16 : draw_type(random);
    p.out_element = moves ? DType::kU16 : draw_type(random);
    const int most = most_code(p.out_element), most_a = most_code(p.a_element), most_b = most_code(p.b_element);
    p.extent = {pick(random, 1, 2), pick(random, 1, 3), pick(random, 1, 4), pick(random, 1, 40)};
    const auto& e = p.extent;
    const bool repeats = pick(random, 0, 2) == 0;
    p.a_stride = {e[1] * e[2] * e[3], e[2] * e[3], e[3], 1};
    p.b_stride = repeats ? std::array<int32_t, 4>{0, 0, 0, 1} : p.a_stride;
    p.out_stride = e[3];
    p.za = pick(random, 0, most_a);
    p.zb = pick(random, 0, most_b);
    p.z = pick(random, 0, most);
    p.lo = pick(random, 0, most / 4);
    p.hi = pick(random, most / 2, most);
    std::uniform_real_distribution<double> factor(0.1, 1.5);
    p.sa = once(factor(random) * most / most_a / (p.kind == BinaryKind::kMul ? most_b : 1));
    p.sb = once(factor(random) * most / most_b * (pick(random, 0, 1) == 0 ? 1 : -1));
    const auto count = static_cast<std::size_t>(e[0] * e[1] * e[2] * e[3]);
    const Codes a = draw_codes(random, count, p.a_element);
    const Codes b = draw_codes(random, repeats ? static_cast<std::size_t>(e[3]) : count, p.b_element);
    Codes expected;
    for (std::size_t i = 0; i < count; ++i) {
      const int32_t x = a[i], y = b[repeats ? i % b.size() : i];
      if (p.kind == BinaryKind::kMin) expected.push_back(std::clamp(std::min(x, y), p.lo, p.hi));
      if (p.kind == BinaryKind::kMax) expected.push_back(std::clamp(std::max(x, y), p.lo, p.hi));
      if (p.kind == BinaryKind::kAddFloat) {
        const float left = once(double(x - p.za) * double{p.sa}), right = once(double(y - p.zb) * double{p.sb});
        expected.push_back(code_of(double{left + right}, p.z, p.lo, p.hi));
      }
      if (p.kind == BinaryKind::kMul) {
        const float product = once(double(x - p.za) * double(y - p.zb));
        expected.push_back(code_of(double{once(double{product} * double{p.sa})}, p.z, p.lo, p.hi));
      }
    }
    expect_codes(random, p, {{a, p.a_element}, {b, p.b_element}}, {}, expected, p.out_element);
  });
}

struct Pooled {
  View in, out;
  Window2d window;
  Codes source;
};
Pooled draw_pool(Random& random, DType in, DType out) {
  Pooled p;
  p.window = {pick(random, 1, 3), pick(random, 1, 3), pick(random, 1, 2), pick(random, 1, 2), 1, 1, 0, 0};
  p.window.pad_top = pick(random, 0, p.window.kernel_h - 1);
  p.out = {pick(random, 1, 4), pick(random, 1, 4), pick(random, 1, 80), 0, out};
  p.in = {(p.out.h - 1) * p.window.stride_h + p.window.kernel_h - p.window.pad_top,
          (p.out.w - 1) * p.window.stride_w + p.window.kernel_w, p.out.c, p.out.c, in};
  p.in.h = std::max(p.in.h, 1);
  p.out.pixel_stride = p.out.c;
  p.source = draw_codes(random, static_cast<std::size_t>(p.in.h * p.in.w * p.in.c), in);
  return p;
}
/// Calls visit(code) for what lies under a window inside the image.
void under(const Pooled& p, int y, int x, int c, const std::function<void(int32_t)>& visit) {
  for (int ky = 0; ky < p.window.kernel_h; ++ky)
    for (int kx = 0; kx < p.window.kernel_w; ++kx) {
      const int iy = y * p.window.stride_h - p.window.pad_top + ky, ix = x * p.window.stride_w + kx;
      if (iy >= 0 && iy < p.in.h && ix < p.in.w)
        visit(p.source[static_cast<std::size_t>((iy * p.in.w + ix) * p.in.c + c)]);
    }
}

// N8.4, N5.3, N6.1
TEST(WideCodes, Pooling) {
  for_seeds(100, [](Random& random) {
    const Pooled m = draw_pool(random, DType::kU16, DType::kU16);
    Codes largest;
    for (int i = 0; i < m.out.h * m.out.w * m.out.c; ++i) {
      int32_t best = 0;
      under(m, i / m.out.c / m.out.w, i / m.out.c % m.out.w, i % m.out.c, [&](int32_t q) { best = std::max(best, q); });
      largest.push_back(best);
    }
    expect_codes(random, MaxPoolParams{m.in, m.out, m.window}, {{m.source, m.in.element}}, {}, largest, m.out.element);

    const Pooled a = draw_pool(random, draw_type(random), DType::kU16);
    const int taps = a.window.kernel_h * a.window.kernel_w;
    std::vector<float> factors;
    for (int n = 1; n <= taps; ++n) factors.push_back(once(65535.0 / most_code(a.in.element) / n));
    AvgPoolParams p{a.in, a.out, a.window, pick(random, 0, most_code(a.in.element)), pick(random, 0, 65535), {}};
    Constants constants;
    p.factors = constants.add(factors);
    Codes means;
    for (int i = 0; i < a.out.h * a.out.w * a.out.c; ++i) {
      int64_t sum = 0, n = 0;
      under(a, i / a.out.c / a.out.w, i / a.out.c % a.out.w, i % a.out.c, [&](int32_t q) {
        sum += q - p.in_zero_point;
        ++n;
      });
      const float factor = factors[static_cast<std::size_t>(n - 1)];
      means.push_back(code_of(double{once(double{once(double(sum))} * double{factor})}, p.zero_point, 0, 65535));
    }
    expect_codes(random, p, {{a.source, a.in.element}}, constants, means, DType::kU16);
  });
}

// N8.4, N6.1: the largest sum that is allowed stays exact.
TEST(WideCodes, Means) {
  for_seeds(30, [](Random& random) {
    ReduceParams p;
    p.outer = pick(random, 1, 3);
    p.inner = p.inner_stride = pick(random, 1, 70);
    p.n = pick(random, 0, 9) == 0 ? 32767 / p.inner * p.inner : pick(random, 1, 50);
    p.in_element = draw_type(random);
    p.out_element = draw_type(random);
    p.in_zero_point = pick(random, 0, most_code(p.in_element));
    p.zero_point = pick(random, 0, most_code(p.out_element));
    p.factor = once(double(most_code(p.out_element)) / most_code(p.in_element) / p.n);
    const Codes source = draw_codes(random, static_cast<std::size_t>(p.outer) * p.n * p.inner, p.in_element);
    Codes expected;
    for (int o = 0; o < p.outer; ++o)
      for (int i = 0; i < p.inner; ++i) {
        int64_t sum = 0;
        for (int k = 0; k < p.n; ++k)
          sum += source[(static_cast<std::size_t>(o) * p.n + k) * p.inner + i] - p.in_zero_point;
        expected.push_back(code_of(double{once(double{once(double(sum))} * double{p.factor})}, p.zero_point, 0,
                                   most_code(p.out_element)));
      }
    expect_codes(random, p, {{source, p.in_element}}, {}, expected, p.out_element);
  });
}

// N8.4, N5.3, N6.2
TEST(WideCodes, Resize) {
  for_seeds(60, [](Random& random) {
    const View in{pick(random, 1, 4), pick(random, 1, 4), pick(random, 1, 70), 0, DType::kU16};
    View from = in, to = in;
    from.pixel_stride = to.pixel_stride = in.c;
    to.h = pick(random, 1, 6);
    to.w = pick(random, 1, 6);
    const Codes source = draw_codes(random, static_cast<std::size_t>(in.h * in.w * in.c), DType::kU16);
    const auto at_pixel = [&](int y, int x, int c) {
      return source[static_cast<std::size_t>((y * in.w + x) * in.c + c)];
    };
    std::vector<int32_t> rows, columns, row_blends, column_blends;
    const auto draw = [&](std::vector<int32_t>& single, std::vector<int32_t>& blends, int count, int extent) {
      for (int i = 0; i < count; ++i) {
        const int low = pick(random, 0, extent - 1), weight = pick(random, 0, 2048);
        single.push_back(low);
        blends.insert(blends.end(), {low, std::min(low + 1, extent - 1), 2048 - weight, weight});
      }
    };
    draw(rows, row_blends, to.h, in.h);
    draw(columns, column_blends, to.w, in.w);
    Constants constants;
    const NearestParams nearest{from, to, constants.add(rows), constants.add(columns)};
    const BilinearParams bilinear{from, to, constants.add(row_blends), constants.add(column_blends)};
    Codes picked, blended;
    for (int y = 0; y < to.h; ++y)
      for (int x = 0; x < to.w; ++x)
        for (int c = 0; c < to.c; ++c) {
          picked.push_back(at_pixel(rows[static_cast<std::size_t>(y)], columns[static_cast<std::size_t>(x)], c));
          const int32_t *r = row_blends.data() + 4 * y, *k = column_blends.data() + 4 * x;
          int64_t sum = 1 << 21;
          for (int i = 0; i < 4; ++i) sum += int64_t{at_pixel(r[i / 2], k[i % 2], c)} * r[2 + i / 2] * k[2 + i % 2];
          blended.push_back(static_cast<int32_t>(sum >> 22));
        }
    expect_codes(random, nearest, {{source, DType::kU16}}, constants, picked, DType::kU16);
    expect_codes(random, bilinear, {{source, DType::kU16}}, constants, blended, DType::kU16);
  });
}

// N8.4, N7.1
TEST(WideCodes, Softmax) {
  for_seeds(40, [](Random& random) {
    SoftmaxParams p{pick(random, 1, 3), pick(random, 1, 50), pick(random, 0, 1) == 0 ? 1 : pick(random, 2, 90), {}};
    p.in_element = DType::kU16;
    p.out_element = draw_type(random);
    std::vector<uint32_t> table(65536);
    for (std::size_t d = 0; d < table.size(); ++d)
      table[d] = static_cast<uint32_t>(std::nearbyint(0x1p20 * std::exp(-double(d) / 3000)));
    Constants constants;
    p.table = constants.add(table);
    const auto count = static_cast<std::size_t>(p.outer * p.n * p.inner);
    const Codes source = draw_codes(random, count, p.in_element);
    Codes expected(count);
    const int most = most_code(p.out_element);
    for (int o = 0; o < p.outer; ++o)
      for (int i = 0; i < p.inner; ++i) {
        const auto at_k = [&](int k) { return static_cast<std::size_t>((o * p.n + k) * p.inner + i); };
        int32_t best = 0;
        for (int k = 0; k < p.n; ++k) best = std::max(best, source[at_k(k)]);
        uint64_t sum = 0;
        for (int k = 0; k < p.n; ++k) sum += table[static_cast<std::size_t>(best - source[at_k(k)])];
        const float inverse = static_cast<float>(most) / static_cast<float>(sum);
        for (int k = 0; k < p.n; ++k) {
          const auto e = static_cast<float>(table[static_cast<std::size_t>(best - source[at_k(k)])]);
          expected[at_k(k)] = code_of(double{once(double{e} * double{inverse})}, 0, 0, most);
        }
      }
    expect_codes(random, p, {{source, p.in_element}}, constants, expected, p.out_element);
  });
}

// N8.1, N5.3: codes of two bytes move whole.
TEST(WideCodes, CopyAndFill) {
  for_seeds(300, [](Random& random) {
    CopyParams p;
    p.element = DType::kU16;
    std::array<std::size_t, 6> order{5, 4, 3, 2, 1, 0};
    if (pick(random, 0, 2) == 0) std::shuffle(order.begin(), order.end(), random);
    int count = 1;
    for (std::size_t d = 0; d < 6; ++d) p.extent[d] = pick(random, 0, 1) == 0 ? 1 : pick(random, 1, d < 4 ? 3 : 20);
    for (std::size_t d : order) {
      p.src_stride[d] = count;
      count *= p.extent[d];
    }
    int stride = 1;
    for (std::size_t d = 6; d-- > 0;) {
      p.dst_stride[d] = stride;
      stride *= p.extent[d];
    }
    const Codes source = draw_codes(random, static_cast<std::size_t>(count), DType::kU16);
    Codes expected;
    for (int i = 0; i < count; ++i) {
      int rest = i, from = 0;
      for (std::size_t d = 6; d-- > 0; rest /= p.extent[d]) from += rest % p.extent[d] * p.src_stride[d];
      expected.push_back(source[static_cast<std::size_t>(from)]);
    }
    expect_codes(random, p, {{source, DType::kU16}}, {}, expected, DType::kU16);
    FillParams fill{pick(random, 1, 4), pick(random, 1, 40), 0, pick(random, 256, 65535), DType::kU16};
    fill.stride = fill.count;
    expect_codes(random, fill, {}, {}, Codes(static_cast<std::size_t>(fill.runs * fill.count), fill.value),
                 DType::kU16);
  });
}

// N9.1, N9.2 with the codes of N8.1
TEST(WideCodes, Edges) {
  const float real[] = {-1e9f, -0.5f, 0.0f, 0.125f, 0.375f, 100.0f, 16000.0f, INFINITY, -INFINITY};
  uint16_t codes[9];
  ASSERT_EQ(quantize_u16(real, 9, 0.25f, 1000, codes), 9u);
  const uint16_t expected[] = {0, 998, 1000, 1000, 1002, 1400, 65000, 65535, 0};
  EXPECT_TRUE(std::equal(codes, codes + 9, expected));
  float back[9];
  dequantize_u16(codes, 9, 0.25f, 1000, back);
  EXPECT_EQ(back[5], 100.0f);
  EXPECT_EQ(back[7], 64535 * 0.25f);
  const float nan[] = {0, NAN};
  EXPECT_EQ(quantize_u16(nan, 2, 1, 0, codes), 1u);
}

}  // namespace
}  // namespace graupel
