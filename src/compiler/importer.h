// The importer: ONNX nodes become layers one after another; constants are folded, layouts tracked, transposes shared.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "ir/float_context.h"
#include "ir/graph.h"
#include "ops/import.h"

namespace graupel {

/// Builds a graph out of an ONNX model's nodes. Layers and values get provisional names.
class Importer final : public ImportContext {
 public:
  explicit Importer(const onnx::Model& model) : model_(model) {}

  /// A graph input of ONNX shape `shape` for tensor `name`. Rank 4 is stored N, H, W, C. A tensor that was known before
  /// is replaced for all nodes to come.
  Result<> add_input(const std::string& name, const Shape& shape);
  /// The shape of tensor `name` in ONNX order, if it could be found out.
  std::optional<Shape> shape_of(const std::string& name) const;

  /// Folds or imports a node. Errors: unsupported (then the node's outputs are unknown, and nodes that read them fail
  /// with kNotFound), or what is wrong with the node.
  Result<> add_node(const onnx::Node& node);
  bool is_known(const std::string& tensor) const;
  /// Whether `tensor` depends on an input.
  bool is_computed(const std::string& tensor) const;
  /// Why no node of this operator can be added, if so. `constant`: its inputs are constants.
  std::optional<std::string> unknown_operator(const onnx::Node& node, bool constant) const;

  /// Makes tensor `name` a graph output, rank 4 as N, H, W, C. Errors: unsupported (a constant).
  Result<> add_output(const std::string& name);

  Graph take() && { return std::move(graph_); }

  // ImportContext, for the node being added.
  const onnx::Node& node() const override { return *node_; }
  int64_t opset() const override { return model_.opset; }
  std::size_t inputs() const override { return node_->inputs.size(); }
  bool has(std::size_t input) const override { return input < inputs() && !node_->inputs[input].empty(); }
  Result<ImportValue> in(std::size_t i) override;
  const Tensor* constant(std::size_t i) const override;
  Result<Shape> shape(std::size_t i) const override;
  ImportValue in_order(const ImportValue& value, std::span<const int> order) override;
  ImportValue in_onnx_order(const ImportValue& value) override;
  ImportValue channels_last(const ImportValue& value) override;
  ImportValue add_constant(Tensor tensor) override;
  Result<ImportValue> emit(const AnyOp& op, std::span<const ImportValue> in, std::vector<int> order) override;
  void set_output(std::size_t index, const ImportValue& value) override;

 private:
  /// What is known of a tensor: a constant, a value of the graph, or both.
  struct Known {
    std::optional<Tensor> constant;
    std::optional<ImportValue> value;
  };
  /// A value that is another one with stored extents reordered: extent i is extent `order[i]` of `source`.
  struct Reordered {
    uint32_t source = 0;
    std::vector<int> order;
  };

  const Known* find(const std::string& tensor) const;
  DType element_type(const std::string& tensor) const;
  Result<bool> fold_node();
  Result<bool> expand_node();
  Result<> check_folded() const;
  Result<std::optional<Tensor>> fold_layer(const Layer& layer, const TensorType& type);
  uint32_t reordered(uint32_t id, const std::vector<int>& order);
  uint32_t reorder_layer(uint32_t id, const std::vector<int>& order);
  Result<uint32_t> append(Op op, std::vector<ValueId> in, std::vector<std::string> origins);
  bool ends_in_nhwc(const std::string& name, const Known& known) const;

  const onnx::Model& model_;
  Graph graph_;
  const onnx::Node* node_ = nullptr;
  mutable std::map<std::string, Known> known_;
  std::deque<std::vector<onnx::Node>> expanded_;  ///< writer_ points into it
  std::map<std::string, const onnx::Node*> writer_;
  std::map<uint32_t, Reordered> reordered_;
  std::map<std::pair<uint32_t, std::vector<int>>, uint32_t> reorderings_;
  std::size_t folded_bytes_ = 0;
  FloatContext fold_context_{1, detected_isa()};
};

}  // namespace graupel
