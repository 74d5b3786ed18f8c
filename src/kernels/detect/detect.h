// Object detection on the host: boxes out of a detector's head tensors, per-class non-maximum suppression, and the
// layouts in which the results are handed over (N11). Plain code on floats; the same bits on every machine.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/fields.h"
#include "base/result.h"
#include "tensor/tensor.h"

namespace graupel {

enum class DetectArch : uint8_t { kYolov5, kYolov5Seg, kYolov6, kYolov8, kYolox, kSsd };

/// One level of a detector: height × width cells of `stride` pixels, each with one box per anchor (one when there are
/// none). `boxes`, `scores`, `objectness` are numbers of inputs; -1: there is none of its own.
struct DetectHead {
  int32_t height = 0, width = 0, stride = 0;
  int32_t boxes = -1, scores = -1, objectness = -1;
  std::vector<float> anchor_h, anchor_w;  ///< yolov5: pixels; ssd: fractions of the image

  int32_t anchors() const { return anchor_h.empty() ? 1 : static_cast<int32_t>(anchor_h.size()); }
  static constexpr auto fields() {
    return std::tuple{Field{"height", &DetectHead::height},     Field{"width", &DetectHead::width},
                      Field{"stride", &DetectHead::stride},     Field{"boxes", &DetectHead::boxes},
                      Field{"scores", &DetectHead::scores},     Field{"objectness", &DetectHead::objectness},
                      Field{"anchor_h", &DetectHead::anchor_h}, Field{"anchor_w", &DetectHead::anchor_w}};
  }
  bool operator==(const DetectHead&) const = default;
};

/// A detector's heads and how detections are chosen. Inputs are dense f32 [height, width, channels]:
///   yolov5       boxes: per anchor x, y, w, h, objectness, classes
///   yolov5_seg   boxes: the same before the sigmoid, then mask coefficients; prototypes: an input of its own
///   yolov6       boxes: left, top, right, bottom, of `bins` channels each when bins > 0; scores
///   yolov8       boxes: left, top, right, bottom of `bins` channels each; scores
///   yolox        boxes: x, y, w, h; objectness; scores
///   ssd          boxes: per anchor y, x, h, w; scores: per anchor and class
struct DetectParams {
  static constexpr std::string_view kName = "detect";
  DetectArch arch = DetectArch::kYolov8;
  int32_t classes = 0;      ///< that are reported; the background is not one of them
  int32_t background = -1;  ///< channel of the scores that is left out: 0 or `classes`; -1: there is none
  int32_t image_h = 0, image_w = 0;
  float score_threshold = 0.3f, iou_threshold = 0.6f;
  int32_t max_per_class = 100;
  int32_t max_total = 100;                       ///< yolov5_seg: detections of all classes
  int32_t bins = 0;                              ///< of a distance's distribution
  float center_scale = 1.0f, size_scale = 1.0f;  ///< ssd: what offsets and sizes are divided by
  int32_t mask_coefficients = 0;                 ///< yolov5_seg: per box
  int32_t prototypes = -1;                       ///< yolov5_seg: number of the input [height, width, mask_coefficients]
  int32_t prototype_h = 0, prototype_w = 0;
  bool decode_only = false;  ///< all boxes with their scores, no threshold and no suppression
  std::vector<DetectHead> heads;

  static constexpr auto fields() {
    using P = DetectParams;
    return std::tuple{Field{"arch", &P::arch},
                      Field{"classes", &P::classes},
                      Field{"background", &P::background},
                      Field{"image_h", &P::image_h},
                      Field{"image_w", &P::image_w},
                      Field{"score_threshold", &P::score_threshold},
                      Field{"iou_threshold", &P::iou_threshold},
                      Field{"max_per_class", &P::max_per_class},
                      Field{"max_total", &P::max_total},
                      Field{"bins", &P::bins},
                      Field{"center_scale", &P::center_scale},
                      Field{"size_scale", &P::size_scale},
                      Field{"mask_coefficients", &P::mask_coefficients},
                      Field{"prototypes", &P::prototypes},
                      Field{"prototype_h", &P::prototype_h},
                      Field{"prototype_w", &P::prototype_w},
                      Field{"decode_only", &P::decode_only},
                      Field{"heads", &P::heads}};
  }
  bool operator==(const DetectParams&) const = default;
};

/// The vendor's spelling: "yolov5_seg".
std::string_view to_string(DetectArch arch);

/// Whatever passes can be run without a crash on any floats: indices name each input once, extents and limits are
/// bounded, thresholds are numbers. Error: invalid, naming the field, the value and what is accepted.
Result<> validate(const DetectParams& params);

/// Shapes of the inputs, by number, as [height, width, channels]. `params` is valid.
std::vector<Shape> input_shapes(const DetectParams& params);
/// [1, classes, 5, max_per_class] (y_min, x_min, y_max, x_max, score); decode_only: [1, 1, boxes, 4 + objectness? +
/// classes]; yolov5_seg: [1, 1, 6 + image_h * image_w, max_total] (x_min, y_min, x_max, y_max, score, class, mask).
Shape output_shape(const DetectParams& params);

/// Corners are fractions of the image and are not clipped to it.
struct Detection {
  float y_min = 0, x_min = 0, y_max = 0, x_max = 0, score = 0;
  int32_t label = 0;     ///< class
  int32_t position = 0;  ///< of the box among all of the detector's, in the order head, row, column, anchor
  bool operator==(const Detection&) const = default;
};

/// Finds the detections of frames, in memory that create() takes once.
class Detector {
 public:
  /// Errors: those of validate(); io (memory that the system refuses).
  static Result<Detector> create(const DetectParams& params);

