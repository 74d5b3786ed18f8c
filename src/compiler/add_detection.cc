#include "compiler/add_detection.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/nearest_names.h"
#include "ir/layer_kind.h"

namespace graupel {
namespace {

constexpr int32_t kUsualBins = 16, kUsualMasks = 32, kUsualTotal = 100;

/// What yolov5 was trained with, for strides 8, 16 and 32.
struct UsualAnchors {
  int32_t stride;
  std::array<float, 3> w, h;
};
constexpr UsualAnchors kYolov5Anchors[] = {
    {8, {10, 16, 33}, {13, 30, 23}}, {16, {30, 62, 59}, {61, 45, 119}}, {32, {116, 156, 373}, {90, 198, 326}}};

bool is_encoded(DetectArch arch) { return arch == DetectArch::kYolov5 || arch == DetectArch::kYolov5Seg; }

class DetectionAdder {
 public:
  DetectionAdder(Graph& graph, DetectArch arch, const DetectConfig& config)
      : graph_(graph), arch_(arch), config_(config) {
    params_.arch = arch;
    for (ValueId id : graph.outputs)
      if (graph[id].type.shape.size() == 4 && graph[id].type.shape[0] == 1) free_.push_back(id);
  }

  Result<DetectionSummary> run() {
    GRAUPEL_DO(set_image());
    if (arch_ == DetectArch::kYolov5Seg) GRAUPEL_DO(reserve_prototypes());
    GRAUPEL_TRY(const std::vector<DetectConfig::Decoder> decoders, decoders_to_find());
    params_.score_threshold = config_.nms_scores_th;
    params_.iou_threshold = config_.nms_iou_th;
    params_.max_per_class = config_.max_proposals_per_class;
    params_.max_total = config_.max_total_proposals.value_or(kUsualTotal);
    params_.decode_only = config_.bbox_decoding_only;
    params_.center_scale = config_.centers_scale_factor.value_or(1);
    params_.size_scale = config_.bbox_dimensions_scale_factor.value_or(1);
    // Named layers first, so that what is inferred is chosen among the others.
    for (const auto& decoder : decoders) GRAUPEL_DO(find_named(decoder).within("bbox decoder '", decoder.name, "'"));
    for (std::size_t i = 0; i < decoders.size(); ++i)
      GRAUPEL_DO(add_head(decoders[i], named_[i]).within("bbox decoder '", decoders[i].name, "'"));
    if (arch_ == DetectArch::kYolov5Seg) add_prototypes();
    GRAUPEL_DO(validate(params_).within("nms_postprocess"));
    return finish();
  }

 private:
  /// The values of one head; not all archs have all.
  struct HeadValues {
    std::optional<ValueId> boxes, scores, objectness;
  };

  const Shape& shape(ValueId id) const { return graph_[id].type.shape; }
  int64_t channels(ValueId id) const { return shape(id)[3]; }

  Result<> set_image() {
    const Shape& input = graph_[graph_.inputs[0]].type.shape;
    if (!config_.image_dims.empty()) {
      params_.image_h = config_.image_dims[0];
      params_.image_w = config_.image_dims[1];
    } else if (input.size() == 4) {
      params_.image_h = static_cast<int32_t>(input[1]);
      params_.image_w = static_cast<int32_t>(input[2]);
    } else {
      return invalid("the input of shape ", to_string(input), " is no picture; give image_dims");
    }
    return {};
  }

  /// The configuration's decoders, or one per resolution among the outputs, finest first.
  Result<std::vector<DetectConfig::Decoder>> decoders_to_find() const {
    std::vector<DetectConfig::Decoder> decoders = config_.bbox_decoders;
    if (decoders.empty()) {
      std::set<int64_t, std::greater<>> heights;
      for (ValueId id : free_) heights.insert(shape(id)[1]);
      for (int64_t height : heights) {
        const auto stride = static_cast<int32_t>(params_.image_h / height);
        decoders.push_back({cat("bbox_decoder_", stride), stride, {}, {}, {}, {}, {}, {}});
      }
    }
    if (decoders.empty()) return invalid("the graph has no outputs with four extents that could be heads");
    for (DetectConfig::Decoder& decoder : decoders)
      if (is_encoded(arch_) && decoder.h.empty() && decoder.w.empty())
        for (const UsualAnchors& usual : kYolov5Anchors)
          if (usual.stride == decoder.stride) {
            decoder.h.assign(usual.h.begin(), usual.h.end());
            decoder.w.assign(usual.w.begin(), usual.w.end());
          }
    return decoders;
  }

