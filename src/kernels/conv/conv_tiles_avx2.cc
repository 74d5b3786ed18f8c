#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx2.h"

#include <array>
#include <cstring>

#include "kernels/repeat.h"

namespace graupel {
namespace {

[[gnu::always_inline]] inline __m256i load(const std::byte* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

template <int kPixels, int kVectors>
void tiles(const ConvStrip& strip, const EpilogueAvx2& epilogue) {
  float scale[16] = {};
  std::memcpy(scale, strip.segment + kVectors * 32, kVectors * 32);
  const __m256i low_bytes = _mm256_set1_epi16(0xFF);
  const uint8_t *row = strip.row, *residual = strip.residual;
  uint8_t* out = strip.out;
  int x = strip.x;
  for (int t = 0; t < strip.tiles; ++t) {
    const uint8_t* base[kPixels];
    repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
      base[p] = row + x * strip.pixel_step;
      if (++x == strip.width) {
        x = 0;
        row += strip.row_step;
      }
    });
    __m256i acc[kPixels * kVectors];
    repeat<kPixels * kVectors>([&](auto i) __attribute__((always_inline)) {
      acc[i] = load(strip.segment + i % kVectors * 32);
    });
    const std::byte* weights = strip.segment + kVectors * 64;
    for (int step = 0; step < strip.steps; ++step, weights += kVectors * 64) {
      const std::ptrdiff_t offset = strip.offsets[step];
      repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
        int32_t dword;
        std::memcpy(&dword, base[p] + offset, sizeof dword);
        const __m256i codes = _mm256_set1_epi32(dword);
        const __m256i even = _mm256_and_si256(codes, low_bytes), odd = _mm256_srli_epi16(codes, 8);
        repeat<kVectors>([&](auto n) __attribute__((always_inline)) {
          __m256i& sum = acc[p * kVectors + n];
          sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even, load(weights + n * 64)));
          sum = _mm256_add_epi32(sum, _mm256_madd_epi16(odd, load(weights + n * 64 + 32)));
        });
      });
    }
    repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
      const __m256i second = kVectors == 2 ? acc[p * kVectors + kVectors - 1] : _mm256_setzero_si256();
      finish_avx2(epilogue, acc[p * kVectors], second, scale, strip.channels, residual, out);
      out += strip.out_step;
      if (residual != nullptr) residual += strip.residual_step;
    });
  }
}

using Function = void (*)(const ConvStrip&, const EpilogueAvx2&);

template <int kVectors, int... pixels>
constexpr std::array<Function, kMaxTilePixels> functions(std::integer_sequence<int, pixels...>) {
  return {tiles<pixels + 1, kVectors>...};
}
template <int kVectors>
constexpr auto kFunctions = functions<kVectors>(std::make_integer_sequence<int, Avx2::max_pixels(kVectors)>{});

}  // namespace

void Avx2::run(int pixels, int vectors, const ConvStrip& strip, const EpilogueAvx2& epilogue) {
  static constexpr std::array<Function, kMaxTilePixels> kAll[] = {kFunctions<1>, kFunctions<2>};
  kAll[vectors - 1][pixels - 1](strip, epilogue);
}

}  // namespace graupel

#endif
