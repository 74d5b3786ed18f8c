// graupel inspect: what a file of any of the three kinds holds.
#include "compiler/connections.h"
#include "graupel/command.h"
#include "graupel/print.h"
#include "har/graph_json.h"
#include "runtime/self_test.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string model, stage;
  bool layers = false, connections = false, self_test = false;
};

Json layers_json(const Graph& graph) {
  Json layers = Json::array();
  for (const Layer& layer : graph.layers) {
    const TensorType& type = graph[layer.out[0]].type;
    layers.push_back({{"name", layer.name},
                      {"op", op_name(layer.op)},
                      {"dtype", to_string(type.dtype)},
                      {"shape", type.shape},
                      {"origins", layer.origins}});
  }
  return layers;
}

Json modifications_json(const Har& har) {
  Json list = Json::array();
  for (const Modification& one : har.modifications)
    list.push_back({{"command", one.command}, {"port", one.port}, {"kind", one.kind}, {"layers", one.layers}});
  return list;
}

void print_connections(const Graph& graph, const Har& har) {
  for (const Connection& one : layer_connections(graph, har.modifications))
    print_line(cat(one.from, " -> ", one.to, one.folded ? cat(" (", one.from, " is folded into it)") : std::string()));
}

void inspect_graph(const ModelFile& model, const Graph& graph, const Options& options, bool as_json) {
  if (as_json)
    return print_json({{"kind", to_string(model.kind)},
                       {"hash", model.hash},
                       {"name", graph.name},
                       {"stage", to_string(graph.stage)},
                       {"inputs", ports_json(graph, true)},
                       {"outputs", ports_json(graph, false)},
                       {"layers", layers_json(graph)},
                       {"modifications", modifications_json(*model.har)}});
  print_line(cat(to_string(model.kind), " ", graph.name, ", stage ", to_string(graph.stage), ", ", graph.layers.size(),
                 " layers, hash ", model.hash));
  print_ports(graph);
  for (const Modification& one : model.har->modifications)
    print_line(cat("model script: ", one.command, one.kind.empty() ? "" : " " + one.kind, " at ", one.port, ": ",
                   one.layers.empty() ? std::string("recorded") : joined(one.layers)));
  if (options.layers) print_line(print_graph(graph));
  if (options.connections) print_connections(graph, *model.har);
}

Json streams_json(const HefInfo& info) {
  Json streams = Json::array();
  for (const HefInfo::Stream& s : info.streams)
    streams.push_back({{"name", s.name},
                       {"direction", s.input ? "input" : "output"},
                       {"shape", s.shape},
                       {"format", s.format},
                       {"data_bytes", s.data_bytes},
                       {"scale", json_number(s.scale)},
                       {"zero_point", json_number(s.zero_point)},
                       {"original_names", s.original_names}});
  return streams;
}

Json nms_json(const HefInfo& info) {
  Json list = Json::array();
  for (const HefInfo::Nms& n : info.nms)
    list.push_back({{"name", n.name},
                    {"meta_arch", n.arch},
                    {"classes", n.classes},
                    {"max_bboxes_per_class", n.max_per_class},
                    {"score_threshold", n.score_threshold},
                    {"iou_threshold", n.iou_threshold},
                    {"image_dims", {n.image_h, n.image_w}},
                    {"bbox_decoding_only", n.decode_only}});
  return list;
}

void print_nms(const HefInfo& info) {
  for (const HefInfo::Nms& n : info.nms)
    print_line(cat("host operation ", n.name, ": ", n.decode_only ? "box decoding " : "NMS ", n.arch, ", classes ",
                   n.classes, ", max bboxes per class ", n.max_per_class, ", score threshold ",
                   number(n.score_threshold), ", IoU threshold ", number(n.iou_threshold), ", image ", n.image_h, "x",
                   n.image_w));
}

/// What the golden vector says of this CPU: "equal on avx512, 94 layers".
Result<std::string> test_cpu(const ModelFile& model, int threads) {
  if (!model.hef->program || !model.hef->info.golden)
    return unsupported("'", model.path, "' has no golden vector to test this CPU with");
  SessionOptions options;
  options.threads = threads;
  GRAUPEL_TRY(Session session, Session::create(*model.hef->program, options));
  GRAUPEL_DO(self_test(session, *model.hef->info.golden).within("'", model.path, "'"));
  return cat("equal on ", to_string(session.isa()), ", ", session.threads(),
             " threads: ", model.hef->info.golden->taps.size(), " layers, ", model.hef->info.golden->outputs.size(),
             " outputs");
}

