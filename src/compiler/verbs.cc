#include "compiler/verbs.h"

#include <algorithm>

#include "compiler/apply_recipe.h"
#include "compiler/load_recipe.h"
#include "hef/hef.h"
#include "lower/lower.h"
#include "runtime/self_test.h"

namespace graupel {
namespace {

/// Inputs that the model script normalizes.
std::vector<bool> pixel_inputs(const Har& har) {
  const Graph& graph = *har.optimized;
  std::vector<bool> inputs(graph.inputs.size(), false);
  for (const Modification& modification : har.modifications)
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (modification.command == "normalization" && modification.port == graph[graph.inputs[i]].name) inputs[i] = true;
  return inputs;
}

/// The graph ends in detections already.
bool has_detections(const Graph& graph) {
  return std::any_of(graph.layers.begin(), graph.layers.end(), [](const Layer& layer) { return is_host(layer.op); });
}

}  // namespace

Result<OptimizeSummary> optimize_full_precision(Har& har, const OptimizeOptions& options) {
  if (!har.parsed) return invalid("the HAR has no parsed graph; parse the model again");
  GRAUPEL_TRY(const Recipe recipe, effective_recipe(har));
  OptimizeSummary summary;
  Graph graph = *har.parsed;
  GRAUPEL_TRY(AppliedModifications applied, apply_modifications(recipe, har.nms_config, graph).within("model script"));
  summary.messages = std::move(applied.messages);
  std::string nms_config = std::move(applied.nms_config);
  if (options.detect) {
    GRAUPEL_TRY(DetectionSummary detection, add_detection(graph, options.detect->arch, options.detect->config));
    summary.messages.insert(summary.messages.end(), detection.messages.begin(), detection.messages.end());
    nms_config = write_detect_config(options.detect->config);
  }
  PassOptions passes = options.passes;
  GRAUPEL_DO(apply_full_precision_commands(recipe, passes));
  GRAUPEL_TRY(summary.rewrites, optimize_graph(graph, passes).within("optimizing"));
  GRAUPEL_DO(apply_equalization(recipe, *har.parsed, applied.list, graph).within("model script"));
  summary.warnings = std::move(applied.warnings);
  if (!nms_config.empty()) har.nms_config = std::move(nms_config);
  har.optimized = std::move(graph);
  har.modifications = std::move(applied.list);
  har.quantized.reset();
  har.hef.reset();
  har.noise.clear();
  return summary;
}

Result<OptimizeSummary> optimize(Har& har, Dataset& frames, const OptimizeOptions& options) {
  if (frames.size() == 0) return invalid("there are no calibration frames; give pictures or arrays");
  OptimizeSummary summary;
  Har next = har;
  if (!next.optimized || next.quantized || (options.detect && !has_detections(*next.optimized))) {
    GRAUPEL_TRY(summary, optimize_full_precision(next, options));
  }
  GRAUPEL_TRY(const Recipe recipe, effective_recipe(next));
  OptimizeOptions chosen = options;
  chosen.quantize.pixel_inputs = pixel_inputs(next);
  GRAUPEL_DO(apply_quantization_commands(recipe, next, chosen, summary.warnings).within("model script"));
  GRAUPEL_TRY(const std::optional<int> limit, calibration_frames(next));
  summary.frames = std::min(frames.size(), limit.value_or(frames.size()));
  const FrameSource source = [&](int index) -> Result<std::optional<std::vector<Tensor>>> {
    if (index >= summary.frames) return std::optional<std::vector<Tensor>>();
    GRAUPEL_TRY(std::vector<Tensor> tensors, frames.frame(index).within("calibration"));
    return std::optional<std::vector<Tensor>>(std::move(tensors));
  };
  GRAUPEL_TRY(next.quantized,
              quantize_graph(*next.optimized, source, chosen.quantize, &summary.warnings).within("quantizing"));
  next.noise.clear();
  har = std::move(next);
  return summary;
}

namespace {

struct CompiledNetwork {
  Program program;
  Golden golden;
  InputFormats input_formats;
};

/// The formats of inputs that take pictures as the model script's conversions have them.
InputFormats input_formats(const Har& har) {
  constexpr std::pair<std::string_view, std::string_view> kFormats[] = {
      {"nv12_to_", "YYUV"}, {"i420_to_", "YYYYUV"}, {"yuy2_to_", "YUY2"}};
  InputFormats formats;
  for (const Modification& one : har.modifications)
    for (const auto& [kind, format] : kFormats)
      if (one.of_input && one.emulated && one.kind.starts_with(kind)) formats[one.port] = format;
  return formats;
}

Result<CompiledNetwork> compile_network(const Har& har) {
  if (!har.quantized)
    return invalid("the HAR is at stage ", to_string(har.stage()),
                   "; run `graupel optimize` with calibration pictures first");
  CompiledNetwork compiled;
  GRAUPEL_TRY(compiled.program, lower_graph(*har.quantized).within("compiling"));
  GRAUPEL_TRY(compiled.golden, make_golden(compiled.program).within("golden vector"));
  compiled.input_formats = input_formats(har);
  return compiled;
}

}  // namespace

Result<Compiled> compile_har(const Har& har, const std::string& har_hash, const CompileOptions& options) {
  GRAUPEL_TRY(CompiledNetwork network, compile_network(har));
  Compiled compiled;
  compiled.hef = save_hef(network.program, {har_hash, std::move(network.golden), options.vendor_inspectable,
                                            har.hw_arch, std::move(network.input_formats)});
  compiled.program = std::move(network.program);
  return compiled;
}

Result<CompiledGroup> compile_group(const std::string& name, std::span<const HarFile> hars,
                                    const CompileOptions& options) {
  CompiledGroup compiled;
  compiled.programs.reserve(hars.size());
  std::vector<HefNetwork> networks;
  for (const HarFile& file : hars) {
    GRAUPEL_TRY(CompiledNetwork network, compile_network(*file.har).within("'", file.har->name, "'"));
    compiled.programs.push_back(std::move(network.program));
    networks.push_back(
        {&compiled.programs.back(), file.hash, std::move(network.golden), std::move(network.input_formats)});
  }
  HefOptions of_file;
  of_file.vendor_inspectable = options.vendor_inspectable;
  if (!hars.empty()) of_file.hw_arch = hars[0].har->hw_arch;
  GRAUPEL_TRY(compiled.hef, save_hef_group(name, networks, of_file));
  return compiled;
}

}  // namespace graupel
