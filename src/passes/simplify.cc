// Rules that remove, compose and move layers without touching arithmetic.
#include <algorithm>
#include <numeric>

#include "ir/float_context.h"
#include "passes/rules.h"

namespace graupel {
namespace {

template <class T>
const T* as(const Rewriter& rw, LayerId id) {
  return std::get_if<T>(&rw.graph()[id].op);
}

bool is_identity_order(std::span<const int32_t> order) {
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] != static_cast<int32_t>(i)) return false;
  return true;
}

bool all_equal(std::span<const float> values, float expected) {
  return !values.empty() && std::all_of(values.begin(), values.end(), [&](float v) { return v == expected; });
}

struct ChangesNothing {
  const Rewriter& rw;
  const Layer& layer;

  const Shape& in_shape() const { return rw.value(layer.in[0]).type.shape; }
  const Shape& out_shape() const { return rw.value(layer.out[0]).type.shape; }

  bool operator()(const Reshape&) const { return in_shape() == out_shape(); }
  bool operator()(const Slice& op) const { return in_shape() == out_shape() && op.step == 1; }
  bool operator()(const Pad&) const { return in_shape() == out_shape(); }
  bool operator()(const Transpose& op) const { return is_identity_order(op.order); }
  bool operator()(const Unary& op) const { return op.kind == UnaryKind::kIdentity; }
  bool operator()(const Concat&) const { return layer.in.size() == 1; }
  bool operator()(const Affine&) const {
    return all_equal(rw.floats(layer.in[1]), 1.0f) && all_equal(rw.floats(layer.in[2]), 0.0f);
  }
  template <class T>
  bool operator()(const T&) const {
    return false;
  }
};

}  // namespace

Result<bool> remove_identity(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  if (!std::visit(ChangesNothing{rw, layer}, layer.op)) return false;
  // An output that would become a graph input keeps its layer: a port is one or the other.
  const bool is_output = rw.uses().is_output[static_cast<uint32_t>(layer.out[0])];
  const bool reads_port = !rw.uses().producer[static_cast<uint32_t>(layer.in[0])].has_value();
  if (is_output && (reads_port || rw.uses().is_output[static_cast<uint32_t>(layer.in[0])])) return false;
  rw.bypass(id, layer.in[0]);
  return true;
}

Result<bool> fold_constant(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  std::vector<Tensor> in;
  for (ValueId value : layer.in) {
    if (!rw.value(value).constant) return false;
    in.push_back(*rw.value(value).constant);
  }
  if (rw.uses().is_output[static_cast<uint32_t>(layer.out[0])]) return false;
  const FloatContext context(1, Isa::kRef);
  GRAUPEL_TRY(Tensor value, eval(layer.op, context.eval(), in, rw.value(layer.out[0]).type));
  rw.bypass(id, rw.add_constant(layer.name, std::move(value)));
  return true;
}

Result<bool> compose_transposes(Rewriter& rw, LayerId id) {
  const Transpose* outer = as<Transpose>(rw, id);
  if (outer == nullptr) return false;
  const Layer* inner = rw.producer_as<Transpose>(rw.graph()[id].in[0]);
  if (inner == nullptr) return false;
  const Transpose& first = std::get<Transpose>(inner->op);
  Transpose both{std::vector<int32_t>(outer->order.size())};
  for (std::size_t i = 0; i < both.order.size(); ++i)
    both.order[i] = first.order[static_cast<std::size_t>(outer->order[i])];
  GRAUPEL_DO(rw.replace(id, both, {inner->in[0]}));
  return true;
}

Result<bool> compose_reshapes(Rewriter& rw, LayerId id) {
  const Reshape* outer = as<Reshape>(rw, id);
  if (outer == nullptr) return false;
  const Layer* inner = rw.producer_as<Reshape>(rw.graph()[id].in[0]);
  if (inner == nullptr) return false;
  GRAUPEL_DO(rw.replace(id, Reshape{outer->shape}, {inner->in[0]}));
  return true;
}

Result<bool> lift_transpose(Rewriter& rw, LayerId id) {
  const Transpose* outer = as<Transpose>(rw, id);
  if (outer == nullptr) return false;
  const ValueId middle = rw.graph()[id].in[0];
  const Layer* function = rw.producer_as<Unary>(middle);
  if (function == nullptr || !rw.uses().read_once(middle)) return false;
  const Layer* inner = rw.producer_as<Transpose>(function->in[0]);
  if (inner == nullptr) return false;
  const std::string name = function->name + "_transpose";
  const Op op = function->op;
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(middle)];
  GRAUPEL_TRY(const ValueId moved, rw.insert(id, name, *outer, {function->in[0]}, rw.graph()[id].origins));
  rw.swap_names(LayerId{static_cast<uint32_t>(id) + 1}, absorbed);
  // insert() shifted `id` by one; the element-wise layer now stands where the outer transpose stood.
  GRAUPEL_DO(rw.replace(LayerId{static_cast<uint32_t>(id) + 1}, op, {moved}, std::span(&absorbed, 1)));
  return true;
}

