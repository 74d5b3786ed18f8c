// Products of two activations with AVX-512 VNNI. `b` is packed as s8, less 128, four rows of k beside each other; what
// that and the zero points change is added exactly: sums of rows of `a` and of columns of `b` (N4.3).
//
//   sum (a - za)(b - zb) = sum a(b - 128) + (128 - zb) sum a - za (sum (b - 128) + k (128 - zb))
#include "kernels/matmul/matmul_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/epilogue_avx512.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

constexpr int kLanes = 16, kBlock = MatMulParams::kBlock;

std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// What a worker needs: bias and scale of a block of columns, its packed bytes, rows of `a` and their terms.
struct Scratch {
  explicit Scratch(const MatMulParams& params)
      : packed(static_cast<std::size_t>(matmul_steps(params)) * kBlock * 4),
        rows(reads_rows_in_place(params) ? 0 : round_up(std::size_t{kMatMulRows} * matmul_steps(params) * 4)) {}
  static constexpr std::size_t kColumns = kBlock * 4, kTerms = kMatMulRows * 4;
  std::size_t packed, rows;
  std::size_t all() const { return 2 * kColumns + kTerms + packed + rows; }
};

/// A block of columns against some rows.
struct Panel {
  const int32_t* bias;
  const float* scale;
  const std::byte* packed;
  int steps, columns;
  const uint8_t* row;  ///< of `a`
  std::ptrdiff_t row_step;
  const int32_t* term;  ///< of each row
  uint8_t* out;
  std::ptrdiff_t out_step;
};

[[gnu::always_inline]] inline __m512i broadcast(const uint8_t* bytes) {
  int32_t dword;
  std::memcpy(&dword, bytes, sizeof dword);
  return _mm512_set1_epi32(dword);
}

template <int kRows, int kVectors>
void multiply_tile(const Panel& panel, const EpilogueAvx512& epilogue) {
  __m512i acc[kRows * kVectors];
  repeat<kRows>([&](auto r) __attribute__((always_inline)) {
    const __m512i term = _mm512_set1_epi32(panel.term[r]);
    repeat<kVectors>([&](auto v) __attribute__((always_inline)) {
      acc[r * kVectors + v] = _mm512_add_epi32(_mm512_loadu_si512(panel.bias + v * kLanes), term);
    });
  });
  const std::byte* packed = panel.packed;
  const uint8_t* row = panel.row;
  const std::ptrdiff_t step = panel.row_step;
  for (int s = 0; s < panel.steps; ++s, row += 4, packed += kVectors * 64) {
    __m512i b[kVectors];
    repeat<kVectors>([&](auto v) __attribute__((always_inline)) { b[v] = _mm512_loadu_si512(packed + v * 64); });
    repeat<kRows>([&](auto r) __attribute__((always_inline)) {
      const __m512i a = broadcast(row + r * step);
      repeat<kVectors>([&](auto v) __attribute__((always_inline)) { dot_avx512(acc[r * kVectors + v], a, b[v]); });
    });
  }
  const __mmask64 lanes = panel.columns == 64 ? ~0ULL : (1ULL << panel.columns) - 1;
  repeat<kRows>([&](auto r) __attribute__((always_inline)) {
    __m512i value[4];
    repeat<4>([&](auto v) __attribute__((always_inline)) {
      if constexpr (v < kVectors)
        value[v] = scaled_avx512(acc[r * kVectors + v], _mm512_loadu_ps(panel.scale + v * kLanes));
      else
        value[v] = _mm512_setzero_si512();
    });
    _mm512_mask_storeu_epi8(panel.out + r * panel.out_step, lanes,
                            codes_avx512(epilogue, value[0], value[1], value[2], value[3]));
  });
}

constexpr int kMostRows = 8;
constexpr int most_rows(int vectors) { return vectors >= 3 ? 6 : kMostRows; }

using TileFunction = void (*)(const Panel&, const EpilogueAvx512&);
template <int kVectors, int... rows>
constexpr std::array<TileFunction, kMostRows> tile_functions(std::integer_sequence<int, rows...>) {
  return {multiply_tile<rows + 1, kVectors>...};
}
template <int kVectors>
constexpr auto kTiles = tile_functions<kVectors>(std::make_integer_sequence<int, most_rows(kVectors)>{});
constexpr std::array<TileFunction, kMostRows> kAllTiles[] = {kTiles<1>, kTiles<2>, kTiles<3>, kTiles<4>};