  /// The detections of one frame: by class, then by falling score (N11.4). They live until the next call.
  /// `in`: one pointer per input. Not for decode_only.
  std::span<const Detection> find(std::span<const float* const> in);
  /// yolov5_seg, after find(): the best `max_total` of its detections with their masks, in the runtime's layout: a u16
  /// count, then for each a packed {y_min, x_min, y_max, x_max, score f32, class u16, mask's size u64, its address} and
  /// its mask (N11.7). What is behind the first that `out` has no room for is left out. Returns the count.
  std::size_t write_byte_masks(const float* prototypes, int32_t max_total, std::span<std::byte> out);
  /// find() or decoding, and the result as output_shape() has it.
  void run(std::span<const float* const> in, float* out);

  const DetectParams& params() const { return params_; }

 private:
  /// One level with its inputs bound; steps are elements from one box to the next.
  struct Level {
    const float* boxes = nullptr;
    const float* scores = nullptr;
    const float* objectness = nullptr;  ///< null: there is none
    int64_t box_step = 0, score_step = 0, objectness_step = 0;
    int32_t first = 0, count = 0;  ///< positions
  };
  struct Candidate {
    float score = 0;
    int32_t position = 0;
  };
  enum class BoxState : uint8_t { kUnknown, kDecoded, kNotFinite };
  using Corners = std::array<float, 4>;  ///< y_min, x_min, y_max, x_max

  explicit Detector(const DetectParams& params);

  void bind(std::span<const float* const> in);
  void count_candidates();
  int32_t gather_candidates(int32_t label);
  void suppress(int32_t label, std::span<const Candidate> candidates);
  const Corners* corners_at(std::size_t level, int32_t position);
  Corners decode(std::size_t level, int32_t position) const;
  float objectness_at(const Level& level, int32_t index) const;
  float score_at(const Level& level, int32_t index, float objectness, int32_t label) const;
  std::size_t level_of(int32_t position) const;
  void write_planes(std::span<const Detection> found, float* out) const;
  void write_all_boxes(float* out);
  void write_masks(const float* prototypes, float* out);
  void evaluate_mask(const Detection& detection, const float* prototypes);
  /// The evaluated mask, enlarged, at a pixel of the image.
  float mask_at(int64_t y, int64_t x) const;

  DetectParams params_;
  std::vector<Level> levels_;
  std::vector<int32_t> counts_;        ///< by class: boxes that score enough
  std::vector<Candidate> candidates_;  ///< of one class
  std::vector<Corners> corners_;       ///< by position
  std::vector<BoxState> box_states_;   ///< by position
  std::vector<Detection> found_;
  std::size_t found_count_ = 0;
  std::vector<float> mask_;  ///< at the resolution of the prototypes
};

/// The runtime's layout by class: for each class a count, then as many {y_min, x_min, y_max, x_max, score}, packed f32.
/// `found` as find() gives it. Returns the bytes written; `out` has by_class_bytes().
std::size_t by_class_bytes(const DetectParams& params);
std::size_t write_by_class(const DetectParams& params, std::span<const Detection> found, std::span<std::byte> out);

/// The runtime's layout by score: a u16 count, then as many packed {y_min, x_min, y_max, x_max, score f32, class u16},
/// falling scores, at most `max_total`. `found` is reordered. Returns the bytes written; `out` has by_score_bytes().
std::size_t by_score_bytes(int32_t max_total);
std::size_t write_by_score(int32_t max_total, std::span<Detection> found, std::span<std::byte> out);

}  // namespace graupel
