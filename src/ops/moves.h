// Moves of elements between two dense tensors, as strides: what slices, joins, transposes and the like share (N5.3).
#pragma once

#include "ops/expect.h"

namespace graupel {

/// For every index i of `extent`: destination element dst_offset + i . dst_stride is source element
/// src_offset + i . src_stride.
struct Move {
  struct Axis {
    int64_t extent = 1, src_stride = 0, dst_stride = 0;
  };
  std::vector<Axis> axes;  ///< outermost first
  int64_t src_offset = 0, dst_offset = 0;
};

/// Elements between neighbours along each extent of a dense tensor.
std::vector<int64_t> dense_strides(const Shape& shape);

/// Output extent i is input extent order[i]; `in` is the input's shape.
Move move_reordered(const Shape& in, std::span<const int32_t> order);
/// All of a tensor of shape `part` to or from a place in a tensor of shape `whole`.
Move move_into(const Shape& part, const Shape& whole, std::span<const int64_t> first);
/// The part of `whole` that begins at `begin` of extent `axis` and goes on in steps, to a tensor of shape `part`.
Move move_out_of(const Shape& whole, const Shape& part, std::size_t axis, int64_t begin, int64_t step);

/// The same move with as few axes as possible: none of extent 1, neighbours merged.
Move collapsed(const Move& move);

/// Moves floats, on the pool where it is worth it.
void move_floats(const EvalContext& context, const Move& move, const float* src, float* dst);
/// One step that moves the codes, of type `element`, of operand `input`. Errors: unsupported (more than six axes are
/// left).
Result<Step> move_step(const Move& move, int input, DType element);

/// As kShared ops owe: both have one type and scale. Errors: invalid, naming `what` and both.
Result<> expect_shared_scale(const TensorType& in, const TensorType& out, std::string_view what);

}  // namespace graupel
