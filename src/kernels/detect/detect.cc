// The detections of a frame: candidates by class, sorted, then greedy suppression (N11.3, N11.4).
#include "kernels/detect/detect.h"

#include <algorithm>
#include <cmath>
#include <new>

namespace graupel {
namespace {

/// Intersection over union, in double; 0 when they do not overlap.
double iou(const Detection& a, const std::array<float, 4>& b) {
  const double h = std::min<double>(a.y_max, b[2]) - std::max<double>(a.y_min, b[0]);
  const double w = std::min<double>(a.x_max, b[3]) - std::max<double>(a.x_min, b[1]);
  if (!(h > 0 && w > 0)) return 0;
  const double area_a = (double{a.y_max} - a.y_min) * (double{a.x_max} - a.x_min);
  const double area_b = (double{b[2]} - b[0]) * (double{b[3]} - b[1]);
  return h * w / (area_a + area_b - h * w);
}

/// Adds one to the count of every class whose score is enough. A loop of its own, since it sees every score.
void count_scores(const float* scores, float threshold, int32_t classes, int32_t* counts) {
  for (int32_t c = 0; c < classes; ++c) counts[c] += scores[c] >= threshold ? 1 : 0;
}

}  // namespace

Detector::Detector(const DetectParams& params) : params_(params) {
  const std::vector<Shape> shapes = input_shapes(params_);
  int32_t positions = 0;
  for (const DetectHead& head : params_.heads) {
    Level level;
    level.first = positions;
    level.count = head.height * head.width * head.anchors();
    positions += level.count;
    level.box_step = shapes[static_cast<std::size_t>(head.boxes)][2] / head.anchors();
    level.score_step =
        head.scores < 0 ? level.box_step : shapes[static_cast<std::size_t>(head.scores)][2] / head.anchors();
    level.objectness_step = head.objectness < 0 ? level.box_step : 1;
    levels_.push_back(level);
  }
  const auto count = static_cast<std::size_t>(positions);
  corners_.resize(count);
  box_states_.resize(count);
  if (params_.decode_only) return;
  counts_.resize(static_cast<std::size_t>(params_.classes));
  candidates_.resize(count);
  found_.resize(counts_.size() * static_cast<std::size_t>(std::min(params_.max_per_class, positions)));
  mask_.resize(static_cast<std::size_t>(int64_t{params_.prototype_h} * params_.prototype_w));
}

Result<Detector> Detector::create(const DetectParams& params) {
  GRAUPEL_DO(validate(params).within("detection"));
  try {
    return Detector(params);
  } catch (const std::bad_alloc&) {
    return io_error("not enough memory for the detection of ", params.classes, " classes");
  }
}

void Detector::count_candidates() {
  std::fill(counts_.begin(), counts_.end(), 0);
  for (const Level& level : levels_) {
    if (level.objectness == nullptr) {
      const float* scores = level.scores + (params_.background == 0 ? 1 : 0);
      for (int32_t i = 0; i < level.count; ++i)
        count_scores(scores + i * level.score_step, params_.score_threshold, params_.classes, counts_.data());
      continue;
    }
    for (int32_t i = 0; i < level.count; ++i) {
      const float objectness = objectness_at(level, i);
      if (!(objectness >= params_.score_threshold)) continue;
      for (int32_t c = 0; c < params_.classes; ++c)
        counts_[static_cast<std::size_t>(c)] += score_at(level, i, objectness, c) >= params_.score_threshold ? 1 : 0;
    }
  }
}

int32_t Detector::gather_candidates(int32_t label) {
  std::size_t count = 0;
  for (const Level& level : levels_)
    for (int32_t i = 0; i < level.count; ++i) {
      const float objectness = objectness_at(level, i);
      if (!(objectness >= params_.score_threshold) && level.objectness != nullptr) continue;
      const float score = score_at(level, i, objectness, label);
      if (score >= params_.score_threshold) candidates_[count++] = {score, level.first + i};
    }
  std::sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Candidate& a, const Candidate& b) {
              return a.score != b.score ? a.score > b.score : a.position < b.position;
            });
  return static_cast<int32_t>(count);
}

std::size_t Detector::level_of(int32_t position) const {
  std::size_t level = 0;
  while (position >= levels_[level].first + levels_[level].count) ++level;
  return level;
}

const Detector::Corners* Detector::corners_at(std::size_t level, int32_t position) {
  Corners& corners = corners_[static_cast<std::size_t>(position)];
  BoxState& state = box_states_[static_cast<std::size_t>(position)];
  if (state == BoxState::kUnknown) {
    corners = decode(level, position);
    const bool finite = std::all_of(corners.begin(), corners.end(), [](float v) { return std::isfinite(v); });
    state = finite ? BoxState::kDecoded : BoxState::kNotFinite;
  }
  return state == BoxState::kDecoded ? &corners : nullptr;
}

void Detector::suppress(int32_t label, std::span<const Candidate> candidates) {
  const std::size_t first = found_count_;
  for (const Candidate& candidate : candidates) {
    if (found_count_ - first == static_cast<std::size_t>(params_.max_per_class)) break;
    const Corners* corners = corners_at(level_of(candidate.position), candidate.position);
    if (corners == nullptr) continue;
    const auto overlaps = [&](const Detection& kept) { return iou(kept, *corners) >= params_.iou_threshold; };
    if (std::any_of(found_.begin() + static_cast<std::ptrdiff_t>(first),
                    found_.begin() + static_cast<std::ptrdiff_t>(found_count_), overlaps))
      continue;
    const auto& [y_min, x_min, y_max, x_max] = *corners;
    found_[found_count_++] = {y_min, x_min, y_max, x_max, candidate.score, label, candidate.position};
  }
}

std::span<const Detection> Detector::find(std::span<const float* const> in) {
  bind(in);
  std::fill(box_states_.begin(), box_states_.end(), BoxState::kUnknown);
  found_count_ = 0;
  count_candidates();
  for (int32_t label = 0; label < params_.classes; ++label) {
    if (counts_[static_cast<std::size_t>(label)] == 0) continue;
    const auto count = static_cast<std::size_t>(gather_candidates(label));
    suppress(label, std::span(candidates_).first(count));
  }
  return std::span(found_).first(found_count_);
}

void Detector::run(std::span<const float* const> in, float* out) {
  if (params_.decode_only) {
    bind(in);
    std::fill(box_states_.begin(), box_states_.end(), BoxState::kUnknown);
    return write_all_boxes(out);
  }
  const std::span<const Detection> found = find(in);
  if (params_.arch == DetectArch::kYolov5Seg)
    write_masks(in[static_cast<std::size_t>(params_.prototypes)], out);
  else
    write_planes(found, out);
}

}  // namespace graupel
