#include "passes/pipeline.h"

#include <algorithm>
#include <array>

#include "passes/rules.h"

namespace graupel {
namespace {

constexpr std::array kRecognize{
    Rule{"recognize-gelu", "x / 2 * (1 + Erf(x / sqrt 2)) -> Gelu(x), and its form with Tanh", recognize_gelu},
    Rule{"recognize-hard-swish", "x * Clip(x + 3, 0, 6) / 6 -> HardSwish(x), in any order of its products",
         recognize_hard_swish},
    Rule{"recognize-hard-sigmoid", "Clip(x + 3, 0, 6) / 6 -> HardSigmoid(x), and with other constants from 0 to 1",
         recognize_hard_sigmoid},
    Rule{"recognize-norm", "(x - mean) / sqrt(mean of squares + e) -> Normalize(x), and its form without a mean",
         recognize_norm},
    Rule{"recognize-group-norm", "planes of groups, normalized, as an image again -> Normalize(image) in groups",
         recognize_group_norm},
    Rule{"recognize-pointwise", "Dense over the pixels of an image -> 1x1 Conv", recognize_pointwise_conv},
    Rule{"hold-mask", "Softmax(x + mask of -infinity and the like) -> Softmax(x + mask of -128)", hold_mask},
    Rule{"fold-affine-norm", "Affine(Normalize(x)) -> Normalize(x) with other constants", fold_affine_after_norm},
};

constexpr std::array kOptimize{
    Rule{"fold-constant", "f(constants) -> constant", fold_constant},
    Rule{"remove-identity", "Reshape, Transpose, Slice, Pad, Affine, Unary that change nothing -> their input",
         remove_identity},
    Rule{"compose-transposes", "Transpose(Transpose(x)) -> Transpose(x)", compose_transposes},
    Rule{"compose-reshapes", "Reshape(Reshape(x)) -> Reshape(x)", compose_reshapes},
    Rule{"lift-transpose", "Transpose(f(Transpose(x))) -> f(Transpose(Transpose(x))), f element-wise", lift_transpose},
    Rule{"fold-flatten", "Dense(Reshape(Transpose(x)), W) -> Dense(Reshape(x), W with rows reordered)", fold_flatten},
    Rule{"forward-slice", "Slice(Concat(a, b, ..)) that takes exactly b -> b", forward_slice_of_concat},
    Rule{"lift-over-reshape", "Affine(Reshape(x)) -> Reshape(Affine(x)), and Add, Sub, Mul of constants alike",
         lift_over_reshape},
    Rule{"join-quantize-linear", "DequantizeLinear(QuantizeLinear(x)) of one scale -> x rounded to that scale",
         join_quantize_linear},
    Rule{"divide-by-reciprocal", "a / b -> a * (1 / b)", divide_by_reciprocal},
    Rule{"lift-reversal", "Affine(x with channels reversed) -> Affine(x) with channels reversed", lift_reversal},
    Rule{"fold-reversal", "Conv(x with channels reversed, W) -> Conv(x, W with rows reversed)", fold_reversal},
    Rule{"merge-affines", "Affine(Affine(x)) -> Affine(x)", merge_affines},
    // Once more, for affines that stood behind a Reshape or behind what changes nothing.
    Rule{"fold-affine-norm", "Affine(Normalize(x)) -> Normalize(x) with other constants", fold_affine_after_norm},
    Rule{"fold-affine-after", "Affine(Conv(x, W, b)) -> Conv(x, W * s, b * s + t)", fold_affine_after_linear},
    Rule{"fold-affine-before", "Conv(Affine(x), W, b) -> Conv(x, W * s, b + W . t)", fold_affine_before_linear},
    Rule{"fold-scale-after", "MatMul(a, b) * s -> MatMul(a, b) with scale * s, s > 0", fold_scale_after_product},
    Rule{"fold-scale-before", "MatMul(a * s, b) -> MatMul(a, b) with scale * s, s > 0", fold_scale_before_product},
    Rule{"split-linear", "Slices of Conv(x, W, b) along the outputs -> Convs of x with parts of W and b", split_linear},
    Rule{"merge-pad", "Conv(Pad(x, 0)) -> Conv(x) with wider padding", merge_pad},
    Rule{"global-pool", "AvgPool over the whole image -> mean over its extents", global_pool_to_mean},
    Rule{"fuse-gate", "x * Sigmoid(x) -> Silu(x); x * HardSigmoid(x) -> HardSwish(x); x * Tanh(Softplus(x)) -> Mish(x)",
         fuse_gated_activation},
    Rule{"fuse-clamp", "Relu, Clip after Conv, Dense, Add, .. -> the layer's own clamp", fuse_clamp},
    Rule{"fuse-residual", "Add(Conv(x), r) -> Conv(x) + r as one operator (N4.2)", fuse_residual},
    Rule{"fuse-clamp-of-residual", "Relu, Clip after a fused residual -> the layer's own clamp", fuse_clamp},
};

bool skipped(const PassOptions& options, std::string_view name) {
  return std::find(options.skip.begin(), options.skip.end(), name) != options.skip.end();
}

/// The rules over and over until none applies; the verifier after each that did.
Result<PassCounts> run_rules(Graph& graph, std::span<const Rule> rules, const PassOptions& options) {
  PassCounts counts(rules.size(), 0);
  int rewrites = 0;
  const auto may_go_on = [&] { return options.stop_after < 0 || rewrites < options.stop_after; };
  for (bool changed = true; changed && may_go_on();) {
    changed = false;
    for (std::size_t r = 0; r < rules.size() && may_go_on(); ++r) {
      const Rule& rule = rules[r];
      if (skipped(options, rule.name)) continue;
      const int before = counts[r];
      for (uint32_t i = 0; i < graph.layers.size() && may_go_on();) {
        const std::string layer = graph.layers[i].name;
        Rewriter rewriter(graph);
        GRAUPEL_TRY(const bool applied,
                    rule.apply(rewriter, LayerId{i}).within("rule '", rule.name, "' at layer '", layer, "'"));
        if (!applied) {
          ++i;
          continue;
        }
        ++counts[r];
        ++rewrites;
        remove_dead(graph);
      }
      if (counts[r] == before) continue;
      changed = true;
      GRAUPEL_DO(verify(graph).within("after rule '", rule.name, "'"));
    }
  }
  return counts;
}

}  // namespace

std::span<const Rule> recognize_rules() { return kRecognize; }

std::span<const Rule> optimize_rules() { return kOptimize; }

Result<> recognize_operators(Graph& graph) {
  GRAUPEL_TRY(const PassCounts counts, run_rules(graph, kRecognize, {}));
  static_cast<void>(counts);
  return {};
}

Result<PassCounts> optimize_graph(Graph& graph, const PassOptions& options) {
  GRAUPEL_TRY(PassCounts counts, run_rules(graph, kOptimize, options));
  graph.stage = Stage::kOptimized;
  GRAUPEL_DO(verify(graph));
  return counts;
}

}  // namespace graupel
