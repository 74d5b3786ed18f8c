// Who writes and who reads the tensors of an ONNX model.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "onnx/model.h"

namespace graupel {

/// Refers to the model, which must outlive it.
class ModelIndex {
 public:
  explicit ModelIndex(const onnx::Model& model);

  const onnx::Model& model() const { return *model_; }
  const onnx::Node& node(std::size_t index) const { return model_->nodes[index]; }
  /// The node that writes `tensor`; none for inputs and initializers.
  std::optional<std::size_t> writer(const std::string& tensor) const;
  /// The nodes that read `tensor`, ascending, each once.
  const std::vector<std::size_t>& readers(const std::string& tensor) const;
  /// What to call the end node whose output is `tensor`: the node's name, or the tensor's where several nodes bear that
  /// name or the node writes more.
  std::string end_name(const std::string& tensor) const;
  /// An initializer, or the value of a Constant node.
  const Tensor* constant(const std::string& tensor) const;

 private:
  const onnx::Model* model_;
  std::map<std::string, std::size_t> writer_;
  std::map<std::string, std::vector<std::size_t>> readers_;
};

}  // namespace graupel
