#include "ops/unary.h"

#include "ops/table.h"

namespace graupel {

QuantRule Unary::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> Unary::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 0, "input"));
  if (alpha != alpha || beta != beta)
    return invalid(to_string(kind), " has parameters ", alpha, " and ", beta, "; they must be numbers");
  return TensorType{in[0].dtype, in[0].shape, {}};
}

Result<Tensor> Unary::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  constexpr int64_t kGrain = 4096;
  auto [result, dst] = context.make(out.shape);
  const float* src = in[0].as<float>().data();
  context.pool->run(element_count(out.shape), kGrain, [&, data = dst](int64_t begin, int64_t end, int) {
    unary_f32(kind, alpha, beta, src + begin, data + begin, static_cast<std::size_t>(end - begin), context.isa);
  });
  return result;
}

Result<std::vector<Step>> Unary::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  Table table;
  append_table(table, q_in, q_out,
               [&](double x) { return unary_f64(kind, static_cast<double>(alpha), static_cast<double>(beta), x); });
  GRAUPEL_TRY(Step step, table_step(context, table));
  return std::vector{std::move(step)};
}

std::span<const Constraint<Unary>> Unary::constraints() { return {}; }

static_assert(OpType<Unary>);

}  // namespace graupel