  /// The output that a layer's name, with or without scope, leads to: its own value or that of an activation behind it,
  /// be it one layer or several that are part of it.
  Result<std::optional<ValueId>> output_of(const std::string& name) {
    if (name.empty()) return std::optional<ValueId>();
    const std::string bare = name.substr(name.rfind('/') + 1);
    std::vector<std::string> names;
    for (const Layer& layer : graph_.layers) {
      names.push_back(layer.name);
      if (layer.name != bare && layer.name != name) continue;
      const Uses uses(graph_);
      for (ValueId id = layer.out[0];;) {
        const auto at = std::find(free_.begin(), free_.end(), id);
        if (at != free_.end()) {
          free_.erase(at);
          return std::optional<ValueId>(id);
        }
        const auto& readers = uses.readers[static_cast<uint32_t>(id)];
        if (readers.size() != 1 || !std::holds_alternative<Unary>(graph_[readers[0]].op)) break;
        id = graph_[readers[0]].out[0];
      }
      for (auto at = free_.begin(); at != free_.end(); ++at) {
        const Layer* made = producer(*at);
        if (made == nullptr || unit_name(made->name) != bare) continue;
        const ValueId id = *at;
        free_.erase(at);
        return std::optional<ValueId>(id);
      }
      return invalid("layer '", name,
                     "' is no output of the graph that is still to be used; end the graph there "
                     "(--end-nodes)");
    }
    return not_found("layer '", name, "' (most like it: ", quoted_list(nearest_names(bare, names)), ")");
  }

  Result<> find_named(const DetectConfig::Decoder& decoder) {
    HeadValues values;
    GRAUPEL_TRY(values.boxes, output_of(is_encoded(arch_) ? decoder.encoded_layer : decoder.reg_layer));
    if (!is_encoded(arch_)) {
      GRAUPEL_TRY(values.scores, output_of(decoder.cls_layer));
    }
    if (arch_ == DetectArch::kYolox) {
      GRAUPEL_TRY(values.objectness, output_of(decoder.objectness_layer));
    }
    named_.push_back(values);
    return {};
  }

  int32_t bins() const {
    const int32_t given = config_.regression_length.value_or(0);
    return arch_ == DetectArch::kYolov8 && given == 0 ? kUsualBins : given;
  }
  bool background() const { return config_.background_removal && arch_ == DetectArch::kSsd; }

  /// Per anchor; 0: any number.
  int64_t box_channels() const {
    const int32_t classes = config_.classes.value_or(0);
    if (is_encoded(arch_))
      return classes == 0 ? 0 : 5 + classes + (arch_ == DetectArch::kYolov5Seg ? params_.mask_coefficients : 0);
    return 4 * std::max(arch_ == DetectArch::kYolov8 || arch_ == DetectArch::kYolov6 ? bins() : 1, 1);
  }

  /// The only unused output of `height` rows for which `fits`; none or several are an error that says what was looked
  /// for.
  template <class Fits>
  Result<ValueId> infer_value(std::string_view what, int64_t height, const Fits& fits) {
    std::vector<ValueId> found;
    for (ValueId id : free_)
      if (shape(id)[1] == height && fits(channels(id))) found.push_back(id);
    if (found.size() != 1) {
      std::string unused;
      for (ValueId id : free_) unused += cat(unused.empty() ? "" : ", ", graph_[id].name, " ", to_string(shape(id)));
      return invalid("Cannot infer bbox conv layers automatically: ", found.size(), " outputs of ", height,
                     " rows could be the ", what, " (unused outputs: ", unused,
                     "); name the layers in the configuration");
    }
    std::erase(free_, found[0]);
    return found[0];
  }

