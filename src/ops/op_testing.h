// For tests of ops: a float evaluation, random tensors, and the integer steps of one layer run by the reference
// kernels.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ops/op.h"

namespace graupel::testing {

/// Evaluates on `threads` threads at `isa`; packs anew each time.
class Evaluation {
 public:
  explicit Evaluation(int threads = 2, Isa isa = detected_isa()) : pool_(threads) {
    context.pool = &pool_;
    context.isa = isa;
    context.allocate = [](std::size_t bytes) { return std::make_shared<Bytes>(bytes); };
    context.packed = [](const Tensor&, std::string_view, const std::function<Bytes()>& pack) {
      return std::make_shared<const Bytes>(pack());
    };
  }
  EvalContext context;

 private:
  ThreadPool pool_;
};

inline std::vector<TensorType> types_of(std::span<const Tensor> tensors) {
  std::vector<TensorType> types;
  for (const Tensor& tensor : tensors) types.push_back(tensor.type);
  return types;
}

/// infer() and eval(), both expected to succeed.
template <class T>
Tensor evaluate(const T& op, const std::vector<Tensor>& in, int threads = 2, Isa isa = detected_isa()) {
  const Evaluation evaluation(threads, isa);
  const Result<TensorType> type = op.infer(types_of(in));
  EXPECT_TRUE(type.ok()) << (type.ok() ? "" : type.error().text());
  if (!type.ok()) return {};
  const Result<Tensor> out = op.eval(evaluation.context, in, *type);
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().text());
  return out.ok() ? *out : Tensor{};
}

inline Tensor random_reals(Shape shape, uint32_t seed, float low = -1, float high = 1) {
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  std::mt19937 random(seed);
  for (int64_t i = 0; i < element_count(tensor.type.shape); ++i)
    data[i] = low + (high - low) * static_cast<float>(random() % 100001) / 100000.0f;
  return tensor;
}

/// Codes of `real` under one scale.
inline Tensor quantized(const Tensor& real, float scale, int32_t zero_point) {
  auto [tensor, data] = Tensor::make<uint8_t>(real.type.shape, QuantParams::per_tensor(scale, zero_point));
  for (const float value : real.as<float>())
    *data++ =
        static_cast<uint8_t>(std::clamp(std::nearbyint(value / scale) + static_cast<float>(zero_point), 0.0f, 255.0f));
  return tensor;
}

inline Tensor dequantized(const Tensor& codes) {
  const QuantParams& q = *codes.type.quant;
  auto [tensor, data] = Tensor::make<float>(codes.type.shape);
  for (const uint8_t code : codes.as<uint8_t>()) *data++ = static_cast<float>(code - q.zero_point[0]) * q.scale[0];
  return tensor;
}

/// s8 weights, one scale per last extent, and the floats they stand for.
struct QuantizedWeights {
  Tensor codes, reals;
};
inline QuantizedWeights quantized_weights(const Tensor& real) {
  const auto channels = static_cast<std::size_t>(real.type.shape.back());
  const auto values = real.as<float>();
  QuantParams quant{std::vector<float>(channels, 0.001f), std::vector<int32_t>(channels, 0),
                    static_cast<int>(real.type.shape.size()) - 1};
  for (std::size_t i = 0; i < values.size(); ++i)
    quant.scale[i % channels] = std::max(quant.scale[i % channels], std::abs(values[i]) / 127.0f);
  auto [codes, code] = Tensor::make<int8_t>(real.type.shape, quant);
  auto [reals, back] = Tensor::make<float>(real.type.shape);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scale = quant.scale[i % channels];
    code[i] = static_cast<int8_t>(std::nearbyint(values[i] / scale));
    back[i] = static_cast<float>(code[i]) * scale;
  }
  return {codes, reals};
}

/// s32 bias in units of input scale times weight scale, and the floats it stands for.
inline QuantizedWeights quantized_bias(const Tensor& real, float input_scale, const QuantParams& weights) {
  auto [codes, code] = Tensor::make<int32_t>(real.type.shape, weights);
  auto [reals, back] = Tensor::make<float>(real.type.shape);
  codes.type.quant->axis = 0;
  for (std::size_t c = 0; c < real.as<float>().size(); ++c) {
    const double unit = static_cast<double>(input_scale) * static_cast<double>(weights.scale[c]);
    codes.type.quant->scale[c] = static_cast<float>(unit);
    code[c] = static_cast<int32_t>(std::nearbyint(real.as<float>()[c] / unit));
    back[c] = static_cast<float>(code[c] * unit);
  }
  return {codes, reals};
}

/// The layer's integer meaning: lower(), then every step by its reference kernel. `constants` counts the trailing
/// operands that are constants of the graph.
template <class T>
Result<Tensor> run_steps(const T& op, const std::vector<Tensor>& in, const TensorType& out,
                         std::size_t first_constant) {
  const std::vector<TensorType> types = types_of(in);
  std::vector<const Tensor*> constants(in.size(), nullptr);
  for (std::size_t i = first_constant; i < in.size(); ++i) constants[i] = &in[i];
  Constants sink;
  GRAUPEL_TRY(const std::vector<Step> steps, op.lower(LowerContext{types, out, constants, sink}));
  auto bytes = std::make_shared<Bytes>(out.bytes());
  for (const Step& step : steps) {
    KernelArgs args;
    args.dst = bytes->data();
    args.constants = sink.bytes().data();
    for (std::size_t i = 0; i < step.src.size(); ++i)
      args.src[i] = step.src[i].input >= 0 ? in[static_cast<std::size_t>(step.src[i].input)].data->data()
                                           : sink.bytes().data() + step.src[i].constant.offset;
    std::visit(
        [&](const auto& params) {
          const Work work = params.work();
          kernel_table<std::remove_cvref_t<decltype(params)>>().back().run(params, args,
                                                                           {0, work.rows, 0, work.blocks});
        },
        step.params);
  }
  return Tensor{out, std::move(bytes)};
}

/// As run_steps(), with the output type that infer() gives and `quant` where it gives none.
template <class T>
Tensor run_quantized(const T& op, const std::vector<Tensor>& in, const QuantParams& quant, std::size_t first_constant) {
  Result<TensorType> type = op.infer(types_of(in));
  EXPECT_TRUE(type.ok()) << (type.ok() ? "" : type.error().text());
  if (!type.ok()) return {};
  EXPECT_TRUE(is_codes(type->dtype));
  if (!type->quant) type->quant = quant;
  const Result<Tensor> out = run_steps(op, in, *type, first_constant);
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().text());
  return out.ok() ? *out : Tensor{};
}

/// Largest |a - b| of two f32 tensors of one shape.
inline float largest_difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.type.shape, b.type.shape);
  float largest = 0;
  for (std::size_t i = 0; i < a.as<float>().size(); ++i)
    largest = std::max(largest, std::abs(a.as<float>()[i] - b.as<float>()[i]));
  return largest;
}

inline std::vector<float> floats_of(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.begin(), values.end()};
}

/// The error text of a Result, or "" when it is a value.
template <class T>
std::string error_of(const Result<T>& result) {
  return result.ok() ? "" : result.error().text();
}

}  // namespace graupel::testing
