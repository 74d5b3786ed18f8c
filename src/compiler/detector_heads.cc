#include "compiler/detector_heads.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "compiler/model_index.h"

namespace graupel {
namespace {

/// A convolution that the decoding reads.
struct Head {
  std::size_t node = 0;
  int64_t height = 0, width = 0, channels = 0;
};
/// The heads of one resolution, in the model's order.
using Level = std::vector<Head>;

/// The nodes behind the last convolutions, and the constants they read.
class Tail {
 public:
  explicit Tail(const ModelIndex& index) : index_(index) {
    std::set<std::size_t> convs;
    std::vector<std::string> tensors;
    for (const onnx::ValueInfo& output : index.model().outputs) tensors.push_back(output.name);
    while (!tensors.empty()) {
      const auto at = index.writer(tensors.back());
      tensors.pop_back();
      if (!at || nodes_.contains(*at)) continue;
      const onnx::Node& node = index.node(*at);
      if (node.op_type == "Conv" && !averages_bins(node)) {
        convs.insert(*at);
        continue;
      }
      nodes_.insert(*at);
      // A shape tells nothing about where the data comes from.
      if (node.op_type != "Shape" && node.op_type != "Size")
        tensors.insert(tensors.end(), node.inputs.begin(), node.inputs.end());
    }
    heads.assign(convs.begin(), convs.end());
  }

  std::vector<std::size_t> heads;  ///< ascending

  bool has(std::string_view op_type) const {
    return std::ranges::any_of(nodes_, [&](std::size_t at) { return index_.node(at).op_type == op_type; });
  }
  /// Whether 0, 1 … count-1 is a constant here: what a distribution over so many bins is averaged with.
  bool counts_to(int64_t count) const {
    return std::ranges::any_of(nodes_, [&](std::size_t at) {
      return std::ranges::any_of(index_.node(at).inputs, [&](const std::string& input) {
        const Tensor* constant = index_.constant(input);
        return constant != nullptr && is_count(*constant, count);
      });
    });
  }
  /// The only reader of what node `at` writes (but for those of its shape), if it is of this type.
  const onnx::Node* only_reader(std::size_t at, std::string_view op_type) const {
    const auto number = only_reader_number(at);
    if (!number || index_.node(*number).op_type != op_type || index_.node(*number).outputs.empty()) return nullptr;
    return &index_.node(*number);
  }
  std::optional<std::size_t> only_reader_number(std::size_t at) const {
    if (index_.node(at).outputs.empty()) return {};
    std::optional<std::size_t> only;
    for (std::size_t reader : index_.readers(index_.node(at).outputs[0])) {
      if (index_.node(reader).op_type == "Shape") continue;
      if (only) return {};
      only = reader;
    }
    return only;
  }
  const Tensor* constant(const std::string& name) const { return index_.constant(name); }
  const ModelIndex& index() const { return index_; }

 private:
  static bool is_count(const Tensor& tensor, int64_t count) {
    if (tensor.type.dtype != DType::kF32 || element_count(tensor.type.shape) != count) return false;
    constexpr float kNear = 0.1f;  // weights that were once quantized are not exact
    float next = 0;
    return std::ranges::all_of(tensor.as<float>(), [&](float value) { return std::abs(value - next++) < kNear; });
  }
  /// A 1x1 convolution with the weights 0, 1, 2 …
  bool averages_bins(const onnx::Node& node) const {
    const Tensor* weights = node.inputs.size() > 1 ? index_.constant(node.inputs[1]) : nullptr;
    return weights != nullptr && weights->type.shape.size() == 4 && weights->type.shape[0] == 1 &&
           weights->type.shape[1] > 1 && is_count(*weights, weights->type.shape[1]);
  }

  const ModelIndex& index_;
  std::set<std::size_t> nodes_;
};

/// The integers of a constant, or of one with an axis added to it.
std::vector<int64_t> integers(const ModelIndex& index, const std::string& tensor) {
  const Tensor* constant = index.constant(tensor);
  const auto writer = index.writer(tensor);
  if (constant == nullptr && writer && index.node(*writer).op_type == "Unsqueeze" &&
      !index.node(*writer).inputs.empty())
    constant = index.constant(index.node(*writer).inputs[0]);
  if (constant == nullptr || constant->type.dtype != DType::kS64) return {};
  const auto values = constant->as<int64_t>();
  return {values.begin(), values.end()};
}

/// The target of a Reshape, with 0 for an extent that is computed; empty when `node` is none.
std::vector<int64_t> reshape_target(const Tail& tail, const onnx::Node* node) {
  if (node == nullptr || node->op_type != "Reshape" || node->inputs.size() < 2) return {};
  const ModelIndex& index = tail.index();
  std::vector<int64_t> target = integers(index, node->inputs[1]);
  const auto writer = index.writer(node->inputs[1]);
  if (!target.empty() || !writer || index.node(*writer).op_type != "Concat") return target;
  for (const std::string& part : index.node(*writer).inputs) {
    const std::vector<int64_t> values = integers(index, part);
    if (values.empty()) target.push_back(0);
    target.insert(target.end(), values.begin(), values.end());
  }
  return target;
}

struct Recognition {
  const Tail& tail;
  const std::vector<Level>& levels;
  DetectorHeads& heads;

