// What 8 bits before an activation table cost (docs/decisions/001): SNR of each output against the optimized float
// graph when every tensor is rounded to its codes, and when those that only an activation reads are not.
//
// Usage: preactivation_cost MODEL.har FRAMES.npy COUNT (the HAR quantized).
#include <cmath>
#include <cstdio>

#include "base/file.h"
#include "base/round.h"
#include "eval/compare.h"
#include "eval/dataset.h"
#include "har/har.h"
#include "ir/evaluate.h"

namespace graupel {
namespace {

// The quantized graph as floats: weights and biases dequantized, activations rounded between layers.
class FakeQuantized {
 public:
  FakeQuantized(const Graph& graph, bool round_preactivations)
      : graph_(graph), uses_(graph), round_preactivations_(round_preactivations), pool_(available_threads()) {
    context_.pool = &pool_;
    context_.isa = detected_isa();
    context_.allocate = [](std::size_t bytes) { return std::make_shared<Bytes>(bytes); };
    context_.packed = [](const Tensor&, std::string_view, const std::function<Bytes()>& pack) {
      return std::make_shared<const Bytes>(pack());
    };
  }

  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) {
    std::vector<std::optional<Tensor>> values(graph_.values.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
      values[static_cast<uint32_t>(graph_.inputs[i])] = rounded(inputs[i], *graph_[graph_.inputs[i]].type.quant);
    for (const Layer& layer : graph_.layers) {
      std::vector<Tensor> in;
      std::vector<TensorType> types;
      for (ValueId id : layer.in) {
        const auto& constant = graph_[id].constant;
        in.push_back(constant ? real(*constant) : *values[static_cast<uint32_t>(id)]);
        types.push_back(in.back().type);
      }
      GRAUPEL_TRY(const TensorType type, infer(layer.op, types));
      GRAUPEL_TRY(Tensor out, eval(layer.op, context_, in, type));
      const ValueId id = layer.out[0];
      values[static_cast<uint32_t>(id)] = keeps_float(id) ? out : rounded(out, *graph_[id].type.quant);
    }
    std::vector<Tensor> outputs;
    for (ValueId id : graph_.outputs) outputs.push_back(*values[static_cast<uint32_t>(id)]);
    return outputs;
  }

 private:
  bool keeps_float(ValueId id) const {
    if (round_preactivations_ || !uses_.read_once(id)) return false;
    return std::holds_alternative<Unary>(graph_[uses_.readers[static_cast<uint32_t>(id)][0]].op);
  }

  static Tensor rounded(const Tensor& tensor, const QuantParams& quant) {
    auto [out, data] = Tensor::make<float>(tensor.type.shape);
    const double scale = quant.scale[0], zero = quant.zero_point[0];
    std::size_t i = 0;
    for (float x : tensor.as<float>())
      data[i++] = static_cast<float>((std::clamp(round_even(x / scale) + zero, 0.0, 255.0) - zero) * scale);
    return out;
  }

  static Tensor real(const Tensor& constant) {
    if (constant.type.dtype == DType::kF32) return constant;
    if (constant.type.dtype == DType::kU8) return dequantize(constant);
    auto [out, data] = Tensor::make<float>(constant.type.shape);
    const auto& scale = constant.type.quant->scale;
    for (int64_t i = 0; i < element_count(constant.type.shape); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const int32_t code = constant.type.dtype == DType::kS8 ? constant.as<int8_t>()[at] : constant.as<int32_t>()[at];
      data[i] = static_cast<float>(code) * scale[at % scale.size()];
    }
    return out;
  }

  const Graph& graph_;
  Uses uses_;
  bool round_preactivations_;
  ThreadPool pool_;
  EvalContext context_;
};

Result<> measure(const std::string& har_path, const std::string& frames_path, int count) {
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(har_path));
  GRAUPEL_TRY(const Har har, load_har(file.bytes()));
  if (!har.quantized) return invalid(har_path, " is not quantized");
  GRAUPEL_TRY(Dataset frames, Dataset::open(frames_path, input_specs(*har.optimized)));
  Evaluator reference(*har.optimized, 0, detected_isa());
  FakeQuantized all(*har.quantized, true), without(*har.quantized, false);
  Comparison with_table, with_float;
  for (int i = 0; i < std::min(count, frames.size()); ++i) {
    GRAUPEL_TRY(const auto inputs, frames.frame(i));
    GRAUPEL_TRY(const auto want, reference.run(inputs));
    GRAUPEL_TRY(const auto table, all.run(inputs));
    GRAUPEL_TRY(const auto direct, without.run(inputs));
    for (std::size_t o = 0; o < want.size(); ++o) {
      const std::string name = har.quantized->output_info[o].origin;
      GRAUPEL_DO(with_table.add(name, want[o].as<float>(), table[o].as<float>()));
      GRAUPEL_DO(with_float.add(name, want[o].as<float>(), direct[o].as<float>()));
    }
  }
  const auto a = with_table.in_order(), b = with_float.in_order();
  std::printf("%-48s %12s %12s\n", "output", "8 bits", "float");
  for (std::size_t o = 0; o < a.size(); ++o)
    std::printf("%-48s %9.2f dB %9.2f dB\n", a[o].name.c_str(), a[o].snr_db, b[o].snr_db);
  return {};
}

}  // namespace
}  // namespace graupel

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: preactivation_cost MODEL.har FRAMES.npy COUNT\n");
    return 2;
  }
  const auto done = graupel::measure(argv[1], argv[2], std::atoi(argv[3]));
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return done.ok() ? 0 : 3;
}
