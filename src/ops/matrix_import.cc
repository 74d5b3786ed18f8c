#include "ops/matrix_import.h"

#include <algorithm>

#include "ops/integers_import.h"

namespace graupel {

Result<ImportValue> times_matrix(ImportContext& context, const ImportValue& x, int64_t axis, const Tensor& matrix,
                                 const Tensor& bias) {
  std::vector<int> order = x.order;
  const auto at = std::find(order.begin(), order.end(), static_cast<int>(axis));
  std::rotate(at, at + 1, order.end());
  const std::vector<ImportValue> operands = {context.in_order(x, order), context.add_constant(matrix),
                                             context.add_constant(bias)};
  return context.emit(Dense{}, operands, order);
}

Result<> import_cum_sum(ImportContext& context) {
  constexpr int64_t kMostExtent = 2048;
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const std::vector<int64_t> given, constant_integers(context, 1, "axis"));
  GRAUPEL_TRY(const int64_t exclusive, context.node().integer("exclusive", 0));
  GRAUPEL_TRY(const int64_t reverse, context.node().integer("reverse", 0));
  if (given.size() != 1) return invalid("input 1 (axis) has ", given.size(), " elements; one is needed");
  GRAUPEL_TRY(const int64_t axis, checked_axis(given[0], x.shape.size()));
  const int64_t extent = x.shape[static_cast<std::size_t>(axis)];
  if (extent > kMostExtent)
    return unsupported("sums along an extent of ", extent, " (supported: up to ", kMostExtent, ")");
  auto [triangle, data] = Tensor::make<float>({extent, extent});
  for (int64_t from = 0; from < extent; ++from)
    for (int64_t to = 0; to < extent; ++to) {
      const int64_t ahead = reverse != 0 ? from - to : to - from;
      *data++ = ahead > 0 || (ahead == 0 && exclusive == 0) ? 1.0f : 0.0f;
    }
  GRAUPEL_TRY(const ImportValue out, times_matrix(context, x, axis, triangle, filled(extent, 0)));
  context.set_output(0, out);
  return {};
}

}  // namespace graupel