  std::size_t add(std::size_t node) {
    heads.nodes.push_back(tail.index().end_name(tail.index().node(node).outputs[0]));
    return heads.nodes.size() - 1;
  }
  DetectorLevel& level_at(std::size_t i) const { return heads.levels[i]; }
  bool all_have(std::size_t count) const {
    return std::ranges::all_of(levels, [&](const Level& level) { return level.size() == count; });
  }
};

/// Of a level's two heads the one with `boxes` channels first; none if there is none such, or the others differ in what
/// they have.
std::optional<std::pair<Head, Head>> boxes_and_scores(const Level& level, int64_t boxes) {
  if (level[0].channels == boxes) return std::pair{level[0], level[1]};
  if (level[1].channels == boxes) return std::pair{level[1], level[0]};
  return {};
}

/// Reads every level as boxes of 4·bins channels and scores of as many channels as there are classes.
bool read_pairs(Recognition& recognition, int64_t box_channels, bool probabilities) {
  const std::vector<Level>& levels = recognition.levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto pair = boxes_and_scores(levels[i], box_channels);
    if (!pair || (i > 0 && pair->second.channels != recognition.heads.classes)) return false;
    recognition.heads.classes = static_cast<int32_t>(pair->second.channels);
    std::size_t scores = pair->second.node;
    if (probabilities) {
      if (recognition.tail.only_reader(scores, "Sigmoid") == nullptr) return false;
      scores = *recognition.tail.only_reader_number(scores);
    }
    recognition.level_at(i).boxes = recognition.add(pair->first.node);
    recognition.level_at(i).scores = recognition.add(scores);
  }
  return true;
}

bool read_yolov8(Recognition& recognition) {
  if (!recognition.all_have(2) || !recognition.tail.has("Softmax")) return false;
  const Level& first = recognition.levels[0];
  for (const Head& head : first) {
    const int64_t bins = head.channels / 4;
    if (head.channels % 4 != 0 || bins < 2 || !recognition.tail.counts_to(bins)) continue;
    recognition.heads.bins = static_cast<int32_t>(bins);
    return read_pairs(recognition, head.channels, false);
  }
  return false;
}

bool read_yolov6(Recognition& recognition) {
  return recognition.all_have(2) && !recognition.tail.has("Softmax") && !recognition.tail.has("Exp") &&
         recognition.tail.has("Sub") && recognition.tail.has("Concat") && read_pairs(recognition, 4, true);
}

/// A level is joined as boxes, sigmoid(objectness), sigmoid(classes).
bool read_yolox(Recognition& recognition) {
  if (!recognition.all_have(3)) return false;
  const Tail& tail = recognition.tail;
  const ModelIndex& index = tail.index();
  for (std::size_t i = 0; i < recognition.levels.size(); ++i) {
    const Level& level = recognition.levels[i];
    const auto boxes = std::ranges::find_if(level, [&](const Head& head) {
      return head.channels == 4 && tail.only_reader(head.node, "Concat") != nullptr;
    });
    if (boxes == level.end()) return false;
    const onnx::Node& join = *tail.only_reader(boxes->node, "Concat");
    if (join.inputs.size() != 3 || join.inputs[0] != index.node(boxes->node).outputs[0]) return false;
    std::vector<std::size_t> sigmoids;
    for (const std::size_t operand : {1u, 2u}) {
      const auto sigmoid = index.writer(join.inputs[operand]);
      if (!sigmoid || index.node(*sigmoid).op_type != "Sigmoid" || index.node(*sigmoid).inputs.empty()) return false;
      const auto conv = index.writer(index.node(*sigmoid).inputs[0]);
      const auto head = std::ranges::find_if(level, [&](const Head& one) { return conv == one.node; });
      if (head == level.end() || (operand == 1 && head->channels != 1)) return false;
      if (operand == 2 && i > 0 && head->channels != recognition.heads.classes) return false;
      if (operand == 2) recognition.heads.classes = static_cast<int32_t>(head->channels);
      sigmoids.push_back(*sigmoid);
    }
    DetectorLevel& found = recognition.level_at(i);
    found.scores = recognition.add(sigmoids[1]);
    found.boxes = recognition.add(boxes->node);
    found.objectness = recognition.add(sigmoids[0]);
  }
  return true;
}

/// The [.., anchors, .., 2] constant, the same in every cell, that the nodes behind `from` multiply by.
void read_anchors(const Tail& tail, std::size_t from, int64_t anchors, DetectorLevel& level) {
  std::vector<std::size_t> open{from};
  std::set<std::size_t> seen;
  while (!open.empty()) {
    const onnx::Node& node = tail.index().node(open.back());
    open.pop_back();
    for (const std::string& input : node.op_type == "Mul" ? node.inputs : std::vector<std::string>{}) {
      const Tensor* constant = tail.constant(input);
      if (constant == nullptr || constant->type.dtype != DType::kF32 || constant->type.shape.empty()) continue;
      const auto values = constant->as<float>();
      const std::size_t per_anchor = values.size() / static_cast<std::size_t>(anchors);
      if (constant->type.shape.back() != 2 || per_anchor < 2 || values.size() % static_cast<std::size_t>(anchors) != 0)
        continue;
      bool plain = true;
      for (std::size_t i = 0; i < values.size(); ++i)
        plain = plain && values[i] > 1 && values[i] == values[i / per_anchor * per_anchor + i % 2];
      if (!plain) continue;
      for (std::size_t i = 0; i < values.size(); i += per_anchor) {
        level.anchor_w.push_back(values[i]);
        level.anchor_h.push_back(values[i + 1]);
      }
      return;
    }
    for (const std::string& output : node.outputs)
      for (std::size_t reader : tail.index().readers(output))
        // Where levels are joined this level's part is over.
        if (tail.index().node(reader).op_type != "Concat" || node.op_type != "Reshape")
          if (seen.insert(reader).second) open.push_back(reader);
  }
}

/// One convolution per level, reshaped to [1, anchors, 5 + classes + masks, h, w] and transposed.
bool read_encoded(Recognition& recognition, int64_t masks) {
  const Tail& tail = recognition.tail;
  for (std::size_t i = 0; i < recognition.levels.size(); ++i) {
    const Head& head = recognition.levels[i][0];
    const onnx::Node* reshape = tail.only_reader(head.node, "Reshape");
    const std::vector<int64_t> target = reshape_target(tail, reshape);
    if (target.size() != 5 || target[1] < 1 || head.channels % target[1] != 0) return false;
    if (tail.only_reader(*tail.only_reader_number(head.node), "Transpose") == nullptr) return false;
    const int64_t classes = head.channels / target[1] - 5 - masks;
    if (classes < 1 || (i > 0 && classes != recognition.heads.classes)) return false;
    recognition.heads.classes = static_cast<int32_t>(classes);
    recognition.level_at(i).encoded = recognition.add(head.node);
    read_anchors(tail, head.node, target[1], recognition.level_at(i));
  }
  return true;
}

bool read_yolov5(Recognition& recognition) { return recognition.all_have(1) && read_encoded(recognition, 0); }

/// The activation, or the convolution itself, that makes an output of the model; none when other nodes follow.
std::optional<std::size_t> end_of_branch(const Tail& tail, std::size_t conv) {
  static const std::set<std::string_view> kActivations{"Sigmoid", "Mul", "Relu", "LeakyRelu", "Clip", "HardSwish"};
  const ModelIndex& index = tail.index();
  std::size_t at = conv;
  while (true) {
    const std::string& tensor = index.node(at).outputs[0];
    for (const onnx::ValueInfo& output : index.model().outputs)
      if (output.name == tensor) return at;
    // Of x and the sigmoid of x, their product comes last.
    const std::vector<std::size_t> readers = index.readers(tensor);
    if (readers.empty()) return {};
    at = *std::ranges::max_element(readers);
    if (!kActivations.contains(index.node(at).op_type)) return {};
  }
}

/// As yolov5 with mask coefficients, and before the levels in resolution the maps that masks are made of.
bool read_yolov5_seg(Recognition& recognition) {
  if (!recognition.all_have(1) || recognition.levels.size() < 3) return false;
  const Head& maps = recognition.levels[0][0];
  const auto end = end_of_branch(recognition.tail, maps.node);
  if (!end) return false;
  const std::vector<Level> levels(recognition.levels.begin() + 1, recognition.levels.end());
  DetectorPrototypes prototypes{0, static_cast<int32_t>(maps.channels), recognition.heads.levels[0].stride};
  recognition.heads.levels.erase(recognition.heads.levels.begin());
  Recognition rest{recognition.tail, levels, recognition.heads};
  if (!read_encoded(rest, maps.channels)) return false;
  prototypes.node = rest.add(*end);
  recognition.heads.prototypes = prototypes;
  return true;
}

/// Two convolutions per level, laid out channels last and reshaped to [1, boxes, 4] and [1, boxes, classes].
bool read_ssd(Recognition& recognition) {
  if (!recognition.all_have(2)) return false;
  const Tail& tail = recognition.tail;
  if (!tail.has("Softmax") && !tail.has("Sigmoid")) return false;
  for (std::size_t i = 0; i < recognition.levels.size(); ++i) {
    std::optional<Head> boxes, scores;
    int64_t classes = 0;
    for (const Head& head : recognition.levels[i]) {
      const auto transpose = tail.only_reader_number(head.node);
      if (!transpose || tail.index().node(*transpose).op_type != "Transpose") return false;
      const std::vector<int64_t> target = reshape_target(tail, tail.only_reader(*transpose, "Reshape"));
      if (target.size() != 3 || target[2] < 2 || head.channels % target[2] != 0) return false;
      if (target[2] == 4 && !boxes) {
        boxes = head;
      } else {
        scores = head;
        classes = target[2];
      }
    }
    if (!boxes || !scores || boxes->channels / 4 != scores->channels / classes) return false;
    if (i > 0 && classes != recognition.heads.classes) return false;
    recognition.heads.classes = static_cast<int32_t>(classes);
    recognition.level_at(i).boxes = recognition.add(boxes->node);
    recognition.level_at(i).scores = recognition.add(scores->node);
  }
  return true;
}

struct Structure {
  std::string_view meta_arch;
  bool (*read)(Recognition&);
};
constexpr Structure kStructures[] = {
    {"yolov8", read_yolov8},         {"yolox", read_yolox},   {"yolov5", read_yolov5},
    {"yolov5_seg", read_yolov5_seg}, {"yolov6", read_yolov6}, {"ssd", read_ssd},
};

/// The heads by resolution, finest first, with their shapes as the parsed graph has them; empty when the cut does not
/// parse or a head is no map of a picture's cells.
std::vector<Level> levels_of(const Graph& graph, const std::vector<std::size_t>& heads) {
  std::map<int64_t, Level, std::greater<>> levels;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const Shape& shape = graph[graph.outputs[i]].type.shape;
    if (shape.size() != 4) return {};
    Level& level = levels[shape[1]];
    level.push_back({heads[i], shape[1], shape[2], shape[3]});
    if (level.back().width != level.front().width) return {};
  }
  std::vector<Level> result;
  for (auto& [height, level] : levels) result.push_back(std::move(level));
  return result;
}

}  // namespace

