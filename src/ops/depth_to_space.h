// Moves channels into block x block pixels (N5.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C]; out [N, H * block, W * block, C / block^2]. In DCR order input channel (by * block + bx) * C' +
/// c, in CRD order c * block^2 + by * block + bx, becomes channel c of pixel (by, bx).
struct DepthToSpace {
  static constexpr std::string_view kName = "DepthToSpace";
  int32_t block = 1;
  bool crd = false;

  static constexpr auto fields() {
    return std::tuple{Field{"block", &DepthToSpace::block}, Field{"crd", &DepthToSpace::crd}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<DepthToSpace>> constraints();
  bool operator==(const DepthToSpace&) const = default;
};

}  // namespace graupel
