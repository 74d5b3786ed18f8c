// What a detector's parameters may be, and the shapes that follow from them.
#include <algorithm>
#include <cmath>

#include "kernels/detect/detect.h"

namespace graupel {
namespace {

constexpr std::string_view kArchNames[] = {"yolov5", "yolov5_seg", "yolov6", "yolov8", "yolox", "ssd"};

constexpr int32_t kMostExtent = 1 << 16, kMostClasses = UINT16_MAX, kMostBins = 1 << 10;
constexpr int64_t kMostPositions = 1 << 24, kMostElements = int64_t{1} << 28;

template <class T>
Result<> within_range(std::string_view field, T value, T lowest, T highest) {
  if (value >= lowest && value <= highest) return {};
  return invalid(field, " is ", +value, " (accepted: ", +lowest, " to ", +highest, ")");
}

bool has_anchors(DetectArch arch) {
  return arch == DetectArch::kYolov5 || arch == DetectArch::kYolov5Seg || arch == DetectArch::kSsd;
}

/// Scores stand with the boxes in one input.
bool is_encoded(DetectArch arch) { return arch == DetectArch::kYolov5 || arch == DetectArch::kYolov5Seg; }

int64_t box_channels(const DetectParams& params) {
  switch (params.arch) {
    case DetectArch::kYolov5:
    case DetectArch::kYolov5Seg: return int64_t{5} + params.classes + params.mask_coefficients;
    case DetectArch::kYolov6: return params.bins > 0 ? 4 * params.bins : 4;
    case DetectArch::kYolov8: return int64_t{4} * params.bins;
    case DetectArch::kYolox:
    case DetectArch::kSsd: break;
  }
  return 4;
}

int64_t score_channels(const DetectParams& params) { return params.classes + (params.background >= 0 ? 1 : 0); }

Result<> check_head(const DetectParams& params, const DetectHead& head) {
  GRAUPEL_DO(within_range("height", head.height, 1, kMostExtent));
  GRAUPEL_DO(within_range("width", head.width, 1, kMostExtent));
  if (params.arch != DetectArch::kSsd) GRAUPEL_DO(within_range("stride", head.stride, 1, kMostExtent));
  if (head.anchor_h.size() != head.anchor_w.size())
    return invalid(head.anchor_h.size(), " anchor heights and ", head.anchor_w.size(), " widths");
  if (has_anchors(params.arch) != !head.anchor_h.empty())
    return invalid(head.anchor_h.size(), " anchors, but ", to_string(params.arch),
                   has_anchors(params.arch) ? " needs at least one" : " has none");
  for (const auto* sizes : {&head.anchor_h, &head.anchor_w})
    for (float size : *sizes)
      if (!std::isfinite(size) || size <= 0) return invalid("an anchor of size ", size);
  if (is_encoded(params.arch) != (head.scores < 0))
    return invalid(to_string(params.arch),
                   is_encoded(params.arch) ? " has its scores among the boxes" : " needs an input with scores");
  const bool needs_objectness = params.arch == DetectArch::kYolox;
  if (needs_objectness != (head.objectness >= 0))
    return invalid(to_string(params.arch), needs_objectness ? " needs an objectness" : " has no objectness of its own");
  return {};
}

/// Numbers of the inputs in the order of the heads.
std::vector<int32_t> input_numbers(const DetectParams& params) {
  std::vector<int32_t> numbers;
  for (const DetectHead& head : params.heads) {
    numbers.push_back(head.boxes);
    if (head.scores >= 0) numbers.push_back(head.scores);
    if (head.objectness >= 0) numbers.push_back(head.objectness);
  }
  if (params.arch == DetectArch::kYolov5Seg) numbers.push_back(params.prototypes);
  return numbers;
}

Result<> check_inputs(const DetectParams& params) {
  std::vector<int32_t> numbers = input_numbers(params);
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] != static_cast<int32_t>(i))
      return invalid("the heads' inputs are not numbered 0 to ", numbers.size() - 1, ", each once");
  for (const Shape& shape : input_shapes(params)) GRAUPEL_DO(validate(shape).within("an input"));
  return {};
}

