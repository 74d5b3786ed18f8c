// What the rules that recognize operators ask of the arithmetic around a layer.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ir/rewriter.h"

namespace graupel {

/// The scale and shift of an Affine with one of each.
std::optional<std::pair<double, double>> scalar_affine(const Rewriter& rw, const Layer& layer);

/// The layers that write `values`.
std::vector<LayerId> producers(const Rewriter& rw, std::span<const ValueId> values);

/// A product of two values, and what a constant makes of it: factor * a * b.
struct ScaledProduct {
  double factor = 1;
  ValueId a{}, b{};
  std::vector<LayerId> absorbed;  ///< the layers that write the operands, and the product if a constant follows it
};
/// Layer `id` as one, if it is a Mul, or a scale that alone reads a Mul; neither with a clamp.
std::optional<ScaledProduct> scaled_product(const Rewriter& rw, LayerId id);

}  // namespace graupel
