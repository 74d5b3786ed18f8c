#include "har/parameters.h"

#include <algorithm>
#include <map>

#include "har/graph_json.h"

namespace graupel {
namespace {

/// By name: the value that holds the constant.
std::map<std::string, uint32_t> constant_ids(const Graph& graph) {
  const std::vector<std::string> keys = constant_keys(graph);
  std::map<std::string, uint32_t> ids;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!keys[i].empty()) ids[keys[i]] = static_cast<uint32_t>(i);
  return ids;
}

/// 4 where codes of s8 do not go further (N1.2).
int32_t weight_bits(const Tensor& weights) {
  if (weights.type.dtype == DType::kS16) return 16;
  const auto codes = weights.as<int8_t>();
  return std::ranges::all_of(codes, [](int8_t code) { return code >= -7 && code <= 7; }) ? 4 : 8;
}

/// Bits of what a layer reads and makes, and of its weights.
void add_bits(const Graph& graph, const Layer& layer, const std::string& scope, std::vector<NamedTensor>& parameters) {
  const auto add = [&](const char* name, int32_t bits) {
    parameters.push_back({cat(scope, name, ":0"), Tensor::of<int32_t>({1}, {bits})});
  };
  const DType in = graph[layer.in[0]].type.dtype, out = graph[layer.out[0]].type.dtype;
  if (is_codes(in)) add("input_activation_bits", code_bytes(in) * 8);
  add("output_activation_bits", code_bytes(out) * 8);
  if (is_linear(layer.op)) add("weight_bits", weight_bits(*graph[layer.in[1]].constant));
}

/// The lowest and the highest value that codes of `type` stand for.
Tensor limits(const TensorType& type) {
  const double scale = type.quant->scale[0];
  const int most = (1 << (8 * code_bytes(type.dtype))) - 1, zero_point = type.quant->zero_point[0];
  return Tensor::of<float>({2},
                           {static_cast<float>(-zero_point * scale), static_cast<float>((most - zero_point) * scale)});
}

std::vector<NamedTensor> output_quantization(const Graph& graph) {
  std::vector<NamedTensor> parameters;
  const std::string net = file_safe_name(graph.name);
  for (const Layer& layer : graph.layers) {
    const std::optional<QuantParams>& quant = graph[layer.out[0]].type.quant;
    if (graph.stage != Stage::kQuantized || !quant || quant->axis >= 0) continue;
    const float zero_point = static_cast<float>(quant->zero_point[0]);
    const std::string scope = cat(net, "/", layer.name, "/");
    parameters.push_back({scope + "qp_out:0", Tensor::of<float>({2}, {zero_point, quant->scale[0]})});
    parameters.push_back({scope + "stats/output_0/stats_limvals:0", limits(graph[layer.out[0]].type)});
    add_bits(graph, layer, scope, parameters);
  }
  return parameters;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.type.dtype == b.type.dtype && a.type.shape == b.type.shape && std::ranges::equal(a.bytes(), b.bytes());
}

Result<> set_constant(Value& value, const Tensor& tensor) {
  if (tensor.type.dtype != value.type.dtype || tensor.type.shape != value.type.shape)
    return mismatch("it is ", to_string(tensor.type.dtype), " ", to_string(tensor.type.shape), " but the graph has ",
                    to_string(value.type.dtype), " ", to_string(value.type.shape), "; give an array like the one read");
  value.constant = tensor;
  value.constant->type = value.type;
  return {};
}

}  // namespace

std::vector<NamedTensor> graph_parameters(const Graph& graph) {
  std::vector<NamedTensor> parameters = graph_constants(graph);
  std::ranges::move(output_quantization(graph), std::back_inserter(parameters));
  return parameters;
}

Result<> set_graph_parameters(Graph& graph, std::span<const NamedTensor> parameters) {
  const std::map<std::string, uint32_t> ids = constant_ids(graph);
  const std::vector<NamedTensor> ranges = output_quantization(graph);
  Graph edited = graph;
  for (const NamedTensor& parameter : parameters) {
    if (const auto found = ids.find(parameter.name); found != ids.end()) {
      GRAUPEL_DO(set_constant(edited.values[found->second], parameter.tensor).within("'", parameter.name, "'"));
      continue;
    }
    const auto range = std::ranges::find(ranges, parameter.name, &NamedTensor::name);
    if (range == ranges.end())
      return not_found("the graph has no parameter '", parameter.name, "'; its ", ids.size(),
                       " parameters are named <net>/<layer>/<role>:0, as get_params lists them");
    if (!same(range->tensor, parameter.tensor))
      return unsupported(
          "'", parameter.name,
          "' cannot be edited: ranges are set while quantizing; use quantization_param in a model script");
  }
  graph = std::move(edited);
  return {};
}

}  // namespace graupel
