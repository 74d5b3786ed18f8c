#include "compiler/detect_command.h"

#include <algorithm>

namespace graupel {
namespace {

/// Sets `value` from the keyword, if it is given.
template <class T>
void override_number(const RecipeCommand& command, std::string_view keyword, T& value) {
  if (command.has(keyword)) value = static_cast<T>(command.number(keyword));
}
template <class T>
void override_number(const RecipeCommand& command, std::string_view keyword, std::optional<T>& value) {
  if (command.has(keyword)) value = static_cast<T>(command.number(keyword));
}

void override_keys(const RecipeCommand& command, DetectConfig& config) {
  override_number(command, "nms_scores_th", config.nms_scores_th);
  override_number(command, "nms_iou_th", config.nms_iou_th);
  override_number(command, "classes", config.classes);
  override_number(command, "max_proposals_per_class", config.max_proposals_per_class);
  override_number(command, "max_total_output_proposals", config.max_total_proposals);
  override_number(command, "max_total_proposals", config.max_total_proposals);
  override_number(command, "background_removal_index", config.background_removal_index);
  override_number(command, "regression_length", config.regression_length);
  override_number(command, "centers_scale_factor", config.centers_scale_factor);
  override_number(command, "bbox_dimensions_scale_factor", config.bbox_dimensions_scale_factor);
  override_number(command, "input_division_factor", config.input_division_factor);
  if (command.has("background_removal")) config.background_removal = command.enabled("background_removal");
  config.bbox_decoding_only = command.enabled("bbox_decoding_only", config.bbox_decoding_only);
}

}  // namespace

Result<DetectRequest> detect_request(const RecipeCommand& command, const std::string& stored) {
  DetectRequest request;
  GRAUPEL_TRY(request.arch, parse_detect_arch(command.word("meta_arch")));
  if (command.has("config_path")) {
    GRAUPEL_TRY(request.config, read_detect_config_file(command.word("config_path")));
  } else if (!stored.empty()) {
    GRAUPEL_TRY(request.config, read_detect_config(stored));
  }
  override_keys(command, request.config);
  const std::vector<double> dims = command.numbers("image_dims");
  if (!dims.empty() && dims.size() != 2)
    return invalid("image_dims has ", dims.size(), " numbers (expected: height and width)");
  if (!dims.empty()) request.config.image_dims = {static_cast<int32_t>(dims[0]), static_cast<int32_t>(dims[1])};
  return request;
}

}  // namespace graupel
