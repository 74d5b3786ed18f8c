#include "ops/concat.h"

#include <algorithm>

#include "ops/image_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// Where operand `index` begins in the output, per extent.
Shape first_of(std::span<const TensorType> in, std::size_t index, std::size_t axis) {
  Shape first(in[index].shape.size(), 0);
  for (std::size_t i = 0; i < index; ++i) first[axis] += in[i].shape[axis];
  return first;
}

Result<> import_concat(ImportContext& context) {
  std::vector<ImportValue> parts;
  std::size_t lead = 0;  // the first computed part: its layout is everyone's
  bool lead_found = false;
  for (std::size_t i = 0; i < context.inputs(); ++i) {
    GRAUPEL_TRY(const Shape shape, context.shape(i));
    const bool constant = context.constant(i) != nullptr;
    if (constant && element_count(shape) == 0) continue;
    GRAUPEL_TRY(ImportValue part, context.in(i));
    if (!constant && !lead_found) {
      lead = parts.size();
      lead_found = true;
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return unsupported("all inputs are empty");
  const std::size_t rank = parts[0].shape.size();
  for (const ImportValue& part : parts)
    if (part.shape.size() != rank)
      return invalid("joins shapes ", to_string(parts[0].shape), " and ", to_string(part.shape),
                     "; they must have equally many extents");
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", 1));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, rank));
  const std::vector<int> order = parts[lead].order;
  if (parts.size() == 1) {
    context.set_output(0, parts[0]);
    return {};
  }
  for (ImportValue& part : parts) part = context.in_order(part, order);
  GRAUPEL_TRY(const ImportValue out, context.emit(Concat{stored_axis(parts[lead], axis)}, parts, order));
  context.set_output(0, out);
  return {};
}

}  // namespace

QuantRule Concat::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Concat::infer(std::span<const TensorType> in) const {
  if (in.empty()) return invalid("has no operands; it joins at least one");
  GRAUPEL_DO(expect_operands(in, in.size()));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "operand 0"));
  GRAUPEL_DO(expect_axis(axis, in[0].shape));
  TensorType out = in[0];
  const auto joined = static_cast<std::size_t>(axis);
  for (std::size_t i = 1; i < in.size(); ++i) {
    if (in[i].dtype != in[0].dtype)
      return invalid("operand ", i, " is ", to_string(in[i].dtype), ", operand 0 ", to_string(in[0].dtype));
    Shape like = in[i].shape;
    if (like.size() == in[0].shape.size()) like[joined] = in[0].shape[joined];
    if (like != in[0].shape)
      return invalid("operand ", i, " has shape ", to_string(in[i].shape), ", operand 0 ", to_string(in[0].shape),
                     "; they must be equal but for extent ", axis);
    out.shape[joined] += in[i].shape[joined];
  }
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> Concat::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  std::vector<TensorType> types;
  for (const Tensor& part : in) types.push_back(part.type);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Shape first = first_of(types, i, static_cast<std::size_t>(axis));
    move_floats(context, move_into(types[i].shape, out.shape, first), in[i].as<float>().data(), dst);
  }
  return result;
}

Result<std::vector<Step>> Concat::lower(const LowerContext& context) const {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < context.in.size(); ++i) {
    GRAUPEL_DO(expect_shared_scale(context.in[i], context.out, cat("operand ", i)));
    const Shape first = first_of(context.in, i, static_cast<std::size_t>(axis));
    GRAUPEL_TRY(Step step, move_step(move_into(context.in[i].shape, context.out.shape, first), static_cast<int>(i),
                                     context.out.dtype));
    if (context.constants[i] != nullptr) step.src[0] = {-1, context.sink.add_bytes(context.constants[i]->bytes())};
    steps.push_back(std::move(step));
  }
  return steps;
}

std::span<const OnnxImport> Concat::imports() {
  static constexpr OnnxImport kImports[] = {{"Concat", import_concat}};
  return kImports;
}

std::span<const Constraint<Concat>> Concat::constraints() { return {}; }

static_assert(OpType<Concat>);

}  // namespace graupel
