#include <algorithm>
#include <set>

#include "ir/graph.h"

namespace graupel {
namespace {

/// One walk over the layers; members are what has been seen so far.
class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), defined_(graph.values.size()) {}

  Result<> run() {
    for (const Value& value : graph_.values) GRAUPEL_DO(check_value(value).within("value '", value.name, "'"));
    GRAUPEL_DO(check_inputs());
    for (std::size_t i = 0; i < graph_.values.size(); ++i)
      if (graph_.values[i].constant) defined_[i] = true;
    for (const Layer& layer : graph_.layers) GRAUPEL_DO(check_layer(layer).within("layer '", layer.name, "'"));
    return check_outputs();
  }

 private:
  bool in_range(ValueId id) const { return static_cast<uint32_t>(id) < graph_.values.size(); }
  bool is_defined(ValueId id) const { return defined_[static_cast<uint32_t>(id)]; }
  void define(ValueId id) { defined_[static_cast<uint32_t>(id)] = true; }

  static Result<> check_quant(const TensorType& type) {
    if (!type.quant) return {};
    const QuantParams& quant = *type.quant;
    if (quant.axis < -1 || quant.axis >= static_cast<int>(type.shape.size()))
      return invalid("quantization axis ", quant.axis, " of ", to_string(type.shape));
    const int64_t slices = quant.axis < 0 ? 1 : type.shape[static_cast<std::size_t>(quant.axis)];
    if (static_cast<int64_t>(quant.scale.size()) != slices || quant.zero_point.size() != quant.scale.size())
      return invalid(quant.scale.size(), " scales and ", quant.zero_point.size(), " zero points for ", slices,
                     " slices");
    return {};
  }

  static Result<> check_value(const Value& value) {
    GRAUPEL_DO(validate(value.type.shape));
    GRAUPEL_DO(check_quant(value.type));
    if (!value.constant) return {};
    if (value.constant->type != value.type)
      return invalid("constant of type ", to_string(value.constant->type), " declared as ", to_string(value.type));
    if (value.constant->data == nullptr || value.constant->data->size() < value.type.bytes())
      return invalid("constant of type ", to_string(value.type), " without its data");
    return {};
  }

  Result<> check_inputs() {
    if (graph_.input_info.size() != graph_.inputs.size() || graph_.output_info.size() != graph_.outputs.size())
      return invalid(graph_.inputs.size(), " inputs and ", graph_.outputs.size(), " outputs with ",
                     graph_.input_info.size(), " and ", graph_.output_info.size(), " descriptions");
    for (ValueId id : graph_.inputs) {
      if (!in_range(id) || graph_[id].constant || is_defined(id))
        return invalid("graph input ", static_cast<uint32_t>(id), " is missing, a constant or repeated");
      GRAUPEL_DO(check_stage(graph_[id].type).within("graph input '", graph_[id].name, "'"));
      GRAUPEL_DO(check_name(graph_[id].name));
      define(id);
    }
    return {};
  }

  Result<> check_name(const std::string& name) {
    if (name.empty()) return invalid("a value that is computed has no name");
    if (!value_names_.insert(name).second) return invalid("two values are called '", name, "'");
    return {};
  }

  /// What the graph's stage promises of a computed value.
  Result<> check_stage(const TensorType& type, bool host = false) const {
    if (graph_.stage != Stage::kQuantized || host) {
      if (type.dtype == DType::kF32 && !type.quant) return {};
      return invalid("type ", to_string(type), " in a ", to_string(graph_.stage), " graph (expected: f32)");
    }
    if (type.dtype == DType::kF32 || type.dtype == DType::kF64 || !type.quant)
      return invalid("type ", to_string(type), " in a quantized graph (expected: an integer type with a scale)");
    return {};
  }

  Result<> check_layer(const Layer& layer) {
    if (layer.name.empty() || !layer_names_.insert(layer.name).second) return invalid("its name is empty or taken");
    for (ValueId id : layer.in) {
      if (!in_range(id)) return invalid("it reads value ", static_cast<uint32_t>(id), " of ", graph_.values.size());
      if (!is_defined(id)) return invalid("it reads '", graph_[id].name, "' before that is computed");
      if (host_values_.contains(id))
        return invalid("it reads '", graph_[id].name, "', which the host computes after the program");
      if (is_host(layer.op) && graph_[id].constant)
        return invalid("it runs on the host and reads the constant '", graph_[id].name, "'");
    }
    if (layer.out.size() != 1 || !in_range(layer.out[0])) return invalid("it must write one value");
    const Value& out = graph_[layer.out[0]];
    if (is_defined(layer.out[0])) return invalid("it writes '", out.name, "', which something else has written");
    GRAUPEL_DO(check_name(out.name));
    GRAUPEL_TRY(const TensorType inferred, infer(layer.op, graph_.input_types(layer)));
    const bool same_quant = !inferred.quant || inferred.quant == out.type.quant;
    const bool free_codes = quant_rule(layer.op) == QuantRule::kCalibrated && is_codes(inferred.dtype);
    const bool same_dtype = inferred.dtype == out.type.dtype || (free_codes && is_codes(out.type.dtype));
    if (!same_dtype || inferred.shape != out.type.shape || !same_quant)
      return invalid("its output is declared as ", to_string(out.type), " but is ", to_string(inferred));
    GRAUPEL_DO(check_stage(out.type, is_host(layer.op)));
    if (is_host(layer.op)) host_values_.insert(layer.out[0]);
    define(layer.out[0]);
    return {};
  }

  Result<> check_outputs() {
    for (ValueId id : graph_.outputs)
      if (!in_range(id) || !is_defined(id))
        return invalid("graph output ", static_cast<uint32_t>(id), " is not computed");
    for (ValueId id : host_values_)
      if (std::count(graph_.outputs.begin(), graph_.outputs.end(), id) != 1)
        return invalid("'", graph_[id].name, "' is computed by the host and must be a graph output, once");
    return {};
  }

  const Graph& graph_;
  std::vector<bool> defined_;
  std::set<std::string> layer_names_, value_names_;
  std::set<ValueId> host_values_;
};

}  // namespace

Result<> verify(const Graph& graph) { return Verifier(graph).run().within("graph '", graph.name, "'"); }

}  // namespace graupel
