#include "compiler/parse.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/nearest_names.h"
#include "compiler/expand.h"
#include "compiler/fold.h"
#include "compiler/importer.h"
#include "compiler/section.h"
#include "ir/layer_kind.h"
#include "passes/pipeline.h"

namespace graupel {
namespace {

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::string_view name : names) text += cat(text.empty() ? "" : ", ", name);
  return text;
}

/// The unsupported nodes met so far, for one error about all of them.
struct Unsupported {
  std::string lines;
  int count = 0;

  void add(const onnx::Node& node, const std::string& reason) {
    lines += cat("\n  node '", node.name, "' (", node.op_type, "): ", reason);
    ++count;
  }
  Error error() const {
    return unsupported(count, count == 1 ? " node is" : " nodes are", " not supported:", lines,
                       "\nsupported operators: ", joined(importable_operators()),
                       "\nsupported on constants and static shapes: ", joined(foldable_operators()),
                       "\nchange the model, or cut these nodes off with start and end nodes");
  }
};

class Parser {
 public:
  Parser(const onnx::Model& model, const ParseOptions& options) : model_(model), options_(options), importer_(model) {}

  Result<Graph> run() {
    GRAUPEL_DO(add_section());
    if (failed_.count > 0) return failed_.error();
    for (const std::string& output : section_.outputs) GRAUPEL_DO(importer_.add_output(output));
    Graph graph = std::move(importer_).take();
    graph.name = options_.name;
    GRAUPEL_DO(drop_unread_inputs(graph));
    remove_dead(graph);
    GRAUPEL_DO(recognize_operators(graph));
    name_layers(graph);
    if (options_.preprocess)
      for (PortInfo& info : graph.input_info) info.preprocess = *options_.preprocess;
    GRAUPEL_DO(verify(graph));
    return graph;
  }

  Result<std::vector<std::string>> last_parsed() {
    GRAUPEL_DO(add_section());
    if (failed_.count == 0) return std::vector<std::string>();
    std::set<std::string> wanted(section_.outputs.begin(), section_.outputs.end());
    for (std::size_t index : lost_) wanted.insert(model_.nodes[index].inputs.begin(), model_.nodes[index].inputs.end());
    std::vector<std::string> last;
    for (std::size_t index : section_.nodes)
      for (const std::string& output : model_.nodes[index].outputs)
        if (!lost_.contains(index) && wanted.contains(output) && importer_.is_computed(output)) last.push_back(output);
    return last;
  }

 private:
  /// Adds what can be added; what cannot is in `failed_` and `lost_`.
  Result<> add_section() {
    GRAUPEL_TRY(section_, find_section(model_, options_.start_nodes, options_.end_nodes));
    GRAUPEL_DO(check_input_shapes());
    GRAUPEL_DO(add_inputs());
    return add_nodes();
  }

  bool is_start(const std::string& tensor) const {
    return std::find(section_.starts.begin(), section_.starts.end(), tensor) != section_.starts.end();
  }

  /// Each --input-shape must name something that can be an input.
  Result<> check_input_shapes() const {
    for (const auto& [name, shape] : options_.input_shapes) {
      const auto is_it = [&, wanted = name](const onnx::ValueInfo& info) { return info.name == wanted; };
      if (is_start(name) || std::any_of(model_.inputs.begin(), model_.inputs.end(), is_it)) continue;
      std::vector<std::string> names = section_.starts;
      for (const onnx::ValueInfo& input : model_.inputs) names.push_back(input.name);
      return not_found("a shape is given for input '", name,
                       "', which the model does not have; its inputs: ", quoted_list(names));
    }
    return {};
  }

  /// `known` with the given shape laid over it, an open batch closed to 1, and everything else known.
  Result<Shape> closed_shape(const std::string& name, const std::optional<Shape>& known) const {
    const auto given = options_.input_shapes.find(name);
    if (given != options_.input_shapes.end()) {
      if (known && known->size() != given->second.size())
        return invalid("input '", name, "' has ", known->size(), " extents; the shape given, ",
                       to_string(given->second), ", has ", given->second.size());
      for (int64_t extent : given->second)
        if (extent < 1) return invalid("input '", name, "': the shape given has the extent ", extent);
      GRAUPEL_DO(check_batch(name, given->second));
      return given->second;
    }
    if (!known) return invalid("the model does not say the shape of input '", name, "'; give it with --input-shape");
    Shape shape = *known;
    if (!shape.empty() && shape[0] == -1) shape[0] = 1;
    std::string open;
    for (std::size_t i = 0; i < shape.size(); ++i)
      if (shape[i] < 0) open += cat(open.empty() ? "" : ", ", i);
    if (!open.empty()) {
      std::string text;
      for (int64_t extent : shape) text += cat(text.empty() ? "" : "x", extent < 0 ? std::string("?") : cat(extent));
      return invalid("input '", name, "' of shape ", text, " leaves its extents ", open,
                     " open; give all with --input-shape");
    }
    GRAUPEL_DO(check_batch(name, shape));
    return shape;
  }

  static Result<> check_batch(const std::string& name, const Shape& shape) {
    if (shape.size() < 4 || shape[0] == 1) return {};
    return unsupported(
        "input '", name, "' of shape ", to_string(shape), " has the fixed batch ", shape[0],
        " (supported: 1; programs run any number of frames); export the model with batch 1, or set it with "
        "--input-shape if no node depends on it");
  }

  std::optional<Shape> noted_shape(const std::string& name) const {
    for (const auto* list : {&model_.inputs, &model_.outputs, &model_.value_info})
      for (const onnx::ValueInfo& info : *list)
        if (info.name == name) return info.shape;
    return {};
  }

