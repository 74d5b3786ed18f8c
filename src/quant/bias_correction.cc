#include "quant/bias_correction.h"

#include <algorithm>
#include <cmath>

#include "base/round.h"
#include "ir/float_context.h"
#include "ir/lowered_layer.h"

namespace graupel {
namespace {

// Enough values for a mean, few enough frames for memory: between these, about kValues activations in all.
constexpr int kLeastFrames = 8, kMostFrames = 32;
constexpr int64_t kValues = 200'000'000;
// A mean of fewer values says more about the frames than about the rounding.
constexpr int64_t kLeastSamples = 256;

int frame_count(const Graph& graph) {
  int64_t values = 1;
  for (const Layer& layer : graph.layers) values += element_count(graph[layer.out[0]].type.shape);
  return static_cast<int>(std::clamp<int64_t>(kValues / values, kLeastFrames, kMostFrames));
}

// The op without its clamp, whose output mean a bias can set.
Op unclamped(Op op) {
  std::visit(
      []<class T>(T& linear) {
        if constexpr (LinearOp<T>) linear.clamp = Clamp{};
      },
      op);
  return op;
}

Tensor real_of(const Tensor& codes) {
  if (codes.type.dtype == DType::kF32) return codes;
  if (is_codes(codes.type.dtype)) return dequantize(codes);
  auto [out, data] = Tensor::make<float>(codes.type.shape);
  const auto& scale = codes.type.quant->scale;
  const auto fill = [&, to = data](auto values) {
    for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<float>(values[i]) * scale[i % scale.size()];
  };
  switch (codes.type.dtype) {
    case DType::kS8: fill(codes.as<int8_t>()); break;
    case DType::kS16: fill(codes.as<int16_t>()); break;
    case DType::kS64: fill(codes.as<int64_t>()); break;
    default: fill(codes.as<int32_t>()); break;
  }
  return out;
}

// Per channel, the mean of the differences with each held to kHold times the channel's mean magnitude: what rounding
// does to most values. A plain mean would follow the few that a clipped outlier throws far off, and shift all the
// others.
std::vector<double> held_means(const std::vector<std::vector<float>>& differences, std::size_t channels) {
  constexpr double kHold = 0.7;
  std::vector<double> bound(channels, 0.0), sums(channels, 0.0);
  double samples = 0;
  for (const auto& d : differences) {
    samples += static_cast<double>(d.size() / channels);
    for (std::size_t i = 0; i < d.size(); i += channels)
      for (std::size_t c = 0; c < channels; ++c) bound[c] += std::abs(static_cast<double>(d[i + c]));
  }
  for (double& b : bound) b *= kHold / samples;
  for (const auto& d : differences)
    for (std::size_t i = 0; i < d.size(); i += channels)
      for (std::size_t c = 0; c < channels; ++c)
        sums[c] += std::clamp(static_cast<double>(d[i + c]), -bound[c], bound[c]);
  for (double& sum : sums) sum /= samples;
  return sums;
}

// Both graphs, layer by layer, over a few frames at once.
class BiasCorrector {
 public:
  BiasCorrector(const Graph& real, Graph& quantized, const QuantizeOptions& options)
      : real_(real),
        quantized_(quantized),
        uncorrected_(options.uncorrected_layers),
        context_(options.threads, options.isa) {}

  Result<> load(const FrameSource& frames) {
    for (int i = 0; i < frame_count(real_); ++i) {
      GRAUPEL_TRY(const auto inputs, frames(i));
      if (!inputs) break;
      Frame& frame = frames_.emplace_back();
      frame.real.resize(real_.values.size());
      frame.codes.resize(quantized_.values.size());
      for (std::size_t p = 0; p < inputs->size(); ++p) {
        frame.real[static_cast<uint32_t>(real_.inputs[p])] = (*inputs)[p];
        GRAUPEL_TRY(frame.codes[static_cast<uint32_t>(quantized_.inputs[p])],
                    quantize((*inputs)[p], quantized_[quantized_.inputs[p]].type));
      }
    }
    return {};
  }

  Result<> run() {
    const std::vector<std::size_t> last = last_readers();
    for (uint32_t i = 0; i < real_.layers.size(); ++i) {
      GRAUPEL_DO(run_layer(LayerId{i}).within("layer '", real_[LayerId{i}].name, "'"));
      context_.forget_weights();
      for (std::size_t k = 0; k < real_[LayerId{i}].in.size(); ++k) {
        const auto value = static_cast<uint32_t>(real_[LayerId{i}].in[k]);
        if (last[value] != i) continue;
        for (Frame& frame : frames_) {
          frame.real[value].reset();
          frame.codes[static_cast<uint32_t>(quantized_[LayerId{i}].in[k])].reset();
        }
      }
    }
    return {};
  }

