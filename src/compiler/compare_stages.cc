#include "compiler/compare_stages.h"

#include <algorithm>
#include <map>
#include <set>

namespace graupel {
namespace {

/// Layer of the other side → layer of the reference, with the origins to show.
struct Counterpart {
  std::string reference;
  std::vector<std::string> origins;
};
using Counterparts = std::map<std::string, Counterpart>;

/// Of several reference layers that one original node became, the one named like `name`, else the last.
std::size_t choose(const Graph& reference, const std::vector<std::size_t>& layers, const std::string& name) {
  for (std::size_t i : layers)
    if (reference.layers[i].name == name) return i;
  return layers.back();
}

/// An optimized layer computes what the last of its original nodes did.
Counterparts match_layers(const Graph& reference, const Graph& other) {
  std::map<std::string, std::vector<std::size_t>> by_origin;
  for (std::size_t i = 0; i < reference.layers.size(); ++i)
    for (const std::string& origin : reference.layers[i].origins) by_origin[origin].push_back(i);
  Counterparts counterparts;
  for (const Layer& layer : other.layers) {
    const std::vector<std::size_t>* last = nullptr;
    for (const std::string& origin : layer.origins)
      if (const auto found = by_origin.find(origin);
          found != by_origin.end() && (!last || found->second.back() > last->back()))
        last = &found->second;
    if (last == nullptr) continue;
    const Layer& counterpart = reference.layers[choose(reference, *last, layer.name)];
    if (reference[counterpart.out[0]].type.shape != other[layer.out[0]].type.shape) continue;
    counterparts[layer.name] = {counterpart.name, layer.origins};
  }
  return counterparts;
}

/// The graph whose layer names the runs of this side report: for a HEF the quantized graph of `har`, if it fits.
const Graph* names_of(const StageOf& side, const ModelFile& har_side) {
  if (side.model.har) return graph_of(*side.model.har, side.stage);
  return har_side.har ? graph_of(*har_side.har, RunStage::kQuantized) : nullptr;
}

/// "normalization of input_layer1": what the model script put between what this side is fed and its network.
std::set<std::string> input_changes(const StageOf& side) {
  std::set<std::string> changes;
  if (!side.model.har || side.stage == RunStage::kNative) return changes;
  for (const Modification& modification : side.model.har->modifications)
    if (modification.of_input && !modification.layers.empty())
      changes.insert(cat(modification.command, " of ", modification.port));
  return changes;
}

std::vector<std::string> misreadings(const StageOf& reference, const StageOf& other) {
  std::vector<std::string> warnings;
  if (!reference.model.har || !other.model.har) return warnings;
  const std::set<std::string> left = input_changes(reference), right = input_changes(other);
  const auto warn = [&](const std::string& change, const StageOf& with, const StageOf& without) {
    warnings.push_back(cat("stage ", to_string(with.stage), " of '", with.model.path, "' contains the model script's ",
                           change, ", stage ", to_string(without.stage), " of '", without.model.path,
                           "' does not: both were fed the same numbers, so the figures do not tell what was lost; hold "
                           "it against stage optimized"));
  };
  for (const std::string& change : right)
    if (!left.contains(change)) warn(change, other, reference);
  for (const std::string& change : left)
    if (!right.contains(change)) warn(change, reference, other);
  return warnings;
}

}  // namespace

RunStage reference_stage_of(const ModelFile& model) {
  const Graph* optimized = model.har ? graph_of(*model.har, RunStage::kOptimized) : nullptr;
  if (optimized == nullptr) return RunStage::kNative;
  const auto on_host = [](const Layer& layer) { return is_host(layer.op); };
  const bool has_host = std::any_of(optimized->layers.begin(), optimized->layers.end(), on_host);
  if (has_host) return RunStage::kOptimized;
  const bool reads_other = !input_changes({model, RunStage::kOptimized}).empty();
  return reads_other && latest_run_stage(model) != RunStage::kOptimized ? RunStage::kOptimized : RunStage::kNative;
}

Result<StageComparison> compare_stages(const StageOf& reference, const StageOf& other, Dataset& frames,
                                       const RunOptions& options, const std::function<void(int, int)>& progress) {
  if (frames.size() == 0) return invalid("there are no frames to compare on");
  GRAUPEL_TRY(StageRunner left, StageRunner::create(reference.model, reference.stage, options));
  GRAUPEL_TRY(StageRunner right, StageRunner::create(other.model, other.stage, options));
  if (left.outputs().size() != right.outputs().size())
    return mismatch("'", reference.model.path, "' has ", left.outputs().size(), " outputs and '", other.model.path,
                    "' ", right.outputs().size(), "; they are not the same model");
  Counterparts counterparts;
  const Graph* left_names = names_of(reference, other.model);
  const Graph* right_names = names_of(other, reference.model);
  if (left_names != nullptr && right_names != nullptr) counterparts = match_layers(*left_names, *right_names);
  Comparison outputs, layers;
  for (int i = 0; i < frames.size(); ++i) {
    if (progress) progress(i, frames.size());
    GRAUPEL_TRY(const std::vector<Tensor> inputs, frames.frame(i));
    std::map<std::string, std::vector<float>> kept;
    const auto keep = [&](const std::string& name, const Shape&, std::span<const float> values) {
      kept[name].assign(values.begin(), values.end());
    };
    Result<> status;
    const auto compare = [&](const std::string& name, const Shape&, std::span<const float> values) {
      const auto found = counterparts.find(name);
      if (found == counterparts.end() || !status.ok()) return;
      const auto reference_values = kept.find(found->second.reference);
      if (reference_values == kept.end() || reference_values->second.size() != values.size()) return;
      status = layers.add(name, reference_values->second, values, found->second.origins);
    };
    GRAUPEL_TRY(const std::vector<Tensor> expected, left.run(inputs, counterparts.empty() ? LayerObserver{} : keep));
    GRAUPEL_TRY(const std::vector<Tensor> actual, right.run(inputs, counterparts.empty() ? LayerObserver{} : compare));
    GRAUPEL_DO(std::move(status));
    for (std::size_t k = 0; k < expected.size(); ++k)
      GRAUPEL_DO(outputs.add(left.outputs()[k].name, expected[k].as<float>(), actual[k].as<float>()));
  }
  return StageComparison{outputs.in_order(), layers.worst_first(), misreadings(reference, other), frames.size()};
}

}  // namespace graupel
