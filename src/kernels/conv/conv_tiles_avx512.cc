#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx512.h"

#include <array>
#include <cstring>

#include "kernels/repeat.h"

namespace graupel {
namespace {

[[gnu::always_inline]] inline __m512i broadcast(const uint8_t* bytes) {
  int32_t dword;
  std::memcpy(&dword, bytes, sizeof dword);
  return _mm512_set1_epi32(dword);
}

/// Writes the codes of one pixel, which are lanes [lane, lane + kVectors) * 16 of `codes`.
template <int kVectors, int lane>
[[gnu::always_inline]] inline void store(__m512i codes, int channels, uint8_t* out) {
  if constexpr (kVectors == 1) {
    const __m128i mine = _mm512_extracti32x4_epi32(codes, lane);
    if (channels == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(out), mine);
    _mm_mask_storeu_epi8(out, static_cast<__mmask16>((1u << channels) - 1), mine);
  } else if constexpr (kVectors == 2) {
    const __m256i mine = _mm512_extracti32x8_epi32(codes, lane / 2);
    if (channels == 32) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), mine);
    _mm256_mask_storeu_epi8(out, static_cast<__mmask32>((uint64_t{1} << channels) - 1), mine);
  } else {
    if (channels == 64) return _mm512_storeu_si512(out, codes);
    _mm512_mask_storeu_epi8(out, (uint64_t{1} << channels) - 1, codes);
  }
}

/// Requantizes and stores the accumulators of `kPixels` x `kVectors`, four vectors at a time.
template <int kPixels, int kVectors, bool kResidual>
[[gnu::always_inline]] inline void finish(const ConvStrip& strip, const EpilogueAvx512& epilogue, const float* scale,
                                          const __m512i (&acc)[kPixels * kVectors], uint8_t* out,
                                          const uint8_t* residual) {
  constexpr int kTogether = kVectors == 1 ? 4 : kVectors == 2 ? 2 : 1;
  repeat<(kPixels + kTogether - 1) / kTogether>([&](auto group) __attribute__((always_inline)) {
    __m512i v[4];
    repeat<4>([&](auto j) __attribute__((always_inline)) {
      constexpr int kPixel = group * kTogether + j / kVectors, kVector = j % kVectors;
      if constexpr (j / kVectors >= kTogether || kPixel >= kPixels) {
        v[j] = _mm512_setzero_si512();
      } else if constexpr (kResidual) {
        const int left = strip.channels - kVector * 16;
        const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffffu : (1u << left) - 1);
        const __m128i codes = _mm_maskz_loadu_epi8(mask, residual + kPixel * strip.residual_step + kVector * 16);
        v[j] = added_avx512(epilogue, acc[kPixel * kVectors + kVector], _mm512_loadu_ps(scale + kVector * 16),
                            _mm512_cvtepu8_epi32(codes));
      } else {
        v[j] = scaled_avx512(acc[kPixel * kVectors + kVector], _mm512_loadu_ps(scale + kVector * 16));
      }
    });
    const __m512i codes = codes_avx512(epilogue, v[0], v[1], v[2], v[3]);
    if constexpr (kTogether > 1 && (group + 1) * kTogether <= kPixels) {
      // Neighbours that lie close make one store.
      if (strip.out_step == kVectors * 16 && strip.channels == kVectors * 16)
        return _mm512_storeu_si512(out + group * 64, codes);
    }
    repeat<kTogether>([&](auto p) __attribute__((always_inline)) {
      constexpr int kPixel = group * kTogether + p;
      if constexpr (kPixel < kPixels)
        store<kVectors, p * kVectors>(codes, strip.channels, out + kPixel * strip.out_step);
    });
  });
}

template <int kPixels, int kVectors, bool kResidual>
void tiles(const ConvStrip& strip, const EpilogueAvx512& epilogue) {
  constexpr int kGroup = Avx512::crosses_rows(kVectors) ? 1 : 3, kBases = (kPixels + kGroup - 1) / kGroup;
  const auto* scale = reinterpret_cast<const float*>(strip.segment + kVectors * 64);
  const std::ptrdiff_t distance = strip.pixel_step;
  const uint8_t *row = strip.row, *residual = strip.residual;
  uint8_t* out = strip.out;
  int x = strip.x;
  for (int t = 0; t < strip.tiles; ++t) {
    const uint8_t* base[kBases];
    repeat<kBases>([&](auto b) __attribute__((always_inline)) {
      base[b] = row + x * distance;
      x += kGroup;
      if (kGroup == 1 && x == strip.width) {
        x = 0;
        row += strip.row_step;
      }
    });
    if constexpr (kGroup != 1) x += kPixels - kBases * kGroup;

    __m512i acc[kPixels * kVectors];
    repeat<kPixels * kVectors>([&](auto i) __attribute__((always_inline)) {
      acc[i] = _mm512_loadu_si512(strip.segment + i % kVectors * 64);
    });
    const std::byte* weights = strip.segment + kVectors * 128;
    for (int step = 0; step < strip.steps; ++step) {
      const std::ptrdiff_t offset = strip.offsets[step];
      __m512i w[kVectors];
      repeat<kVectors>([&](auto n) __attribute__((always_inline)) { w[n] = _mm512_loadu_si512(weights + n * 64); });
      repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
        const __m512i codes = broadcast(base[p / kGroup] + (offset + p % kGroup * distance));
        repeat<kVectors>([&](auto n)
                             __attribute__((always_inline)) { dot_avx512(acc[p * kVectors + n], codes, w[n]); });
      });
      weights += kVectors * 64;
    }
    finish<kPixels, kVectors, kResidual>(strip, epilogue, scale, acc, out, residual);
    out += kPixels * strip.out_step;
    if constexpr (kResidual) residual += kPixels * strip.residual_step;
  }
}

using Function = void (*)(const ConvStrip&, const EpilogueAvx512&);

template <int kVectors, bool kResidual, int... pixels>
constexpr std::array<Function, kMaxTilePixels> functions(std::integer_sequence<int, pixels...>) {
  return {tiles<pixels + 1, kVectors, kResidual>...};
}
template <int kVectors, bool kResidual>
constexpr auto kFunctions =
    functions<kVectors, kResidual>(std::make_integer_sequence<int, Avx512::max_pixels(kVectors)>{});

}  // namespace

void Avx512::run(int pixels, int vectors, const ConvStrip& strip, const EpilogueAvx512& epilogue) {
  static constexpr std::array<Function, kMaxTilePixels> kAll[2][4] = {
      {kFunctions<1, false>, kFunctions<2, false>, kFunctions<3, false>, kFunctions<4, false>},
      {kFunctions<1, true>, kFunctions<2, true>, kFunctions<3, true>, kFunctions<4, true>}};
  kAll[epilogue.residual][vectors - 1][pixels - 1](strip, epilogue);
}

}  // namespace graupel

#endif
