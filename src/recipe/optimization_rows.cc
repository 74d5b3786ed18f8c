// Commands that say how the model is quantized.
#include "recipe/commands.h"

namespace graupel {
namespace {

constexpr std::string_view kPrecisions =
    "a8_w8|a8_w4|a16_w16|a16_w8|a16_w4|a8_w4_exp|a16_w16_non_zero|native|a8_w8_a8|a8_w8_a16|a8_w4_a8|a8_w4_a16|"
    "a16_w16_a8|a16_w16_a16|a16_w8_a8|a16_w8_a16|a16_w4_a8|a16_w4_a16";

}  // namespace

std::vector<CommandRow> optimization_rows() {
  using enum ArgumentKind;
  constexpr auto kStage = RecipeStage::kOptimization;
  constexpr auto kActs = RecipeState::kActs, kNotYet = RecipeState::kNotYet;
  constexpr bool kNothing = false;
  constexpr std::string_view kConfig = "model_optimization_config", kPre = "pre_quantization_optimization",
                             kPost = "post_quantization_optimization";
  // A row is read as a row.
  // clang-format off
  return {
      {"model_optimization_flavor", "", kStage, kActs, kNothing,
       "which algorithms run: -100 none, 0 and above those that exist; compression has none yet",
       {key("optimization_level", kInteger, "", "-100|0|1|2|3|4"),
        key("compression_level", kInteger, "", "0|1|2|3|4|5"),
        ignored(key("batch_size", kCount))}},
      {kConfig, "calibration", kStage, kActs, kNothing,
       "how many frames the statistics come from; frames are summed exactly, whatever the batch",
       {ignored(key("batch_size", kCount, "8")), key("calibset_size", kCount, "64"),
        ignored(key("use_saitama", kSwitch)), ignored(key("device", kWord))}},
      {kConfig, "globals", kStage, kActs, kNothing,
       "16 bits at all outputs (output_16bit); scales per channel (output_encoding_vector) are not available yet",
       {ignored(key("multiproc_policy", kSwitch)), key("output_encoding_vector", kSwitch), key("output_16bit", kSwitch),
        ignored(key("gpu_policy", kSwitch))}},
      {kConfig, "negative_exponent", kStage, RecipeState::kIgnored, kNothing,
       "accumulators here are 32 bits wide and need no shift",
       {key("layers", kLayers), key("rank", kInteger, "0"), key("split_threshold", kInteger),
        key("auto_clip", kSwitch), key("auto_remove_offset", kSwitch)}},
      {kConfig, "checker_cfg", kStage, kNotYet, kNothing,
       "layer noise is analysed while optimizing (`graupel compare` does so afterwards)",
       {key("policy", kSwitch), key("dataset_size", kCount, "16"), key("batch_size", kCount),
        key("analyze_mode", kWord, "simple", "simple|advanced"), key("batch_norm_checker", kSwitch)}},
      {kConfig, "compression_params", kStage, kNotYet, kNothing, "a share of the weights gets 4 bits, or 16",
       {key("auto_4bit_weights_ratio", kNumber), key("auto_16bit_weights_ratio", kNumber)}},
      {"quantization_param", "", kStage, kActs, kNothing,
       "bits of activations and weights (but native, a8_w4_exp, a16_w16_non_zero), and ranges in place of calibrated ones",
       {first("layers", kLayers), key("precision_mode", kWord, "a8_w8", kPrecisions),
        ignored(key("bias_mode", kWord, "",
                    "single_scale_decomposition|double_scale_initialization|double_scale_decomposition")),
        key("force_range_in", kNumbers), key("force_range_out", kNumbers), ignored(key("force_range_index", kInteger)),
        ignored(key("max_elementwise_feed_repeat", kInteger)), ignored(key("max_bias_feed_repeat", kInteger)),
        ignored(key("activation_fit", kSwitch)), ignored(key("quantization_groups", kInteger)),
        ignored(key("weight_group_size", kInteger)), ignored(key("null_channels_cutoff_factor", kNumber))}},
      {kPre, "equalization", kStage, kActs, kNothing,
       "scales of channels are moved from a convolution or normalization into those behind it; no float result changes",
       {key("policy", kSwitch, "enabled"), key("layers", kLayers),
        ignored(key("equalization_target", kWord, "", "weights|activation"))}},
      {kPre, "activation_clipping", kStage, kActs, kNothing,
       "the range of a layer's output: two values, or two percentiles of what was seen",
       {key("layers", kLayers), key("mode", kWord, "disabled", "disabled|manual|percentile|percentile_force"),
        key("clipping_values", kNumbers), ignored(key("recollect_stats", kSwitch, "False"))}},
      {kPre, "weights_clipping", kStage, kActs, kNothing,
       "the range of a layer's weights: two values, two percentiles, or the least squared error",
       {key("layers", kLayers), key("mode", kWord, "mmse_if4b", "disabled|manual|percentile|mmse|mmse_if4b"),
        key("clipping_values", kNumbers)}},
      {kPre, "ew_add_fusing", kStage, kActs, kNothing, "additions join the convolution before them, or do not",
       {key("policy", kSwitch, "enabled"), ignored(key("infusible_ew_add_type", kWord, "ew_add", "conv|ew_add"))}},
      {kPre, "layer_norm_decomposition", kStage, kNotYet, kNothing,
       "layer normalizations are split into simple layers (here they are one)",
       {key("layers", kLayers), key("equalization", kSwitch), key("eq_consumer", kSwitch),
        key("bit_decomposition_mode", kWord, "", "single_precision|uniform_precision|split_precision"),
        key("token_equalization", kSwitch), key("mode", kWord)}},
      {kPre, "matmul_correction", kStage, RecipeState::kIgnored, kNothing,
       "zero points of a product are exact here and need no correction",
       {key("layers", kLayers),
        key("correction_type", kWord, "",
            "zp_comp_none|zp_comp_rank1|zp_comp_weights|zp_comp_block|zp_comp_block_2|zp_comp_block_3|"
            "zp_comp_block_4")}},
      {kPre, "matmul_equalization", kStage, kNotYet, kNothing, "scales of channels are moved across products",
       {key("layers", kLayers), key("policy", kSwitch), key("matmul_bias", kSwitch)}},
      {kPre, "matmul_decomposition", kStage, kNotYet, kNothing, "a product is computed from parts with fewer bits",
       {key("layers", kLayers), key("policy", kSwitch), key("precision_mode", kWord)}},
      {kPre, "se_optimization", kStage, kNotYet, kNothing, "squeeze-and-excite blocks look at tiles of the picture",
       {key("method", kWord, "tse", "tse"), key("mode", kWord, "sequential", "sequential|custom|disabled"),
        key("layers", kLayers), key("count", kInteger), key("tile_height", kAny)}},
      {kPre, "global_avgpool_reduction", kStage, kNotYet, kNothing, "a global pool is split into two",
       {key("layers", kLayers), key("division_factors", kNumbers), key("policy", kSwitch)}},
      {kPre, "resolution_reduction", kStage, kNotYet, kNothing, "the network runs at a smaller resolution",
       {key("layers", kLayers), key("shape", kNumbers), key("interpolation", kWord)}},
      {kPre, "dead_layers_removal", kStage, kActs, kNothing, "layers that reach no output are always removed",
       {key("policy", kSwitch, "enabled")}},
      {kPre, "dead_channels_removal", kStage, kNotYet, kNothing, "channels that are always zero are removed",
       {key("policy", kSwitch), key("layers", kLayers)}},
      {kPre, "zero_static_channels", kStage, kNotYet, kNothing, "channels that never change become constants",
       {key("policy", kSwitch), key("eps", kNumber)}},
      {kPre, "defuse", kStage, kNotYet, kNothing, "a layer is split into parts with ranges of their own",
       {key("layers", kLayers), key("num_splits", kCount), key("policy", kSwitch)}},
      {kPre, "split_ew_mult_by_bit_decomposition", kStage, kNotYet, kNothing,
       "a product is computed from parts with fewer bits", {key("layers", kLayers), key("policy", kSwitch)}},
      {kPre, "conv_decomposition", kStage, kNotYet, kNothing, "a convolution is computed from parts with fewer bits",
       {key("layers", kLayers), key("policy", kSwitch)}},
      {kPre, "decompose_conv_factor", kStage, kNotYet, kNothing, "a convolution is computed from parts with fewer bits",
       {key("layers", kLayers), key("policy", kSwitch)}},
      {kPre, "layer_decomposition", kStage, kNotYet, kNothing, "a layer is computed from parts with fewer bits",
       {key("layers", kLayers), key("policy", kSwitch)}},
      {kPost, "bias_correction", kStage, kActs, kNothing,
       "biases take back the mean shift of rounding; on unless disabled",
       {key("policy", kSwitch, "allowed"), key("layers", kLayers), ignored(key("cache_compression", kSwitch))}},
      {kPost, "finetune", kStage, kNotYet, kNothing, "weights are trained to give the float model's outputs",
       {key("policy", kSwitch, "enabled"), key("learning_rate", kNumber), key("epochs", kInteger, "4"),
        key("dataset_size", kCount, "1024"), key("batch_size", kCount), key("loss_layer_names", kLayers),
        key("loss_types", kWords, "", "ce|l2|l2rel|cosine"), key("loss_factors", kNumbers),
        key("def_loss_type", kWord, "l2rel", "ce|l2|l2rel|cosine"), key("native_layers", kLayers),
        key("native_activations", kSwitch, "disabled"), key("warmup_epochs", kInteger), key("warmup_lr", kNumber),
        key("train_scales", kSwitch), key("val_images", kCount, "4096"), key("val_batch_size", kCount, "128"),
        key("stop_gradient_at_loss", kSwitch), key("force_pruning", kSwitch), key("shuffle", kSwitch),
        key("shuffle_buffer_size", kInteger), key("layers_to_freeze", kLayers), key("lr_schedule_type", kWord),
        key("decay_rate", kNumber), key("decay_epochs", kInteger), key("optimizer", kWord), key("meta_arch", kWord)}},
      {kPost, "adaround", kStage, kNotYet, kNothing, "every weight learns whether to round up or down",
       {key("policy", kSwitch, "disabled"), key("learning_rate", kNumber, "0.001"), key("batch_size", kCount, "32"),
        key("dataset_size", kCount, "1024"), key("epochs", kInteger, "320"), key("warmup", kNumber, "0.2"),
        key("weight", kNumber, "0.01"), key("train_bias", kSwitch, "True"),
        key("bias_correction_count", kCount, "64"), key("mode", kWord, "train_4bit", "train_4bit|train_all"),
        key("b_range", kNumbers), key("decay_start", kNumber, "0"), key("shuffle", kSwitch), key("layers", kLayers),
        key("cache_compression", kSwitch)}},
      {kPost, "train_encoding", kStage, kNotYet, kNothing, "ranges are trained",
       {key("policy", kSwitch), key("dataset_size", kCount, "1024"), key("epochs", kInteger, "8"),
        key("learning_rate", kNumber), key("batch_size", kCount)}},
      {kPost, "mix_precision_search", kStage, kNotYet, kNothing, "layers that need more bits are found",
       {key("policy", kSwitch), key("dataset_size", kCount, "16"), key("batch_size", kCount),
        key("snr_cap", kNumber, "140"), key("comprecision_metric", kWord, "bops", "bops|macs|weighs"),
        key("optimizer", kWord, "linear", "linear|pareto"), key("output_regulizer", kWord),
        key("num_queries", kInteger), key("queries", kAny), key("compression_factor", kNumbers)}},
  };
  // clang-format on
}

}  // namespace graupel
