// Element-wise operators, 64 codes at a time (N5.1 to N5.3).
#include "kernels/binary/binary_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

/// Undoes the order in which unpacking by 128-bit parts delivers: codes 0-3 of each part, 4-7, 8-11, 12-15.
__m512i pack(__m512i q0, __m512i q1, __m512i q2, __m512i q3) {
  return _mm512_packus_epi16(_mm512_packs_epi32(q0, q1), _mm512_packs_epi32(q2, q3));
}

/// The codes of one operand as 4 registers of s32, in the order that pack() undoes.
struct Wide {
  explicit Wide(__m512i codes) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i lo = _mm512_unpacklo_epi8(codes, zero), hi = _mm512_unpackhi_epi8(codes, zero);
    part[0] = _mm512_unpacklo_epi16(lo, zero);
    part[1] = _mm512_unpackhi_epi16(lo, zero);
    part[2] = _mm512_unpacklo_epi16(hi, zero);
    part[3] = _mm512_unpackhi_epi16(hi, zero);
  }
  __m512i part[4];
};

constexpr __mmask16 kAll = 0xffff;  // full masks: GCC 12 warns of its own unmasked intrinsics

struct AddInteger {
  explicit AddInteger(const BinaryParams& p)
      : factors(_mm512_set1_epi32((p.mb << 16) | (p.ma & 0xffff))),
        c(_mm512_set1_epi32(p.c)),
        shift(_mm_cvtsi32_si128(p.shift)) {}

  __m512i sum(__m512i pairs) const {
    return _mm512_maskz_sra_epi32(kAll, _mm512_add_epi32(_mm512_madd_epi16(pairs, factors), c), shift);
  }
  __m512i operator()(__m512i a, __m512i b) const {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i lo = _mm512_unpacklo_epi8(a, b), hi = _mm512_unpackhi_epi8(a, b);
    return pack(sum(_mm512_unpacklo_epi8(lo, zero)), sum(_mm512_unpackhi_epi8(lo, zero)),
                sum(_mm512_unpacklo_epi8(hi, zero)), sum(_mm512_unpackhi_epi8(hi, zero)));
  }

  __m512i factors, c;
  __m128i shift;
};

/// R(x) + z of floats; beyond the bounds everything saturates.
struct Rounding {
  explicit Rounding(const BinaryParams& p) : z(_mm512_set1_epi32(p.z)) {}
  __m512i operator()(__m512 x) const {
    const __m512 low = _mm512_maskz_max_ps(kAll, x, _mm512_set1_ps(-0x1p20f));
    const __m512 inside = _mm512_maskz_min_ps(kAll, low, _mm512_set1_ps(0x1p20f));
    return _mm512_add_epi32(_mm512_maskz_cvtps_epi32(kAll, inside), z);
  }
  __m512i z;
};

__m512 centred(__m512i codes, __m512i zero_point) {
  return _mm512_maskz_cvtepi32_ps(kAll, _mm512_sub_epi32(codes, zero_point));
}

struct AddFloat {
  explicit AddFloat(const BinaryParams& p)
      : round(p),
        za(_mm512_set1_epi32(p.za)),
        zb(_mm512_set1_epi32(p.zb)),
        sa(_mm512_set1_ps(p.sa)),
        sb(_mm512_set1_ps(p.sb)) {}

  __m512i operator()(__m512i a, __m512i b) const {
    const Wide x(a), y(b);
    __m512i q[4];
    for (int i = 0; i < 4; ++i)
      q[i] = round(_mm512_add_ps(_mm512_mul_ps(centred(x.part[i], za), sa), _mm512_mul_ps(centred(y.part[i], zb), sb)));
    return pack(q[0], q[1], q[2], q[3]);
  }

  Rounding round;
  __m512i za, zb;
  __m512 sa, sb;
};

struct Mul {
  explicit Mul(const BinaryParams& p)
      : round(p), za(_mm512_set1_epi32(p.za)), zb(_mm512_set1_epi32(p.zb)), s(_mm512_set1_ps(p.sa)) {}

  /// The product of two differences of codes is below 2^24, hence exact in float.
  __m512i operator()(__m512i a, __m512i b) const {
    const Wide x(a), y(b);
    __m512i q[4];
    for (int i = 0; i < 4; ++i)
      q[i] = round(_mm512_mul_ps(_mm512_mul_ps(centred(x.part[i], za), centred(y.part[i], zb)), s));
    return pack(q[0], q[1], q[2], q[3]);
  }

  Rounding round;
  __m512i za, zb;
  __m512 s;
};

struct Min {
  explicit Min(const BinaryParams&) {}
  __m512i operator()(__m512i a, __m512i b) const { return _mm512_min_epu8(a, b); }
};

struct Max {
  explicit Max(const BinaryParams&) {}
  __m512i operator()(__m512i a, __m512i b) const { return _mm512_max_epu8(a, b); }
};

/// One run; an operand that repeats is read once.
template <class Op, bool kFixedA, bool kFixedB>
struct Runner {
  void operator()(const BinaryRun& run) const {
    const __m512i fixed_a = _mm512_set1_epi8(static_cast<char>(kFixedA ? *run.a : 0));
    const __m512i fixed_b = _mm512_set1_epi8(static_cast<char>(kFixedB ? *run.b : 0));
    const auto clamped = [&](__m512i q) { return _mm512_min_epu8(_mm512_max_epu8(q, lo), hi); };
    std::ptrdiff_t i = 0;
    for (; i + 64 <= run.count; i += 64) {
      const __m512i a = kFixedA ? fixed_a : _mm512_loadu_si512(run.a + i);
      const __m512i b = kFixedB ? fixed_b : _mm512_loadu_si512(run.b + i);
      _mm512_storeu_si512(run.dst + i, clamped(op(a, b)));
    }
    if (i == run.count) return;
    const __mmask64 rest = (uint64_t{1} << (run.count - i)) - 1;
    const __m512i a = kFixedA ? fixed_a : _mm512_maskz_loadu_epi8(rest, run.a + i);
    const __m512i b = kFixedB ? fixed_b : _mm512_maskz_loadu_epi8(rest, run.b + i);
    _mm512_mask_storeu_epi8(run.dst + i, rest, clamped(op(a, b)));
  }

  Op op;
  __m512i lo, hi;
};

template <class Op, bool kFixedA, bool kFixedB>
void run_as(const BinaryParams& params, const KernelArgs& args, const Tile& tile, const BinaryRuns& runs) {
  const Runner<Op, kFixedA, kFixedB> runner{Op(params), _mm512_set1_epi8(static_cast<char>(params.lo)),
                                            _mm512_set1_epi8(static_cast<char>(params.hi))};
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

const Kernel<BinaryParams> kBinaryAvx512 = {
    .name = "avx512", .isa = Isa::kAvx512, .run = run, .accepts = binary_in_vector_range};

}  // namespace graupel
#endif
