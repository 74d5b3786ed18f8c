// Detection against its formulas written out again, naively (N11.1 to N11.6).
#include "kernels/detect/detect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace graupel {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Parameters with inputs, and the inputs' values.
struct Problem {
  DetectParams params;
  std::vector<std::vector<float>> in;

  std::vector<const float*> pointers() const {
    std::vector<const float*> out;
    for (const auto& values : in) out.push_back(values.data());
    return out;
  }
};

DetectParams params_of(DetectArch arch, int32_t classes) {
  DetectParams params;
  params.arch = arch;
  params.classes = classes;
  params.image_h = 64;
  params.image_w = 96;
  int32_t next = 0;
  const bool encoded = arch == DetectArch::kYolov5 || arch == DetectArch::kYolov5Seg;
  for (int32_t stride : {8, 16, 32}) {
    DetectHead head{64 / stride, 96 / stride, stride, next++, -1, -1, {}, {}};
    if (!encoded) head.scores = next++;
    if (arch == DetectArch::kYolox) head.objectness = next++;
    if (encoded) {
      head.anchor_h = {10.0f * float(stride) / 8, 14, 33};
      head.anchor_w = {13, 7.5f * float(stride) / 8, 20};
    }
    if (arch == DetectArch::kSsd) {
      head.anchor_h = {0.2f, 0.4f};
      head.anchor_w = {0.3f, 0.2f};
    }
    params.heads.push_back(head);
  }
  if (arch == DetectArch::kYolov8) params.bins = 16;
  if (arch == DetectArch::kSsd) {
    params.center_scale = 10;
    params.size_scale = 5;
    params.background = 0;
  }
  if (arch == DetectArch::kYolov5Seg) {
    params.mask_coefficients = 4;
    params.prototypes = next;
    params.prototype_h = 16;
    params.prototype_w = 24;
    params.max_total = 20;
  }
  return params;
}