  Result<> infer_missing(const DetectConfig::Decoder& decoder, HeadValues& values) {
    int64_t height = 0;
    for (const auto& value : {values.boxes, values.scores, values.objectness})
      if (value) height = shape(*value)[1];
    if (height == 0 && decoder.stride > 0) height = params_.image_h / decoder.stride;
    if (height == 0 && !free_.empty()) {  // ssd without strides: its heads come finest first
      for (ValueId id : free_) height = std::max(height, shape(id)[1]);
    }
    const auto anchors = static_cast<int64_t>(std::max<std::size_t>(decoder.h.size(), 1));
    const int64_t per_box = box_channels();
    const auto is_boxes = [&](int64_t c) { return per_box == 0 ? c % anchors == 0 : c == per_box * anchors; };
    if (!values.boxes) {
      GRAUPEL_TRY(values.boxes, infer_value("boxes", height, is_boxes));
    }
    if (arch_ == DetectArch::kYolox && !values.objectness) {
      GRAUPEL_TRY(values.objectness, infer_value("objectness", height, [](int64_t c) { return c == 1; }));
    }
    const int64_t classes = config_.classes.value_or(0) * anchors;
    if (!is_encoded(arch_) && !values.scores) {
      GRAUPEL_TRY(values.scores, infer_value("class scores", height, [&](int64_t c) {
                    return classes == 0 ? c % anchors == 0 : c == classes;
                  }));
    }
    return {};
  }

  /// Classes by the scores' channels; the same in every head and in the configuration.
  Result<> set_classes(const HeadValues& values, int64_t anchors) {
    const int64_t all = channels(is_encoded(arch_) ? *values.boxes : *values.scores);
    int64_t classes = all / anchors;
    if (is_encoded(arch_)) classes -= 5 + params_.mask_coefficients;
    if (config_.classes && *config_.classes != classes)
      return invalid("classes is ", *config_.classes, " but the head has ", classes);
    if (background()) {
      if (config_.background_removal_index != 0 && config_.background_removal_index != classes - 1)
        return invalid("background_removal_index is ", config_.background_removal_index, " (accepted: 0 or the last, ",
                       classes - 1, ")");
      --classes;
      params_.background = config_.background_removal_index;
    }
    if (params_.classes != 0 && params_.classes != classes)
      return invalid("it has ", classes, " classes where the heads before it have ", params_.classes);
    params_.classes = static_cast<int32_t>(classes);
    return {};
  }

  Result<> set_bins(ValueId boxes) {
    if (arch_ != DetectArch::kYolov8 && arch_ != DetectArch::kYolov6) return {};
    const auto found = static_cast<int32_t>(channels(boxes) / 4);
    if (config_.regression_length && arch_ == DetectArch::kYolov8 && *config_.regression_length != found)
      return invalid("regression_length is ", *config_.regression_length, " but the head has ", channels(boxes),
                     " channels, 4 x ", found);
    params_.bins = arch_ == DetectArch::kYolov6 && found == 1 ? 0 : found;
    return {};
  }

  int32_t take(std::optional<ValueId> value) {
    if (!value) return -1;
    in_.push_back(*value);
    return static_cast<int32_t>(in_.size() - 1);
  }

  Result<> add_head(const DetectConfig::Decoder& decoder, HeadValues values) {
    if (arch_ == DetectArch::kSsd && decoder.h.empty())
      return invalid(
          "it has no anchors, whose sizes are in no graph: give \"w\" and \"h\", fractions of the image, in the "
          "configuration");
    GRAUPEL_DO(infer_missing(decoder, values));
    DetectHead head;
    head.height = static_cast<int32_t>(shape(*values.boxes)[1]);
    head.width = static_cast<int32_t>(shape(*values.boxes)[2]);
    head.stride = decoder.stride > 0 ? decoder.stride : params_.image_h / head.height;
    if (arch_ != DetectArch::kSsd && (int64_t{head.stride} * head.height < params_.image_h - head.stride ||
                                      int64_t{head.stride} * (head.height - 1) >= params_.image_h))
      return invalid("a head of ", head.height, " rows with stride ", head.stride, " does not cover an image of ",
                     params_.image_h, " rows");
    head.anchor_h = decoder.h;
    head.anchor_w = decoder.w;
    GRAUPEL_DO(set_classes(values, head.anchors()));
    GRAUPEL_DO(set_bins(*values.boxes));
    note_heads(values);
    GRAUPEL_DO(activate(values));
    head.boxes = take(values.boxes);
    head.scores = take(values.scores);
    head.objectness = take(values.objectness);
    params_.heads.push_back(std::move(head));
    return {};
  }

  const Layer* producer(ValueId id) const {
    for (const Layer& layer : graph_.layers)
      if (layer.out[0] == id) return &layer;
    return nullptr;
  }

