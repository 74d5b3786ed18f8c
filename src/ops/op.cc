#include "ops/op.h"

#include <limits>

#include "base/check.h"

namespace graupel {

ConstRef Constants::add_bytes(ByteSpan bytes) {
  const std::size_t offset = align_up(bytes_.size(), 64);
  check(offset + bytes.size() <= std::numeric_limits<uint32_t>::max(), "constants exceed 4 GiB");
  bytes_.resize(offset);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {static_cast<uint32_t>(offset), static_cast<uint32_t>(bytes.size())};
}

Result<View> image_of(const Shape& shape) {
  GRAUPEL_DO(validate(shape));
  std::size_t first = 0;
  for (; shape.size() - first > 3; ++first)
    if (shape[first] != 1)
      return unsupported("shape ", to_string(shape), " is not one image: extents before the last three must be 1");
  const auto extent = [&](std::size_t from_end) {
    return shape.size() - first < from_end ? 1 : static_cast<int32_t>(shape[shape.size() - from_end]);
  };
  View view;
  view.h = extent(3);
  view.w = extent(2);
  view.c = extent(1);
  view.pixel_stride = view.c;
  return view;
}

Result<View> image_of(const TensorType& type) {
  GRAUPEL_TRY(View view, image_of(type.shape));
  view.element = type.dtype;
  return view;
}

Result<float> requant_scale(double scale) {
  constexpr double kLeast = 0x1p-100, kMost = 0x1p15;
  const float rounded = static_cast<float>(scale);
  if (!(rounded > kLeast && rounded < kMost))
    return invalid("requantization scale ", scale,
                   " is outside (2^-100, 2^15) (N2.2); calibrate with images that "
                   "exercise this layer, or check its weights");
  return rounded;
}

}  // namespace graupel