/// Scores are in [0, 1] with few distinct values, so that ties occur; boxes overlap often.
Problem problem_of(const DetectParams& params, uint32_t seed) {
  Problem problem{params, {}};
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> unit(0, 1);
  const bool raw = params.arch == DetectArch::kYolov5Seg;
  for (const Shape& shape : input_shapes(params)) {
    problem.in.emplace_back(static_cast<std::size_t>(element_count(shape)));
    for (float& value : problem.in.back()) value = raw ? 4 * unit(random) - 2 : std::floor(unit(random) * 64) / 64;
  }
  return problem;
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

/// Every box of a problem as the papers and public sources state it, in floats and with the system's exp.
struct Reference {
  struct Box {
    float y_min, x_min, y_max, x_max;
    float objectness;
    std::vector<float> classes, coefficients;
  };
  std::vector<Box> boxes;

  explicit Reference(const Problem& problem) {
    const DetectParams& p = problem.params;
    for (const DetectHead& head : p.heads)
      for (int y = 0; y < head.height; ++y)
        for (int x = 0; x < head.width; ++x)
          for (int a = 0; a < head.anchors(); ++a) boxes.push_back(box(problem, head, y, x, a));
  }

  static Box box(const Problem& problem, const DetectHead& head, int y, int x, int a) {
    const DetectParams& p = problem.params;
    const int at = (y * head.width + x) * head.anchors() + a;
    const float* in = problem.in[size_t(head.boxes)].data();
    const float h = float(p.image_h), w = float(p.image_w), s = float(head.stride);
    const auto scores_of = [&](const float* from, float objectness, bool logits) {
      Box one{0, 0, 0, 0, objectness, {}, {}};
      for (int c = 0; c < p.classes; ++c) one.classes.push_back(logits ? sigmoid(from[c]) : from[c]);
      return one;
    };
    const auto centred = [](Box one, float cy, float cx, float height, float width) {
      one.y_min = cy - height / 2;
      one.x_min = cx - width / 2;
      one.y_max = cy + height / 2;
      one.x_max = cx + width / 2;
      return one;
    };
    if (p.arch == DetectArch::kYolov5 || p.arch == DetectArch::kYolov5Seg) {
      const bool logits = p.arch == DetectArch::kYolov5Seg;
      const float* t = in + at * (5 + p.classes + p.mask_coefficients);
      const auto v = [&](int i) { return logits ? sigmoid(t[i]) : t[i]; };
      Box one = scores_of(t + 5, v(4), logits);
      one.coefficients.assign(t + 5 + p.classes, t + 5 + p.classes + p.mask_coefficients);
      return centred(one, (v(1) * 2 - 0.5f + float(y)) * s / h, (v(0) * 2 - 0.5f + float(x)) * s / w,
                     std::pow(v(3) * 2, 2.0f) * head.anchor_h[size_t(a)] / h,
                     std::pow(v(2) * 2, 2.0f) * head.anchor_w[size_t(a)] / w);
    }
    const float* scores = problem.in[size_t(head.scores)].data();
    if (p.arch == DetectArch::kYolox) {
      const float* t = in + at * 4;
      return centred(scores_of(scores + at * p.classes, problem.in[size_t(head.objectness)][size_t(at)], false),
                     (t[1] + float(y)) * s / h, (t[0] + float(x)) * s / w, std::exp(t[3]) * s / h,
                     std::exp(t[2]) * s / w);
    }
    if (p.arch == DetectArch::kSsd) {
      const float* t = in + at * 4;
      const float ah = head.anchor_h[size_t(a)], aw = head.anchor_w[size_t(a)];
      return centred(scores_of(scores + at * (p.classes + 1) + 1, 1, false),
                     t[0] / 10 * ah + (float(y) + 0.5f) / float(head.height),
                     t[1] / 10 * aw + (float(x) + 0.5f) / float(head.width), std::exp(t[2] / 5) * ah,
                     std::exp(t[3] / 5) * aw);
    }
    float distance[4];
    for (int side = 0; side < 4; ++side) {
      const int bins = std::max(p.bins, 1);
      const float* logits = in + (at * 4 + side) * bins;
      float sum = 0, expected = 0;
      for (int i = 0; i < bins; ++i) {
        sum += std::exp(logits[i]);
        expected += float(i) * std::exp(logits[i]);
      }
      distance[side] = p.bins == 0 ? logits[0] : expected / sum;
    }
    Box one = scores_of(scores + at * p.classes, 1, false);
    one.x_min = (float(x) + 0.5f - distance[0]) * s / w;
    one.y_min = (float(y) + 0.5f - distance[1]) * s / h;
    one.x_max = (float(x) + 0.5f + distance[2]) * s / w;
    one.y_max = (float(y) + 0.5f + distance[3]) * s / h;
    return one;
  }
};

double overlap(const Detection& a, const Detection& b) {
  const double h = std::min<double>(a.y_max, b.y_max) - std::max<double>(a.y_min, b.y_min);
  const double w = std::min<double>(a.x_max, b.x_max) - std::max<double>(a.x_min, b.x_min);
  const auto area = [](const Detection& d) { return (double(d.y_max) - d.y_min) * (double(d.x_max) - d.x_min); };
  return h <= 0 || w <= 0 ? 0 : h * w / (area(a) + area(b) - h * w);
}

/// Class by class: all that score enough, best first, each kept unless a kept one overlaps it. The corners are the
/// kernel's own (`decoded`, per position), so that both decide on the same overlaps.
std::vector<Detection> naive(const Problem& problem, const Reference& reference,
                             const std::vector<Detection>& decoded) {
  std::vector<Detection> found;
  for (int c = 0; c < problem.params.classes; ++c) {
    std::vector<Detection> candidates, kept;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      const float objectness = reference.boxes[i].objectness;
      Detection one = decoded[i];
      one.score = objectness * reference.boxes[i].classes[size_t(c)];
      one.label = c;
      one.position = int(i);
      if (objectness >= problem.params.score_threshold && one.score >= problem.params.score_threshold)
        candidates.push_back(one);
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](auto& a, auto& b) { return a.score > b.score; });
    for (const Detection& one : candidates)
      if (std::none_of(kept.begin(), kept.end(),
                       [&](const Detection& k) { return overlap(k, one) >= problem.params.iou_threshold; }))
        kept.push_back(one);
    kept.resize(std::min(kept.size(), size_t(problem.params.max_per_class)));
    found.insert(found.end(), kept.begin(), kept.end());
  }
  return found;
}