  void note_heads(const HeadValues& values) {
    for (const auto& value : {values.boxes, values.scores, values.objectness}) {
      if (!value) continue;
      heads_.push_back(*value);
      if (const Layer* layer = producer(*value)) summary_.heads.push_back(layer->name);
    }
  }

  /// Sigmoids on scores that have no activation of their own.
  Result<> activate(HeadValues& values) {
    if (arch_ == DetectArch::kSsd || arch_ == DetectArch::kYolov5Seg) return {};
    if (is_encoded(arch_)) return add_sigmoid(*values.boxes);
    GRAUPEL_DO(add_sigmoid(*values.scores));
    return values.objectness ? add_sigmoid(*values.objectness) : Result<>();
  }

  Result<> add_sigmoid(ValueId& value) {
    const Layer* layer = producer(value);
    if (layer != nullptr && std::holds_alternative<Unary>(layer->op)) return {};
    const std::string name = layer != nullptr ? layer->name : graph_[value].name;
    const Unary sigmoid{UnaryKind::kSigmoid, 0, 0};
    const TensorType in[] = {graph_[value].type};
    GRAUPEL_TRY(const TensorType type, infer(sigmoid, in));
    const ValueId out = graph_.add_value(name + "_sigmoid", type);
    graph_.layers.push_back({name + "_sigmoid", sigmoid, {value}, {out}, {}});
    value = out;
    summary_.sigmoid_layers.push_back(name);
    summary_.messages.push_back(cat("The activation function of layer ", name, " was replaced by a Sigmoid"));
    return {};
  }

  Result<> reserve_prototypes() {
    const DetectConfig::Proto given = config_.proto.empty() ? DetectConfig::Proto{} : config_.proto[0];
    params_.mask_coefficients = given.number > 0 ? given.number : kUsualMasks;
    GRAUPEL_TRY(prototypes_, output_of(given.layer));
    if (prototypes_) return {};
    const int32_t stride = given.stride > 0 ? given.stride : 4;
    GRAUPEL_TRY(prototypes_, infer_value("mask prototypes", params_.image_h / stride,
                                         [&](int64_t c) { return c == params_.mask_coefficients; }));
    return {};
  }

  void add_prototypes() {
    params_.prototype_h = static_cast<int32_t>(shape(*prototypes_)[1]);
    params_.prototype_w = static_cast<int32_t>(shape(*prototypes_)[2]);
    heads_.push_back(*prototypes_);
    params_.prototypes = take(prototypes_);
  }

  Result<DetectionSummary> finish() {
    const Detect op{params_};
    summary_.layer = cat(to_string(arch_), "_nms_postprocess");
    Layer layer{summary_.layer, op, in_, {}, {}};
    GRAUPEL_TRY(const TensorType type, infer(op, graph_.input_types(layer)));
    layer.out = {graph_.add_value(summary_.layer, type)};
    PortInfo info{summary_.layer, {0, 1, 2, 3}, {}};
    // The detections stand where the first head stood.
    std::vector<ValueId> outputs;
    std::vector<PortInfo> infos;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (std::find(heads_.begin(), heads_.end(), graph_.outputs[i]) == heads_.end()) {
        outputs.push_back(graph_.outputs[i]);
        infos.push_back(graph_.output_info[i]);
      } else if (std::find(outputs.begin(), outputs.end(), layer.out[0]) == outputs.end()) {
        outputs.push_back(layer.out[0]);
        infos.push_back(info);
      }
    }
    graph_.layers.push_back(std::move(layer));
    graph_.outputs = std::move(outputs);
    graph_.output_info = std::move(infos);
    GRAUPEL_DO(verify(graph_));
    return std::move(summary_);
  }

  Graph& graph_;
  DetectArch arch_;
  const DetectConfig& config_;
  DetectParams params_;
  DetectionSummary summary_;
  std::vector<ValueId> free_;   ///< outputs that no head has taken
  std::vector<ValueId> heads_;  ///< outputs that heads have taken
  std::vector<ValueId> in_;     ///< of the new layer
  std::vector<HeadValues> named_;
  std::optional<ValueId> prototypes_;
};

}  // namespace

Result<DetectionSummary> add_detection(Graph& graph, DetectArch arch, const DetectConfig& config) {
  Graph changed = graph;
  GRAUPEL_TRY(DetectionSummary summary, DetectionAdder(changed, arch, config).run().within("nms_postprocess"));
  graph = std::move(changed);
  return summary;
}

}  // namespace graupel
