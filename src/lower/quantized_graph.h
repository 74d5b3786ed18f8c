// For tests: quantized graphs, layer by layer, in which all tensors share one scale.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "ir/graph.h"

namespace graupel::testing {

class QuantizedGraph {
 public:
  explicit QuantizedGraph(uint32_t seed) : random_(seed) {
    graph.name = "test";
    graph.stage = Stage::kQuantized;
  }

  ValueId input(Shape shape) {
    const ValueId id = graph.add_value(cat("input", graph.inputs.size()), {DType::kU8, std::move(shape), quant_});
    graph.inputs.push_back(id);
    graph.input_info.push_back({"original input", {}, {}});
    return id;
  }

  void output(ValueId id) {
    graph.outputs.push_back(id);
    graph.output_info.push_back({"original output", {}, {}});
  }

  ValueId layer(Op op, std::vector<ValueId> in) {
    const std::string name = cat("layer", graph.layers.size());
    Layer one{name, std::move(op), std::move(in), {}, {}};
    Result<TensorType> type = infer(one.op, graph.input_types(one));
    EXPECT_TRUE(type.ok()) << type.error().text();
    if (!type->quant && !is_host(one.op)) type->quant = quant_;
    one.out = {graph.add_value(name, *type)};
    graph.layers.push_back(std::move(one));
    return graph.layers.back().out[0];
  }

  const Shape& shape(ValueId id) const { return graph[id].type.shape; }

  /// `kernel` is odd; the extents stay.
  ValueId conv(ValueId x, int64_t channels, int32_t kernel = 1, std::optional<ValueId> residual = {}) {
    const int64_t inputs = shape(x)[3];
    auto [weights, w] = Tensor::make<int8_t>({kernel, kernel, inputs, channels}, per_channel(channels, 0.01f, 3));
    for (int64_t i = 0; i < element_count(weights.type.shape); ++i)
      w[i] = static_cast<int8_t>(int(random_() % 255) - 127);
    auto [bias, b] = Tensor::make<int32_t>({channels}, per_channel(channels, 0.0005f, 0));
    for (int64_t i = 0; i < channels; ++i) b[i] = static_cast<int32_t>(random_() % 2001) - 1000;
    Conv op;
    op.window.kernel_h = op.window.kernel_w = kernel;
    op.window.pad_top = op.window.pad_left = op.pad_bottom = op.pad_right = kernel / 2;
    op.residual = residual.has_value();
    const TensorType weights_type = weights.type, bias_type = bias.type;
    std::vector<ValueId> in = {x, graph.add_value("weights", weights_type, std::move(weights)),
                               graph.add_value("bias", bias_type, std::move(bias))};
    if (residual) in.push_back(*residual);
    return layer(op, in);
  }

  ValueId sigmoid(ValueId x) { return layer(Unary{UnaryKind::kSigmoid, 0, 0}, {x}); }
  ValueId add(ValueId a, ValueId b) { return layer(Binary{}, {a, b}); }
  ValueId concat(int32_t axis, std::vector<ValueId> in) { return layer(Concat{axis}, std::move(in)); }
  ValueId slice(ValueId x, int32_t axis, int64_t begin, int64_t count, int32_t step = 1) {
    return layer(Slice{axis, static_cast<int32_t>(begin), static_cast<int32_t>(count), step}, {x});
  }
  ValueId reshape(ValueId x, Shape to) { return layer(Reshape{std::move(to)}, {x}); }
  ValueId transpose(ValueId x, std::vector<int32_t> order) { return layer(Transpose{std::move(order)}, {x}); }
  ValueId max_pool(ValueId x) {
    MaxPool op;
    op.window.kernel_h = op.window.kernel_w = 3;
    op.window.pad_top = op.window.pad_left = op.pad_bottom = op.pad_right = 1;
    return layer(op, {x});
  }

  Graph graph;

 private:
  static QuantParams per_channel(int64_t channels, float scale, int axis) {
    const auto count = static_cast<std::size_t>(channels);
    return {std::vector<float>(count, scale), std::vector<int32_t>(count, 0), axis};
  }

  std::mt19937 random_;
  QuantParams quant_ = QuantParams::per_tensor(0.05f, 100);
};

}  // namespace graupel::testing
