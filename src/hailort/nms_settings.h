// What a caller changed of a HEF's detections.
#pragma once

#include <cstdint>
#include <optional>

namespace hailort {

struct NmsSettings {
  std::optional<float> score_threshold, iou_threshold;
  std::optional<uint32_t> max_per_class, max_total, max_mask_bytes;
};

}  // namespace hailort
