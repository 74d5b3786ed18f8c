// Small graphs for tests.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "ir/graph.h"

namespace graupel {

/// Appends to a graph; what it appends must be right.
class GraphBuilder {
 public:
  explicit GraphBuilder(Graph& graph) : graph_(graph) {}

  ValueId input(const std::string& name, Shape shape) {
    std::vector<int32_t> order(shape.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int32_t>(i);
    graph_.inputs.push_back(graph_.add_value(name, {DType::kF32, std::move(shape), {}}));
    graph_.input_info.push_back({name, order, {}});
    return graph_.inputs.back();
  }
  ValueId constant(Tensor tensor, const std::string& name = "constant") {
    TensorType type = tensor.type;
    return graph_.add_value(name, std::move(type), std::move(tensor));
  }
  ValueId layer(const std::string& name, Op op, std::vector<ValueId> in) {
    Layer layer{name, std::move(op), std::move(in), {}, {"node_" + name}};
    Result<TensorType> type = infer(layer.op, graph_.input_types(layer));
    EXPECT_TRUE(type.ok()) << name << ": " << (type.ok() ? "" : type.error().text());
    const ValueId out = graph_.add_value(name, type.ok() ? *type : TensorType{});
    layer.out = {out};
    graph_.layers.push_back(std::move(layer));
    return out;
  }
  void output(ValueId id) {
    graph_.outputs.push_back(id);
    graph_.output_info.push_back({graph_[id].name, {}, {}});
  }

 private:
  Graph& graph_;
};

/// Values in [-1, 1), the same for the same seed everywhere.
inline Tensor random_tensor(Shape shape, uint32_t seed) {
  std::mt19937 random(seed);
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0, n = element_count(tensor.type.shape); i < n; ++i)
    data[i] = static_cast<float>(random() >> 8) * 0x1p-23f - 1;
  return tensor;
}

/// input [1, 2, 2, 2] → 1x1 convolution to 3 channels → ReLU.
inline Graph conv_chain() {
  Graph graph;
  graph.name = "chain";
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, 2, 2, 2});
  const ValueId w = builder.constant(random_tensor({1, 1, 2, 3}, 1), "conv1/kernel");
  const ValueId b = builder.constant(random_tensor({3}, 2), "conv1/bias");
  const ValueId conv = builder.layer("conv1", Conv{}, {x, w, b});
  builder.output(builder.layer("activation1", Unary{UnaryKind::kRelu}, {conv}));
  return graph;
}

}  // namespace graupel