Json versions_json(const HefInfo& info) {
  return {{"program_format", info.program_format},
          {"operator_set", info.operator_set},
          {"minimum_runtime", info.minimum_runtime},
          {"golden_vector", info.golden.has_value()},
          {"vendor_inspectable", info.vendor_inspectable}};
}

Result<> inspect_hef(const ModelFile& model, const Options& options, const Common& common) {
  const HefInfo& info = model.hef->info;
  const std::optional<Program>& program = model.hef->program;
  std::string tested;
  if (options.self_test) {
    GRAUPEL_TRY(tested, test_cpu(model, common.threads));
  }
  Json json = {{"kind", "hef"},
               {"hash", model.hash},
               {"header_version", info.header_version},
               {"architecture", info.architecture},
               {"compiler_version", info.compiler_version},
               {"network", info.network},
               {"har_hash", info.har_hash},
               {"has_program", program.has_value()},
               {"streams", streams_json(info)},
               {"nms", nms_json(info)}};
  if (program) {
    json.update({{"instructions", program->instrs.size()}, {"arena_bytes", program->arena_size}});
    json.update(versions_json(info));
  }
  if (options.self_test) json["self_test"] = tested;
  if (common.json) {
    print_json(json);
    return {};
  }
  print_line(cat("hef ", info.network, ", header version ", info.header_version, ", ", info.architecture, ", compiler ",
                 info.compiler_version, program ? "" : ", compiled by another tool: it can only be inspected"));
  Table table({"stream", "", "shape", "format", "scale", "zero point", "original names"});
  for (const HefInfo::Stream& s : info.streams)
    table.add({s.name, s.input ? "in" : "out", to_string(s.shape), s.format, number(s.scale), number(s.zero_point),
               joined(s.original_names)});
  table.print();
  print_nms(info);
  if (!program) return {};
  for (const Port& port : program->inputs) print_line(cat(port.name, " pictures: ", text_of(port.preprocess)));
  print_line(cat(program->instrs.size(), " instructions, arena ", program->arena_size, " bytes"));
  print_line(cat("program format ", info.program_format, ", operator set ", info.operator_set, ", minimum runtime ",
                 info.minimum_runtime, ", from HAR ", info.har_hash.empty() ? "not known" : info.har_hash,
                 info.golden ? ", golden vector" : ", no golden vector",
                 info.vendor_inspectable ? ", open to the vendor's tools" : ""));
  if (options.self_test) print_line(cat("self-test: ", tested));
  if (options.layers) print_line(print_program(*program));
  return {};
}

Result<int> inspect(const Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile model, load_model(options.model));
  if (model.hef) {
    GRAUPEL_DO(inspect_hef(model, options, common));
    return kOk;
  }
  if (options.self_test) return invalid("'", options.model, "' is no HEF; self-test runs the program of one");
  RunStage stage = latest_run_stage(model);
  if (!options.stage.empty()) {
    GRAUPEL_TRY(stage, parse_run_stage(options.stage));
  }
  const Graph* graph = graph_of(*model.har, stage);
  if (graph == nullptr || (stage == RunStage::kCompiled))
    return invalid("'", options.model, "' does not hold stage ", to_string(stage));
  inspect_graph(model, *graph, options, common.json);
  return kOk;
}

}  // namespace

void add_inspect(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "inspect", "Show what an ONNX, HAR or HEF file holds");
  auto options = std::make_shared<Options>();
  verb->add_option("model", options->model, "ONNX, HAR or HEF")->required();
  verb->add_option("--stage", options->stage, "Of a HAR; default: the latest")->check(CLI::IsMember(stage_names()));
  verb->add_flag("--layers", options->layers, "One line per layer or instruction");
  verb->add_flag("--connections", options->connections, "Of a HAR: which layer feeds which");
  verb->add_flag("--self-test", options->self_test,
                 "Of a HEF: check that this CPU computes what the compiler computed");
  verb->callback([options, &common, &action] { action = [options, &common] { return inspect(*options, common); }; });
}

}  // namespace graupel::cli
