#include "ops/moves.h"

#include <algorithm>

namespace graupel {
namespace {

/// How many of `extent` neighbours one row takes, so that rows are about `kRowBytes` and can be split among threads.
int64_t row_part(int64_t extent, int64_t inner) {
  constexpr int64_t kRowBytes = 4096;
  int64_t any = extent;
  for (int64_t part = 1; part < extent; ++part) {
    if (extent % part != 0 || part * inner < kRowBytes) continue;
    if (part % 16 == 0) return part;
    any = std::min(any, part);
  }
  return any;
}

/// `axis` as an outer axis over parts of `part`, and the axis inside a part.
std::pair<Move::Axis, Move::Axis> split(const Move::Axis& axis, int64_t part) {
  return {{axis.extent / part, axis.src_stride * part, axis.dst_stride * part},
          {part, axis.src_stride, axis.dst_stride}};
}

void put(CopyParams& params, std::size_t slot, const Move::Axis& axis) {
  params.extent[slot] = static_cast<int32_t>(axis.extent);
  params.src_stride[slot] = static_cast<int32_t>(axis.src_stride);
  params.dst_stride[slot] = static_cast<int32_t>(axis.dst_stride);
}

}  // namespace

std::vector<int64_t> dense_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Move move_reordered(const Shape& in, std::span<const int32_t> order) {
  Shape out;
  for (const int32_t axis : order) out.push_back(in[static_cast<std::size_t>(axis)]);
  const std::vector<int64_t> from = dense_strides(in), to = dense_strides(out);
  Move move;
  for (std::size_t i = 0; i < out.size(); ++i)
    move.axes.push_back({out[i], from[static_cast<std::size_t>(order[i])], to[i]});
  return move;
}

Move move_into(const Shape& part, const Shape& whole, std::span<const int64_t> first) {
  const std::vector<int64_t> from = dense_strides(part), to = dense_strides(whole);
  Move move;
  for (std::size_t i = 0; i < part.size(); ++i) {
    move.axes.push_back({part[i], from[i], to[i]});
    move.dst_offset += first[i] * to[i];
  }
  return move;
}

Move move_out_of(const Shape& whole, const Shape& part, std::size_t axis, int64_t begin, int64_t step) {
  const std::vector<int64_t> from = dense_strides(whole), to = dense_strides(part);
  Move move;
  for (std::size_t i = 0; i < part.size(); ++i)
    move.axes.push_back({part[i], i == axis ? from[i] * step : from[i], to[i]});
  move.src_offset = begin * from[axis];
  return move;
}

Move collapsed(const Move& move) {
  Move result{{}, move.src_offset, move.dst_offset};
  for (const Move::Axis& axis : move.axes) {
    if (axis.extent == 1) continue;
    if (!result.axes.empty()) {
      Move::Axis& outer = result.axes.back();
      if (outer.src_stride == axis.extent * axis.src_stride && outer.dst_stride == axis.extent * axis.dst_stride) {
        outer = {outer.extent * axis.extent, axis.src_stride, axis.dst_stride};
        continue;
      }
    }
    result.axes.push_back(axis);
  }
  if (result.axes.empty()) result.axes.push_back({1, 1, 1});
  return result;
}

void move_floats(const EvalContext& context, const Move& move, const float* src, float* dst) {
  constexpr int64_t kGrain = 16384;
  const Move flat = collapsed(move);
  const Move::Axis inner = flat.axes.back();
  const std::span<const Move::Axis> outer(flat.axes.data(), flat.axes.size() - 1);
  const auto copy_run = [&](int64_t from, int64_t to, int64_t count) {
    if (inner.src_stride == 1 && inner.dst_stride == 1) {
      std::copy_n(src + from, count, dst + to);
      return;
    }
    for (int64_t i = 0; i < count; ++i) dst[to + i * inner.dst_stride] = src[from + i * inner.src_stride];
  };
  if (outer.empty()) {
    context.pool->run(inner.extent, kGrain, [&](int64_t begin, int64_t end, int) {
      copy_run(flat.src_offset + begin * inner.src_stride, flat.dst_offset + begin * inner.dst_stride, end - begin);
    });
    return;
  }
  int64_t runs = 1;
  for (const Move::Axis& axis : outer) runs *= axis.extent;
  context.pool->run(runs, std::max<int64_t>(1, kGrain / inner.extent), [&](int64_t begin, int64_t end, int) {
    for (int64_t run = begin; run < end; ++run) {
      int64_t from = flat.src_offset, to = flat.dst_offset, rest = run;
      for (std::size_t i = outer.size(); i-- > 0; rest /= outer[i].extent) {
        from += rest % outer[i].extent * outer[i].src_stride;
        to += rest % outer[i].extent * outer[i].dst_stride;
      }
      copy_run(from, to, inner.extent);
    }
  });
}

Result<Step> move_step(const Move& move, int input, DType element) {
  constexpr std::size_t kRowSlots = 3;
  CopyParams params;
  params.element = element;
  const Move flat = collapsed(move);
  const std::size_t count = flat.axes.size();
  if (count > params.extent.size())
    return unsupported("the move needs ", count, " nested strides (supported: ", params.extent.size(), ")");
  params.src_offset = static_cast<int32_t>(flat.src_offset);
  params.dst_offset = static_cast<int32_t>(flat.dst_offset);
  const std::size_t plane = std::min<std::size_t>(count, 2), rows = count - plane;
  for (std::size_t i = 0; i < rows; ++i) put(params, i, flat.axes[i]);
  for (std::size_t i = 0; i < plane; ++i) put(params, 6 - plane + i, flat.axes[rows + i]);
  if (rows < kRowSlots) {
    const Move::Axis &lead = flat.axes[rows], &last = flat.axes.back();
    const auto [outer, inside] = split(lead, row_part(lead.extent, plane == 2 ? last.extent : 1));
    put(params, kRowSlots - 1, outer);
    put(params, 6 - plane, inside);
    const bool transposes = plane == 2 && last.src_stride != 1;
    if (transposes && rows + 1 < kRowSlots) {
      const auto [columns, column] = split(last, row_part(last.extent, inside.extent));
      put(params, kRowSlots - 2, columns);
      put(params, 5, column);
    }
  }
  return Step{params, {{input, {}}}};
}

Result<> expect_shared_scale(const TensorType& in, const TensorType& out, std::string_view what) {
  GRAUPEL_TRY(const Affinity a, quantization_of(in, what));
  GRAUPEL_TRY(const Affinity b, quantization_of(out, "output"));
  if (a.scale != b.scale || a.zero_point != b.zero_point || in.dtype != out.dtype)
    return invalid(what, " is ", to_string(in.dtype), " with scale ", a.scale, " and zero point ", a.zero_point,
                   ", the output ", to_string(out.dtype), " with ", b.scale, " and ", b.zero_point,
                   "; codes are moved, so they must be equal (N5.3)");
  return {};
}

}  // namespace graupel
