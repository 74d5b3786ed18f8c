// Quantization, level 0: calibration statistics, ranges, types and integer weights. Sets QuantParams and constants
// only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ir/evaluate.h"
#include "ir/graph.h"

namespace graupel {

enum class RangeMethod : uint8_t { kMse, kPercentile, kMinMax };
/// "mse", "percentile", "minmax". Errors: invalid; it names these.
Result<RangeMethod> parse_range_method(std::string_view name);

/// Bits of what a layer reads, of its weights (4, 8, 16) and of what it makes (N1, N8); activations have 8 or 16.
struct Precision {
  int input = 8, weights = 8, output = 8;
  bool operator==(const Precision&) const = default;
};
/// "a16_w16" (the output as the input), "a8_w4_a16". Errors: invalid, unsupported; they name what is accepted.
Result<Precision> parse_precision(std::string_view mode);

struct Interval {
  double lo = 0, hi = 0;
};

/// How far the range of one layer's output or weights goes, where that is not left to the method for all. kDefault:
/// activations by QuantizeOptions::activations, weights by least squared error; at 16 bits activations have room for
/// twice what was seen, and weights are not clipped.
struct Clipping {
  enum class Mode : uint8_t {
    kDefault,
    kDisabled,    ///< all that was seen
    kManual,      ///< `values` are the lowest and the highest value
    kPercentile,  ///< `values` are the lower and the upper percentile
    kMse,
  };
  Mode mode = Mode::kDefault;
  Interval values;
};

/// What is asked of one layer, or of a graph input or output.
struct LayerQuantization {
  std::optional<Precision> precision;
  std::optional<Interval> range_in, range_out;  ///< instead of what calibration saw
  Clipping activations;                         ///< of the output
  Clipping weights;
};

struct QuantizeOptions {
  RangeMethod activations = RangeMethod::kMse;
  double percentile = 99.99;                 ///< for kPercentile, and where kMse starts
  std::vector<bool> pixel_inputs;            ///< by graph input: a model script normalizes it (N9.1); may be shorter
  bool correct_biases = true;                ///< against the mean shift of rounding
  bool widen_blurred = true;                 ///< 16 bits where 8 round away channels that a result needs
  std::set<std::string> uncorrected_layers;  ///< their biases stay as rounded
  /// By layer name, "input_layer1" …, "output_layer1" …. What a layer makes includes the activation that alone reads
  /// it, unless that is listed itself. A value has 16 bits where the layer that makes it or one that reads it asks for
  /// them, and with it all that share its scale; graph inputs only where they are listed.
  std::map<std::string, LayerQuantization> layers;
  /// Of every layer, graph input and graph output that `layers` gives none.
  std::optional<Precision> precision;
  int threads = 0;
  Isa isa = Isa::kRef;
  std::function<void(int done, int total)> progress;  ///< in calibration frames, over all passes
};

/// One calibration frame: the graph inputs, f32. nullopt after the last; called again from the start for a second pass.
using FrameSource = std::function<Result<std::optional<std::vector<Tensor>>>(int index)>;

/// Optimized → quantized. The result depends on graph, frames and options only: not on threads or ISA (N10.2).
/// Errors also: invalid (a layer that is not in the graph, an empty range).
/// `warnings`: sentences for the user (a concatenation of very different ranges, a constant channel).
Result<Graph> quantize_graph(const Graph& optimized, const FrameSource& frames, const QuantizeOptions& options,
                             std::vector<std::string>* warnings);

}  // namespace graupel