  Result<> add_inputs() {
    for (const onnx::ValueInfo& input : model_.inputs) {
      const bool needed =
          std::find(section_.inputs.begin(), section_.inputs.end(), input.name) != section_.inputs.end();
      if (!needed && section_.before.empty()) continue;
      const Result<Shape> shape = closed_shape(input.name, input.shape);
      // Behind the starts a missing shape is no loss yet.
      if (!shape.ok() && !needed) continue;
      if (!shape.ok()) return shape.error();
      GRAUPEL_DO(importer_.add_input(input.name, *shape).within("input '", input.name, "'"));
    }
    for (const std::string& start : section_.starts)
      if (!writes(start)) GRAUPEL_DO(begin_at(start));
    return {};
  }

  bool writes(const std::string& tensor) const {
    return std::any_of(model_.nodes.begin(), model_.nodes.end(), [&](const onnx::Node& node) {
      return std::find(node.outputs.begin(), node.outputs.end(), tensor) != node.outputs.end();
    });
  }

  /// From here on tensor `start` is an input of the graph.
  Result<> begin_at(const std::string& start) {
    std::optional<Shape> shape = importer_.shape_of(start);
    if (!shape) shape = noted_shape(start);
    GRAUPEL_TRY(const Shape closed, closed_shape(start, shape));
    return importer_.add_input(start, closed).within("start '", start, "'");
  }

  Result<> add_nodes() {
    const std::set<std::size_t> needed(section_.nodes.begin(), section_.nodes.end());
    std::vector<std::size_t> all = section_.nodes;
    all.insert(all.end(), section_.before.begin(), section_.before.end());
    std::sort(all.begin(), all.end());
    for (std::size_t index : all) {
      const onnx::Node& node = model_.nodes[index];
      const Result<> added = importer_.add_node(node);
      if (!added.ok() && needed.contains(index)) {
        lost_.insert(index);
        GRAUPEL_DO(note_failure(node, added.error()));
      }
      for (const std::string& output : node.outputs)
        if (is_start(output)) GRAUPEL_DO(begin_at(output));
    }
    return {};
  }

  /// Collects what is unsupported. A node behind such a one cannot be asked for more than whether its operator is
  /// known.
  Result<> note_failure(const onnx::Node& node, Error error) {
    if (error.code == ErrorCode::kNotFound) {
      const bool shapes = behind_shapes(node);
      if (shapes) shapes_.insert(node.outputs.begin(), node.outputs.end());
      if (const auto reason = importer_.unknown_operator(node, shapes)) failed_.add(node, *reason);
      return {};
    }
    if (error.code != ErrorCode::kUnsupported)
      return Result<>(std::move(error)).within("node '", node.name, "' (", node.op_type, ")");
    std::string reason;
    for (auto frame = error.frames.rbegin(); frame != error.frames.rend(); ++frame) reason += *frame + ": ";
    failed_.add(node, reason + error.message);
    return {};
  }

  /// Whether all that `node` lacks is shape arithmetic, which would be known if the nodes before it were supported.
  bool behind_shapes(const onnx::Node& node) const {
    if (node.op_type == "Shape" || node.op_type == "Size") return true;
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& input) {
      return input.empty() || importer_.is_known(input) || shapes_.contains(input);
    });
  }

  /// Inputs in the order the user named them, without those that nothing kept depends on.
  Result<> drop_unread_inputs(Graph& graph) const {
    std::vector<ValueId> inputs;
    std::vector<PortInfo> info;
    std::swap(inputs, graph.inputs);
    std::swap(info, graph.input_info);
    const std::set<uint32_t> read = read_values(graph);
    std::vector<std::string> order = section_.starts;
    for (const onnx::ValueInfo& input : model_.inputs) order.push_back(input.name);
    for (const std::string& name : order) {
      // A start may also be a model input that was added first: the later one is what the nodes read.
      for (std::size_t i = inputs.size(); i-- > 0;) {
        if (info[i].origin != name || !read.contains(static_cast<uint32_t>(inputs[i]))) continue;
        if (std::find(graph.inputs.begin(), graph.inputs.end(), inputs[i]) != graph.inputs.end()) break;
        graph.inputs.push_back(inputs[i]);
        graph.input_info.push_back(info[i]);
        break;
      }
    }
    if (graph.inputs.empty()) return unsupported("no output depends on an input");
    return {};
  }

  static std::set<uint32_t> read_values(const Graph& graph) {
    std::set<uint32_t> read;
    for (ValueId id : graph.outputs) read.insert(static_cast<uint32_t>(id));
    for (std::size_t i = graph.layers.size(); i-- > 0;) {
      const Layer& layer = graph.layers[i];
      if (!read.contains(static_cast<uint32_t>(layer.out[0]))) continue;
      for (ValueId id : layer.in) read.insert(static_cast<uint32_t>(id));
    }
    return read;
  }

  const onnx::Model& model_;
  const ParseOptions& options_;
  Section section_;
  Importer importer_;
  Unsupported failed_;
  std::set<std::size_t> lost_;    ///< nodes that are unsupported, or behind such nodes
  std::set<std::string> shapes_;  ///< not known, but constant once the nodes before are supported
};

}  // namespace

Result<Graph> parse_model(const onnx::Model& model, const ParseOptions& options) {
  return Parser(model, options).run();
}

Result<std::vector<std::string>> last_parsed_tensors(const onnx::Model& model, const ParseOptions& options) {
  return Parser(model, options).last_parsed();
}

Result<Graph> parse_onnx(const std::string& path, ParseOptions options) {
  GRAUPEL_TRY(const onnx::Model model, onnx::read_model(path));
  if (options.name.empty()) options.name = std::filesystem::path(path).stem().string();
  return parse_model(model, options).within("model '", options.name, "'");
}

}  // namespace graupel
