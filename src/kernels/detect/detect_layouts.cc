// How detections are laid out for whoever reads them (N11.5, N11.6).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/detect/detect.h"
#include "kernels/float/float.h"

namespace graupel {
namespace {

constexpr std::size_t kBoxBytes = 5 * sizeof(float);
constexpr std::size_t kRecordBytes = kBoxBytes + sizeof(uint16_t);
constexpr std::size_t kMaskRecordBytes = kRecordBytes + sizeof(uint64_t) + sizeof(std::byte*);
constexpr float kMaskThreshold = 0.5f;
static_assert(offsetof(Detection, label) == kBoxBytes, "the corners and the score come first");

/// Falling scores; equal ones by class, then by position.
bool before(const Detection& a, const Detection& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.label != b.label ? a.label < b.label : a.position < b.position;
}

/// Where pixel `i` of `to` lies among `from` samples, half-pixel centres, held to the edges.
struct Sample {
  std::size_t low, high;
  double share;  ///< of high
};
Sample sample(int64_t i, int32_t from, int32_t to) {
  const double at = std::clamp((static_cast<double>(i) + 0.5) * from / to - 0.5, 0.0, from - 1.0);
  const auto low = static_cast<std::size_t>(at);
  return {low, std::min(low + 1, static_cast<std::size_t>(from) - 1), at - static_cast<double>(low)};
}

/// The first pixel not before `edge`, a fraction of `extent`.
int64_t first_pixel(float edge, int32_t extent) {
  return static_cast<int64_t>(std::clamp(std::ceil(double{edge} * extent), 0.0, double(extent)));
}

/// Pixels from edge to edge, as those who read masks count them.
float pixels(float low, float high, int32_t extent) {
  return std::max(std::ceil((high - low) * static_cast<float>(extent)), 0.0f);
}

int64_t first_pixel_f32(float edge, int32_t extent) {
  const auto end = static_cast<float>(extent);
  return static_cast<int64_t>(std::clamp(std::ceil(edge * end), 0.0f, end));
}

void write_mask_record(const Detection& detection, uint64_t size, const std::byte* mask, std::byte* out) {
  const auto label = static_cast<uint16_t>(detection.label);
  std::memcpy(out, &detection, kBoxBytes);
  std::memcpy(out + kBoxBytes, &label, sizeof label);
  std::memcpy(out + kRecordBytes, &size, sizeof size);
  std::memcpy(out + kRecordBytes + sizeof size, &mask, sizeof mask);
}

}  // namespace

void Detector::write_planes(std::span<const Detection> found, float* out) const {
  const std::size_t most = static_cast<std::size_t>(params_.max_per_class);
  std::fill_n(out, static_cast<std::size_t>(params_.classes) * 5 * most, 0.0f);
  std::size_t number = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    number = i > 0 && found[i].label == found[i - 1].label ? number + 1 : 0;
    float* column = out + static_cast<std::size_t>(found[i].label) * 5 * most + number;
    const float values[5] = {found[i].y_min, found[i].x_min, found[i].y_max, found[i].x_max, found[i].score};
    for (std::size_t k = 0; k < 5; ++k) column[k * most] = values[k];
  }
}

void Detector::write_all_boxes(float* out) {
  for (std::size_t l = 0; l < levels_.size(); ++l)
    for (int32_t i = 0; i < levels_[l].count; ++i) {
      const Corners* corners = corners_at(l, levels_[l].first + i);
      out = corners != nullptr ? std::copy(corners->begin(), corners->end(), out) : std::fill_n(out, 4, 0.0f);
      if (levels_[l].objectness != nullptr) *out++ = objectness_at(levels_[l], i);
      const int32_t first = params_.background == 0 ? 1 : 0;
      out = std::copy_n(levels_[l].scores + i * levels_[l].score_step + first, params_.classes, out);
    }
}

void Detector::evaluate_mask(const Detection& detection, const float* prototypes) {
  const std::size_t level = level_of(detection.position);
  const auto count = static_cast<std::size_t>(params_.mask_coefficients);
  const float* coefficients = levels_[level].boxes +
                              (detection.position - levels_[level].first) * levels_[level].box_step + 5 +
                              params_.classes;
  for (float& value : mask_) {
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += double{coefficients[k]} * prototypes[k];
    value = static_cast<float>(unary_f64(UnaryKind::kSigmoid, 0, 0, sum));
    prototypes += count;
  }
}

