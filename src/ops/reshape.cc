#include "ops/reshape.h"

#include "ops/moves.h"

namespace graupel {

QuantRule Reshape::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Reshape::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 0, "input"));
  GRAUPEL_DO(validate(shape));
  if (element_count(shape) != element_count(in[0].shape))
    return invalid("shape ", to_string(shape), " has ", element_count(shape), " elements; the input ",
                   to_string(in[0].shape), " has ", element_count(in[0].shape));
  return TensorType{in[0].dtype, shape, in[0].quant};
}

Result<Tensor> Reshape::eval(const EvalContext&, std::span<const Tensor> in, const TensorType& out) const {
  return in[0].reshaped(out.shape);
}

Result<std::vector<Step>> Reshape::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  GRAUPEL_TRY(Step step, move_step(Move{{{element_count(shape), 1, 1}}, 0, 0}, 0, context.out.dtype));
  return std::vector{std::move(step)};
}

std::span<const Constraint<Reshape>> Reshape::constraints() { return {}; }

static_assert(OpType<Reshape>);

}  // namespace graupel
