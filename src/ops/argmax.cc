#include "ops/argmax.h"

#include <utility>

#include "ops/expect.h"
#include "ops/image_import.h"

namespace graupel {
namespace {

/// `x` without its extent `axis` of 1.
Result<ImportValue> without_axis(ImportContext& context, const ImportValue& x, int64_t axis) {
  Shape stored;
  std::vector<int> order;
  for (const int at : x.order) {
    if (at == static_cast<int>(axis)) continue;
    stored.push_back(x.shape[static_cast<std::size_t>(at)]);
    order.push_back(at > static_cast<int>(axis) ? at - 1 : at);
  }
  return context.emit(Reshape{stored}, std::vector{x}, order);
}

template <bool kSmallest>
Result<> import_index(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", 0));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  GRAUPEL_TRY(const int64_t keep, context.node().integer("keepdims", 1));
  GRAUPEL_TRY(const int64_t last, context.node().integer("select_last_index", 0));
  GRAUPEL_TRY(ImportValue out,
              context.emit(ArgMax{stored_axis(x, axis), kSmallest, last != 0}, std::vector{x}, x.order));
  if (keep == 0) {
    GRAUPEL_TRY(out, without_axis(context, out, axis));
  }
  context.set_output(0, out);
  return {};
}

/// The tensor as [outer, n, inner] around the searched extent.
ArgMaxParams params_of(const ArgMax& op, const Shape& shape) {
  ArgMaxParams params;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto at = static_cast<int32_t>(i);
    (at < op.axis ? params.outer : at == op.axis ? params.n : params.inner) *= static_cast<int32_t>(shape[i]);
  }
  params.smallest = op.smallest;
  params.last = op.last;
  return params;
}

}  // namespace

QuantRule ArgMax::quant_rule() const { return QuantRule::kFixed; }

Result<TensorType> ArgMax::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  GRAUPEL_DO(expect_axis(axis, in[0].shape));
  TensorType out{in[0].dtype, in[0].shape, {}};
  const int64_t extent = std::exchange(out.shape[static_cast<std::size_t>(axis)], 1);
  if (!is_codes(out.dtype)) return out;
  out.dtype = extent <= 256 ? DType::kU8 : DType::kU16;
  out.quant = QuantParams::per_tensor(1, 0);
  return out;
}

Result<Tensor> ArgMax::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const ArgMaxParams p = params_of(*this, in[0].type.shape);
  const float* src = in[0].as<float>().data();
  context.pool->run(p.outer, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t i = 0; i < p.inner; ++i) {
        const float* column = src + o * p.n * p.inner + i;
        int64_t found = 0;
        for (int64_t k = 1; k < p.n; ++k) {
          const float value = column[k * p.inner], best = column[found * p.inner];
          if ((smallest ? value < best : value > best) || (last && value == best)) found = k;
        }
        data[o * p.inner + i] = static_cast<float>(found);
      }
  });
  return result;
}

Result<std::vector<Step>> ArgMax::lower(const LowerContext& context) const {
  ArgMaxParams params = params_of(*this, context.in[0].shape);
  params.in_element = context.in[0].dtype;
  params.out_element = context.out.dtype;
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> ArgMax::imports() {
  static constexpr OnnxImport kImports[] = {{"ArgMax", import_index<false>}, {"ArgMin", import_index<true>}};
  return kImports;
}

std::span<const Constraint<ArgMax>> ArgMax::constraints() {
  static constexpr Constraint<ArgMax> kConstraints[] = {
      {"the index is searched among at most 65536 elements",
       [](const ArgMax& op, std::span<const TensorType> in) {
         return in.empty() || op.axis < 0 || op.axis >= static_cast<int32_t>(in[0].shape.size()) ||
                in[0].shape[static_cast<std::size_t>(op.axis)] <= 65536;
       }},
  };
  return kConstraints;
}

static_assert(OpType<ArgMax>);

}  // namespace graupel
