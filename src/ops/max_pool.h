// The largest element under each window; padding never wins (N5.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C].
struct MaxPool {
  static constexpr std::string_view kName = "MaxPool";
  Window2d window;
  int32_t pad_bottom = 0, pad_right = 0;
  bool ceil_mode = false;

  static constexpr auto fields() {
    return std::tuple{Field{"window", &MaxPool::window}, Field{"pad_bottom", &MaxPool::pad_bottom},
                      Field{"pad_right", &MaxPool::pad_right}, Field{"ceil_mode", &MaxPool::ceil_mode}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<MaxPool>> constraints();
  bool operator==(const MaxPool&) const = default;
};

}  // namespace graupel
