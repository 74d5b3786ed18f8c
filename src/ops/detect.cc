#include "ops/detect.h"

#include "ops/expect.h"

namespace graupel {

QuantRule Detect::quant_rule() const { return QuantRule::kFixed; }

Result<TensorType> Detect::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(validate(params));
  const std::vector<Shape> shapes = input_shapes(params);
  GRAUPEL_DO(expect_operands(in, static_cast<int>(shapes.size())));
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    Shape expected = shapes[i];
    expected.insert(expected.begin(), 1);
    if (in[i].shape != expected)
      return invalid("input ", i, " has shape ", to_string(in[i].shape), "; its head says ", to_string(expected));
    if (in[i].dtype != DType::kF32 && !is_codes(in[i].dtype))
      return invalid("input ", i, " is ", to_string(in[i]), " (accepted: f32, u8, u16)");
  }
  return TensorType{DType::kF32, output_shape(params), {}};
}

Result<Tensor> Detect::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  GRAUPEL_TRY(Detector detector, Detector::create(params));
  std::vector<const float*> pointers;
  for (const Tensor& tensor : in) pointers.push_back(tensor.as<float>().data());
  auto [tensor, data] = context.make(out.shape);
  detector.run(pointers, data);
  return tensor;
}

Result<std::vector<Step>> Detect::lower(const LowerContext&) const {
  return unsupported("it runs on the host and has no integer instructions");
}

std::span<const OnnxImport> Detect::imports() { return {}; }

std::span<const Constraint<Detect>> Detect::constraints() { return {}; }

static_assert(OpType<Detect>);

}  // namespace graupel
