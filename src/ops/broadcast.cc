#include "ops/broadcast.h"

#include <algorithm>

namespace graupel {
namespace {

/// Strides of a dense tensor along the extents of `out`; 0 where it repeats.
std::vector<int64_t> strides_along(const Shape& shape, const Shape& out) {
  std::vector<int64_t> strides(out.size(), 0);
  int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i])
    if (shape[i] != 1) strides[out.size() - shape.size() + i] = stride;
  return strides;
}

bool walks_on(const BroadcastAxis& outer, const BroadcastAxis& inner) {
  return outer.a == inner.a * inner.extent && outer.b == inner.b * inner.extent;
}

}  // namespace

Result<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    int64_t& extent = out[out.size() - shorter.size() + i];
    if (extent == 1) extent = shorter[i];
    if (shorter[i] != 1 && shorter[i] != extent)
      return invalid("shapes ", to_string(a), " and ", to_string(b),
                     " do not broadcast: aligned at the end, extents must be equal or 1");
  }
  GRAUPEL_DO(validate(out));
  return out;
}

std::vector<BroadcastAxis> broadcast_axes(const Shape& a, const Shape& b, const Shape& out, bool merge) {
  const std::vector<int64_t> along_a = strides_along(a, out), along_b = strides_along(b, out);
  std::vector<BroadcastAxis> axes;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool last = i + 1 == out.size();
    if (out[i] == 1 && !last) continue;
    const BroadcastAxis axis{out[i], along_a[i], along_b[i]};
    if (merge && !last && !axes.empty() && walks_on(axes.back(), axis))
      axes.back() = {axes.back().extent * axis.extent, axis.a, axis.b};
    else
      axes.push_back(axis);
  }
  if (axes.empty()) axes.emplace_back();
  return axes;
}

}  // namespace graupel
