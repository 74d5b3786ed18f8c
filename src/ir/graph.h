// The graph: layers in execution order over values. What is parsed, optimized, quantized, printed and saved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "program/preprocess.h"
#include "tensor/tensor.h"

namespace graupel {

enum class ValueId : uint32_t {};
enum class LayerId : uint32_t {};

/// How far a graph has come. kQuantized: every value but constants' originals and host ops' outputs is integer with
/// `quant`.
enum class Stage : uint8_t { kParsed, kOptimized, kQuantized };

std::string_view to_string(Stage stage);
Result<Stage> parse_stage(std::string_view name);

struct Value {
  std::string name;
  TensorType type;
  std::optional<Tensor> constant;
};

struct Layer {
  std::string name;  ///< kind and number, as "conv12"; unique
  Op op;
  std::vector<ValueId> in, out;      ///< out has one element for every op there is
  std::vector<std::string> origins;  ///< names of the original model's nodes
};

/// What the model's author calls an input or output, and how it was laid out there.
struct PortInfo {
  std::string origin;          ///< the tensor's name in the original model
  std::vector<int32_t> order;  ///< stored extent i is the original's extent order[i]
  Preprocess preprocess;       ///< inputs only
};

struct Graph {
  std::string name;
  Stage stage = Stage::kParsed;
  std::vector<Value> values;
  std::vector<Layer> layers;  ///< always in execution order
  std::vector<ValueId> inputs, outputs;
  std::vector<PortInfo> input_info, output_info;  ///< parallel to inputs, outputs

  const Value& operator[](ValueId id) const { return values[static_cast<uint32_t>(id)]; }
  Value& operator[](ValueId id) { return values[static_cast<uint32_t>(id)]; }
  const Layer& operator[](LayerId id) const { return layers[static_cast<uint32_t>(id)]; }
  Layer& operator[](LayerId id) { return layers[static_cast<uint32_t>(id)]; }

  ValueId add_value(std::string value_name, TensorType type, std::optional<Tensor> constant = {});
  /// Types of a layer's inputs, in order.
  std::vector<TensorType> input_types(const Layer& layer) const;
};

/// The layer that writes `value`, if any; how many layers (and graph outputs) read it.
struct Uses {
  explicit Uses(const Graph& graph);
  std::vector<std::optional<LayerId>> producer;  ///< by value
  std::vector<std::vector<LayerId>> readers;     ///< by value; a layer appears once per operand
  std::vector<bool> is_output;                   ///< by value

  /// True when exactly one layer reads `value` and it is no graph output.
  bool read_once(ValueId value) const;
};

/// Everything a stage may assume: ids in range, layers in execution order, names unique, types equal to infer()'s,
/// constants of their declared type, quantized stages fully quantized. Errors name the layer.
Result<> verify(const Graph& graph);

/// One line per layer, for people and golden tests.
std::string print_graph(const Graph& graph);

/// Removes values and layers nothing depends on, and renumbers.
void remove_dead(Graph& graph);

}  // namespace graupel
