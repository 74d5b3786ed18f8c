// The small constant evaluator: shape arithmetic and other nodes whose inputs are known when a model is parsed.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "onnx/model.h"

namespace graupel {

/// A node and what is known of its inputs, all in ONNX order and the file's element types.
struct FoldContext {
  const onnx::Node& node;
  int64_t opset = 0;
  std::vector<const Tensor*> in;             ///< null: absent or not known
  std::vector<std::optional<Shape>> shapes;  ///< parallel to `in`

  bool has(std::size_t i) const { return i < in.size() && in[i] != nullptr; }
};

struct FoldRule {
  std::string_view op_type;
  Result<std::vector<Tensor>> (*fold)(const FoldContext&);
  bool shape_suffices = false;  ///< needs the shape of input 0 only
};

/// How nodes of this operator are evaluated, or null.
const FoldRule* find_fold(std::string_view op_type);
/// Every operator with a rule, sorted.
std::vector<std::string_view> foldable_operators();

/// True when everything `rule` needs is known. `given`: the node's inputs that are not "".
bool can_fold(const FoldRule& rule, const FoldContext& context);

/// The node's outputs. Errors: unsupported (an element type, a form of the operator, a result of more than 2^24
/// elements that is larger than the inputs), invalid (shapes and indices that do not fit).
Result<std::vector<Tensor>> fold(const FoldRule& rule, const FoldContext& context);

}  // namespace graupel
