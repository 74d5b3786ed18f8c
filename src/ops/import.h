// What an op's ONNX import sees and may do. Implemented by the importer, which owns the graph and the layouts.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "onnx/model.h"
#include "tensor/tensor.h"

namespace graupel {

struct AnyOp;  // ops/ops.h: wraps the variant

/// A value during import. `shape` is in ONNX order; the graph stores it with extents reordered: stored extent i is ONNX
/// extent order[i]. A convolution's images are stored {0, 2, 3, 1} (NHWC) while ONNX says NCHW.
struct ImportValue {
  uint32_t id = 0;
  Shape shape;
  std::vector<int> order;
};

class ImportContext {
 public:
  virtual ~ImportContext() = default;

  virtual const onnx::Node& node() const = 0;
  virtual int64_t opset() const = 0;
  /// Inputs given, counting empty optional ones in between.
  virtual std::size_t inputs() const = 0;
  virtual bool has(std::size_t input) const = 0;
  /// Input `i`, made a layer constant if it was a file constant (f32 then); it must exist.
  virtual Result<ImportValue> in(std::size_t i) = 0;
  /// The constant of input `i` in ONNX order and its own element type; null when it is not known at compile time.
  virtual const Tensor* constant(std::size_t i) const = 0;
  /// The shape of input `i` in ONNX order.
  virtual Result<Shape> shape(std::size_t i) const = 0;

  /// `value` stored in `order`: itself, or through a Transpose. A constant is reordered in place.
  virtual ImportValue in_order(const ImportValue& value, std::span<const int> order) = 0;
  /// ONNX order (identity).
  virtual ImportValue in_onnx_order(const ImportValue& value) = 0;
  /// Rank 4 in NHWC; rank 3 (N, C, L) as N, L, C; other ranks in ONNX order.
  virtual ImportValue channels_last(const ImportValue& value) = 0;

  /// A constant stored as given.
  virtual ImportValue add_constant(Tensor tensor) = 0;
  /// Appends a layer. The result is stored in `order` (stored extent i = ONNX extent order[i]); its stored shape comes
  /// from infer() and its ONNX shape from undoing the order.
  virtual Result<ImportValue> emit(const AnyOp& op, std::span<const ImportValue> in, std::vector<int> order) = 0;
  /// Gives the node's output `index` its value.
  virtual void set_output(std::size_t index, const ImportValue& value) = 0;
};

/// ONNX operator name → how it becomes layers.
struct OnnxImport {
  std::string_view op_type;
  Result<> (*import)(ImportContext&);
};

}  // namespace graupel
