// Boxes of an object detector, chosen by per-class non-maximum suppression (N11). Runs on the host.
#pragma once

#include "kernels/detect/detect.h"
#include "ops/op.h"

namespace graupel {

/// in: the head tensors that `params` numbers, [1, h, w, c]. Output: f32 at every stage, output_shape(params); a graph
/// output.
struct Detect {
  static constexpr std::string_view kName = "Detect";
  static constexpr bool kHost = true;
  DetectParams params;

  static constexpr auto fields() { return std::tuple{Field{"params", &Detect::params}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Detect>> constraints();
  bool operator==(const Detect&) const = default;
};

}  // namespace graupel
