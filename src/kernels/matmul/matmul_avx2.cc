// Products of two activations with AVX2, exact: `b` less its zero point is widened to s16 and packed as the weights of
// a convolution are, whose tiles then run over the rows of `a`.
#include "kernels/matmul/matmul_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include "kernels/conv/conv_tiles_avx2.h"

namespace graupel {
namespace {

constexpr int kLanes = Avx2::kUnit.lanes, kSegment = kLanes * Avx2::kUnit.max_vectors;

std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// What a worker needs: the offset of every step, one packed segment of columns, rows of `a`.
struct Scratch {
  explicit Scratch(const MatMulParams& params)
      : offsets(round_up(static_cast<std::size_t>(matmul_steps(params)) * sizeof(int32_t))),
        segment(round_up(kSegment * 8 + static_cast<std::size_t>(matmul_steps(params)) * kSegment * 8)),
        rows(reads_rows_in_place(params) ? 0 : round_up(std::size_t{kMatMulRows} * matmul_steps(params) * 4)) {}
  std::size_t offsets, segment, rows;
  std::size_t all() const { return offsets + segment + rows; }
};

/// Columns [0, count) of one matrix as ConvStrip wants a segment: s32 bias and f32 scale, then per step and vector the
/// even and the odd of four rows as s16.
void pack_columns(const MatMulParams& params, const uint8_t* b, const float* scale, int count, std::byte* out) {
  const int vectors = (count + kLanes - 1) / kLanes, lanes = vectors * kLanes, steps = matmul_steps(params);
  auto* bias = reinterpret_cast<int32_t*>(out);
  auto* weights = reinterpret_cast<int16_t*>(out + lanes * 8);
  std::memset(out, 0, static_cast<std::size_t>(lanes) * 8 * (static_cast<std::size_t>(steps) + 1));
  std::memcpy(out + lanes * 4, scale, static_cast<std::size_t>(count) * sizeof(float));
  int32_t sums[kSegment] = {};
  for (int k = 0; k < params.k; ++k) {
    const uint8_t* row = b + static_cast<std::ptrdiff_t>(k) * params.b.row;
    int16_t* step = weights + static_cast<std::ptrdiff_t>(k / 4) * lanes * 4 + k % 2 * kLanes * 2 + k % 4 / 2;
    for (int c = 0; c < count; ++c) {
      const int value = row[static_cast<std::ptrdiff_t>(c) * params.b.column] - params.b_zero_point;
      step[c / kLanes * kLanes * 4 + c % kLanes * 2] = static_cast<int16_t>(value);
      sums[c] += value;
    }
  }
  for (int c = 0; c < count; ++c)
    bias[c] = static_cast<int32_t>(0u - static_cast<uint32_t>(params.a_zero_point) * static_cast<uint32_t>(sums[c]));
}

void multiply(const MatMulParams& params, const KernelArgs& args, int number, int first, int count,
              const EpilogueAvx2& epilogue) {
  const Scratch scratch(params);
  std::byte* segment = args.scratch + scratch.offsets;
  auto* copy = reinterpret_cast<uint8_t*>(segment + scratch.segment);
  const auto* a = reinterpret_cast<const uint8_t*>(args.src[0]) + matrix_offset(params, params.a, number);
  const auto* b = reinterpret_cast<const uint8_t*>(args.src[1]) + matrix_offset(params, params.b, number) +
                  static_cast<std::ptrdiff_t>(first) * params.b.column;
  pack_columns(params, b, at<float>(args.constants, params.epilogue.scale) + first, count, segment);
  const bool in_place = reads_rows_in_place(params);
  ConvStrip strip{};
  strip.offsets = reinterpret_cast<const int32_t*>(args.scratch);
  strip.steps = matmul_steps(params);
  strip.segment = segment;
  strip.channels = count;
  strip.pixel_step = in_place ? params.a.row : 4 * strip.steps;
  strip.out = reinterpret_cast<uint8_t*>(args.dst) + matrix_offset(params, params.out, number) + first;
  strip.out_step = params.out.row;
  for (int row = 0; row < params.m; row += kMatMulRows) {
    const int rows = std::min(kMatMulRows, params.m - row);
    const uint8_t* source = a + static_cast<std::ptrdiff_t>(row) * params.a.row;
    if (!in_place) copy_rows(params, source, rows, copy);
    strip.row = in_place ? source : copy;
    strip.x = 0;
    strip.width = rows;
    run_strip<Avx2>(strip, (count + kLanes - 1) / kLanes, rows, epilogue);
  }
}

void matmul_avx2(const MatMulParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx2 epilogue(params.epilogue, args.constants);
  auto* offsets = reinterpret_cast<int32_t*>(args.scratch);
  for (int step = 0; step < matmul_steps(params); ++step) offsets[step] = 4 * step;
  const int end = std::min(tile.block_end * MatMulParams::kBlock, params.n);
  for (int number = tile.row_begin; number < tile.row_end; ++number)
    for (int first = tile.block_begin * MatMulParams::kBlock; first < end; first += kSegment)
      multiply(params, args, number, first, std::min(kSegment, end - first), epilogue);
}

}  // namespace

const Kernel<MatMulParams> kMatMulAvx2 = {
    .name = "avx2",
    .isa = Isa::kAvx2,
    .run = matmul_avx2,
    .accepts = [](const MatMulParams& params) { return is_narrow_matmul(params); },
    .scratch_bytes = [](const MatMulParams& params) { return Scratch(params).all(); }};

}  // namespace graupel

#endif
