// The mean over neighbouring axes (N6.1); global average pooling is axes H, W.
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Reduces extents [first_axis, last_axis]; they stay as 1 when keep_dims.
struct ReduceMean {
  static constexpr std::string_view kName = "ReduceMean";
  int32_t first_axis = 0, last_axis = 0;
  bool keep_dims = true;

  static constexpr auto fields() {
    return std::tuple{Field{"first_axis", &ReduceMean::first_axis}, Field{"last_axis", &ReduceMean::last_axis},
                      Field{"keep_dims", &ReduceMean::keep_dims}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<ReduceMean>> constraints();
  bool operator==(const ReduceMean&) const = default;
};

}  // namespace graupel
