#include "native/model.h"

#include <pybind11/stl.h>

#include <cstring>
#include <map>

#include "base/file.h"
#include "compiler/expand.h"
#include "compiler/fold.h"
#include "compiler/join.h"
#include "compiler/load_recipe.h"
#include "compiler/noise.h"
#include "har/graph_json.h"
#include "har/hn.h"
#include "har/hn_edit.h"
#include "har/modifications_json.h"
#include "har/parameters.h"
#include "native/arrays.h"
#include "native/errors.h"

namespace graupel::python {
namespace {

py::dict dict_of_preprocess(const Preprocess& preprocess) {
  py::dict result;
  for_each_field(preprocess, [&](std::string_view name, const auto& value) {
    if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(value)>>)
      result[py::str(std::string(name))] = std::string(enum_name(value));
    else
      result[py::str(std::string(name))] = value;
  });
  return result;
}

py::dict dict_of_port(const std::string& name, const Shape& shape, const PortInfo& info) {
  py::dict port;
  port["name"] = name;
  port["shape"] = shape;
  port["origin"] = info.origin;
  port["order"] = info.order;
  port["preprocess"] = dict_of_preprocess(info.preprocess);
  return port;
}

/// `count` frames of one output, one after another.
class Stack {
 public:
  Stack(const Shape& frame, int64_t count) {
    Shape shape = frame;
    if (shape.empty() || shape[0] != 1)
      shape.insert(shape.begin(), count);
    else
      shape[0] = count;
    std::tie(array_.tensor, data_) = Tensor::make<float>(shape);
    array_.writable = true;
  }
  void add(const Tensor& frame) { add(frame.as<float>()); }
  void add(std::span<const float> values) {
    std::memcpy(data_, values.data(), values.size_bytes());
    data_ += values.size();
  }
  Array take() && { return std::move(array_); }

 private:
  Array array_;
  float* data_ = nullptr;
};

py::dict dict_of_summary(const OptimizeSummary& summary) {
  py::dict rewrites, result;
  for (std::size_t i = 0; i < summary.rewrites.size(); ++i)
    rewrites[py::str(std::string(optimize_rules()[i].name))] = summary.rewrites[i];
  result["rewrites"] = rewrites;
  result["messages"] = summary.messages;
  result["warnings"] = summary.warnings;
  result["frames"] = summary.frames;
  return result;
}

Advice advice_of(const std::string& name) {
  if (name == "ignore") return Advice::kIgnore;
  if (name == "mention") return Advice::kMention;
  if (name == "follow") return Advice::kFollow;
  throw Raised{invalid("advice '", name, "' (accepted: ignore, mention, follow)")};
}

/// The inputs of the graph that a stage runs.
std::vector<InputSpec> inputs_of(const ModelFile& file, RunStage stage) {
  const Graph* graph = file.har ? graph_of(*file.har, stage) : nullptr;
  return graph != nullptr ? input_specs(*graph) : take(input_specs(file));
}

constexpr std::string_view kCompiled = "compiled";

}  // namespace

Model Model::parse(const std::string& path, ParseOptions options, const std::optional<std::string>& preprocess,
                   Advice advice, std::vector<std::string>& messages) {
  const py::gil_scoped_release release;
  ParsedFile parsed = take(parse_file(path, std::move(options), preprocess, advice));
  messages = std::move(parsed.messages);
  ModelFile file;
  file.path = path;
  file.har = std::move(parsed.har);
  return Model(std::move(file));
}

Model Model::load(const std::string& path) {
  const py::gil_scoped_release release;
  return Model(take(load_model(path)));
}

const Har& Model::har() const {
  if (!file_.har)
    throw Raised{unsupported("'", file_.path, "' is a HEF: it holds a compiled program and no graph; load its HAR")};
  return *file_.har;
}

Har& Model::har() { return const_cast<Har&>(std::as_const(*this).har()); }

std::string Model::name() const { return file_.har ? file_.har->name : file_.hef->info.group; }

std::string Model::stage() const {
  if (!file_.har || file_.har->hef) return std::string(kCompiled);
  return std::string(to_string(file_.har->stage()));
}

std::vector<std::string> Model::stages() const {
  std::vector<std::string> stages;
  if (!file_.har) return {std::string(kCompiled)};
  for (const auto* graph : {&file_.har->parsed, &file_.har->optimized, &file_.har->quantized})
    if (*graph) stages.emplace_back(to_string((*graph)->stage));
  if (file_.har->hef) stages.emplace_back(kCompiled);
  return stages;
}