/// The corners of every box, from decode_only.
std::vector<Detection> decoded_boxes(Problem problem) {
  problem.params.decode_only = true;
  const Shape shape = output_shape(problem.params);
  std::vector<float> out(size_t(element_count(shape)), kNan);
  Detector::create(problem.params).value().run(problem.pointers(), out.data());
  std::vector<Detection> boxes;
  for (int64_t i = 0; i < shape[2]; ++i) {
    const float* row = out.data() + i * shape[3];
    boxes.push_back({row[0], row[1], row[2], row[3], 0, 0, 0});
  }
  return boxes;
}

class EveryArch : public ::testing::TestWithParam<DetectArch> {};
INSTANTIATE_TEST_SUITE_P(Detect, EveryArch,
                         ::testing::Values(DetectArch::kYolov5, DetectArch::kYolov6, DetectArch::kYolov8,
                                           DetectArch::kYolox, DetectArch::kSsd),
                         [](const auto& one) { return std::string(to_string(one.param)); });

TEST_P(EveryArch, BoxesAreThoseOfTheFormulas) {  // N11.1, N11.2, N11.5
  for (uint32_t seed = 0; seed < 8; ++seed) {
    Problem problem = problem_of(params_of(GetParam(), 7), seed);
    problem.params.decode_only = true;
    const Reference reference(problem);
    const Shape shape = output_shape(problem.params);
    ASSERT_EQ(shape[2], int64_t(reference.boxes.size()));
    std::vector<float> out(size_t(element_count(shape)), kNan);
    Detector::create(problem.params).value().run(problem.pointers(), out.data());
    for (std::size_t i = 0; i < reference.boxes.size(); ++i) {
      const Reference::Box& box = reference.boxes[i];
      const float* row = out.data() + int64_t(i) * shape[3];
      const float corners[4] = {box.y_min, box.x_min, box.y_max, box.x_max};
      for (int k = 0; k < 4; ++k) ASSERT_NEAR(row[k], corners[k], 4e-6) << "seed " << seed << " box " << i;
      if (shape[3] == 12) {
        ASSERT_EQ(row[4], box.objectness);
      }
      ASSERT_TRUE(std::equal(box.classes.begin(), box.classes.end(), row + shape[3] - 7)) << "seed " << seed;
    }
  }
}

TEST_P(EveryArch, DetectionsAreThoseOfNaiveSuppression) {  // N11.3, N11.4
  int ties = 0;
  for (uint32_t seed = 0; seed < 12; ++seed) {
    Problem problem = problem_of(params_of(GetParam(), 5), seed);
    problem.params.score_threshold = seed % 3 == 0 ? 0.0f : 0.25f;
    problem.params.iou_threshold = seed % 2 == 0 ? 0.3f : 0.6f;
    problem.params.max_per_class = seed % 4 == 0 ? 3 : 100;
    const std::vector<Detection> expected = naive(problem, Reference(problem), decoded_boxes(problem));
    Detector detector = Detector::create(problem.params).value();
    for (int again = 0; again < 2; ++again) {
      const auto found = detector.find(problem.pointers());
      ASSERT_EQ(std::vector<Detection>(found.begin(), found.end()), expected) << "seed " << seed;
    }
    for (std::size_t i = 1; i < expected.size(); ++i) ties += expected[i].score == expected[i - 1].score ? 1 : 0;
    ASSERT_FALSE(expected.empty());
  }
  EXPECT_GT(ties, 0) << "the problems have no equal scores";
}

