// The text form of a graph: attributes are listed from fields(), leaving out those that have their default.
#include "ir/graph.h"

namespace graupel {
namespace {

template <class T>
std::string text_of(const T& value);

template <class T>
std::string list_of(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ",") + text_of(value);
  return "[" + text + "]";
}

template <class T>
std::string fields_of(const T& object) {
  std::string text;
  const T defaults{};
  std::apply(
      [&](const auto&... field) {
        [[maybe_unused]] const auto add = [&](const auto& one) {
          if (object.*(one.member) == defaults.*(one.member)) return;
          text += cat(text.empty() ? "" : " ", one.name, "=", text_of(object.*(one.member)));
        };
        (add(field), ...);
      },
      T::fields());
  return text;
}

template <class T>
std::string text_of(const T& value) {
  if constexpr (HasFields<T>)
    return "{" + fields_of(value) + "}";
  else if constexpr (std::is_same_v<T, UnaryKind> || std::is_same_v<T, DetectArch>)
    return std::string(to_string(value));
  else if constexpr (std::is_enum_v<T>)
    return cat(static_cast<int>(value));
  else if constexpr (requires { value.begin(); })
    return list_of(value);
  else
    return cat(value);
}

std::string names_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string text;
  for (ValueId id : ids) {
    const Value& value = graph[id];
    text += cat(text.empty() ? "" : ", ", value.name);
    if (value.constant) text += cat(":", to_string(value.type));
  }
  return text;
}

}  // namespace

std::string print_graph(const Graph& graph) {
  std::string text = cat("graph ", graph.name, " (", to_string(graph.stage), ")\n");
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    text += cat("in  ", graph[graph.inputs[i]].name, " = ", graph.input_info[i].origin, " : ",
                to_string(graph[graph.inputs[i]].type), "\n");
  for (const Layer& layer : graph.layers) {
    const std::string attributes = std::visit([](const auto& op) { return fields_of(op); }, layer.op);
    text += cat(layer.name, " = ", op_name(layer.op), "(", names_of(graph, layer.in), ")",
                attributes.empty() ? "" : " ", attributes, " : ", to_string(graph[layer.out[0]].type), "\n");
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    text += cat("out ", graph.output_info[i].origin, " = ", graph[graph.outputs[i]].name, " : ",
                to_string(graph[graph.outputs[i]].type), "\n");
  return text;
}

}  // namespace graupel
