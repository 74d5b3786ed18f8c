// Boxes out of head tensors (N11.1, N11.2).
#include <cmath>

#include "kernels/detect/detect.h"
#include "kernels/float/float.h"

namespace graupel {
namespace {

/// A box by its centre and size, as fractions of the image.
std::array<float, 4> around(double cy, double cx, double h, double w) {
  return {static_cast<float>(cy - h / 2), static_cast<float>(cx - w / 2), static_cast<float>(cy + h / 2),
          static_cast<float>(cx + w / 2)};
}

double sigmoid(double x) { return unary_f64(UnaryKind::kSigmoid, 0, 0, x); }

/// The expectation of a distance over `bins` logits, or the distance itself.
double distance(const float* logits, int32_t bins) {
  if (bins == 0) return logits[0];
  double largest = logits[0];
  for (int32_t i = 1; i < bins; ++i) largest = logits[i] > largest ? logits[i] : largest;
  double sum = 0, moment = 0;
  for (int32_t i = 0; i < bins; ++i) {
    const double e = exp_f64(logits[i] - largest);
    sum += e;
    moment += i * e;
  }
  return moment / sum;
}

}  // namespace

Detector::Corners Detector::decode(std::size_t level_number, int32_t position) const {
  const Level& level = levels_[level_number];
  const DetectHead& head = params_.heads[level_number];
  const int32_t index = position - level.first;
  const float* t = level.boxes + index * level.box_step;
  const auto anchor = static_cast<std::size_t>(index % head.anchors());
  const double col = index / head.anchors() % head.width, row = index / head.anchors() / head.width;
  const double stride = head.stride, image_h = params_.image_h, image_w = params_.image_w;
  switch (params_.arch) {
    case DetectArch::kYolov5:
    case DetectArch::kYolov5Seg: {
      double v[4] = {t[0], t[1], t[2], t[3]};
      if (params_.arch == DetectArch::kYolov5Seg)
        for (double& one : v) one = sigmoid(one);
      return around((v[1] * 2 - 0.5 + row) * stride / image_h, (v[0] * 2 - 0.5 + col) * stride / image_w,
                    (v[3] * 2) * (v[3] * 2) * head.anchor_h[anchor] / image_h,
                    (v[2] * 2) * (v[2] * 2) * head.anchor_w[anchor] / image_w);
    }
    case DetectArch::kYolov6:
    case DetectArch::kYolov8: {
      const int32_t bins = params_.bins, step = bins > 0 ? bins : 1;
      const double left = distance(t, bins), top = distance(t + step, bins);
      const double right = distance(t + 2 * step, bins), bottom = distance(t + 3 * step, bins);
      return {static_cast<float>((row + 0.5 - top) * stride / image_h),
              static_cast<float>((col + 0.5 - left) * stride / image_w),
              static_cast<float>((row + 0.5 + bottom) * stride / image_h),
              static_cast<float>((col + 0.5 + right) * stride / image_w)};
    }
    case DetectArch::kYolox:
      return around((t[1] + row) * stride / image_h, (t[0] + col) * stride / image_w, exp_f64(t[3]) * stride / image_h,
                    exp_f64(t[2]) * stride / image_w);
    case DetectArch::kSsd: break;
  }
  const double anchor_h = head.anchor_h[anchor], anchor_w = head.anchor_w[anchor];
  const double center = params_.center_scale, size = params_.size_scale;
  return around(t[0] / center * anchor_h + (row + 0.5) / head.height,
                t[1] / center * anchor_w + (col + 0.5) / head.width, exp_f64(t[2] / size) * anchor_h,
                exp_f64(t[3] / size) * anchor_w);
}

float Detector::objectness_at(const Level& level, int32_t index) const {
  if (level.objectness == nullptr) return 1;
  const float value = level.objectness[index * level.objectness_step];
  return params_.arch == DetectArch::kYolov5Seg ? static_cast<float>(sigmoid(value)) : value;
}

float Detector::score_at(const Level& level, int32_t index, float objectness, int32_t label) const {
  const int32_t channel = params_.background == 0 ? label + 1 : label;
  float value = level.scores[index * level.score_step + channel];
  if (params_.arch == DetectArch::kYolov5Seg) value = static_cast<float>(sigmoid(value));
  return level.objectness == nullptr ? value : objectness * value;
}

void Detector::bind(std::span<const float* const> in) {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const DetectHead& head = params_.heads[i];
    Level& level = levels_[i];
    level.boxes = in[static_cast<std::size_t>(head.boxes)];
    if (head.scores < 0) {
      level.objectness = level.boxes + 4;
      level.scores = level.boxes + 5;
    } else {
      level.scores = in[static_cast<std::size_t>(head.scores)];
      level.objectness = head.objectness < 0 ? nullptr : in[static_cast<std::size_t>(head.objectness)];
    }
  }
}

}  // namespace graupel
