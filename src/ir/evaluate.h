// Running a graph: float evaluation of the parsed and optimized stages, and the emulation of the quantized one.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "ir/graph.h"

namespace graupel {

/// Called with each layer's output as soon as it exists (constants excluded; graph inputs first, with layer = nullptr).
/// What it puts in the tensor's place is what the layers behind read.
using Observer = std::function<void(ValueId value, const Layer* layer, Tensor& tensor)>;

/// Evaluates one frame after another; keeps packed weights and recycled buffers between calls. Not thread-safe.
class Evaluator {
 public:
  /// Float evaluation of a parsed or optimized graph. `graph` must outlive the evaluator.
  Evaluator(const Graph& graph, int threads, Isa isa);
  ~Evaluator();

  /// `inputs`: f32, of the graph inputs' shapes. Returns the graph outputs. Bits do not depend on threads or ISA
  /// (N10.1).
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, const Observer& observer = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The quantized emulation: layer by layer over a quantized graph, every tensor in its own buffer, each op's steps with
/// the scalar reference kernels; nothing packed, nothing placed. Independent of lowering and runtime, and their judge.
class Emulator {
 public:
  Emulator(const Graph& graph, int threads);
  ~Emulator();

  /// Lowers each layer once. Errors: unsupported, invalid (a scale that N2.3 cannot prove), naming the layer.
  Result<> prepare();
  /// `inputs`: codes of the graph inputs' types. Returns the graph outputs as codes, those of the host as f32.
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, const Observer& observer = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Float input → codes of `type` (N9.1), and codes → float (N9.2). Errors: invalid (NaN, with its index; shape).
Result<Tensor> quantize(const Tensor& real, const TensorType& type);
Tensor dequantize(const Tensor& codes);

}  // namespace graupel
