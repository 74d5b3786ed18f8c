// Moving codes (N5.3) as long runs, as transposed 16 x 16 squares of bytes, or one by one. Memory is the limit, so
// there is no wider form of its own.
#include <algorithm>
#include <cstring>

#include "kernels/copy/copy_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

struct Cursor {
  const std::byte* src;
  std::byte* dst;
};

/// The beginning of a row: an index of the three outer extents.
Cursor row_at(const CopyParams& params, const KernelArgs& args, int row) {
  const auto& e = params.extent;
  const int outer[3] = {row / e[2] / e[1], row / e[2] % e[1], row % e[2]};
  std::ptrdiff_t from = params.src_offset, to = params.dst_offset;
  for (std::size_t d = 0; d < 3; ++d) {
    from += static_cast<std::ptrdiff_t>(outer[d]) * params.src_stride[d];
    to += static_cast<std::ptrdiff_t>(outer[d]) * params.dst_stride[d];
  }
  return {args.src[0] + from, args.dst + to};
}

/// `runs` runs of kCount neighbours; small counts become single moves.
template <int kCount>
void copy_short_runs(Cursor at, int runs, std::ptrdiff_t src_stride, std::ptrdiff_t dst_stride) {
  for (int i = 0; i < runs; ++i) std::memcpy(at.dst + i * dst_stride, at.src + i * src_stride, kCount);
}

void copy_runs(Cursor at, int runs, int count, std::ptrdiff_t src_stride, std::ptrdiff_t dst_stride) {
  if (src_stride == count && dst_stride == count) {
    std::memcpy(at.dst, at.src, static_cast<std::size_t>(runs) * static_cast<std::size_t>(count));
    return;
  }
  switch (count) {
    case 1: return copy_short_runs<1>(at, runs, src_stride, dst_stride);
    case 2: return copy_short_runs<2>(at, runs, src_stride, dst_stride);
    case 3: return copy_short_runs<3>(at, runs, src_stride, dst_stride);
    case 4: return copy_short_runs<4>(at, runs, src_stride, dst_stride);
    case 8: return copy_short_runs<8>(at, runs, src_stride, dst_stride);
    case 16: return copy_short_runs<16>(at, runs, src_stride, dst_stride);
    case 32: return copy_short_runs<32>(at, runs, src_stride, dst_stride);
    case 64: return copy_short_runs<64>(at, runs, src_stride, dst_stride);
    default: break;
  }
  for (int i = 0; i < runs; ++i)
    std::memcpy(at.dst + i * dst_stride, at.src + i * src_stride, static_cast<std::size_t>(count));
}

/// Transposes 16 lines of 16 bytes: byte (i, j) of the source goes to (j, i).
void transpose_square(const std::byte* src, std::ptrdiff_t src_line, std::byte* dst, std::ptrdiff_t dst_line) {
  __m128i a[16], b[16];
  for (int i = 0; i < 16; ++i) a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + i * src_line));
  // Four rounds of interleaving line i with line i + 8 turn the bits of the index (line, column) by four.
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 8; ++i) {
      b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
    std::copy(b, b + 16, a);
  }
  for (int i = 0; i < 16; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i * dst_line), a[i]);
}

/// dst[i * dst_line + j] = src[j * src_line + i] for i < lines, j < columns.
void transpose_plane(Cursor at, int lines, int columns, std::ptrdiff_t src_line, std::ptrdiff_t dst_line) {
  const int whole_lines = lines / 16 * 16, whole_columns = columns / 16 * 16;
  for (int j = 0; j < whole_columns; j += 16)
    for (int i = 0; i < whole_lines; i += 16)
      transpose_square(at.src + j * src_line + i, src_line, at.dst + i * dst_line + j, dst_line);
  for (int i = 0; i < lines; ++i)
    for (int j = i < whole_lines ? whole_columns : 0; j < columns; ++j)
      at.dst[i * dst_line + j] = at.src[j * src_line + i];
}

void copy_elements(const CopyParams& params, Cursor at) {
  const std::ptrdiff_t src_stride = params.src_stride[5], dst_stride = params.dst_stride[5];
  for (int k = 0; k < params.extent[5]; ++k) at.dst[k * dst_stride] = at.src[k * src_stride];
}

void copy_plane(const CopyParams& params, Cursor at) {
  const auto& [e0, e1, e2, e3, lines, count] = params.extent;
  if (params.src_stride[5] == 1 && params.dst_stride[5] == 1)
    return copy_runs(at, lines, count, params.src_stride[4], params.dst_stride[4]);
  if (params.src_stride[4] == 1 && params.dst_stride[5] == 1 && lines > 1 && count > 1)
    return transpose_plane(at, lines, count, params.src_stride[5], params.dst_stride[4]);
  for (std::ptrdiff_t j = 0; j < lines; ++j)
    copy_elements(params, {at.src + j * params.src_stride[4], at.dst + j * params.dst_stride[4]});
}

/// Two bytes that move together are a run of two.
CopyParams in_bytes(CopyParams params) {
  params.element = DType::kU8;
  for (auto* strides : {&params.src_stride, &params.dst_stride})
    for (std::size_t d = 0; d < 5; ++d) (*strides)[d] *= 2;
  params.src_offset *= 2;
  params.dst_offset *= 2;
  params.extent[5] *= 2;
  return params;
}

/// Of u16 only what moves in runs, at distances that fit when counted in bytes.
bool accepts_copy(const CopyParams& params) {
  constexpr int32_t kMost = 1 << 30;
  const auto fits = [&](int32_t x) { return x > -kMost && x < kMost; };
  return params.element == DType::kU8 ||
         (params.src_stride[5] == 1 && params.dst_stride[5] == 1 && fits(params.src_offset) &&
          fits(params.dst_offset) && fits(params.extent[5]) &&
          std::all_of(params.src_stride.begin(), params.src_stride.end(), fits) &&
          std::all_of(params.dst_stride.begin(), params.dst_stride.end(), fits));
}

void run_copy(const CopyParams& given, const KernelArgs& args, const Tile& tile) {
  const CopyParams params = given.element == DType::kU8 ? given : in_bytes(given);
  for (int row = tile.row_begin; row < tile.row_end; ++row) {
    const Cursor at = row_at(params, args, row);
    for (std::ptrdiff_t i = 0; i < params.extent[3]; ++i)
      copy_plane(params, {at.src + i * params.src_stride[3], at.dst + i * params.dst_stride[3]});
  }
}

bool accepts_fill(const FillParams& params) { return params.element == DType::kU8; }

void run_fill(const FillParams& params, const KernelArgs& args, const Tile& tile) {
  for (std::ptrdiff_t run = tile.row_begin; run < tile.row_end; ++run)
    if (params.count > 0)
      std::memset(args.dst + run * params.stride, params.value, static_cast<std::size_t>(params.count));
}

}  // namespace

const Kernel<CopyParams> kCopyAvx2 = {.name = "avx2", .isa = Isa::kAvx2, .run = run_copy, .accepts = accepts_copy};
const Kernel<FillParams> kFillAvx2 = {.name = "avx2", .isa = Isa::kAvx2, .run = run_fill, .accepts = accepts_fill};

}  // namespace graupel
#endif
