#include "har/graph_json.h"

#include <algorithm>
#include <limits>

namespace graupel {
namespace {

constexpr int64_t kVersion = 1;

/// What operand `input` of a layer is called among parameters.
std::string role_of(const Op& op, std::size_t input) {
  const bool linear = is_linear(op);
  if (linear && input == 1) return "kernel";
  if (linear && input == 2) return "bias";
  if (std::holds_alternative<Affine>(op) && input == 1) return "scale";
  if (std::holds_alternative<Affine>(op) && input == 2) return "shift";
  if (std::holds_alternative<PRelu>(op) && input == 1) return "slope";
  return cat("operand", input);
}

JsonOut type_to_json(const TensorType& type) {
  JsonOut json = JsonOut::object();
  json["dtype"] = std::string(to_string(type.dtype));
  json["shape"] = type.shape;
  if (type.quant) {
    json["scale"] = value_to_json(type.quant->scale);
    json["zero_point"] = value_to_json(type.quant->zero_point);
    json["axis"] = type.quant->axis;
  }
  return json;
}

JsonOut ids_to_json(std::span<const ValueId> ids) {
  JsonOut json = JsonOut::array();
  for (ValueId id : ids) json.push_back(static_cast<uint32_t>(id));
  return json;
}

JsonOut ports_to_json(std::span<const PortInfo> ports) {
  JsonOut json = JsonOut::array();
  for (const PortInfo& port : ports)
    json.push_back({{"origin", port.origin}, {"order", port.order}, {"preprocess", value_to_json(port.preprocess)}});
  return json;
}

template <class T>
Result<> read_member(const JsonIn& json, const std::string& key, T& value) {
  GRAUPEL_TRY(const JsonIn* found, member_of(json, key));
  return value_from_json(*found, value).within("'", key, "'");
}

Result<QuantParams> quant_from_json(const JsonIn& json, const Shape& shape) {
  QuantParams quant;
  GRAUPEL_DO(read_member(json, "scale", quant.scale));
  GRAUPEL_DO(read_member(json, "zero_point", quant.zero_point));
  GRAUPEL_DO(read_member(json, "axis", quant.axis));
  if (quant.axis < -1 || quant.axis >= static_cast<int>(shape.size()))
    return corrupt("quantization axis ", quant.axis, " of shape ", to_string(shape));
  const std::size_t slices = quant.axis < 0 ? 1 : static_cast<std::size_t>(shape[static_cast<std::size_t>(quant.axis)]);
  if (quant.scale.size() != slices || quant.zero_point.size() != slices)
    return corrupt(quant.scale.size(), " scales and ", quant.zero_point.size(), " zero points where ", slices,
                   " belong");
  if (!std::all_of(quant.scale.begin(), quant.scale.end(), [](float s) { return std::isfinite(s) && s > 0; }))
    return corrupt("a scale that is not a positive number");
  return quant;
}

Result<TensorType> type_from_json(const JsonIn& json) {
  TensorType type;
  std::string dtype;
  GRAUPEL_DO(read_member(json, "dtype", dtype));
  GRAUPEL_TRY(type.dtype, parse_dtype(dtype));
  GRAUPEL_DO(read_member(json, "shape", type.shape));
  GRAUPEL_DO(validate(type.shape));
  if (json.contains("scale")) {
    GRAUPEL_TRY(QuantParams quant, quant_from_json(json, type.shape));
    type.quant = std::move(quant);
  }
  return type;
}

using ConstantMap = std::map<std::string_view, const Tensor*>;

Result<Value> read_graph_value(const JsonIn& json, const ConstantMap& constants) {
  Value value;
  GRAUPEL_DO(read_member(json, "name", value.name));
  GRAUPEL_TRY(value.type, type_from_json(json).within("value '", value.name, "'"));
  if (!json.contains("constant")) return value;
  std::string key;
  GRAUPEL_DO(read_member(json, "constant", key));
  const auto found = constants.find(key);
  if (found == constants.end())
    return corrupt("value '", value.name, "' needs parameter '", key, "', which is missing");
  Tensor tensor = *found->second;
  if (tensor.type.dtype != value.type.dtype || tensor.type.shape != value.type.shape)
    return corrupt("parameter '", key, "' is ", to_string(tensor.type), " but value '", value.name, "' is ",
                   to_string(value.type));
  tensor.type = value.type;
  value.constant = std::move(tensor);
  return value;
}

template <std::size_t kIndex = 0>
Result<Op> read_op(const std::string& name, const JsonIn& fields) {
  if constexpr (kIndex == std::variant_size_v<Op>) {
    return corrupt("op '", name, "' is unknown");
  } else {
    using T = std::variant_alternative_t<kIndex, Op>;
    if (name != T::kName) return read_op<kIndex + 1>(name, fields);
    T op;
    GRAUPEL_DO(value_from_json(fields, op));
    return Op(std::move(op));
  }
}

Result<std::vector<ValueId>> read_ids(const JsonIn& json, const std::string& key, std::size_t values) {
  std::vector<uint32_t> numbers;
  GRAUPEL_DO(read_member(json, key, numbers));
  std::vector<ValueId> ids;
  for (uint32_t number : numbers) {
    if (number >= values) return corrupt("'", key, "' names value ", number, " of ", values);
    ids.push_back(ValueId{number});
  }
  return ids;
}

Result<Layer> read_layer(const JsonIn& json, std::size_t values) {
  std::string name, op_text;
  GRAUPEL_DO(read_member(json, "name", name));
  GRAUPEL_DO(read_member(json, "op", op_text).within("layer '", name, "'"));
  GRAUPEL_TRY(const JsonIn* fields, member_of(json, "fields").within("layer '", name, "'"));
  GRAUPEL_TRY(Op op, read_op(op_text, *fields).within("layer '", name, "'"));
  Layer layer{std::move(name), std::move(op), {}, {}, {}};
  GRAUPEL_TRY(layer.in, read_ids(json, "in", values).within("layer '", layer.name, "'"));
  GRAUPEL_TRY(layer.out, read_ids(json, "out", values).within("layer '", layer.name, "'"));
  if (layer.out.size() != 1)
    return corrupt("layer '", layer.name, "' has ", layer.out.size(), " outputs instead of one");
  GRAUPEL_DO(read_member(json, "origins", layer.origins).within("layer '", layer.name, "'"));
  return layer;
}

Result<> check_order(const PortInfo& port, const Shape& shape) {
  std::vector<int32_t> sorted = port.order;
  std::sort(sorted.begin(), sorted.end());
  bool holds = sorted.size() == shape.size();
  for (std::size_t i = 0; holds && i < sorted.size(); ++i) holds = sorted[i] == static_cast<int32_t>(i);
  if (!holds) return corrupt("port '", port.origin, "' has an order that does not permute shape ", to_string(shape));
  return {};
}

Result<> check_preprocess(const PortInfo& port, const Shape& shape) {
  const Preprocess& p = port.preprocess;
  const auto usable = [](float v) { return std::isfinite(v) && v != 0; };
  const auto finite = [](float v) { return std::isfinite(v); };
  const std::size_t channels = shape.empty() ? 1 : static_cast<std::size_t>(shape.back());
  const auto fits = [&](const std::vector<float>& list) { return list.empty() || list.size() == channels; };
  if (usable(p.scale) && std::all_of(p.mean.begin(), p.mean.end(), finite) &&
      std::all_of(p.std.begin(), p.std.end(), usable) && fits(p.mean) && fits(p.std) && p.short_side >= 0)
    return {};
  return corrupt("port '", port.origin, "' has a preprocess that cannot be applied to shape ", to_string(shape));
}

Result<std::vector<PortInfo>> read_ports(const JsonIn& json, const std::string& key, const Graph& graph,
                                         std::span<const ValueId> ids) {
  GRAUPEL_TRY(const JsonIn* list, member_of(json, key));
  if (!list->is_array() || list->size() != ids.size()) return corrupt("'", key, "' does not match the graph's ports");
  std::vector<PortInfo> ports;
  for (const JsonIn& element : *list) {
    PortInfo port;
    GRAUPEL_DO(read_member(element, "origin", port.origin));
    GRAUPEL_DO(read_member(element, "order", port.order));
    GRAUPEL_DO(read_member(element, "preprocess", port.preprocess));
    const Shape& shape = graph[ids[ports.size()]].type.shape;
    GRAUPEL_DO(check_order(port, shape));
    GRAUPEL_DO(check_preprocess(port, shape));
    ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace

Result<JsonIn> parse_json(std::string_view text) {
  try {
    return JsonIn::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& fault) {
    return corrupt("JSON: ", fault.what());
  }
}

std::string print_json(const JsonOut& json) {
  return json.dump(1, ' ', false, JsonOut::error_handler_t::replace) + "\n";
}

Result<float> float_from_json(const JsonIn& json) {
  if (json.is_number()) return json.get<float>();
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  if (text == "inf") return std::numeric_limits<float>::infinity();
  if (text == "-inf") return -std::numeric_limits<float>::infinity();
  if (text == "nan") return std::numeric_limits<float>::quiet_NaN();
  return corrupt("expected a number, \"inf\", \"-inf\" or \"nan\"");
}

Result<int64_t> integer_from_json(const JsonIn& json, int64_t lowest, int64_t highest) {
  if (!json.is_number_integer()) return corrupt("expected an integer");
  if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return corrupt("integer ", json.get<uint64_t>(), " is too large");
  const int64_t number = json.get<int64_t>();
  if (number < lowest || number > highest)
    return corrupt("integer ", number, " lies outside [", lowest, ", ", highest, "]");
  return number;
}

Result<std::string> string_from_json(const JsonIn& json) {
  if (!json.is_string()) return corrupt("expected a string");
  return json.get<std::string>();
}

Result<const JsonIn*> member_of(const JsonIn& json, const std::string& key) {
  if (!json.is_object()) return corrupt("expected an object with '", key, "'");
  const auto found = json.find(key);
  if (found == json.end()) return corrupt("'", key, "' is missing");
  return &*found;
}

std::vector<std::string> constant_keys(const Graph& graph) {
  const std::string net = file_safe_name(graph.name);
  std::vector<std::string> keys(graph.values.size());
  for (const Layer& layer : graph.layers)
    for (std::size_t i = 0; i < layer.in.size(); ++i) {
      std::string& key = keys[static_cast<uint32_t>(layer.in[i])];
      if (graph[layer.in[i]].constant && key.empty()) key = cat(net, "/", layer.name, "/", role_of(layer.op, i), ":0");
    }
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (graph.values[i].constant && keys[i].empty()) keys[i] = cat(net, "/value", i, "/const:0");
  return keys;
}

JsonOut graph_to_json(const Graph& graph) {
  const std::vector<std::string> keys = constant_keys(graph);
  JsonOut values = JsonOut::array();
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    JsonOut value = JsonOut::object();
    value["name"] = graph.values[i].name;
    value.update(type_to_json(graph.values[i].type));
    if (!keys[i].empty()) value["constant"] = keys[i];
    values.push_back(std::move(value));
  }
  JsonOut layers = JsonOut::array();
  for (const Layer& layer : graph.layers) {
    JsonOut entry = JsonOut::object();
    entry["name"] = layer.name;
    entry["op"] = std::string(op_name(layer.op));
    entry["fields"] = std::visit([](const auto& op) { return value_to_json(op); }, layer.op);
    entry["in"] = ids_to_json(layer.in);
    entry["out"] = ids_to_json(layer.out);
    entry["origins"] = layer.origins;
    layers.push_back(std::move(entry));
  }
  JsonOut json = JsonOut::object();
  json["version"] = kVersion;
  json["name"] = graph.name;
  json["stage"] = std::string(to_string(graph.stage));
  json["values"] = std::move(values);
  json["layers"] = std::move(layers);
  json["inputs"] = ids_to_json(graph.inputs);
  json["outputs"] = ids_to_json(graph.outputs);
  json["input_info"] = ports_to_json(graph.input_info);
  json["output_info"] = ports_to_json(graph.output_info);
  return json;
}

std::vector<NamedTensor> graph_constants(const Graph& graph) {
  const std::vector<std::string> keys = constant_keys(graph);
  std::vector<NamedTensor> constants;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!keys[i].empty()) constants.push_back({keys[i], *graph.values[i].constant});
  return constants;
}

Result<Graph> graph_from_json(const JsonIn& json, std::span<const NamedTensor> constants) {
  int64_t version = 0;
  GRAUPEL_DO(read_member(json, "version", version));
  if (version != kVersion)
    return mismatch("the graph has format version ", version, ", this program reads version ", kVersion,
                    "; parse the model again");
  ConstantMap by_key;
  for (const NamedTensor& constant : constants) by_key[constant.name] = &constant.tensor;
  Graph graph;
  GRAUPEL_DO(read_member(json, "name", graph.name));
  std::string stage;
  GRAUPEL_DO(read_member(json, "stage", stage));
  GRAUPEL_TRY(graph.stage, parse_stage(stage));
  GRAUPEL_TRY(const JsonIn* values, member_of(json, "values"));
  GRAUPEL_TRY(const JsonIn* layers, member_of(json, "layers"));
  if (!values->is_array() || !layers->is_array()) return corrupt("'values' and 'layers' must be lists");
  for (const JsonIn& element : *values) {
    GRAUPEL_TRY(Value value, read_graph_value(element, by_key));
    graph.values.push_back(std::move(value));
  }
  for (const JsonIn& element : *layers) {
    GRAUPEL_TRY(Layer layer, read_layer(element, graph.values.size()));
    graph.layers.push_back(std::move(layer));
  }
  GRAUPEL_TRY(graph.inputs, read_ids(json, "inputs", graph.values.size()));
  GRAUPEL_TRY(graph.outputs, read_ids(json, "outputs", graph.values.size()));
  GRAUPEL_TRY(graph.input_info, read_ports(json, "input_info", graph, graph.inputs));
  GRAUPEL_TRY(graph.output_info, read_ports(json, "output_info", graph, graph.outputs));
  GRAUPEL_DO(verify(graph));
  return graph;
}

std::string file_safe_name(std::string_view name) {
  std::string safe;
  for (char c : name.substr(0, 64)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    safe += plain || (c == '.' && !safe.empty()) ? c : '_';
  }
  return safe.empty() ? "net" : safe;
}

}  // namespace graupel
