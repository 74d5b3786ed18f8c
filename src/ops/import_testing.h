// For tests of ONNX imports: one node whose layers are evaluated as they are emitted.
#pragma once

#include <map>
#include <numeric>

#include "ops/op_testing.h"
#include "ops/ops.h"

namespace graupel::testing {

/// A node with f32 activations in ONNX order, file constants, and its first output in ONNX order. Rank-4 activations
/// arrive stored N, H, W, C, as they do between a model's layers.
class OneNode final : public ImportContext {
 public:
  OneNode(std::string op_type, int64_t opset) : opset_(opset) {
    node_.name = "node";
    node_.op_type = std::move(op_type);
    node_.outputs = {"y"};
  }

  OneNode& input(Tensor tensor) { return add({std::move(tensor), false}); }
  OneNode& file_constant(Tensor tensor) { return add({std::move(tensor), true}); }
  OneNode& absent() {
    node_.inputs.push_back("");
    given_.push_back({});
    return *this;
  }
  OneNode& set(const std::string& key, onnx::Attribute value) {
    node_.attributes[key] = std::move(value);
    return *this;
  }
  OneNode& outputs(std::vector<std::string> names) {
    node_.outputs = std::move(names);
    return *this;
  }

  /// The import's error, or the value of output 0.
  Result<Tensor> run() {
    const OnnxImport* import = find_import(node_.op_type);
    if (import == nullptr) return unsupported("no import of ", node_.op_type);
    GRAUPEL_DO(import->import(*this));
    if (!output_) return invalid("the import set no output");
    const ImportValue onnx_order = in_onnx_order(*output_);
    return values_[onnx_order.id];
  }
  /// How many layers were emitted, transposes not counted.
  int layers() const { return layers_; }

  const onnx::Node& node() const override { return node_; }
  int64_t opset() const override { return opset_; }
  std::size_t inputs() const override { return node_.inputs.size(); }
  bool has(std::size_t i) const override { return i < inputs() && !node_.inputs[i].empty(); }
  Result<ImportValue> in(std::size_t i) override {
    if (!has(i)) return invalid("input ", i, " is missing");
    const ImportValue value = add_constant(given_[i].tensor);
    return given_[i].constant || value.shape.size() != 4 ? value : channels_last(value);
  }
  const Tensor* constant(std::size_t i) const override {
    return has(i) && given_[i].constant ? &given_[i].tensor : nullptr;
  }
  Result<Shape> shape(std::size_t i) const override {
    if (!has(i)) return invalid("input ", i, " is missing");
    return given_[i].tensor.type.shape;
  }
  ImportValue in_order(const ImportValue& value, std::span<const int> order) override {
    std::vector<int> moves;
    for (const int axis : order)
      moves.push_back(static_cast<int>(std::find(value.order.begin(), value.order.end(), axis) - value.order.begin()));
    values_.push_back(transposed(values_[value.id], moves));
    return {static_cast<uint32_t>(values_.size() - 1), value.shape, {order.begin(), order.end()}};
  }
  ImportValue in_onnx_order(const ImportValue& value) override {
    std::vector<int> order(value.shape.size());
    std::iota(order.begin(), order.end(), 0);
    return in_order(value, order);
  }
  ImportValue channels_last(const ImportValue& value) override {
    if (value.shape.size() == 4) return in_order(value, std::vector{0, 2, 3, 1});
    if (value.shape.size() == 3) return in_order(value, std::vector{0, 2, 1});
    return in_onnx_order(value);
  }
  ImportValue add_constant(Tensor tensor) override {
    std::vector<int> order(tensor.type.shape.size());
    std::iota(order.begin(), order.end(), 0);
    const Shape shape = tensor.type.shape;
    values_.push_back(std::move(tensor));
    return {static_cast<uint32_t>(values_.size() - 1), shape, order};
  }
  Result<ImportValue> emit(const AnyOp& op, std::span<const ImportValue> in, std::vector<int> order) override {
    std::vector<Tensor> operands;
    for (const ImportValue& value : in) operands.push_back(values_[value.id]);
    GRAUPEL_TRY(const TensorType type, infer(op.op, types_of(operands)));
    GRAUPEL_TRY(Tensor out, eval(op.op, evaluation_.context, operands, type));
    ++layers_;
    Shape shape(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) shape[static_cast<std::size_t>(order[i])] = type.shape[i];
    values_.push_back(std::move(out));
    return ImportValue{static_cast<uint32_t>(values_.size() - 1), shape, std::move(order)};
  }
  void set_output(std::size_t index, const ImportValue& value) override {
    if (index == 0) output_ = value;
  }

 private:
  struct Given {
    Tensor tensor;
    bool constant = false;
  };
  OneNode& add(Given given) {
    node_.inputs.push_back(cat("in", given_.size()));
    given_.push_back(std::move(given));
    return *this;
  }

  Evaluation evaluation_;
  onnx::Node node_;
  int64_t opset_;
  std::vector<Given> given_;
  std::vector<Tensor> values_;
  std::optional<ImportValue> output_;
  int layers_ = 0;
};

inline Tensor s64(std::initializer_list<int64_t> values) {
  return Tensor::of<int64_t>({static_cast<int64_t>(values.size())}, values);
}

using Ints = std::vector<int64_t>;

}  // namespace graupel::testing
