#include "ops/table.h"

#include <cmath>

namespace graupel {

void append_table(std::vector<uint8_t>& tables, const Affinity& in, const Affinity& out,
                  const std::function<double(double)>& function) {
  for (int32_t code = 0; code < 256; ++code) {
    const double y = function((code - in.zero_point) * in.scale);
    tables.push_back(static_cast<uint8_t>(std::isnan(y) ? out.zero_point : code_of(y, out)));
  }
}

View pixels_of(const Shape& shape) {
  constexpr int32_t kFewRows = 16;
  View view;
  view.c = shape.empty() ? 1 : static_cast<int32_t>(shape.back());
  view.pixel_stride = view.c;
  view.w = shape.size() < 2 ? 1 : static_cast<int32_t>(shape[shape.size() - 2]);
  view.h = static_cast<int32_t>(element_count(shape) / view.c / view.w);
  if (view.h < kFewRows) {
    view.h *= view.w;
    view.w = 1;
  }
  return view;
}

Step table_step(const LowerContext& context, const std::vector<uint8_t>& tables) {
  LutParams params;
  params.in = params.out = pixels_of(context.in[0].shape);
  params.tables = static_cast<int32_t>(tables.size() / 256);
  params.table = context.sink.add(std::span<const uint8_t>(tables));
  return {params, {{0, {}}}};
}

}  // namespace graupel
