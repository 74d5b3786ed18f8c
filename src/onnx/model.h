// An ONNX file as plain structs. Nothing above this folder sees protobuf.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "tensor/tensor.h"

namespace graupel::onnx {

/// ints and floats are also how single-element lists arrive.
using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
                               std::vector<std::string>, Tensor>;

struct Node {
  std::string name;  ///< never empty: unnamed nodes are called "<op_type>_<index>"
  std::string op_type;
  std::string domain;
  std::vector<std::string> inputs, outputs;  ///< "" is an absent optional
  std::map<std::string, Attribute> attributes;

  bool has(const std::string& key) const { return attributes.contains(key); }
  /// The attribute, or `fallback` when absent. Errors: invalid when present with another type.
  Result<int64_t> integer(const std::string& key, int64_t fallback) const;
  Result<float> real(const std::string& key, float fallback) const;
  Result<std::string> text(const std::string& key, const std::string& fallback) const;
  Result<std::vector<int64_t>> integers(const std::string& key, std::vector<int64_t> fallback) const;
  Result<std::vector<float>> reals(const std::string& key, std::vector<float> fallback) const;
};

/// A graph input or output. -1: an extent the file leaves open (symbolic).
struct ValueInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::optional<Shape> shape;
};

struct Model {
  std::string producer;
  int64_t opset = 0;
  std::vector<Node> nodes;  ///< topologically sorted, as the format demands
  std::map<std::string, Tensor> initializers;
  std::vector<ValueInfo> inputs;  ///< without those that are initializers
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> value_info;  ///< what the exporter noted of tensors in between
};

/// Reads a .onnx file, with external data beside it. Errors: not_found, io, corrupt, unsupported (opset, element type).
Result<Model> read_model(const std::string& path);

}  // namespace graupel::onnx
