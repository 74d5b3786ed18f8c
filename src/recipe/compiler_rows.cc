// Commands that place the network on the vendor's hardware. They change no result, and nothing here.
#include "recipe/commands.h"
#include "recipe/recipe.h"

namespace graupel {
namespace {

std::vector<ArgumentRow> keys(std::initializer_list<std::string_view> names, ArgumentKind kind) {
  std::vector<ArgumentRow> rows;
  for (std::string_view name : names) rows.push_back(key(name, kind));
  return rows;
}

std::vector<ArgumentRow> joined(std::vector<std::vector<ArgumentRow>> parts) {
  std::vector<ArgumentRow> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// A layer in parts is those parts and what joins them; some kinds leave that out, or add what splits.
Result<> bound_for_each_part(const RecipeCommand& command) {
  const auto parts = static_cast<std::size_t>(command.number("parts")), names = command.returns.size();
  const bool plain = !command.has("defuse_type");
  if (command.braces || (plain ? names == parts + 1 : names >= parts)) return {};
  return invalid(command.at.text(), ": ", command.title(), " of ", parts, " parts makes ", plain ? "" : "at least ",
                 plain ? parts + 1 : parts, " layers and binds ", names, " names; bind one for each");
}

std::vector<ArgumentRow> allocator_arguments() {
  using enum ArgumentKind;
  return joined(
      {keys({"timeout", "cluster_timeout", "splitter_timeout"}, kDuration),
       keys({"seed", "automatic_ddr_l3_cuts_threshold", "automatic_l4_portals_l3_cuts_threshold", "max_auto_defuse",
             "max_auto_merge_depth", "ppu_reshape_slack", "input_layer_max_successors", "num_of_workers"},
            kInteger),
       keys({"merge_min_layer_utilization", "merge_max_layer_utilization", "merge_max_memory_utilization",
             "fps_ratio_impact"},
            kNumber),
       keys({"width_splitter_defuse",
             "automatic_reshapes",
             "automatic_resize_reshapes",
             "automatic_ddr",
             "automatic_l4_portals",
             "enable_auto_spatial_reshapes",
             "enable_auto_spatial_collapse",
             "enable_automatic_features_chunks",
             "enable_automatic_join",
             "enable_automatic_offdevice_outputs",
             "enable_partial_row_buffers",
             "enable_post_split_average_buffers",
             "disable_row_per_cut",
             "enable_muxer",
             "enable_lanes",
             "enable_collapser",
             "enable_swapper",
             "enable_unikorn",
             "enable_defuse_with_slack",
             "enable_hw_padding",
             "enable_lcu_ecc",
             "enable_single_buffer_for_feasibility",
             "defuse_by_validator",
             "optimize_pipeline_stoppage",
             "calculate_power",
             "validate",
             "auto_split_const_inputs",
             "force_map_on_mirror",
             "run_format_fixer",
             "spatial_defuse_legacy"},
            kSwitch),
       {key("enable_fixer", kSwitch, "", "max_adjcents"), key("enable_axis_upsize", kSwitch, "", "bottleneck_fps"),
        key("strategy", kWord)}});
}

std::vector<ArgumentRow> compilation_arguments() {
  using enum ArgumentKind;
  return joined(
      {{first("layers", kLayers), key("resources_allocation_strategy", kWord),
        key("layer_output_buffers_format", kWord), key("hw_layer_type_list", kWords), key("fps", kNumber)},
       keys({"number_of_subclusters", "number_of_apus", "number_of_input_aligners", "defuse_num_layers"}, kInteger),
       keys({"use_16x4_sc", "mixed_mem", "parallel_activation", "defuse_spatial_w", "balance_output_multisplit",
             "buffer_in_l4", "compress_l3_weights", "enable_ew_add_optimization", "no_contexts",
             "resize_bilinear_streaming", "enable_nested_defuse"},
            kSwitch)});
}

std::vector<ArgumentRow> utilizations() {
  using enum ArgumentKind;
  return joined(
      {{maybe("context", kLayer), key("strategy", kWord), key("objective", kWord)},
       keys({"max_control_utilization", "max_compute_utilization", "max_compute_16bit_utilization",
             "max_memory_utilization", "max_input_aligner_utilization", "max_apu_utilization", "max_utilization"},
            kNumber)});
}

}  // namespace

std::vector<CommandRow> compiler_rows() {
  using enum ArgumentKind;
  constexpr auto kStage = RecipeStage::kCompiler;
  constexpr auto kIgnored = RecipeState::kIgnored;
  constexpr bool kNames = true, kNothing = false;
  // A row is read as a row.
  // clang-format off
  return {
      {"performance_param", "", kStage, kIgnored, kNothing, "how long the mapper searches, and for what",
       {key("compiler_optimization_level", kInteger, "1", "0|1|2|max"),
        key("optimization_level", kInteger, "", "0|1|2|max"),
        key("optimize_for_power", kSwitch), key("optimize_for_batch", kInteger), key("fps", kAny)}},
      {"resources_param", "", kStage, kIgnored, kNothing, "how much of the chip may be used", utilizations()},
      {"allocator_param", "", kStage, kIgnored, kNothing, "settings of the mapper", allocator_arguments()},
      {"context_switch_param", "", kStage, kIgnored, kNothing, "whether the network runs in several parts",
       joined({{key("mode", kWord, "", "enabled|disabled|allowed"),
                key("toposort_mode", kWord, "", "dfs|depthwise|pushdown|automatic")},
               keys({"slotter_chances", "berkitizer_bucket_size", "berkitizer_min_size"}, kInteger),
               keys({"max_utilization", "max_control_utilization", "max_compute_utilization",
                     "max_memory_utilization"},
                    kNumber),
               keys({"auto_partition_to_buckets", "share_buckets_partition", "allow_auto_merge_in_multicontext"},
                    kSwitch)})},
      {"platform_param", "", kStage, kIgnored, kNothing, "what the chip is connected to",
       {key("targets", kWords), key("hints", kWords), key("hef_version", kInteger)}},
      {"hef_param", "", kStage, kIgnored, kNothing, "what the vendor's compiled file holds",
       joined({keys({"share_config", "enable_csm_crc", "enable_ko", "enable_lcu_from_sequencer",
                     "enable_self_reset_optimization", "strict_runtime_versioning"},
                    kSwitch),
               keys({"dma_engine_count", "cfg_channel_count"}, kInteger)})},
      {"spatial_reshape_flow_params", "", kStage, kIgnored, kNothing, "sizes of buffers",
       {key("buffer_size_factor", kNumber)}},
      {"compilation_param", "", kStage, kIgnored, kNothing, "resources of a layer", compilation_arguments()},
      {"network_group", "", kStage, kIgnored, kNames, "networks that run together", {first("networks", kWords)}},
      {"context", "", kStage, kIgnored, kNames, "layers that run together", {first("layers", kLayers)}},
      {"bucket", "", kStage, kIgnored, kNames, "layers that run together", {first("layers", kLayers)}},
      {"place", "", kStage, kIgnored, kNothing, "layers of one cluster",
       {first("cluster", kInteger), first("layers", kLayers)}},
      {"defuse", "", kStage, kIgnored, kNames, "a layer is spread over several parts of the chip",
       {first("layer", kLayer), first("parts", kCount), key("defuse_type", kWord),
        key("splitter", kSwitch), key("axis", kWord)}, bound_for_each_part},
      {"defuse_block", "", kStage, kIgnored, kNames, "layers are spread over several parts of the chip",
       {rest("layers", kLayer), key("defuse_count", kInteger)}},
      {"concat", "", kStage, kIgnored, kNames, "parts of a layer are joined again",
       {first("sources", kLayers), maybe("destination", kLayers)}},
      {"shortcut", "", kStage, kIgnored, kNames, "a buffer between layers",
       {first("source", kLayer), first("destinations", kLayers)}},
      {"join", "", kStage, kIgnored, kNothing, "readers of a layer share a buffer",
       {first("source", kLayer), first("destinations", kLayers), key("join_type", kWord)}},
      {"merge", "", kStage, kIgnored, kNames, "two layers share resources",
       {first("a", kLayer), rest("b", kLayer)}},
      {"format_conversion", "", kStage, kIgnored, kNames, "the order of data between layers",
       {first("source", kLayer), rest("destinations_kind_and_size", kAny), key("collapse", kSwitch),
        key("input_windows", kNumbers), key("output_windows", kNumbers)}},
      {"shape_splitter", "", kStage, kIgnored, kNames, "a tensor is split for parts of a layer",
       {first("axis", kWord), first("source", kLayer),
        first("destinations", kLayers)}},
      {"mux_demux", "", kStage, kIgnored, kNames, "tensors share a channel",
       {first("sources", kLayers), first("destinations", kLayers)}},
      {"ddr", "", kStage, kIgnored, kNames, "a tensor goes through the host's memory",
       {first("source", kLayer), first("destination", kLayers)}},
      {"l4_portal", "", kStage, kIgnored, kNames, "a tensor goes through the chip's shared memory",
       {first("source", kLayer), first("destination", kLayers)}},
      {"transpose_concat", "", kStage, kIgnored, kNames, "a concatenation is transposed", {first("layer", kLayer)}},
      {"output_layer", "", kStage, kIgnored, kNames, "an output of a part that runs off the chip",
       {first("layer", kLayer), key("offdevice_layer", kWord)}},
      {"buffers", "", kStage, kIgnored, kNothing, "rows of buffer between layers",
       {first("source", kLayer), first("destination", kLayer), first("rows", kInteger), maybe("more_rows", kInteger),
        maybe("format", kWord)}},
  };
  // clang-format on
}

}  // namespace graupel