 private:
  struct Frame {
    std::vector<std::optional<Tensor>> real, codes;
  };

  std::vector<std::size_t> last_readers() const {
    std::vector<std::size_t> last(real_.values.size(), ~std::size_t{0});
    for (std::size_t i = 0; i < real_.layers.size(); ++i)
      for (ValueId id : real_.layers[i].in) last[static_cast<uint32_t>(id)] = i;
    return last;
  }

  static std::vector<Tensor> operands(const Graph& graph, const Layer& layer,
                                      const std::vector<std::optional<Tensor>>& values) {
    std::vector<Tensor> in;
    for (ValueId id : layer.in)
      in.push_back(graph[id].constant ? *graph[id].constant : *values[static_cast<uint32_t>(id)]);
    return in;
  }

  Result<> run_layer(LayerId id) {
    const Layer& layer = real_[id];
    if (is_host(layer.op)) return {};
    if (is_linear(layer.op) && !uncorrected_.contains(layer.name)) GRAUPEL_DO(correct(id));
    GRAUPEL_TRY(const LoweredLayer lowered, lower_layer(quantized_, quantized_[id]));
    const ValueId out = quantized_[id].out[0];
    for (Frame& frame : frames_) {
      GRAUPEL_TRY(frame.real[static_cast<uint32_t>(layer.out[0])],
                  eval(layer.op, context_.eval(), operands(real_, layer, frame.real), real_[layer.out[0]].type));
      frame.codes[static_cast<uint32_t>(out)] = run_reference(
          lowered, operands(quantized_, quantized_[id], frame.codes), quantized_[out].type, context_.pool(), scratch_);
    }
    return {};
  }

  Result<> correct(LayerId id) {
    const Layer& layer = real_[id];
    const Op op = unclamped(layer.op);
    const TensorType& type = real_[layer.out[0]].type;
    const Tensor weights = real_of(*quantized_[quantized_[id].in[1]].constant);
    const Tensor bias = real_of(*quantized_[quantized_[id].in[2]].constant);
    std::vector<std::vector<float>> differences;
    for (const Frame& frame : frames_) {
      GRAUPEL_TRY(const Tensor want, eval(op, context_.eval(), operands(real_, layer, frame.real), type));
      std::vector<Tensor> in = operands(quantized_, quantized_[id], frame.codes);
      in[0] = real_of(in[0]);
      in[1] = weights;
      in[2] = bias;
      for (std::size_t k = 3; k < in.size(); ++k) in[k] = real_of(in[k]);
      GRAUPEL_TRY(const Tensor got, eval(op, context_.eval(), in, type));
      const auto a = want.as<float>(), b = got.as<float>();
      std::vector<float>& d = differences.emplace_back(a.size());
      for (std::size_t i = 0; i < a.size(); ++i) d[i] = a[i] - b[i];
    }
    const auto channels = static_cast<std::size_t>(type.shape.back());
    if (static_cast<int64_t>(differences.size()) * element_count(type.shape) >= kLeastSamples * type.shape.back())
      shift_bias(quantized_[id].in[2], held_means(differences, channels));
    return {};
  }

  void shift_bias(ValueId id, const std::vector<double>& shift) {
    if (quantized_[id].type.dtype == DType::kS64)
      shift_bias_of<int64_t>(id, shift);
    else
      shift_bias_of<int32_t>(id, shift);
  }

  template <class Bias>
  void shift_bias_of(ValueId id, const std::vector<double>& shift) {
    constexpr double kMostBias = sizeof(Bias) == 4 ? 0x1p30 : 0x1p50;
    const Tensor old = *quantized_[id].constant;
    auto [bias, codes] = Tensor::make<Bias>(old.type.shape, old.type.quant);
    for (std::size_t c = 0; c < shift.size(); ++c) {
      const double steps = shift[c] / static_cast<double>(old.type.quant->scale[c]);
      codes[c] = static_cast<Bias>(
          std::clamp(round_even(static_cast<double>(old.as<Bias>()[c]) + steps), -kMostBias, kMostBias));
    }
    quantized_[id].constant = std::move(bias);
  }

  const Graph& real_;
  Graph& quantized_;
  const std::set<std::string>& uncorrected_;
  FloatContext context_;
  Bytes scratch_;
  std::vector<Frame> frames_;
};

}  // namespace

Result<> correct_biases(const Graph& real, Graph& quantized, const FrameSource& frames,
                        const QuantizeOptions& options) {
  BiasCorrector corrector(real, quantized, options);
  GRAUPEL_DO(corrector.load(frames));
  return corrector.run();
}

}  // namespace graupel
