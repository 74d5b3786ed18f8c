// What an op owes: attributes, and pure functions for shape, float value, integer meaning and ONNX import.
#pragma once

#include <concepts>
#include <functional>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "ops/import.h"
#include "program/program.h"
#include "tensor/tensor.h"

namespace graupel {

/// How a quantized output gets its scale.
enum class QuantRule : uint8_t {
  kCalibrated,  ///< from the observed range
  kShared,      ///< codes are moved or compared: all inputs and the output have one type and scale
  kFixed,       ///< infer() dictates it
};

/// What float evaluation runs on: threads, the ISA level, and buffers that are recycled between layers.
struct EvalContext {
  ThreadPool* pool = nullptr;
  Isa isa = Isa::kRef;
  std::function<std::shared_ptr<Bytes>(std::size_t bytes)> allocate;  ///< uninitialized, 64-byte aligned
  /// Kernel-packed weights, computed once per weight tensor and kernel: key is the tensor's data.
  std::function<std::shared_ptr<const Bytes>(const Tensor& weights, std::string_view kernel,
                                             std::function<Bytes()> pack)>
      packed;

  /// A fresh f32 tensor and a pointer to fill it.
  std::pair<Tensor, float*> make(Shape shape) const {
    Tensor tensor{{DType::kF32, std::move(shape), {}}, nullptr};
    std::shared_ptr<Bytes> bytes = allocate(tensor.type.bytes());
    float* data = reinterpret_cast<float*>(bytes->data());
    tensor.data = std::move(bytes);
    return {std::move(tensor), data};
  }
};

/// Collects a program's constants; each starts at a multiple of 64.
class Constants {
 public:
  template <class T>
  ConstRef add(std::span<const T> values) {
    return add_bytes(std::as_bytes(values));
  }
  ConstRef add_bytes(ByteSpan bytes);
  const Bytes& bytes() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// One instruction before it has places: operands are the layer's inputs or constants.
struct Step {
  struct Source {
    int input = -1;     ///< index of the layer's input, or
    ConstRef constant;  ///< codes in the constants
  };
  Params params;
  std::vector<Source> src;
};

/// The quantized types around a layer. `constants[i]` is null unless input i is a constant of the graph. Views in the
/// steps are written for dense tensors; placing (concat slices) is lowering's business.
struct LowerContext {
  std::span<const TensorType> in;
  const TensorType& out;
  std::span<const Tensor* const> constants;
  Constants& sink;
};

/// One sentence that must hold, and the test of it; the sentence is what the user reads.
template <class T>
struct Constraint {
  std::string_view sentence;
  bool (*holds)(const T& op, std::span<const TensorType> in);
};

// clang-format off
template <class T>
concept OpType = requires(const T op, std::span<const TensorType> types, std::span<const Tensor> tensors,
                          const TensorType& out, const EvalContext& eval, const LowerContext& lower) {
  { T::kName } -> std::convertible_to<std::string_view>;
  T::fields();
  { op.quant_rule() } -> std::same_as<QuantRule>;
  /// Of quantized inputs the element type of a kCalibrated output is the quantizer's choice, u8 or u16 (N8.1).
  /// Shape, element type and, for kShared and kFixed on quantized inputs, quantization of the output; the only copy.
  { op.infer(types) } -> std::same_as<Result<TensorType>>;
  /// The float meaning. Inputs are f32 of the inferred types.
  { op.eval(eval, tensors, out) } -> std::same_as<Result<Tensor>>;
  /// The integer meaning: steps whose scalar reference kernels define it.
  { op.lower(lower) } -> std::same_as<Result<std::vector<Step>>>;
} && std::equality_comparable<T>;
// clang-format on

/// Extents of a tensor as an image: [.., h, w, c]; leading extents of 1 are dropped, missing ones are 1.
Result<View> image_of(const Shape& shape);
/// The same, of the type's codes.
Result<View> image_of(const TensorType& type);

/// (scale_in / scale_out) as the f32 that N2.2 asks for, checked against its bounds.
Result<float> requant_scale(double scale);

}  // namespace graupel
