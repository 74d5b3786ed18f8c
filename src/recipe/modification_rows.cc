// Commands that change the model, applied between the parsed and the optimized stage.
#include "recipe/commands.h"

namespace graupel {

std::vector<CommandRow> modification_rows() {
  using enum ArgumentKind;
  constexpr auto kStage = RecipeStage::kModification;
  constexpr auto kActs = RecipeState::kActs, kNotYet = RecipeState::kNotYet;
  constexpr bool kNames = true, kNothing = false;
  constexpr std::string_view kConversions =
      "bgr_to_rgb|rgb_to_bgr|yuv_to_rgb|yuv_to_bgr|nv12_to_rgb|nv12_to_bgr|nv12_to_hailo_yuv|yuy2_to_rgb|yuy2_to_bgr|"
      "yuy2_to_hailo_yuv|i420_to_rgb|i420_to_bgr|i420_to_hailo_yuv|tf_rgbx_to_hailo_rgb";
  // A row is read as a row.
  // clang-format off
  return {
      {"normalization", "", kStage, kActs, kNames,
       "(x - mean) / std per channel, right behind the named input or behind all inputs",
       {first("mean", kNumbers), first("std", kNumbers), maybe("input_layer", kLayer)}},
      {"input_conversion", "", kStage, kActs, kNames,
       "colours or picture formats converted behind the input; formats change the input itself with "
       "emulator_support=True and are recorded otherwise",
       {maybe("input_layer", kLayer), first("conversion_type", kWord, kConversions),
        key("emulator_support", kSwitch, "False")}},
      {"resize", "", kStage, kActs, kNames, "pictures of the given size are resized to the network's input",
       {maybe("input_layer", kLayer), key("resize_shapes", kNumbers),
        key("resize_method", kWord, "bilinear", "bilinear|nearest_neighbor"),
        ignored(key("engine", kWord, "nn_core", "nn_core|cpu")),
        key("pixels_mode", kWord, "half_pixels", "half_pixels|align_corners|disabled")}},
      {"transpose", "", kStage, kActs, kNothing,
       "height and width of the input are exchanged in front of the network: pictures come in on their side",
       {maybe("input_layer", kLayer)}},
      {"change_output_activation", "", kStage, kActs, kNothing,
       "the activation of the named output layer, or of all outputs, is replaced (leaky: with a slope of 0.1)",
       {maybe("layer", kLayer),
        first("activation", kWord,
              "linear|relu|relu6|leaky|elu|sigmoid|tanh|silu|swish|exp|hardswish|hardsigmoid|gelu|sqrt|inv_pos|"
              "softplus|mish|log|abs")}},
      {"logits_layer", "", kStage, kActs, kNames, "softmax or argmax behind an output layer",
       {first("layer", kLayer), first("logits_type", kWord, "softmax|argmax"), maybe("axis", kInteger, "-1"),
        ignored(maybe("engine", kWord, "nn_core", "nn_core|cpu|auto"))}},
      {"remove_node", "", kStage, kActs, kNothing, "the layer is taken out; its readers read its input",
       {first("layer", kLayer)}},
      {"set_seed", "", kStage, kActs, kNothing,
       "accepted: nothing here draws random numbers, so every seed gives the same artefacts",
       {maybe("seed", kInteger)}},
      {"nms_postprocess", "", kStage, kActs, kNames, "boxes are decoded and suppressed behind the network",
       {maybe("config_path", kPath),
        first("meta_arch", kWord,
              "yolov5|yolov5_seg|yolov6|yolov7|yolov8|yolov8_seg|yolox|ssd|centernet|damoyolo|nanodet|efficientdet"),
        ignored(key("engine", kWord, "cpu", "cpu|nn_core|auto")), key("bbox_decoding_only", kSwitch, "False"),
        key("nms_scores_th", kNumber), key("nms_iou_th", kNumber), key("classes", kCount),
        key("image_dims", kNumbers), key("max_proposals_per_class", kCount), key("max_total_proposals", kCount),
        key("max_total_output_proposals", kCount), key("background_removal", kSwitch),
        key("background_removal_index", kInteger), key("regression_length", kInteger),
        key("centers_scale_factor", kNumber), key("bbox_dimensions_scale_factor", kNumber),
        ignored(key("input_division_factor", kNumber)), ignored(key("mask_threshold", kNumber)),
        ignored(key("dfl_on_nn_core", kSwitch))}},
      {"reshape", "", kStage, kNotYet, kNames, "the input gets another shape",
       {maybe("input_layer", kLayer), maybe("shape", kNumbers)}},
  };
  // clang-format on
}

}  // namespace graupel
