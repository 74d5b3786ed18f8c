// The mean under each window (N6.1).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C]. count_include_pad: padding counts as zeros in the mean; else only what lies inside the image.
struct AvgPool {
  static constexpr std::string_view kName = "AvgPool";
  Window2d window;
  int32_t pad_bottom = 0, pad_right = 0;
  bool ceil_mode = false;
  bool count_include_pad = false;

  static constexpr auto fields() {
    return std::tuple{Field{"window", &AvgPool::window}, Field{"pad_bottom", &AvgPool::pad_bottom},
                      Field{"pad_right", &AvgPool::pad_right}, Field{"ceil_mode", &AvgPool::ceil_mode},
                      Field{"count_include_pad", &AvgPool::count_include_pad}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<AvgPool>> constraints();
  bool operator==(const AvgPool&) const = default;
};

}  // namespace graupel