TEST_P(EveryArch, PlanesHoldTheDetectionsAndZeros) {  // N11.5
  Problem problem = problem_of(params_of(GetParam(), 5), 77);
  problem.params.max_per_class = 6;
  Detector detector = Detector::create(problem.params).value();
  const auto found = detector.find(problem.pointers());
  const std::vector<Detection> expected(found.begin(), found.end());
  ASSERT_EQ(output_shape(problem.params), (Shape{1, 5, 5, 6}));
  std::vector<float> out(150, kNan), wanted(150, 0.0f);
  std::vector<int> count(5, 0);
  for (const Detection& d : expected) {
    const float values[5] = {d.y_min, d.x_min, d.y_max, d.x_max, d.score};
    for (int k = 0; k < 5; ++k) wanted[size_t(d.label * 30 + k * 6 + count[size_t(d.label)])] = values[k];
    ++count[size_t(d.label)];
  }
  detector.run(problem.pointers(), out.data());
  EXPECT_EQ(out, wanted);
}

TEST_P(EveryArch, NothingScoresEnoughGivesNothing) {  // N11.3
  Problem problem = problem_of(params_of(GetParam(), 3), 5);
  problem.params.score_threshold = 1;
  for (auto& values : problem.in)
    for (float& value : values) value *= 0.5f;
  Detector detector = Detector::create(problem.params).value();
  EXPECT_TRUE(detector.find(problem.pointers()).empty());
  std::vector<float> out(size_t(element_count(output_shape(problem.params))), kNan);
  detector.run(problem.pointers(), out.data());
  EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](float v) { return v == 0; }));
}

TEST_P(EveryArch, BoxesThatAreNoNumbersAreNoCandidates) {  // N11.3
  for (float bad : {kNan, kInf, -kInf}) {
    Problem problem = problem_of(params_of(GetParam(), 3), 5);
    for (const DetectHead& head : problem.params.heads)
      for (std::size_t i = 0; i < problem.in[size_t(head.boxes)].size(); i += 11)
        problem.in[size_t(head.boxes)][i] = bad;
    Detector detector = Detector::create(problem.params).value();
    for (const Detection& d : detector.find(problem.pointers()))
      for (float v : {d.y_min, d.x_min, d.y_max, d.x_max}) ASSERT_TRUE(std::isfinite(v)) << bad;
  }
}

TEST(Detect, AThresholdIsReachedByEquality) {  // N11.3, N11.4
  DetectParams params = params_of(DetectArch::kYolov6, 1);
  params.heads = {{1, 2, 48, 0, 1, -1, {}, {}}};
  params.image_h = 48;
  params.score_threshold = 0.5f;
  // Two boxes one cell high; the second covers the right half of the first.
  Problem problem{params, {{0.5f, 0.5f, 1.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, {0.75f, 0.5f}}};
  problem.params.iou_threshold = 0.5f;
  EXPECT_EQ(Detector::create(problem.params).value().find(problem.pointers()).size(), 1u);
  problem.params.iou_threshold = std::nextafter(0.5f, 1.0f);
  EXPECT_EQ(Detector::create(problem.params).value().find(problem.pointers()).size(), 2u);
  problem.params.score_threshold = std::nextafter(0.5f, 1.0f);
  EXPECT_EQ(Detector::create(problem.params).value().find(problem.pointers()).size(), 1u);
}

TEST(Detect, TheBackgroundMayBeTheLastClass) {  // N11.2
  DetectParams params = params_of(DetectArch::kSsd, 2);
  params.heads.resize(1);
  params.heads[0] = {1, 1, 0, 0, 1, -1, {0.5f}, {0.5f}};
  for (int32_t background : {-1, 0, 2}) {
    params.background = background;
    const Problem problem{params, {{0, 0, 0, 0}, {0.9f, 0.8f, 0.7f}}};
    Detector detector = Detector::create(params).value();
    const auto found = detector.find(problem.pointers());
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].score, background == 0 ? 0.8f : 0.9f);
    EXPECT_EQ(found[1].score, background == 0 ? 0.7f : 0.8f);
  }
}

