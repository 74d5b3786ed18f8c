// The list of ops. Adding an op adds its include and its name here.
#pragma once

#include <variant>

#include "ops/affine.h"
#include "ops/argmax.h"
#include "ops/avg_pool.h"
#include "ops/binary.h"
#include "ops/concat.h"
#include "ops/conv.h"
#include "ops/conv_transpose.h"
#include "ops/dense.h"
#include "ops/depth_to_space.h"
#include "ops/detect.h"
#include "ops/matmul.h"
#include "ops/max_pool.h"
#include "ops/normalize.h"
#include "ops/pad.h"
#include "ops/prelu.h"
#include "ops/quantize_linear.h"
#include "ops/reduce.h"
#include "ops/reshape.h"
#include "ops/resize.h"
#include "ops/slice.h"
#include "ops/softmax.h"
#include "ops/transpose.h"
#include "ops/unary.h"

namespace graupel {

using Op = std::variant<Affine, ArgMax, AvgPool, Binary, Concat, Conv, ConvTranspose, Dense, DepthToSpace, Detect,
                        MatMul, MaxPool, Normalize, Pad, PRelu, QuantizeLinear, Reduce, Reshape, Resize, Slice, Softmax,
                        Transpose, Unary>;

/// The variant as a type that ops/import.h can name before the list is known.
struct AnyOp {
  Op op;
  template <class T>
  AnyOp(T value) : op(std::move(value)) {}  // NOLINT: implicit by intent
};

/// An op with weights [.., O] as in[1] and a bias [O] as in[2], and a clamp.
template <class T>
concept LinearOp = requires {
  T::kLinear;
};
bool is_linear(const Op& op);
/// An op that the host computes from outputs of the program, by its `params`, one of HostParams. Its value is f32 at
/// every stage and a graph output.
template <class T>
concept HostOp = requires(const T op) {
  T::kHost;
  HostParams(op.params);
};
bool is_host(const Op& op);
/// Constants of this op go into tables and stay f32 in a quantized graph.
bool keeps_float_constants(const Op& op);

std::string_view op_name(const Op& op);
QuantRule quant_rule(const Op& op);
/// Constraints first, then the op's own rule. Errors: unsupported (a constraint's sentence), invalid (shapes).
Result<TensorType> infer(const Op& op, std::span<const TensorType> in);
Result<Tensor> eval(const Op& op, const EvalContext& context, std::span<const Tensor> in, const TensorType& out);
Result<std::vector<Step>> lower(const Op& op, const LowerContext& context);

/// How the ONNX operator `op_type` becomes layers, or null.
const OnnxImport* find_import(std::string_view op_type);
/// Every ONNX operator with an import, sorted.
std::vector<std::string_view> supported_onnx_operators();

}  // namespace graupel
