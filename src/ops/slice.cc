#include "ops/slice.h"

#include "ops/moves.h"

namespace graupel {
QuantRule Slice::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Slice::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  GRAUPEL_DO(expect_axis(axis, in[0].shape));
  const int64_t extent = in[0].shape[static_cast<std::size_t>(axis)];
  const int64_t last = begin + int64_t{count - 1} * step;
  if (count < 1 || begin < 0 || begin >= extent || last < 0 || last >= extent)
    return invalid("takes ", count, " elements from ", begin, " in steps of ", step, " of an extent of ", extent,
                   "; all must lie inside");
  TensorType out = in[0];
  out.shape[static_cast<std::size_t>(axis)] = count;
  return out;
}

Result<Tensor> Slice::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Move move = move_out_of(in[0].type.shape, out.shape, static_cast<std::size_t>(axis), begin, step);
  move_floats(context, move, in[0].as<float>().data(), dst);
  return result;
}

Result<std::vector<Step>> Slice::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  const Move move = move_out_of(context.in[0].shape, context.out.shape, static_cast<std::size_t>(axis), begin, step);
  GRAUPEL_TRY(Step only, move_step(move, 0, context.out.dtype));
  return std::vector{std::move(only)};
}

std::span<const Constraint<Slice>> Slice::constraints() { return {}; }

static_assert(OpType<Slice>);

}  // namespace graupel