TEST(Detect, LayoutByClassIsPacked) {  // N11.5
  Problem problem = problem_of(params_of(DetectArch::kYolov8, 4), 3);
  problem.params.max_per_class = 5;
  Detector detector = Detector::create(problem.params).value();
  const auto found = detector.find(problem.pointers());
  EXPECT_EQ(by_class_bytes(problem.params), 4u * (1 + 5 * 5) * 4);
  std::vector<float> out(by_class_bytes(problem.params) / 4, kNan), expected;
  const std::size_t bytes = write_by_class(problem.params, found, std::as_writable_bytes(std::span(out)));
  for (int c = 0; c < 4; ++c) {
    const std::size_t at = expected.size();
    expected.push_back(0);
    for (const Detection& d : found)
      if (d.label == c) {
        expected.insert(expected.end(), {d.y_min, d.x_min, d.y_max, d.x_max, d.score});
        ++expected[at];
      }
  }
  ASSERT_EQ(bytes, expected.size() * 4);
  out.resize(expected.size());
  EXPECT_EQ(out, expected);
}

TEST(Detect, LayoutByScoreFallsAndIsCut) {  // N11.5
  Problem problem = problem_of(params_of(DetectArch::kYolov8, 4), 3);
  Detector detector = Detector::create(problem.params).value();
  const auto found = detector.find(problem.pointers());
  std::vector<Detection> sorted(found.begin(), found.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.score > b.score; });
  ASSERT_GT(sorted.size(), 10u);
  EXPECT_EQ(by_score_bytes(10), 2u + 220);
  for (std::size_t most : {std::size_t{10}, sorted.size() + 3}) {
    std::vector<Detection> given(found.begin(), found.end());
    std::vector<std::byte> out(by_score_bytes(int32_t(most)));
    const std::size_t kept = std::min(most, sorted.size());
    ASSERT_EQ(write_by_score(int32_t(most), given, out), 2 + 22 * kept);
    uint16_t count = 0;
    std::memcpy(&count, out.data(), 2);
    ASSERT_EQ(count, kept);
    for (std::size_t i = 0; i < kept; ++i) {
      uint16_t label = 0;
      EXPECT_EQ(std::memcmp(out.data() + 2 + 22 * i, &sorted[i], 20), 0) << i;
      std::memcpy(&label, out.data() + 22 + 22 * i, 2);
      EXPECT_EQ(label, sorted[i].label);
    }
  }
}