const Graph& Model::graph_at(const std::string& stage) const {
  if (stage.empty()) return har().latest();
  for (const auto* graph : {&har().parsed, &har().optimized, &har().quantized})
    if (*graph && to_string((*graph)->stage) == stage) return **graph;
  throw Raised{invalid("the model has no graph of stage '", stage, "' (it is at stage ", this->stage(), ")")};
}

py::list Model::ports(bool inputs) const {
  py::list ports;
  if (inputs) {
    for (const InputSpec& input : take(input_specs(file_)))
      ports.append(dict_of_port(input.name, input.shape, input.info));
  } else if (file_.har) {
    const Graph& graph = har().latest();
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      ports.append(
          dict_of_port(graph[graph.outputs[i]].name, graph[graph.outputs[i]].type.shape, graph.output_info[i]));
  } else {
    const Program& program = *take(only_program(*file_.hef, file_.path));
    for (const ProgramResult& result : program_results(program)) {
      if (result.host) {
        const HostStep& step = program.host[result.number];
        ports.append(dict_of_port(step.name, output_shape(step.params), {step.name, {}, {}}));
        continue;
      }
      const Port& port = program.outputs[result.number];
      ports.append(dict_of_port(port.name, port.type.shape,
                                {port.origins.empty() ? port.name : port.origins[0], port.order, {}}));
    }
  }
  return ports;
}

py::list Model::layers(const std::string& stage) const {
  const Graph& graph = graph_at(stage);
  py::list layers;
  for (const Layer& layer : graph.layers) {
    const TensorType& type = graph[layer.out[0]].type;
    py::dict entry;
    entry["name"] = layer.name;
    entry["op"] = std::string(op_name(layer.op));
    entry["dtype"] = std::string(to_string(type.dtype));
    entry["shape"] = type.shape;
    entry["origins"] = layer.origins;
    if (type.quant && type.quant->axis < 0) {
      entry["scale"] = type.quant->scale[0];
      entry["zero_point"] = type.quant->zero_point[0];
    }
    layers.append(entry);
  }
  return layers;
}

void Model::save(const std::string& path) const {
  const Har& saved = har();
  const py::gil_scoped_release release;
  take(write_file(path, take(save_har(saved))));
}

py::bytes Model::hef() const {
  if (!har().hef) return py::bytes();
  return py::bytes(reinterpret_cast<const char*>(har().hef->data()), har().hef->size());
}

void Model::set_hef(const std::optional<py::bytes>& bytes) {
  if (!bytes) {
    har().hef.reset();
    return;
  }
  const std::string_view text = *bytes;
  auto data = std::make_shared<Bytes>(text.size());
  std::memcpy(data->data(), text.data(), text.size());
  take(load_hef(*data).within("hef"));
  har().hef = std::move(data);
}

void Model::set_hw_arch(const std::string& arch) {
  if (std::ranges::find(hw_archs(), arch) == hw_archs().end())
    throw Raised{invalid("hw_arch '", arch, "' (accepted: ", join_names(hw_archs()), ")")};
  har().hw_arch = arch;
}

std::string Model::hn(const std::string& stage) const { return print_json(graph_to_vendor_hn(graph_at(stage))); }

void Model::set_hn(const std::string& text) {
  take(apply_hn_text(har().latest(), text));
  har().hef.reset();
  har().noise.clear();
}

py::dict Model::parameters(const std::string& stage) const { return dict_of(graph_parameters(graph_at(stage))); }

void Model::set_parameters(const py::dict& arrays) {
  take(set_graph_parameters(har().latest(), named_tensors(arrays)));
  har().hef.reset();
  har().noise.clear();
}

std::vector<std::string> Model::load_recipe(const std::string& text, const std::string& folder, bool append) {
  return take(graupel::load_recipe(har(), text, folder, append));
}

std::vector<std::string> Model::load_recipe_file(const std::string& path, bool append) {
  return take(graupel::load_recipe_file(har(), path, append));
}

std::string Model::script() const { return print_recipe(take(effective_recipe(har()))); }

std::optional<int> Model::calibration_frames() const { return take(graupel::calibration_frames(har())); }

py::list Model::modifications() const {
  py::list list;
  for (const Modification& modification : har().modifications) {
    py::dict entry;
    for_each_field(modification,
                   [&](std::string_view name, const auto& value) { entry[py::str(std::string(name))] = value; });
    list.append(entry);
  }
  return list;
}

std::string Model::modifications_meta() const { return print_json(modifications_to_json(har())); }