void Detector::write_masks(const float* prototypes, float* out) {
  std::sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(found_count_), before);
  const auto most = static_cast<std::size_t>(params_.max_total);
  const int32_t h = params_.image_h, w = params_.image_w;
  std::fill_n(out, (6 + static_cast<std::size_t>(h) * static_cast<std::size_t>(w)) * most, 0.0f);
  for (std::size_t i = 0; i < std::min(found_count_, most); ++i) {
    const Detection& d = found_[i];
    const float values[6] = {d.x_min, d.y_min, d.x_max, d.y_max, d.score, static_cast<float>(d.label)};
    for (std::size_t k = 0; k < 6; ++k) out[k * most + i] = values[k];
    evaluate_mask(d, prototypes);
    for (int64_t y = first_pixel(d.y_min, h); y < first_pixel(d.y_max, h); ++y)
      for (int64_t x = first_pixel(d.x_min, w); x < first_pixel(d.x_max, w); ++x)
        out[static_cast<std::size_t>(6 + y * w + x) * most + i] = mask_at(y, x);
  }
}

float Detector::mask_at(int64_t y, int64_t x) const {
  const Sample rows = sample(y, params_.prototype_h, params_.image_h);
  const Sample cols = sample(x, params_.prototype_w, params_.image_w);
  const float* low = mask_.data() + rows.low * static_cast<std::size_t>(params_.prototype_w);
  const float* high = mask_.data() + rows.high * static_cast<std::size_t>(params_.prototype_w);
  const double a = low[cols.low] + cols.share * (double{low[cols.high]} - low[cols.low]);
  const double b = high[cols.low] + cols.share * (double{high[cols.high]} - high[cols.low]);
  return static_cast<float>(a + rows.share * (b - a));
}

std::size_t Detector::write_byte_masks(const float* prototypes, int32_t max_total, std::span<std::byte> out) {
  std::sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(found_count_), before);
  const std::size_t most = std::min({found_count_, static_cast<std::size_t>(max_total), std::size_t{UINT16_MAX}});
  const int32_t h = params_.image_h, w = params_.image_w;
  std::size_t at = sizeof(uint16_t), count = 0;
  for (; count < most; ++count) {
    const Detection& d = found_[count];
    const double rows = pixels(d.y_min, d.y_max, h), cols = pixels(d.x_min, d.x_max, w);
    if (rows * cols > static_cast<double>(out.size())) break;
    const auto size = static_cast<uint64_t>(rows * cols);
    if (kMaskRecordBytes + size > out.size() - at) break;
    std::byte* const mask = out.data() + at + kMaskRecordBytes;
    write_mask_record(d, size, mask, out.data() + at);
    evaluate_mask(d, prototypes);
    const int64_t top = first_pixel_f32(d.y_min, h), left = first_pixel_f32(d.x_min, w);
    const auto width = static_cast<int64_t>(cols);
    for (int64_t i = 0; i < static_cast<int64_t>(size); ++i) {
      const int64_t y = top + i / width, x = left + i % width;
      mask[i] = std::byte{y < h && x < w && mask_at(y, x) > kMaskThreshold};
    }
    at += kMaskRecordBytes + size;
  }
  const auto written = static_cast<uint16_t>(count);
  std::memcpy(out.data(), &written, sizeof written);
  return count;
}

std::size_t by_class_bytes(const DetectParams& params) {
  return static_cast<std::size_t>(params.classes) *
         (sizeof(float) + static_cast<std::size_t>(params.max_per_class) * kBoxBytes);
}

std::size_t write_by_class(const DetectParams& params, std::span<const Detection> found, std::span<std::byte> out) {
  std::byte* to = out.data();
  for (int32_t label = 0; label < params.classes; ++label) {
    std::byte* const count_at = to;
    to += sizeof(float);
    float count = 0;
    for (; !found.empty() && found.front().label == label; found = found.subspan(1), ++count) {
      std::memcpy(to, &found.front(), kBoxBytes);
      to += kBoxBytes;
    }
    std::memcpy(count_at, &count, sizeof(float));
  }
  return static_cast<std::size_t>(to - out.data());
}

std::size_t by_score_bytes(int32_t max_total) {
  return sizeof(uint16_t) + static_cast<std::size_t>(max_total) * kRecordBytes;
}

std::size_t write_by_score(int32_t max_total, std::span<Detection> found, std::span<std::byte> out) {
  std::sort(found.begin(), found.end(), before);
  const std::size_t kept = std::min({found.size(), static_cast<std::size_t>(max_total), std::size_t{UINT16_MAX}});
  const auto count = static_cast<uint16_t>(kept);
  std::memcpy(out.data(), &count, sizeof(count));
  std::byte* to = out.data() + sizeof(count);
  for (const Detection& one : found.first(kept)) {
    const auto label = static_cast<uint16_t>(one.label);
    std::memcpy(to, &one, kBoxBytes);
    std::memcpy(to + kBoxBytes, &label, sizeof(label));
    to += kRecordBytes;
  }
  return static_cast<std::size_t>(to - out.data());
}

}  // namespace graupel
