// Element-wise operators, 32 codes at a time (N5.1 to N5.3).
#include <cstring>

#include "kernels/binary/binary_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

/// Undoes the order in which unpacking by 128-bit parts delivers: codes 0-3 of each part, 4-7, 8-11, 12-15.
__m256i pack(__m256i q0, __m256i q1, __m256i q2, __m256i q3) {
  return _mm256_packus_epi16(_mm256_packs_epi32(q0, q1), _mm256_packs_epi32(q2, q3));
}

/// The codes of one operand as 4 registers of s32, in the order that pack() undoes.
struct Wide {
  explicit Wide(__m256i codes) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i lo = _mm256_unpacklo_epi8(codes, zero), hi = _mm256_unpackhi_epi8(codes, zero);
    part[0] = _mm256_unpacklo_epi16(lo, zero);
    part[1] = _mm256_unpackhi_epi16(lo, zero);
    part[2] = _mm256_unpacklo_epi16(hi, zero);
    part[3] = _mm256_unpackhi_epi16(hi, zero);
  }
  __m256i part[4];
};

struct AddInteger {
  explicit AddInteger(const BinaryParams& p)
      : factors(_mm256_set1_epi32((p.mb << 16) | (p.ma & 0xffff))),
        c(_mm256_set1_epi32(p.c)),
        shift(_mm_cvtsi32_si128(p.shift)) {}

  __m256i sum(__m256i pairs) const {
    return _mm256_sra_epi32(_mm256_add_epi32(_mm256_madd_epi16(pairs, factors), c), shift);
  }
  __m256i operator()(__m256i a, __m256i b) const {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i lo = _mm256_unpacklo_epi8(a, b), hi = _mm256_unpackhi_epi8(a, b);
    return pack(sum(_mm256_unpacklo_epi8(lo, zero)), sum(_mm256_unpackhi_epi8(lo, zero)),
                sum(_mm256_unpacklo_epi8(hi, zero)), sum(_mm256_unpackhi_epi8(hi, zero)));
  }

  __m256i factors, c;
  __m128i shift;
};

/// R(x) + z of floats; beyond the bounds everything saturates.
struct Rounding {
  explicit Rounding(const BinaryParams& p) : z(_mm256_set1_epi32(p.z)) {}
  __m256i operator()(__m256 x) const {
    const __m256 low = _mm256_max_ps(x, _mm256_set1_ps(-0x1p20f));
    const __m256 inside = _mm256_min_ps(low, _mm256_set1_ps(0x1p20f));
    return _mm256_add_epi32(_mm256_cvtps_epi32(inside), z);
  }
  __m256i z;
};

__m256 centred(__m256i codes, __m256i zero_point) { return _mm256_cvtepi32_ps(_mm256_sub_epi32(codes, zero_point)); }

struct AddFloat {
  explicit AddFloat(const BinaryParams& p)
      : round(p),
        za(_mm256_set1_epi32(p.za)),
        zb(_mm256_set1_epi32(p.zb)),
        sa(_mm256_set1_ps(p.sa)),
        sb(_mm256_set1_ps(p.sb)) {}

  __m256i operator()(__m256i a, __m256i b) const {
    const Wide x(a), y(b);
    __m256i q[4];
    for (int i = 0; i < 4; ++i)
      q[i] = round(_mm256_add_ps(_mm256_mul_ps(centred(x.part[i], za), sa), _mm256_mul_ps(centred(y.part[i], zb), sb)));
    return pack(q[0], q[1], q[2], q[3]);
  }

  Rounding round;
  __m256i za, zb;
  __m256 sa, sb;
};

struct Mul {
  explicit Mul(const BinaryParams& p)
      : round(p), za(_mm256_set1_epi32(p.za)), zb(_mm256_set1_epi32(p.zb)), s(_mm256_set1_ps(p.sa)) {}

  /// The product of two differences of codes is below 2^24, hence exact in float.
  __m256i operator()(__m256i a, __m256i b) const {
    const Wide x(a), y(b);
    __m256i q[4];
    for (int i = 0; i < 4; ++i)
      q[i] = round(_mm256_mul_ps(_mm256_mul_ps(centred(x.part[i], za), centred(y.part[i], zb)), s));
    return pack(q[0], q[1], q[2], q[3]);
  }

