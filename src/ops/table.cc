#include "ops/table.h"

#include <cmath>

namespace graupel {

void append_table(Table& tables, const Affinity& in, const Affinity& out,
                  const std::function<double(double)>& function) {
  for (int32_t code = 0; code <= in.most; ++code) {
    const double y = function((code - in.zero_point) * in.scale);
    tables.push_back(static_cast<uint16_t>(std::isnan(y) ? out.zero_point : code_of(y, out)));
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

Result<Step> table_step(const LowerContext& context, const Table& tables) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 22;
  LutParams params;
  params.in = params.out = pixels_of(context.in[0].shape);
  params.in.element = context.in[0].dtype;
  params.out.element = context.out.dtype;
  params.tables = static_cast<int32_t>(tables.size() / (static_cast<std::size_t>(most_code(context.in[0].dtype)) + 1));
  const std::size_t bytes = tables.size() * static_cast<std::size_t>(code_bytes(context.out.dtype));
  if (params.tables > 1 && context.in[0].dtype == DType::kU16 && bytes > kMostBytes)
    return unsupported(params.tables, " tables of 16-bit codes, one per channel, would take ", bytes,
                       " bytes (supported: ", kMostBytes, "); keep this layer's input at 8 bits (a8_w8)");
  params.table = context.out.dtype == DType::kU16
                     ? context.sink.add(std::span<const uint16_t>(tables))
                     : context.sink.add(std::span<const uint8_t>(std::vector<uint8_t>(tables.begin(), tables.end())));
  return Step{params, {{0, {}}}};
}

}  // namespace graupel
