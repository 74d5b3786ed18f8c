#include "compiler/importer.h"

#include <algorithm>
#include <numeric>

#include "compiler/expand.h"
#include "compiler/fold.h"

namespace graupel {
namespace {

constexpr std::size_t kMostFoldedBytes = std::size_t{1} << 31;
const std::vector<int> kNhwc = {0, 2, 3, 1};

/// Operators that a program of fixed steps cannot be asked for, and what to do instead.
constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
    {"GridSample",
     "it reads pixels at positions that the network computes as it runs, which no fixed program does; end the model "
     "before it with end nodes and sample on the host"},
    {"NonMaxSuppression",
     "boxes are suppressed on the host; end the model at the last convolutions with end nodes and add nms_postprocess"},
    {"TopK",
     "which elements it takes is known only as it runs; end the model before it with end nodes and choose on the host"},
};

std::vector<int> identity_order(std::size_t rank) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

/// Four extents that can only mean N, H, W, C: few channels come last and the second extent is more than a colour image
/// has.
bool is_plainly_channels_last(const Shape& shape) {
  return shape.size() == 4 && shape[3] >= 1 && shape[3] <= 4 && shape[1] > 4;
}

Shape stored_shape(const Shape& shape, std::span<const int> order) {
  Shape stored;
  for (int axis : order) stored.push_back(shape[static_cast<std::size_t>(axis)]);
  return stored;
}

/// True when reordering moves extents of 1 only: the bytes stay as they are.
bool keeps_bytes(const Shape& shape, std::span<const int> order) {
  int last = -1;
  for (int axis : order) {
    if (shape[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

Tensor as_f32(const Tensor& tensor) {
  if (tensor.type.dtype == DType::kF32) return tensor;
  auto [real, data] = Tensor::make<float>(tensor.type.shape);
  const auto convert = [to = data](auto values) {
    std::transform(values.begin(), values.end(), to, [](auto value) { return static_cast<float>(value); });
  };
  switch (tensor.type.dtype) {
    case DType::kF32: break;
    case DType::kU8: convert(tensor.as<uint8_t>()); break;
    case DType::kS8: convert(tensor.as<int8_t>()); break;
    case DType::kU16: convert(tensor.as<uint16_t>()); break;
    case DType::kS16: convert(tensor.as<int16_t>()); break;
    case DType::kS32: convert(tensor.as<int32_t>()); break;
    case DType::kS64: convert(tensor.as<int64_t>()); break;
    case DType::kF64: convert(tensor.as<double>()); break;
    case DType::kBool: convert(tensor.as<bool>()); break;
  }
  return real;
}

PortInfo port_of(const std::string& name, const std::vector<int>& order) {
  return {name, std::vector<int32_t>(order.begin(), order.end()), {}};
}

}  // namespace

const Importer::Known* Importer::find(const std::string& tensor) const {
  const auto known = known_.find(tensor);
  if (known != known_.end()) return &known->second;
  const auto initializer = model_.initializers.find(tensor);
  if (initializer == model_.initializers.end()) return nullptr;
  return &known_.emplace(tensor, Known{initializer->second, {}}).first->second;
}

bool Importer::is_known(const std::string& tensor) const { return find(tensor) != nullptr; }

bool Importer::is_computed(const std::string& tensor) const {
  const Known* known = find(tensor);
  return known != nullptr && known->value && !graph_.values[known->value->id].constant;
}

Result<> Importer::add_input(const std::string& name, const Shape& shape) {
  GRAUPEL_DO(validate(shape));
  const bool image = shape.size() == 4 && !is_plainly_channels_last(shape);
  const std::vector<int> order = image ? kNhwc : identity_order(shape.size());
  const ValueId id = graph_.add_value(name, {DType::kF32, stored_shape(shape, order), {}});
  graph_.inputs.push_back(id);
  graph_.input_info.push_back(port_of(name, order));
  known_[name] = Known{{}, ImportValue{static_cast<uint32_t>(id), shape, order}};
  return {};
}

std::optional<Shape> Importer::shape_of(const std::string& name) const {
  const Known* known = find(name);
  if (known == nullptr) return {};
  return known->value ? known->value->shape : known->constant->type.shape;
}

Result<> Importer::add_node(const onnx::Node& node) {
  node_ = &node;
  for (const std::string& input : node.inputs)
    if (!input.empty() && !is_known(input)) return not_found("input '", input, "' could not be computed");
  for (const std::string& output : node.outputs) writer_[output] = &node;
  if (const auto reason = unknown_operator(node, true)) return unsupported(*reason);
  GRAUPEL_TRY(const bool folded, fold_node());
  if (folded) return {};
  GRAUPEL_TRY(const bool expanded, expand_node());
  if (expanded) return {};
  if (const auto reason = unknown_operator(node, false)) return unsupported(*reason);
  const OnnxImport* import = find_import(node.op_type);
  if (import == nullptr) return unsupported("this form of it is not supported");
  GRAUPEL_DO(import->import(*this));
  const bool has_output = !node.outputs.empty() && (node.outputs[0].empty() || is_known(node.outputs[0]));
  if (!has_output) return unsupported("its outputs are not computed");
  return {};
}

std::optional<std::string> Importer::unknown_operator(const onnx::Node& node, bool constant) const {
  if (!node.domain.empty())
    return cat("operators of domain '", node.domain, "' are not supported (supported: ONNX's own)");
  if (find_import(node.op_type) != nullptr || find_expansion(node.op_type) != nullptr) return {};
  const bool folds = find_fold(node.op_type) != nullptr;
  if (folds && constant) return {};
  for (const auto& [op_type, reason] : kRefused)
    if (node.op_type == op_type) return std::string(reason);
  if (!folds) return "there is no such operator here";
  return "it is supported on constants and static shapes only";
}

/// True when the node was constant. A form the evaluator does not know is left to the operator's import, if it has one.
Result<bool> Importer::fold_node() {
  const FoldRule* rule = find_fold(node_->op_type);
  if (rule == nullptr) return false;
  FoldContext context{*node_, opset(), {}, {}};
  for (std::size_t i = 0; i < inputs(); ++i) {
    context.in.push_back(constant(i));
    context.shapes.push_back(has(i) ? shape_of(node_->inputs[i]) : std::nullopt);
  }
  if (!can_fold(*rule, context)) return false;
  Result<std::vector<Tensor>> values = fold(*rule, context);
  if (!values.ok() && values.error().code == ErrorCode::kUnsupported && find_import(node_->op_type) != nullptr)
    return false;
  if (!values.ok()) return std::move(values).error();
  for (std::size_t i = 0; i < node_->outputs.size() && i < values->size(); ++i) {
    if (node_->outputs[i].empty()) continue;
    folded_bytes_ += (*values)[i].type.bytes();
    known_[node_->outputs[i]] = Known{std::move((*values)[i]), {}};
  }
  GRAUPEL_DO(check_folded());
  return true;
}

/// True when the node was replaced by others.
Result<bool> Importer::expand_node() {
  const onnx::Node& whole = *node_;
  const ExpandRule* rule = find_expansion(whole.op_type);
  if (rule == nullptr) return false;
  ExpandContext context{whole, {}, {}, {}};
  for (std::size_t i = 0; i < inputs(); ++i) {
    context.in.push_back(constant(i));
    context.shapes.push_back(has(i) ? shape_of(whole.inputs[i]) : std::nullopt);
    context.types.push_back(has(i) ? element_type(whole.inputs[i]) : DType::kF32);
  }
  GRAUPEL_TRY(std::vector<onnx::Node> nodes, rule->expand(context));
  if (nodes.empty()) return false;
  for (const onnx::Node& part : expanded_.emplace_back(std::move(nodes)))
    GRAUPEL_DO(add_node(part).within("its ", part.op_type));
  node_ = &whole;
  return true;
}

/// What ONNX says the elements of a known tensor are; here all that is computed is f32.
DType Importer::element_type(const std::string& tensor) const {
  constexpr std::string_view kTruths[] = {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
                                          "Not", "Or",    "Xor"};
  constexpr std::string_view kIndices[] = {"ArgMax", "ArgMin"};
  const auto among = [](std::span<const std::string_view> names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::string name = tensor;;) {
    const Known* known = find(name);
    if (known != nullptr && known->constant) return known->constant->type.dtype;
    for (const onnx::ValueInfo& input : model_.inputs)
      if (input.name == name) return input.dtype;
    const auto writer = writer_.find(name);
    if (writer == writer_.end() || writer->second->inputs.empty()) return DType::kF32;
    const onnx::Node& node = *writer->second;
    if (among(kTruths, node.op_type)) return DType::kBool;
    if (among(kIndices, node.op_type)) return DType::kS64;
    if (node.op_type == "Cast") {
      const int64_t to = node.integer("to", 1).ok() ? node.integer("to", 1).value() : 1;
      return to == 6 ? DType::kS32 : to == 7 ? DType::kS64 : to == 9 ? DType::kBool : DType::kF32;
    }
    const std::size_t same = node.op_type == "Where" || node.op_type == "CastLike" ? 1 : 0;
    if (node.inputs.size() <= same || node.inputs[same] == name) return DType::kF32;
    name = node.inputs[same];
  }
}

Result<> Importer::check_folded() const {
  if (folded_bytes_ <= kMostFoldedBytes) return {};
  return unsupported("the model's constant arithmetic makes more than ", kMostFoldedBytes,
                     " bytes; simplify it before parsing");
}

Result<ImportValue> Importer::in(std::size_t i) {
  if (!has(i)) return invalid("input ", i, " is missing");
  const Known* found = find(node_->inputs[i]);
  if (found == nullptr) return invalid("input '", node_->inputs[i], "' is not known");
  Known& known = known_[node_->inputs[i]];
  if (!known.value) known.value = add_constant(as_f32(*known.constant));
  return *known.value;
}

const Tensor* Importer::constant(std::size_t i) const {
  if (!has(i)) return nullptr;
  const Known* known = find(node_->inputs[i]);
  return known != nullptr && known->constant ? &*known->constant : nullptr;
}

Result<Shape> Importer::shape(std::size_t i) const {
  if (!has(i)) return invalid("input ", i, " is missing");
  const std::optional<Shape> shape = shape_of(node_->inputs[i]);
  if (!shape) return invalid("input '", node_->inputs[i], "' is not known");
  return *shape;
}

ImportValue Importer::in_order(const ImportValue& value, std::span<const int> order) {
  check(order.size() == value.order.size(), "in_order: rank");
  std::vector<int> moves;
  for (int axis : order) {
    const auto at = std::find(value.order.begin(), value.order.end(), axis);
    check(at != value.order.end(), "in_order: not a permutation");
    moves.push_back(static_cast<int>(at - value.order.begin()));
  }
  return {reordered(value.id, moves), value.shape, std::vector<int>(order.begin(), order.end())};
}

ImportValue Importer::in_onnx_order(const ImportValue& value) {
  return in_order(value, identity_order(value.shape.size()));
}

ImportValue Importer::channels_last(const ImportValue& value) {
  std::vector<int> order = identity_order(value.shape.size());
  if (order.size() == 4) order = kNhwc;
  if (order.size() == 3) order = {0, 2, 1};
  return in_order(value, order);
}

/// The value that is `id` with stored extents reordered. Reorderings of reorderings go back to the first source, so
/// that there and back again is no layer at all.
uint32_t Importer::reordered(uint32_t id, const std::vector<int>& order) {
  if (order == identity_order(order.size())) return id;
  if (const auto from = reordered_.find(id); from != reordered_.end()) {
    std::vector<int> total;
    for (int axis : order) total.push_back(from->second.order[static_cast<std::size_t>(axis)]);
    return reordered(from->second.source, total);
  }
  const auto [entry, is_new] = reorderings_.try_emplace({id, order}, 0u);
  if (is_new) entry->second = reorder_layer(id, order);
  return entry->second;
}

uint32_t Importer::reorder_layer(uint32_t id, const std::vector<int>& order) {
  const Value& value = graph_.values[id];
  if (value.constant) return add_constant(transposed(*value.constant, order)).id;
  Op op = Transpose{std::vector<int32_t>(order.begin(), order.end())};
  if (keeps_bytes(value.type.shape, order)) op = Reshape{stored_shape(value.type.shape, order)};
  std::vector<std::string> origins;
  if (node_ != nullptr) origins.push_back(node_->name);
  const Result<uint32_t> out = append(std::move(op), {ValueId{id}}, std::move(origins));
  check(out.ok(), "reordering a valid value");
  reordered_[*out] = {id, order};
  return *out;
}

ImportValue Importer::add_constant(Tensor tensor) {
  const Shape shape = tensor.type.shape;
  TensorType type = tensor.type;
  const ValueId id = graph_.add_value("constant", std::move(type), std::move(tensor));
  return {static_cast<uint32_t>(id), shape, identity_order(shape.size())};
}

Result<uint32_t> Importer::append(Op op, std::vector<ValueId> in, std::vector<std::string> origins) {
  Layer layer{cat("layer", graph_.layers.size()), std::move(op), std::move(in), {}, std::move(origins)};
  GRAUPEL_TRY(TensorType type, infer(layer.op, graph_.input_types(layer)));
  GRAUPEL_DO(validate(type.shape));
  GRAUPEL_TRY(std::optional<Tensor> constant, fold_layer(layer, type));
  if (constant) return add_constant(std::move(*constant)).id;
  const ValueId out = graph_.add_value(layer.name, std::move(type));
  layer.out = {out};
  graph_.layers.push_back(std::move(layer));
  return static_cast<uint32_t>(out);
}

/// The value of a layer of constants, such as a class token that is broadcast and projected.
Result<std::optional<Tensor>> Importer::fold_layer(const Layer& layer, const TensorType& type) {
  std::vector<Tensor> operands;
  for (ValueId id : layer.in) {
    if (!graph_[id].constant) return std::optional<Tensor>();
    operands.push_back(*graph_[id].constant);
  }
  folded_bytes_ += type.bytes();
  GRAUPEL_DO(check_folded());
  GRAUPEL_TRY(Tensor value, eval(layer.op, fold_context_.eval(), operands, type));
  fold_context_.forget_weights();
  // The context recycles its buffers.
  Tensor kept{value.type, std::make_shared<Bytes>(value.bytes().begin(), value.bytes().end())};
  return std::optional<Tensor>(std::move(kept));
}

Result<ImportValue> Importer::emit(const AnyOp& op, std::span<const ImportValue> in, std::vector<int> order) {
  std::vector<ValueId> operands;
  for (const ImportValue& value : in) operands.push_back(ValueId{value.id});
  GRAUPEL_TRY(const uint32_t id, append(op.op, std::move(operands), {node_->name}));
  const Shape& stored = graph_.values[id].type.shape;
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != identity_order(stored.size()))
    return invalid("the result has shape ", to_string(stored), ", not the ", order.size(),
                   " extents that the operator gives");
  ImportValue value{id, Shape(stored.size()), std::move(order)};
  for (std::size_t i = 0; i < stored.size(); ++i) value.shape[static_cast<std::size_t>(value.order[i])] = stored[i];
  return value;
}

void Importer::set_output(std::size_t index, const ImportValue& value) {
  if (index >= node_->outputs.size() || node_->outputs[index].empty()) return;
  const auto& constant = graph_.values[value.id].constant;
  Known known{{}, value};
  if (constant) {
    std::vector<int> back(value.order.size());
    for (std::size_t i = 0; i < back.size(); ++i) back[static_cast<std::size_t>(value.order[i])] = static_cast<int>(i);
    known.constant = transposed(*constant, back);
  }
  known_[node_->outputs[index]] = std::move(known);
}

/// Whether the model itself says N, H, W, C for this rank-4 tensor: by a Transpose to it, or by its extents.
bool Importer::ends_in_nhwc(const std::string& name, const Known& known) const {
  if (known.value->order != identity_order(4)) return false;
  if (is_plainly_channels_last(known.value->shape)) return true;
  const auto writer = writer_.find(name);
  if (writer == writer_.end() || writer->second->op_type != "Transpose") return false;
  const Result<std::vector<int64_t>> perm = writer->second->integers("perm", {});
  return perm.ok() && *perm == std::vector<int64_t>{0, 2, 3, 1};
}

Result<> Importer::add_output(const std::string& name) {
  const Known* known = find(name);
  if (known == nullptr) return not_found("output '", name, "' could not be computed");
  if (!known->value || graph_.values[known->value->id].constant)
    return unsupported("output '", name, "' is a constant: it depends on no input");
  const auto writer = writer_.find(name);
  node_ = writer != writer_.end() ? writer->second : nullptr;
  const bool image = known->value->shape.size() == 4 && !ends_in_nhwc(name, *known);
  ImportValue value = image ? channels_last(*known->value) : in_onnx_order(*known->value);
  const ValueId id{value.id};
  const bool is_input = std::find(graph_.inputs.begin(), graph_.inputs.end(), id) != graph_.inputs.end();
  const bool is_output = std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end();
  if (is_input || is_output) {
    GRAUPEL_TRY(value.id, append(Unary{}, {id}, {node_ != nullptr ? node_->name : name}));
  }
  graph_.outputs.push_back(ValueId{value.id});
  graph_.output_info.push_back(port_of(name, value.order));
  return {};
}

}  // namespace graupel
