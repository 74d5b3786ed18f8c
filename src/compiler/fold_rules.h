// What the fold rules share. Internal to this folder.
#pragma once

#include <functional>

#include "compiler/fold.h"

namespace graupel {

/// Sorted by operator. fold_math.cc: arithmetic, comparisons, reductions. fold_move.cc: shapes, indexing, types.
/// fold_quantize.cc: codes.
std::span<const FoldRule> math_folds();
std::span<const FoldRule> move_folds();
std::span<const FoldRule> quantize_folds();

using Folded = Result<std::vector<Tensor>>;

/// Refuses results that are both huge and larger than all inputs together, before they are allocated.
Result<> check_size(const FoldContext& context, const Shape& shape);

/// Input `i` as integers (from any integer or bool type). Errors: invalid when absent, unsupported for floats.
Result<std::vector<int64_t>> integers_of(const FoldContext& context, std::size_t i);
/// Attribute `key` (old opsets) or input `i` (new ones) as integers; nullopt when neither is given.
Result<std::optional<std::vector<int64_t>>> integers_from(const FoldContext& context, const std::string& key,
                                                          std::size_t i);
/// Input `i`; error: invalid when absent.
Result<const Tensor*> operand(const FoldContext& context, std::size_t i);

/// `axis` counted from the front. Error: invalid when outside.
Result<std::size_t> axis_of(int64_t axis, std::size_t rank);
/// NumPy broadcasting. Error: invalid, naming both.
Result<Shape> broadcast(const Shape& a, const Shape& b);

/// A tensor of `shape` whose element i is element source(i) of `in`.
Tensor pick(const Tensor& in, const Shape& shape, const std::function<int64_t(int64_t)>& source);

bool is_integer(DType dtype);  ///< bool counts

/// Elements widened without loss; f32 and f64, or integers and bool.
std::vector<double> as_doubles(const Tensor& tensor);
std::vector<int64_t> as_integers(const Tensor& tensor);
/// The other way; values are converted as ONNX Cast does.
Tensor from_doubles(DType dtype, Shape shape, std::span<const double> values);
Tensor from_integers(DType dtype, Shape shape, std::span<const int64_t> values);

/// Row-major strides.
std::vector<int64_t> strides_of(const Shape& shape);
/// For each element of `shape` in order, its offset in an operand of shape `from` broadcast to it.
std::vector<int64_t> broadcast_offsets(const Shape& from, const Shape& shape);

}  // namespace graupel