void Model::join(const Model& other, const std::string& action,
                 const std::vector<std::pair<std::string, std::string>>& pairs, const std::string& order) {
  static const std::map<std::string, JoinedOutputs> kOrders{
      {"last", JoinedOutputs::kLast}, {"first", JoinedOutputs::kFirst}, {"in_place", JoinedOutputs::kInPlace}};
  const auto placed = kOrders.find(order);
  if (placed == kOrders.end()) throw Raised{invalid("outputs '", order, "' (accepted: last, first, in_place)")};
  std::vector<JoinEdge> edges;
  if (action == "chain")
    edges = take(chain_edges(har(), other.har()));
  else if (action == "inputs")
    edges = take(shared_input_edges(har(), other.har()));
  else if (action != "none" && action != "custom")
    throw Raised{invalid("action '", action, "' (accepted: none, custom, chain, inputs)")};
  for (const auto& [source, destination] : pairs) edges.push_back({source, destination});
  file_.har = take(join_hars(har(), other.har(), edges, placed->second).within("join"));
}

std::string Model::original_meta() const {
  if (!har().parsed) throw Raised{invalid("the model has no parsed graph")};
  return original_model_meta(har());
}

py::dict Model::noise() const { return dict_of(har().noise); }

py::dict Model::analyze_noise(const py::list& arrays, bool each_alone, int threads) {
  Dataset frames = take(dataset_of(arrays, take(input_specs(file_))));
  NoiseReport report;
  {
    Har& changed = har();
    const py::gil_scoped_release release;
    report = take(graupel::analyze_noise(file_, frames, each_alone, {threads, {}}));
    changed.noise = std::move(report.statistics);
  }
  py::dict outputs;
  for (const TensorStats& output : report.whole.outputs) outputs[py::str(output.name)] = output.snr_db;
  return outputs;
}

py::dict Model::optimize_full_precision() {
  OptimizeSummary summary;
  {
    Har& changed = har();
    const py::gil_scoped_release release;
    summary = take(graupel::optimize_full_precision(changed, {}));
  }
  return dict_of_summary(summary);
}

py::dict Model::optimize(const py::list& arrays, const std::string& method, double percentile, int threads) {
  const RangeMethod ranges = take(parse_range_method(method));
  Dataset frames = take(dataset_of(arrays, take(input_specs(file_))).within("calibration"));
  OptimizeOptions options;
  options.quantize.activations = ranges;
  options.quantize.percentile = percentile;
  options.quantize.threads = threads > 0 ? threads : available_threads();
  options.quantize.isa = take(chosen_isa());
  OptimizeSummary summary;
  {
    Har& changed = har();
    const py::gil_scoped_release release;
    summary = take(graupel::optimize(changed, frames, options));
    changed.hef.reset();
  }
  return dict_of_summary(summary);
}

void Model::compile(bool vendor_inspectable) {
  Har& compiled = har();
  const py::gil_scoped_release release;
  compiled.hef = std::make_shared<Bytes>(take(compile_har(compiled, file_.hash, {vendor_inspectable})).hef);
}

Runner::Runner(const Model& model, const std::string& stage, const RunOptions& options)
    : file_(std::make_unique<ModelFile>(model.file())) {
  const RunStage run_stage = stage.empty() ? latest_run_stage(*file_) : take(parse_run_stage(stage));
  inputs_ = inputs_of(*file_, run_stage);
  const py::gil_scoped_release release;
  runner_.emplace(take(StageRunner::create(*file_, run_stage, options)));
}

py::list Runner::run(const py::list& arrays, const std::vector<std::string>& layers, const py::dict& tapped) {
  Dataset frames = take(dataset_of(arrays, inputs_));
  std::vector<Stack> stacks;
  std::map<std::string, Stack> taps;
  std::vector<std::string> names;
  if (!layers.empty()) names = take(runner_->find_layers(layers));
  LayerObserver observer;
  if (!names.empty())
    observer = [&](const std::string& name, const Shape& shape, std::span<const float> values) {
      taps.try_emplace(name, shape, frames.size()).first->second.add(values);
    };
  {
    const py::gil_scoped_release release;
    for (int i = 0; i < frames.size(); ++i) {
      const std::vector<Tensor> inputs = take(frames.frame(i));
      const std::vector<Tensor> outputs = take(runner_->run(inputs, observer, names).within("frame ", i));
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        if (i == 0) stacks.emplace_back(outputs[k].type.shape, frames.size());
        stacks[k].add(outputs[k]);
      }
    }
  }
  for (auto& [name, stack] : taps) tapped[py::str(name)] = std::move(stack).take();
  py::list result;
  for (Stack& stack : stacks) result.append(std::move(stack).take());
  return result;
}

py::list Runner::inputs() const {
  py::list ports;
  for (const InputSpec& input : inputs_) ports.append(dict_of_port(input.name, input.shape, input.info));
  return ports;
}