  Rounding round;
  __m256i za, zb;
  __m256 s;
};

struct Min {
  explicit Min(const BinaryParams&) {}
  __m256i operator()(__m256i a, __m256i b) const { return _mm256_min_epu8(a, b); }
};

struct Max {
  explicit Max(const BinaryParams&) {}
  __m256i operator()(__m256i a, __m256i b) const { return _mm256_max_epu8(a, b); }
};

__m256i load(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
void store(uint8_t* to, __m256i codes) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), codes); }

/// The first `count` < 32 codes.
__m256i load_first(const uint8_t* from, std::ptrdiff_t count) {
  uint8_t codes[32] = {};
  std::memcpy(codes, from, static_cast<std::size_t>(count));
  return load(codes);
}
void store_first(uint8_t* to, __m256i codes, std::ptrdiff_t count) {
  uint8_t all[32];
  store(all, codes);
  std::memcpy(to, all, static_cast<std::size_t>(count));
}

/// One run; an operand that repeats is read once.
template <class Op, bool kFixedA, bool kFixedB>
struct Runner {
  void operator()(const BinaryRun& run) const {
    const __m256i fixed_a = _mm256_set1_epi8(static_cast<char>(kFixedA ? *run.a : 0));
    const __m256i fixed_b = _mm256_set1_epi8(static_cast<char>(kFixedB ? *run.b : 0));
    const auto clamped = [&](__m256i q) { return _mm256_min_epu8(_mm256_max_epu8(q, lo), hi); };
    std::ptrdiff_t i = 0;
    for (; i + 32 <= run.count; i += 32)
      store(run.dst + i, clamped(op(kFixedA ? fixed_a : load(run.a + i), kFixedB ? fixed_b : load(run.b + i))));
    if (i == run.count) return;
    const std::ptrdiff_t rest = run.count - i;
    const __m256i a = kFixedA ? fixed_a : load_first(run.a + i, rest);
    const __m256i b = kFixedB ? fixed_b : load_first(run.b + i, rest);
    store_first(run.dst + i, clamped(op(a, b)), rest);
  }

  Op op;
  __m256i lo, hi;
};

template <class Op, bool kFixedA, bool kFixedB>
void run_as(const BinaryParams& params, const KernelArgs& args, const Tile& tile, const BinaryRuns& runs) {
  const Runner<Op, kFixedA, kFixedB> runner{Op(params), _mm256_set1_epi8(static_cast<char>(params.lo)),
                                            _mm256_set1_epi8(static_cast<char>(params.hi))};
  for_each_binary_run(params, args, tile, runs, runner);
}

template <class Op>
void run_op(const BinaryParams& params, const KernelArgs& args, const Tile& tile) {
  const BinaryRuns runs = binary_runs(params);
  if (runs.fixed_a && runs.fixed_b) return run_as<Op, true, true>(params, args, tile, runs);
  if (runs.fixed_a) return run_as<Op, true, false>(params, args, tile, runs);
  if (runs.fixed_b) return run_as<Op, false, true>(params, args, tile, runs);
  run_as<Op, false, false>(params, args, tile, runs);
}

void run(const BinaryParams& params, const KernelArgs& args, const Tile& tile) {
  switch (params.kind) {
    case BinaryKind::kAddInteger: return run_op<AddInteger>(params, args, tile);
    case BinaryKind::kAddFloat: return run_op<AddFloat>(params, args, tile);
    case BinaryKind::kMul: return run_op<Mul>(params, args, tile);
    case BinaryKind::kMin: return run_op<Min>(params, args, tile);
    case BinaryKind::kMax: return run_op<Max>(params, args, tile);
  }
}

}  // namespace

const Kernel<BinaryParams> kBinaryAvx2 = {
    .name = "avx2", .isa = Isa::kAvx2, .run = run, .accepts = binary_in_vector_range};

}  // namespace graupel
#endif