// Flattening NHWC gives the features in another order than flattening NCHW did; only the matrix rows care.
Result<bool> fold_flatten(Rewriter& rw, LayerId id) {
  const Dense* dense = as<Dense>(rw, id);
  if (dense == nullptr) return false;
  const Layer* reshape = rw.producer_as<Reshape>(rw.graph()[id].in[0]);
  if (reshape == nullptr) return false;
  const Layer* transpose = rw.producer_as<Transpose>(reshape->in[0]);
  if (transpose == nullptr) return false;
  const Shape flat = rw.value(rw.graph()[id].in[0]).type.shape;
  const Shape image = rw.value(transpose->in[0]).type.shape;
  const std::vector<int32_t>& order = std::get<Transpose>(transpose->op).order;
  if (element_count(flat) != flat.back() || order.empty() || order[0] != 0) return false;

  // positions[j]: where the feature that the matrix calls j lies in the untransposed data.
  std::vector<int32_t> positions(static_cast<std::size_t>(flat.back()));
  std::iota(positions.begin(), positions.end(), 0);
  const std::vector<int> axes(order.begin(), order.end());
  const Tensor moved = transposed(Tensor::of<int32_t>(image, positions), axes);
  const auto position = moved.as<int32_t>();

  const Tensor& old = *rw.value(rw.graph()[id].in[1]).constant;
  const int64_t columns = old.type.shape[1];
  auto [weights, data] = Tensor::make<float>(old.type.shape);
  const auto source = old.as<float>();
  for (std::size_t row = 0; row < position.size(); ++row)
    std::copy_n(source.begin() + static_cast<int64_t>(row) * columns, columns, data + position[row] * columns);

  const Dense op = *dense;
  const ValueId bias = rw.graph()[id].in[2];
  const std::vector<std::string> origins = reshape->origins;
  const std::string name = reshape->name + "_flat";
  const ValueId x = transpose->in[0];
  const ValueId w = rw.add_constant(rw.value(rw.graph()[id].in[1]).name, weights);
  GRAUPEL_TRY(const ValueId flattened, rw.insert(id, name, Reshape{flat}, {x}, origins));
  GRAUPEL_DO(rw.replace(LayerId{static_cast<uint32_t>(id) + 1}, op, {flattened, w, bias}));
  return true;
}

Result<bool> forward_slice_of_concat(Rewriter& rw, LayerId id) {
  const Slice* slice = as<Slice>(rw, id);
  if (slice == nullptr || slice->step != 1) return false;
  const Layer* concat = rw.producer_as<Concat>(rw.graph()[id].in[0]);
  if (concat == nullptr || std::get<Concat>(concat->op).axis != slice->axis) return false;
  if (rw.uses().is_output[static_cast<uint32_t>(rw.graph()[id].out[0])]) return false;
  int64_t begin = 0;
  for (ValueId part : concat->in) {
    const int64_t extent = rw.value(part).type.shape[static_cast<std::size_t>(slice->axis)];
    if (begin == slice->begin && extent == slice->count) {
      rw.bypass(id, part);
      return true;
    }
    begin += extent;
  }
  return false;
}

Result<bool> join_quantize_linear(Rewriter& rw, LayerId id) {
  const Layer layer = rw.graph()[id];
  const auto* reals = std::get_if<QuantizeLinear>(&layer.op);
  const auto producer = rw.uses().producer[static_cast<uint32_t>(layer.in[0])];
  if (reals == nullptr || reals->form != QuantizeLinear::Form::kReals || !producer) return false;
  const Layer& before = rw.graph()[*producer];
  QuantizeLinear joined = *reals;
  joined.form = QuantizeLinear::Form::kCodes;
  const auto* codes = std::get_if<QuantizeLinear>(&before.op);
  if (codes == nullptr || *codes != joined) return false;
  joined.form = QuantizeLinear::Form::kRounded;
  GRAUPEL_DO(rw.replace(id, joined, {before.in[0]}));
  return true;
}

}  // namespace graupel