/// The bytes of lanes [0, count) in step `step`: four of k for each column, less 128; zeros beyond k and count.
__m512i packed_step(const MatMulParams& params, const uint8_t* b, int step, int count) {
  const int rows = std::min(4, params.k - 4 * step);
  const auto lanes = static_cast<__mmask16>((1u << count) - 1);
  const uint8_t* source = b + static_cast<std::ptrdiff_t>(4 * step) * params.b.row;
  __m512i bytes;
  if (params.b.row == 1 && rows == 4) {
    const __m512i index = _mm512_mullo_epi32(_mm512_set1_epi32(params.b.column),
                                             _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    bytes = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), lanes, index, source, 1);
  } else if (params.b.column == 1) {
    const auto row = [&](int k) {
      return k < rows ? _mm_maskz_loadu_epi8(lanes, source + static_cast<std::ptrdiff_t>(k) * params.b.row)
                      : _mm_setzero_si128();
    };
    // Bytes of rows 0 and 1, then 2 and 3, side by side; then their pairs.
    const __m128i row0 = row(0), row1 = row(1), row2 = row(2), row3 = row(3);
    const __m128i low01 = _mm_unpacklo_epi8(row0, row1), high01 = _mm_unpackhi_epi8(row0, row1);
    const __m128i low23 = _mm_unpacklo_epi8(row2, row3), high23 = _mm_unpackhi_epi8(row2, row3);
    bytes = _mm512_castsi128_si512(_mm_unpacklo_epi16(low01, low23));
    bytes = _mm512_inserti32x4(bytes, _mm_unpackhi_epi16(low01, low23), 1);
    bytes = _mm512_inserti32x4(bytes, _mm_unpacklo_epi16(high01, high23), 2);
    bytes = _mm512_inserti32x4(bytes, _mm_unpackhi_epi16(high01, high23), 3);
  } else {
    alignas(64) uint8_t copy[64] = {};
    for (int c = 0; c < count; ++c)
      for (int k = 0; k < rows; ++k)
        copy[4 * c + k] =
            source[static_cast<std::ptrdiff_t>(c) * params.b.column + static_cast<std::ptrdiff_t>(k) * params.b.row];
    bytes = _mm512_load_si512(copy);
  }
  const auto valid = static_cast<int32_t>(0xFFFFFFFFu >> (32 - 8 * rows));
  const __m512i used = _mm512_maskz_set1_epi32(lanes, valid & static_cast<int32_t>(0x80808080));
  return _mm512_xor_si512(bytes, used);
}

/// Packs columns [0, count) of `b` as [step][vector][lane][4] and fills in their bias and scale.
void pack_columns(const MatMulParams& params, const uint8_t* b, const float* scales, int count, int32_t* bias,
                  float* scale, std::byte* packed) {
  const int vectors = (count + kLanes - 1) / kLanes;
  const __m512i ones = _mm512_set1_epi8(1);
  const int32_t fixed = params.k * (128 - params.b_zero_point);
  for (int v = 0; v < vectors; ++v) {
    const int lanes = std::min(kLanes, count - v * kLanes);
    const uint8_t* first = b + static_cast<std::ptrdiff_t>(v) * kLanes * params.b.column;
    __m512i sum = _mm512_set1_epi32(fixed);
    for (int step = 0; step < matmul_steps(params); ++step) {
      const __m512i bytes = packed_step(params, first, step, lanes);
      dot_avx512(sum, ones, bytes);
      _mm512_storeu_si512(packed + (static_cast<std::ptrdiff_t>(step) * vectors + v) * 64, bytes);
    }
    _mm512_storeu_si512(bias + v * kLanes, _mm512_mullo_epi32(sum, _mm512_set1_epi32(-params.a_zero_point)));
    _mm512_storeu_ps(scale + v * kLanes,
                     _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << lanes) - 1), scales + v * kLanes));
  }
}

