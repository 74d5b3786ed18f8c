// Operators that are others put together, such as attention and recurrent networks: the importer adds the nodes that a
// rule here gives in the place of the node.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/model.h"

namespace graupel {

/// A node and what is known of its inputs.
struct ExpandContext {
  const onnx::Node& node;
  std::vector<const Tensor*> in;             ///< null: absent or computed
  std::vector<std::optional<Shape>> shapes;  ///< parallel to `in`; nothing: absent
  std::vector<DType> types;                  ///< parallel to `in`: what ONNX says the elements are

  bool has(std::size_t i) const { return i < shapes.size() && shapes[i].has_value(); }
  /// The shape of input `i`. Errors: invalid when it is missing, or has not `rank` extents (-1: any number).
  Result<Shape> shape(std::size_t i, int rank = -1) const;
  /// Whether the node makes output `i`.
  bool makes(std::size_t i) const { return i < node.outputs.size() && !node.outputs[i].empty(); }
};

struct ExpandRule {
  std::string_view op_type;
  /// The nodes, in order; none when this form of the operator is left to its own import. Errors: as an import's.
  Result<std::vector<onnx::Node>> (*expand)(const ExpandContext&);
};

/// How nodes of this operator are expanded, or null.
const ExpandRule* find_expansion(std::string_view op_type);

/// Every operator that is imported, by itself or as others; sorted.
std::vector<std::string_view> importable_operators();

/// The nodes of an expansion as they are made. Their tensors are named after the expanded node.
class NodeList {
 public:
  using Names = std::vector<std::string>;
  using Attributes = std::map<std::string, onnx::Attribute>;

  explicit NodeList(const onnx::Node& whole) : whole_(whole) {}

  /// A node of one output, whose name it returns. An input "" is an absent one.
  std::string add(std::string op_type, Names inputs, Attributes attributes = {});
  std::string constant(Tensor tensor);
  std::string constant(float value) { return constant(Tensor::of<float>({1}, {value})); }

  std::string reshape(const std::string& x, const Shape& shape);
  std::string transpose(const std::string& x, std::vector<int64_t> perm);
  /// Indices [begin, end) of extent `axis`.
  std::string slice(const std::string& x, int64_t axis, int64_t begin, int64_t end, int64_t step = 1);
  /// Index `at` of extent `axis`, which goes away.
  std::string pick(const std::string& x, int64_t axis, int64_t at);
  std::string concat(const Names& parts, int64_t axis);

  /// Gives the expanded node's output `index` the value of `tensor`, if it is wanted.
  void output(std::size_t index, const std::string& tensor);
  std::vector<onnx::Node> take() { return std::move(nodes_); }

 private:
  onnx::Node& append(std::string op_type, Names inputs, Attributes attributes);

  const onnx::Node& whole_;
  std::vector<onnx::Node> nodes_;
};

}  // namespace graupel
