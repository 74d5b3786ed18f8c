// Clamp: the interval activation that linear and element-wise ops carry.
#pragma once

#include "base/fields.h"

namespace graupel {

/// The activation an op applies itself: an interval (ReLU is [0, inf)). Everything else is a Unary of its own.
struct Clamp {
  float lo = -__builtin_inff(), hi = __builtin_inff();
  static constexpr auto fields() { return std::tuple{Field{"lo", &Clamp::lo}, Field{"hi", &Clamp::hi}}; }
  bool operator==(const Clamp&) const = default;
};

}  // namespace graupel