std::optional<DetectorHeads> find_detector_heads(const onnx::Model& model, const ParseOptions& options) {
  constexpr std::size_t kFewestLevels = 2;
  const ModelIndex index(model);
  const Tail tail(index);
  if (tail.heads.size() < kFewestLevels) return {};
  ParseOptions cut = options;
  cut.end_nodes.clear();
  for (std::size_t head : tail.heads) cut.end_nodes.push_back(index.end_name(model.nodes[head].outputs[0]));
  const Result<Graph> graph = parse_model(model, cut);
  if (!graph.ok() || graph->inputs.size() != 1 || graph->outputs.size() != tail.heads.size()) return {};
  const Shape& image = (*graph)[graph->inputs[0]].type.shape;
  const std::vector<Level> levels = levels_of(*graph, tail.heads);
  if (levels.size() < kFewestLevels || image.size() != 4) return {};
  for (const Structure& structure : kStructures) {
    DetectorHeads heads{structure.meta_arch, {}, std::vector<DetectorLevel>(levels.size()), 0, 0, 0, 0, {}};
    heads.image_h = static_cast<int32_t>(image[1]);
    heads.image_w = static_cast<int32_t>(image[2]);
    for (std::size_t i = 0; i < levels.size(); ++i)
      heads.levels[i].stride = static_cast<int32_t>((image[1] + levels[i][0].height - 1) / levels[i][0].height);
    Recognition recognition{tail, levels, heads};
    if (structure.read(recognition)) return heads;
  }
  return {};
}

}  // namespace graupel