Result<> check_masks(const DetectParams& params) {
  if (params.arch != DetectArch::kYolov5Seg) {
    if (params.mask_coefficients == 0 && params.prototypes == -1) return {};
    return invalid(to_string(params.arch), " has no masks; yolov5_seg has");
  }
  if (params.decode_only) return invalid("decode_only is not for yolov5_seg, whose masks belong to detections");
  GRAUPEL_DO(within_range("mask_coefficients", params.mask_coefficients, 1, kMostBins));
  GRAUPEL_DO(within_range("prototype_h", params.prototype_h, 1, kMostExtent));
  GRAUPEL_DO(within_range("prototype_w", params.prototype_w, 1, kMostExtent));
  return within_range("max_total", params.max_total, 1, int32_t{UINT16_MAX});
}

Result<> check_sizes(const DetectParams& params) {
  if (params.heads.empty()) return invalid("there are no heads");
  int64_t positions = 0;
  for (const DetectHead& head : params.heads) positions += int64_t{head.height} * head.width * head.anchors();
  if (positions > kMostPositions) return invalid(positions, " boxes (accepted: up to ", kMostPositions, ")");
  const int64_t kept = int64_t{params.classes} * params.max_per_class;
  int64_t elements = 1;
  for (int64_t extent : output_shape(params)) elements *= extent;
  if (elements > kMostElements || 5 * kept > kMostElements)
    return invalid("a result of ", std::max(elements, 5 * kept), " numbers (accepted: up to ", kMostElements,
                   "); lower max_per_class or max_total");
  return {};
}

}  // namespace

std::string_view to_string(DetectArch arch) { return kArchNames[static_cast<std::size_t>(arch)]; }

Result<> validate(const DetectParams& params) {
  GRAUPEL_DO(within_range("classes", params.classes, 1, kMostClasses));
  if (params.background != -1 && params.background != 0 && params.background != params.classes)
    return invalid("background is ", params.background, " (accepted: 0, the last channel ", params.classes, ", or -1)");
  if (params.background != -1 && params.arch != DetectArch::kSsd)
    return invalid("a background class of ", to_string(params.arch), " (accepted for ssd)");
  GRAUPEL_DO(within_range("image_h", params.image_h, 1, kMostExtent));
  GRAUPEL_DO(within_range("image_w", params.image_w, 1, kMostExtent));
  GRAUPEL_DO(within_range("score_threshold", params.score_threshold, 0.0f, 1.0f));
  GRAUPEL_DO(within_range("iou_threshold", params.iou_threshold, 0.0f, 1.0f));
  GRAUPEL_DO(within_range("max_per_class", params.max_per_class, 1, int32_t{UINT16_MAX}));
  GRAUPEL_DO(within_range("bins", params.bins, params.arch == DetectArch::kYolov8 ? 1 : 0, kMostBins));
  for (float scale : {params.center_scale, params.size_scale})
    if (!std::isfinite(scale) || scale <= 0) return invalid("a scale of ", scale, " (accepted: positive numbers)");
  for (std::size_t i = 0; i < params.heads.size(); ++i)
    GRAUPEL_DO(check_head(params, params.heads[i]).within("head ", i));
  GRAUPEL_DO(check_masks(params));
  GRAUPEL_DO(check_sizes(params));
  return check_inputs(params);
}

std::vector<Shape> input_shapes(const DetectParams& params) {
  std::vector<Shape> shapes(input_numbers(params).size());
  const auto set = [&](int32_t number, const DetectHead& head, int64_t channels) {
    if (number >= 0) shapes[static_cast<std::size_t>(number)] = {head.height, head.width, head.anchors() * channels};
  };
  for (const DetectHead& head : params.heads) {
    set(head.boxes, head, box_channels(params));
    set(head.scores, head, score_channels(params));
    set(head.objectness, head, 1);
  }
  if (params.arch == DetectArch::kYolov5Seg)
    shapes[static_cast<std::size_t>(params.prototypes)] = {params.prototype_h, params.prototype_w,
                                                           params.mask_coefficients};
  return shapes;
}

Shape output_shape(const DetectParams& params) {
  if (params.arch == DetectArch::kYolov5Seg)
    return {1, 1, 6 + int64_t{params.image_h} * params.image_w, params.max_total};
  if (!params.decode_only) return {1, params.classes, 5, params.max_per_class};
  int64_t positions = 0;
  for (const DetectHead& head : params.heads) positions += int64_t{head.height} * head.width * head.anchors();
  const bool objectness = params.arch == DetectArch::kYolov5 || params.arch == DetectArch::kYolox;
  return {1, 1, positions, 4 + (objectness ? 1 : 0) + params.classes};
}

}  // namespace graupel