/// (128 - zb) times the sum of each row.
void sum_rows(const MatMulParams& params, const uint8_t* row, std::ptrdiff_t step, int rows, int32_t* term) {
  const int length = 4 * matmul_steps(params);
  for (int r = 0; r < rows; ++r, row += step) {
    __m512i sums = _mm512_setzero_si512();
    for (int i = 0; i < length; i += 64) {
      const __mmask64 lanes = ~0ULL >> (64 - std::min(64, length - i));
      sums = _mm512_add_epi64(sums, _mm512_sad_epu8(_mm512_maskz_loadu_epi8(lanes, row + i), _mm512_setzero_si512()));
    }
    term[r] = static_cast<int32_t>(_mm512_reduce_add_epi64(sums)) * (128 - params.b_zero_point);
  }
}

/// Rows in as few tiles as possible, of two sizes that differ by one.
void multiply_rows(Panel panel, int rows, const EpilogueAvx512& epilogue) {
  const int vectors = (panel.columns + kLanes - 1) / kLanes;
  for (int left = rows, most = most_rows(vectors); left > 0;) {
    const int tiles = (left + most - 1) / most, size = (left + tiles - 1) / tiles;
    kAllTiles[vectors - 1][static_cast<std::size_t>(size - 1)](panel, epilogue);
    panel.row += size * panel.row_step;
    panel.term += size;
    panel.out += size * panel.out_step;
    left -= size;
  }
}

void multiply(const MatMulParams& params, const KernelArgs& args, int number, int first, int count,
              const EpilogueAvx512& epilogue) {
  const Scratch scratch(params);
  auto* bias = reinterpret_cast<int32_t*>(args.scratch);
  auto* scale = reinterpret_cast<float*>(args.scratch + Scratch::kColumns);
  auto* term = reinterpret_cast<int32_t*>(args.scratch + 2 * Scratch::kColumns);
  std::byte* packed = args.scratch + 2 * Scratch::kColumns + Scratch::kTerms;
  auto* copy = reinterpret_cast<uint8_t*>(packed + scratch.packed);
  const auto* a = reinterpret_cast<const uint8_t*>(args.src[0]) + matrix_offset(params, params.a, number);
  const auto* b = reinterpret_cast<const uint8_t*>(args.src[1]) + matrix_offset(params, params.b, number) +
                  static_cast<std::ptrdiff_t>(first) * params.b.column;
  pack_columns(params, b, at<float>(args.constants, params.epilogue.scale) + first, count, bias, scale, packed);
  const bool in_place = reads_rows_in_place(params);
  const std::ptrdiff_t step = in_place ? params.a.row : 4 * matmul_steps(params);
  uint8_t* out = reinterpret_cast<uint8_t*>(args.dst) + matrix_offset(params, params.out, number) + first;
  for (int row = 0; row < params.m; row += kMatMulRows) {
    const int rows = std::min(kMatMulRows, params.m - row);
    const uint8_t* source = a + static_cast<std::ptrdiff_t>(row) * params.a.row;
    if (!in_place) copy_rows(params, source, rows, copy);
    const uint8_t* ready = in_place ? source : copy;
    sum_rows(params, ready, step, rows, term);
    multiply_rows({bias, scale, packed, matmul_steps(params), count, ready, step, term,
                   out + static_cast<std::ptrdiff_t>(row) * params.out.row, params.out.row},
                  rows, epilogue);
  }
}

void matmul_avx512(const MatMulParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx512 epilogue(params.epilogue, args.constants);
  const int end = std::min(tile.block_end * kBlock, params.n);
  for (int number = tile.row_begin; number < tile.row_end; ++number)
    for (int first = tile.block_begin * kBlock; first < end; first += kBlock)
      multiply(params, args, number, first, std::min(kBlock, end - first), epilogue);
}

/// The gather's indices are s32.
bool accepts(const MatMulParams& params) {
  return is_narrow_matmul(params) && (params.b.row != 1 || params.b.column < (1 << 27));
}

}  // namespace

const Kernel<MatMulParams> kMatMulAvx512 = {
    .name = "avx512",
    .isa = Isa::kAvx512,
    .run = matmul_avx512,
    .accepts = accepts,
    .scratch_bytes = [](const MatMulParams& params) { return Scratch(params).all(); }};

}  // namespace graupel

#endif
