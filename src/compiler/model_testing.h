// ONNX models for tests, built node by node.
#pragma once

#include <gtest/gtest.h>

#include "compiler/parse.h"

namespace graupel {

using Names = std::vector<std::string>;

/// An ONNX model built node by node.
struct ModelBuilder {
  onnx::Model model;

  ModelBuilder() { model.opset = 13; }
  ModelBuilder& input(const std::string& name, Shape shape) {
    model.inputs.push_back({name, DType::kF32, std::move(shape)});
    return *this;
  }
  ModelBuilder& constant(const std::string& name, Tensor tensor) {
    model.initializers.emplace(name, std::move(tensor));
    return *this;
  }
  ModelBuilder& integers(const std::string& name, std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return constant(name, Tensor::of<int64_t>({count}, values));
  }
  ModelBuilder& node(const std::string& op, Names in, const std::string& out,
                     std::map<std::string, onnx::Attribute> attributes = {}) {
    model.nodes.push_back({op + "_" + out, op, "", std::move(in), {out}, std::move(attributes)});
    return *this;
  }
  ModelBuilder& output(const std::string& name) {
    model.outputs.push_back({name, DType::kF32, {}});
    return *this;
  }
  Result<Graph> parse(ParseOptions options = {}) const {
    if (options.name.empty()) options.name = "test";
    return parse_model(model, options);
  }
  Graph graph(ParseOptions options = {}) const {
    Result<Graph> parsed = parse(std::move(options));
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().text());
    return parsed.ok() ? std::move(*parsed) : Graph{};
  }
};

inline Tensor counted(Shape shape) {
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0, n = element_count(tensor.type.shape); i < n; ++i)
    data[i] = static_cast<float>(i % 23) * 0.25f - 2;
  return tensor;
}

}  // namespace graupel
