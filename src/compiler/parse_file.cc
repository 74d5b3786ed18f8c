#include "compiler/parse_file.h"

#include <algorithm>
#include <filesystem>

#include "compiler/model_preprocess.h"
#include "compiler/nms_config.h"
#include "onnx/tail.h"

namespace graupel {
namespace {

/// Extents in the original model's order.
Shape original_shape(const Shape& stored, const std::vector<int32_t>& order) {
  Shape shape(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i) shape[static_cast<std::size_t>(order[i])] = stored[i];
  return shape;
}

Result<> keep_tail(const std::string& path, const Graph& graph, Har& har) {
  std::vector<onnx::ValueInfo> cuts;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const PortInfo& info = graph.output_info[i];
    cuts.push_back({info.origin, DType::kF32, original_shape(graph[graph.outputs[i]].type.shape, info.order)});
  }
  GRAUPEL_TRY(Bytes tail, onnx::tail_of(path, cuts));
  if (!tail.empty()) har.postprocess_onnx = std::make_shared<const Bytes>(std::move(tail));
  return {};
}

class FileParser {
 public:
  FileParser(const std::string& path, ParseOptions options, Advice advice)
      : path_(path), options_(std::move(options)), advice_(advice) {}

  Result<ParsedFile> run() {
    GRAUPEL_TRY(model_, onnx::read_model(path_));
    if (options_.end_nodes.empty() && advice_ != Advice::kIgnore)
      file_.recommended = recommend_end_nodes(model_, options_);
    const bool follow = file_.recommended && advice_ == Advice::kFollow;
    if (file_.recommended && file_.recommended->detector) {
      file_.messages.push_back(detected_line(*file_.recommended->detector));
      file_.messages.push_back(heads_line(file_.recommended->nodes));
    } else if (follow) {
      file_.messages.push_back(failed_line(file_.recommended->nodes));
    }
    if (follow) {
      file_.messages.push_back(retrying_line(file_.recommended->nodes));
      options_.end_nodes = file_.recommended->nodes;
    }
    GRAUPEL_TRY(Graph graph, parse());
    for (std::string& line : mapping_lines(model_, options_, graph)) file_.messages.push_back(std::move(line));
    if (!options_.end_nodes.empty()) GRAUPEL_DO(keep_tail(path_, graph, file_.har));
    if (follow && file_.recommended->detector) add_suppression(graph);
    file_.har.name = graph.name;
    file_.har.parsed = std::move(graph);
    return std::move(file_);
  }

 private:
  Result<Graph> parse() {
    Result<Graph> graph = parse_model(model_, options_);
    if (graph.ok() || !file_.recommended) return graph;
    Error error = graph.error();
    error.message += cat("\n", failed_line(file_.recommended->nodes));
    return error;
  }

  void add_suppression(const Graph& graph) {
    const DetectorHeads& heads = *file_.recommended->detector;
    const DetectConfig config = detect_config_of(heads, graph);
    if (heads.meta_arch == "ssd") return describe_ssd(heads, config, graph);
    const bool no_anchors = std::any_of(heads.levels.begin(), heads.levels.end(), [](const DetectorLevel& level) {
      return level.encoded && level.anchor_w.empty();
    });
    if (no_anchors)
      file_.messages.push_back(
          "The anchors are not in the model's graph: YOLOv5's usual ones are taken; if it was trained with others, "
          "give "
          "them in a JSON file");
    file_.har.recipe = cat("nms_postprocess(meta_arch=", heads.meta_arch, ", engine=cpu)\n");
    file_.har.nms_config = write_detect_config(config);
  }

  /// Boxes of an SSD belong to anchors whose sizes are in no graph: all else is told, and kept for the user to
  /// complete.
  void describe_ssd(const DetectorHeads& heads, const DetectConfig& config, const Graph& graph) {
    std::string known;
    for (std::size_t i = 0; i < heads.levels.size(); ++i) {
      const DetectConfig::Decoder& decoder = config.bbox_decoders[i];
      const int64_t anchors = graph[graph.outputs[*heads.levels[i].boxes]].type.shape[3] / 4;
      known += cat(i > 0 ? "; " : "", "stride ", decoder.stride, ": boxes ", decoder.reg_layer, ", scores ",
                   decoder.cls_layer, ", ", anchors, " anchors a cell");
    }
    file_.har.nms_config = write_detect_config(config);
    file_.messages.push_back(
        cat("nms_postprocess was not added, because the sizes of an SSD's anchors are not in its graph. ",
            heads.classes, " classes; ", known, "."));
    file_.messages.push_back(
        cat("The HAR's ", graph.name,
            ".nms.json holds this; add \"w\" and \"h\" to each decoder, the anchors' sizes as "
            "fractions of the image, and give the file in a model script: nms_postprocess(\"",
            graph.name,
            ".nms.json\", meta_arch=ssd). Boxes are read as y, x, h, w; scores that are no probabilities yet need "
            "change_output_activation(LAYER, sigmoid)."));
  }

  const std::string& path_;
  ParseOptions options_;
  const Advice advice_;
  onnx::Model model_;
  ParsedFile file_;
};

}  // namespace

Result<ParsedFile> parse_file(const std::string& path, ParseOptions options,
                              const std::optional<std::string>& preprocess_path, Advice advice) {
  std::optional<PreprocessFile> preprocess;
  if (preprocess_path) {
    GRAUPEL_TRY(preprocess, find_preprocess(path, *preprocess_path));
  }
  if (options.name.empty()) options.name = std::filesystem::path(path).stem().string();
  const std::string name = options.name;
  GRAUPEL_TRY(ParsedFile file, FileParser(path, std::move(options), advice).run().within("model '", name, "'"));
  if (preprocess) GRAUPEL_DO(apply_preprocess(*preprocess, *file.har.parsed));
  return file;
}

}  // namespace graupel