TEST(Detect, ByteMasksAreThePixelsOfTheBoxAboveOneHalf) {  // N11.7
  const Problem problem = problem_of(params_of(DetectArch::kYolov5Seg, 3), 9);
  const DetectParams& p = problem.params;
  Detector detector = Detector::create(p).value();
  std::vector<float> planes(size_t(element_count(output_shape(p))));
  detector.run(problem.pointers(), planes.data());
  const auto value = [&](int64_t feature, std::size_t i) { return planes[size_t(feature * p.max_total) + i]; };
  std::vector<std::byte> out(1 << 20, std::byte{77});
  const std::size_t found = detector.find(problem.pointers()).size();
  const std::size_t count = detector.write_byte_masks(problem.in[size_t(p.prototypes)].data(), 4, out);
  ASSERT_EQ(count, std::min<std::size_t>(found, 4));
  ASSERT_GT(count, 2u);
  const auto read = [&](auto& to, std::size_t at) { std::memcpy(&to, out.data() + at, sizeof to); };
  uint16_t written = 0, label = 0;
  read(written, 0);
  EXPECT_EQ(written, count);
  std::size_t at = 2, inside = 0, ones = 0;
  for (std::size_t i = 0; i < count; ++i) {
    float box[5];
    uint64_t size = 0;
    const std::byte* mask = nullptr;
    read(box, at);
    read(label, at + 20);
    read(size, at + 22);
    read(mask, at + 30);
    at += 38;
    const float in_order[6] = {box[1], box[0], box[3], box[2], box[4], float(label)};
    for (int k = 0; k < 6; ++k) EXPECT_EQ(in_order[k], value(k, i));
    const auto rows = uint64_t(std::ceil((box[2] - box[0]) * float(p.image_h)));
    const auto cols = uint64_t(std::ceil((box[3] - box[1]) * float(p.image_w)));
    ASSERT_EQ(size, rows * cols);
    ASSERT_EQ(mask, out.data() + at);
    const auto top = int64_t(std::max(std::ceil(box[0] * float(p.image_h)), 0.0f));
    const auto left = int64_t(std::max(std::ceil(box[1] * float(p.image_w)), 0.0f));
    for (uint64_t k = 0; k < size; ++k) {
      const int64_t y = top + int64_t(k / cols), x = left + int64_t(k % cols);
      const int one = int(mask[k]);
      ASSERT_TRUE(one == 0 || one == 1);
      ones += size_t(one);
      if (y >= p.image_h || x >= p.image_w) {
        ASSERT_EQ(one, 0) << "a pixel beyond the image";
      } else if (float(y) < box[2] * float(p.image_h) && float(x) < box[3] * float(p.image_w)) {
        ASSERT_EQ(one, value(6 + y * p.image_w + x, i) > 0.5f) << "row " << y << ", column " << x;
        ++inside;
      }
    }
    at += size;
  }
  EXPECT_GT(inside, 100u);
  EXPECT_GT(ones, 0u);
  EXPECT_EQ(int(out[at]), 77) << "nothing behind the last mask is written";
  // What does not fit is left out.
  const std::size_t short_of_one =
      detector.write_byte_masks(problem.in[size_t(p.prototypes)].data(), 4, std::span(out).first(at - 1));
  EXPECT_EQ(short_of_one, count - 1);
}

TEST(Detect, MasksAreTheirPrototypesWithinTheBox) {  // N11.2, N11.6
  Problem problem = problem_of(params_of(DetectArch::kYolov5Seg, 3), 9);
  const DetectParams& p = problem.params;
  const Reference reference(problem);
  Detector detector = Detector::create(p).value();
  const auto found = detector.find(problem.pointers());
  std::vector<Detection> sorted(found.begin(), found.end());
  ASSERT_FALSE(sorted.empty());
  for (const Detection& d : sorted) {
    const Reference::Box& box = reference.boxes[size_t(d.position)];
    EXPECT_NEAR(d.score, box.objectness * box.classes[size_t(d.label)], 1e-6);
    EXPECT_NEAR(d.y_min, box.y_min, 4e-6);
    EXPECT_NEAR(d.x_max, box.x_max, 4e-6);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.score > b.score; });
  const Shape shape = output_shape(p);
  ASSERT_EQ(shape, (Shape{1, 1, 6 + 64 * 96, 20}));
  std::vector<float> out(size_t(element_count(shape)), kNan);
  detector.run(problem.pointers(), out.data());
  const auto value = [&](int64_t feature, std::size_t i) { return out[size_t(feature * 20) + i]; };
  for (std::size_t i = 0; i < 20; ++i) {
    if (i >= sorted.size()) {
      for (int64_t f = 0; f < shape[2]; ++f) ASSERT_EQ(value(f, i), 0);
      continue;
    }
    const Detection& d = sorted[i];
    const float head[6] = {d.x_min, d.y_min, d.x_max, d.y_max, d.score, float(d.label)};
    for (int k = 0; k < 6; ++k) ASSERT_EQ(value(k, i), head[k]);
    const std::vector<float>& coefficients = reference.boxes[size_t(d.position)].coefficients;
    const auto prototype = [&](int y, int x) {
      float sum = 0;
      for (int k = 0; k < 4; ++k) sum += coefficients[size_t(k)] * problem.in[3][size_t((y * 24 + x) * 4 + k)];
      return sigmoid(sum);
    };
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 96; ++x) {
        const bool inside =
            float(y) >= d.y_min * 64 && float(y) < d.y_max * 64 && float(x) >= d.x_min * 96 && float(x) < d.x_max * 96;
        const float sy = std::clamp((float(y) + 0.5f) / 4 - 0.5f, 0.0f, 15.0f);
        const float sx = std::clamp((float(x) + 0.5f) / 4 - 0.5f, 0.0f, 23.0f);
        const int y0 = int(sy), x0 = int(sx), y1 = std::min(y0 + 1, 15), x1 = std::min(x0 + 1, 23);
        const float fy = sy - float(y0), fx = sx - float(x0);
        const float expected = (1 - fy) * ((1 - fx) * prototype(y0, x0) + fx * prototype(y0, x1)) +
                               fy * ((1 - fx) * prototype(y1, x0) + fx * prototype(y1, x1));
        ASSERT_NEAR(value(6 + y * 96 + x, i), inside ? expected : 0, 2e-6) << y << " " << x;
      }
  }
}