py::list Runner::outputs() const {
  py::list result;
  for (const OutputSpec& output : runner_->outputs()) result.append(py::make_tuple(output.name, output.order));
  return result;
}

void bind_model(py::module_& module) {
  module.def(
      "recommended_end_nodes",
      [](const std::string& path, std::vector<std::string> start_nodes, std::map<std::string, Shape> input_shapes) {
        ParseOptions options;
        options.start_nodes = std::move(start_nodes);
        options.input_shapes = std::move(input_shapes);
        const py::gil_scoped_release release;
        const std::optional<EndNodes> found = recommend_end_nodes(take(onnx::read_model(path)), options);
        return found ? found->nodes : std::vector<std::string>();
      },
      "Where to end a model that should not, or cannot, be taken whole; empty when nothing is recommended.");
  module.def(
      "onnx_inputs",
      [](const std::string& path) {
        std::vector<std::string> names;
        for (const onnx::ValueInfo& input : take(onnx::read_model(path)).inputs) names.push_back(input.name);
        return names;
      },
      "Names of an ONNX file's inputs.");
  module.def(
      "onnx_operators",
      [] {
        const auto names = [](const std::vector<std::string_view>& list) {
          return std::vector<std::string>(list.begin(), list.end());
        };
        return std::map<std::string, std::vector<std::string>>{{"imported", names(importable_operators())},
                                                               {"constant", names(foldable_operators())}};
      },
      "ONNX operators by what is done with them: imported, or known on constants and static shapes.");
  py::class_<Model>(module, "Model")
      .def_static("parse",
                  [](const std::string& path, std::vector<std::string> start_nodes, std::vector<std::string> end_nodes,
                     std::map<std::string, Shape> input_shapes, std::string name,
                     const std::optional<std::string>& preprocess, const std::string& advice) {
                    ParseOptions options;
                    options.start_nodes = std::move(start_nodes);
                    options.end_nodes = std::move(end_nodes);
                    options.input_shapes = std::move(input_shapes);
                    options.name = std::move(name);
                    std::vector<std::string> messages;
                    Model model = Model::parse(path, std::move(options), preprocess, advice_of(advice), messages);
                    return py::make_tuple(std::move(model), messages);
                  })
      .def_static("load", &Model::load)
      .def_property_readonly("name", &Model::name)
      .def_property_readonly("kind", [](const Model& m) { return std::string(to_string(m.file().kind)); })
      .def_property_readonly("path", [](const Model& m) { return m.file().path; })
      .def_property_readonly("hash", [](const Model& m) { return m.file().hash; })
      .def_property_readonly("stage", &Model::stage)
      .def_property_readonly("stages", &Model::stages)
      .def_property_readonly("recipe", &Model::recipe)
      .def("load_recipe", &Model::load_recipe)
      .def("load_recipe_file", &Model::load_recipe_file)
      .def("script", &Model::script)
      .def("calibration_frames", &Model::calibration_frames)
      .def("modifications", &Model::modifications)
      .def("modifications_meta", &Model::modifications_meta)
      .def_property("hw_arch", &Model::hw_arch, &Model::set_hw_arch)
      .def_property("hef", &Model::hef, &Model::set_hef)
      .def("ports", &Model::ports)
      .def("layers", &Model::layers)
      .def("save", &Model::save)
      .def("hn", &Model::hn)
      .def("set_hn", &Model::set_hn)
      .def("parameters", &Model::parameters)
      .def("set_parameters", &Model::set_parameters)
      .def("join", &Model::join)
      .def("original_meta", &Model::original_meta)
      .def("noise", &Model::noise)
      .def("analyze_noise", &Model::analyze_noise)
      .def("optimize_full_precision", &Model::optimize_full_precision)
      .def("optimize", &Model::optimize)
      .def("compile", &Model::compile)
      .def("copy", [](const Model& m) { return Model(m); });
  py::class_<Runner>(module, "Runner")
      .def(py::init([](const Model& model, const std::string& stage, int threads, std::optional<uint8_t> poison,
                       bool self_test, std::optional<float> nms_score_threshold) {
        return std::make_unique<Runner>(model, stage,
                                        RunOptions{.threads = threads,
                                                   .isa = {},
                                                   .nms_score_threshold = nms_score_threshold,
                                                   .poison = poison,
                                                   .self_test = self_test});
      }))
      .def("run", &Runner::run)
      .def("layers", &Runner::layers)
      .def("inputs", &Runner::inputs)
      .def("outputs", &Runner::outputs);
}

}  // namespace graupel::python
