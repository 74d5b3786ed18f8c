#include "ops/image_import.h"

#include <algorithm>

namespace graupel {

std::vector<int64_t> ImageOperand::extents() const {
  if (flat) return {value.shape[3]};
  return {value.shape[2], value.shape[3]};
}

Result<ImageOperand> image_operand(ImportContext& context, std::size_t i) {
  GRAUPEL_TRY(const ImportValue in, context.in(i));
  if (in.shape.size() != 3 && in.shape.size() != 4)
    return unsupported("input ", i, " has shape ", to_string(in.shape), " (supported: N, C, H, W or N, C, L)");
  ImageOperand image{context.channels_last(in), in.shape.size() == 3};
  if (image.flat) {
    const Shape stored = {in.shape[0], 1, in.shape[2], in.shape[1]};
    GRAUPEL_TRY(image.value, context.emit(Reshape{stored}, std::vector{image.value}, {0, 2, 3, 1}));
  }
  return image;
}

Result<> finish_image(ImportContext& context, const ImageOperand& image, const AnyOp& op,
                      const std::vector<ImportValue>& rest) {
  std::vector<ImportValue> operands = {image.value};
  operands.insert(operands.end(), rest.begin(), rest.end());
  GRAUPEL_TRY(ImportValue out, context.emit(op, operands, {0, 2, 3, 1}));
  if (image.flat) {
    const Shape stored = {out.shape[0], out.shape[3], out.shape[1]};
    GRAUPEL_TRY(out, context.emit(Reshape{stored}, std::vector{out}, {0, 2, 1}));
  }
  context.set_output(0, out);
  return {};
}

Result<Tensor> constant_f32(const ImportContext& context, std::size_t i, std::string_view what) {
  const Tensor* constant = context.constant(i);
  if (constant == nullptr)
    return unsupported("input ", i, " (", what, ") is computed at run time (supported: a constant)");
  if (constant->type.dtype == DType::kF32) return *constant;
  if (constant->type.dtype != DType::kF64)
    return unsupported("input ", i, " (", what, ") is ", to_string(constant->type.dtype), " (supported: f32, f64)");
  auto [tensor, data] = Tensor::make<float>(constant->type.shape);
  const auto values = constant->as<double>();
  std::transform(values.begin(), values.end(), data, [](double value) { return static_cast<float>(value); });
  return tensor;
}

Tensor filled(int64_t count, float value) {
  auto [tensor, data] = Tensor::make<float>({count});
  std::fill_n(data, count, value);
  return tensor;
}

Result<> refuse_output(const ImportContext& context, std::size_t index, std::string_view what) {
  const auto& outputs = context.node().outputs;
  if (outputs.size() <= index || outputs[index].empty()) return {};
  return unsupported("output ", index, " (", what, ") is asked for (supported: the first output alone)");
}

Result<> finish_same_order(ImportContext& context, const ImportValue& in, const AnyOp& op,
                           const std::vector<ImportValue>& rest) {
  std::vector<ImportValue> operands = {in};
  operands.insert(operands.end(), rest.begin(), rest.end());
  GRAUPEL_TRY(const ImportValue out, context.emit(op, operands, in.order));
  context.set_output(0, out);
  return {};
}

int32_t stored_axis(const ImportValue& value, int64_t axis) {
  return static_cast<int32_t>(std::find(value.order.begin(), value.order.end(), static_cast<int>(axis)) -
                              value.order.begin());
}

Result<int64_t> checked_axis(int64_t axis, std::size_t rank) {
  const auto extents = static_cast<int64_t>(rank);
  if (axis < -extents || axis >= extents)
    return invalid("axis ", axis, " of a tensor of ", rank, " extents (accepted: ", -extents, " to ", extents - 1, ")");
  return axis < 0 ? axis + extents : axis;
}

}  // namespace graupel