TEST(Detect, ParametersThatCannotRunAreRefused) {
  const auto refused = [](DetectArch arch, auto change, std::string_view sentence) {
    DetectParams params = params_of(arch, 5);
    ASSERT_TRUE(validate(params).ok()) << validate(params).error().text();
    change(params);
    const Result<Detector> detector = Detector::create(params);
    ASSERT_FALSE(detector.ok()) << sentence;
    EXPECT_NE(detector.error().text().find(sentence), std::string::npos) << detector.error().text();
  };
  const DetectArch v8 = DetectArch::kYolov8, v5 = DetectArch::kYolov5, seg = DetectArch::kYolov5Seg;
  refused(
      v8, [](auto& p) { p.classes = 0; }, "classes is 0");
  refused(
      v8, [](auto& p) { p.heads.clear(); }, "no heads");
  refused(
      v8, [](auto& p) { p.bins = 0; }, "bins is 0");
  refused(
      v8, [](auto& p) { p.score_threshold = kNan; }, "score_threshold is nan");
  refused(
      v8, [](auto& p) { p.iou_threshold = 1.5f; }, "iou_threshold is 1.5");
  refused(
      v8, [](auto& p) { p.max_per_class = -1; }, "max_per_class is -1");
  refused(
      v8, [](auto& p) { p.image_h = 0; }, "image_h is 0");
  refused(
      v8, [](auto& p) { p.background = 0; }, "background class of yolov8");
  refused(
      v8, [](auto& p) { p.heads[0].boxes = 9; }, "not numbered");
  refused(
      v8, [](auto& p) { p.heads[0].scores = p.heads[1].scores; }, "not numbered");
  refused(
      v8, [](auto& p) { p.heads[0].scores = -1; }, "needs an input with scores");
  refused(
      v8, [](auto& p) { p.heads[0].objectness = 6; }, "no objectness");
  refused(
      v8, [](auto& p) { p.heads[2].height = 0; }, "height is 0");
  refused(
      v8, [](auto& p) { p.heads[0].height = p.heads[0].width = 1 << 16; }, "boxes (accepted");
  refused(
      v8, [](auto& p) { p.classes = p.max_per_class = 65535; }, "lower max_per_class");
  refused(
      v8, [](auto& p) { p.mask_coefficients = 3; }, "has no masks");
  refused(
      v5, [](auto& p) { p.heads[0].anchor_h.clear(); }, "anchor heights");
  refused(
      v5, [](auto& p) { p.heads[0].anchor_h[1] = 0; }, "anchor of size 0");
  refused(
      v5, [](auto& p) { p.heads[0].stride = 0; }, "stride is 0");
  refused(
      seg, [](auto& p) { p.decode_only = true; }, "decode_only");
  refused(
      seg, [](auto& p) { p.prototypes = -1; }, "not numbered");
  refused(
      seg, [](auto& p) { p.prototype_h = 0; }, "prototype_h");
  refused(
      DetectArch::kSsd, [](auto& p) { p.center_scale = 0; }, "scale of 0");
  refused(
      DetectArch::kYolox, [](auto& p) { p.heads[1].objectness = -1; }, "needs an objectness");
}

}  // namespace
}  // namespace graupel
