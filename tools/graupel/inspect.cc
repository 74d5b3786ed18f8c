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
  SessionOptions options;
  options.threads = threads;
  const auto no_golden = unsupported("'", model.path, "' has no golden vector to test this CPU with");
  if (model.hef->programs.empty()) return no_golden;
  std::string text;
  std::size_t layers = 0, outputs = 0;
  for (std::size_t i = 0; i < model.hef->programs.size(); ++i) {
    const HefInfo::Network& network = model.hef->info.networks[i];
    if (!network.golden) return no_golden;
    GRAUPEL_TRY(Session session, Session::create(model.hef->programs[i], options));
    GRAUPEL_DO(self_test(session, *network.golden).within("network '", network.name, "' of '", model.path, "'"));
    layers += network.golden->taps.size();
    outputs += network.golden->outputs.size();
    text = cat("equal on ", to_string(session.isa()), ", ", session.threads(), " threads: ", layers, " layers, ",
               outputs, " outputs");
  }
  return text;
}

Json versions_json(const HefInfo& info) {
  const bool golden = std::all_of(info.networks.begin(), info.networks.end(),
                                  [](const HefInfo::Network& network) { return network.golden.has_value(); });
  return {{"program_format", info.program_format},
          {"operator_set", info.operator_set},
          {"minimum_runtime", info.minimum_runtime},
          {"golden_vector", golden},
          {"vendor_inspectable", info.vendor_inspectable}};
}

Json networks_json(const Hef& hef) {
  Json networks = Json::array();
  for (std::size_t i = 0; i < hef.programs.size(); ++i)
    networks.push_back({{"name", hef.info.networks[i].name},
                        {"har_hash", hef.info.networks[i].har_hash},
                        {"instructions", hef.programs[i].instrs.size()},
                        {"arena_bytes", hef.programs[i].arena_size}});
  return networks;
}

void print_network(const HefInfo::Network& network, const Program& program, bool layers) {
  for (const Port& port : program.inputs) print_line(cat(port.name, " pictures: ", text_of(port.preprocess)));
  print_line(cat("network ", network.name, ": ", program.instrs.size(), " instructions, arena ", program.arena_size,
                 " bytes, from HAR ", network.har_hash.empty() ? "not known" : network.har_hash,
                 network.golden ? ", golden vector" : ", no golden vector"));
  if (layers) print_line(print_program(program));
}

Result<> inspect_hef(const ModelFile& model, const Options& options, const Common& common) {
  const HefInfo& info = model.hef->info;
  const std::vector<Program>& programs = model.hef->programs;
  std::string tested;
  if (options.self_test) {
    GRAUPEL_TRY(tested, test_cpu(model, common.threads));
  }
  Json json = {{"kind", "hef"},
               {"hash", model.hash},
               {"header_version", info.header_version},
               {"architecture", info.architecture},
               {"compiler_version", info.compiler_version},
               {"network", info.group},
               {"har_hash", info.networks.empty() ? std::string() : info.networks[0].har_hash},
               {"has_program", !programs.empty()},
               {"streams", streams_json(info)},
               {"nms", nms_json(info)}};
  if (!programs.empty()) {
    json["networks"] = networks_json(*model.hef);
    json.update({{"instructions", programs[0].instrs.size()}, {"arena_bytes", programs[0].arena_size}});
    json.update(versions_json(info));
  }
  if (options.self_test) json["self_test"] = tested;
  if (common.json) {
    print_json(json);
    return {};
  }
  print_line(cat("hef ", info.group, ", header version ", info.header_version, ", ", info.architecture, ", compiler ",
                 info.compiler_version,
                 !programs.empty() ? "" : ", compiled by another tool: it can only be inspected"));
  Table table({"stream", "", "shape", "format", "scale", "zero point", "original names"});
  for (const HefInfo::Stream& s : info.streams)
    table.add({s.name, s.input ? "in" : "out", to_string(s.shape), s.format, number(s.scale), number(s.zero_point),
               joined(s.original_names)});
  table.print();
  print_nms(info);
  if (programs.empty()) return {};
  print_line(cat("program format ", info.program_format, ", operator set ", info.operator_set, ", minimum runtime ",
                 info.minimum_runtime, info.vendor_inspectable ? ", open to the vendor's tools" : ""));
  for (std::size_t i = 0; i < programs.size(); ++i) print_network(info.networks[i], programs[i], options.layers);
  if (options.self_test) print_line(cat("self-test: ", tested));
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
