#include "ops/transpose.h"

#include <algorithm>

#include "ops/image_import.h"
#include "ops/integers_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// No layer: the data stays and the result's ONNX extents are found where the input's were.
Result<> import_transpose(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  const std::size_t rank = x.shape.size();
  GRAUPEL_TRY(std::vector<int64_t> perm, context.node().integers("perm", {}));
  if (perm.empty())
    for (std::size_t i = rank; i-- > 0;) perm.push_back(static_cast<int64_t>(i));
  if (perm.size() != rank) return invalid("attribute perm has ", perm.size(), " entries for ", rank, " extents");
  GRAUPEL_TRY(perm, checked_axes(perm, rank));
  ImportValue out{x.id, {}, {}};
  for (const int64_t axis : perm) out.shape.push_back(x.shape[static_cast<std::size_t>(axis)]);
  for (const int axis : x.order)
    out.order.push_back(static_cast<int>(std::find(perm.begin(), perm.end(), axis) - perm.begin()));
  context.set_output(0, out);
  return {};
}

}  // namespace

QuantRule Transpose::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Transpose::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], order.size(), "input"));
  std::vector<bool> taken(order.size());
  Shape shape;
  for (const int32_t axis : order) {
    if (axis < 0 || axis >= static_cast<int32_t>(order.size()) || taken[static_cast<std::size_t>(axis)])
      return invalid("order names extent ", axis, " of ", order.size(), "; it must name each once");
    taken[static_cast<std::size_t>(axis)] = true;
    shape.push_back(in[0].shape[static_cast<std::size_t>(axis)]);
  }
  return TensorType{in[0].dtype, std::move(shape), in[0].quant};
}

Result<Tensor> Transpose::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  move_floats(context, move_reordered(in[0].type.shape, order), in[0].as<float>().data(), dst);
  return result;
}

Result<std::vector<Step>> Transpose::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  GRAUPEL_TRY(Step step, move_step(move_reordered(context.in[0].shape, order), 0, context.out.dtype));
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> Transpose::imports() {
  static constexpr OnnxImport kImports[] = {{"Transpose", import_transpose}};
  return kImports;
}

std::span<const Constraint<Transpose>> Transpose::constraints() { return {}; }

static_assert(OpType<Transpose>);

}  // namespace graupel
