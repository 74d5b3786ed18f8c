// Rules that take a reversal of channels (BGR to RGB) out of the data and into constants.
#include <algorithm>

#include "passes/rules.h"

namespace graupel {
namespace {

/// The layer that reverses all channels of its input and writes `id`, if there is one.
const Layer* reversal_behind(const Rewriter& rw, ValueId id) {
  const Layer* layer = rw.producer_as<Slice>(id);
  if (layer == nullptr || !rw.uses().read_once(id)) return nullptr;
  const Slice& slice = std::get<Slice>(layer->op);
  const Shape& shape = rw.value(layer->in[0]).type.shape;
  const int64_t channels = shape.back();
  const bool whole = slice.axis + 1 == static_cast<int32_t>(shape.size()) && slice.count == channels;
  return whole && slice.step == -1 && slice.begin == channels - 1 ? layer : nullptr;
}

bool takes_all_channels(const Op& op) {
  const Conv* conv = std::get_if<Conv>(&op);
  return std::holds_alternative<Dense>(op) || (conv != nullptr && conv->groups == 1);
}

}  // namespace

Result<bool> lift_reversal(Rewriter& rw, LayerId id) {
  const Layer affine = rw.graph()[id];
  if (!std::holds_alternative<Affine>(affine.op)) return false;
  const Layer* reversal = reversal_behind(rw, affine.in[0]);
  if (reversal == nullptr) return false;
  const Op reverse = reversal->op;
  const ValueId x = reversal->in[0];
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(affine.in[0])];
  std::vector<ValueId> in{x};
  for (std::size_t operand : {1u, 2u}) {
    const auto old = rw.floats(affine.in[operand]);
    std::vector<float> values(old.begin(), old.end());
    std::reverse(values.begin(), values.end());
    const Shape shape{static_cast<int64_t>(values.size())};
    in.push_back(rw.add_constant(rw.value(affine.in[operand]).name, Tensor::of<float>(shape, values)));
  }
  // The affine keeps its name; the reversal behind it takes the place, and the name, of the one in front.
  const std::string name = affine.name + "_reversed";
  GRAUPEL_TRY(const ValueId y, rw.insert(id, name, Affine{}, in, affine.origins));
  const LayerId moved{static_cast<uint32_t>(id) + 1};
  rw.swap_names(id, moved);
  rw.swap_names(moved, absorbed);
  GRAUPEL_DO(rw.replace(moved, reverse, {y}, std::span(&absorbed, 1)));
  return true;
}

Result<bool> fold_reversal(Rewriter& rw, LayerId id) {
  const Layer layer = rw.graph()[id];
  if (!takes_all_channels(layer.op)) return false;
  const Layer* reversal = reversal_behind(rw, layer.in[0]);
  if (reversal == nullptr) return false;
  const Tensor& old = *rw.value(layer.in[1]).constant;
  const auto source = old.as<float>();
  const int64_t outputs = old.type.shape.back(), inputs = old.type.shape[old.type.shape.size() - 2];
  auto [weights, w] = Tensor::make<float>(old.type.shape);
  for (int64_t i = 0; i < static_cast<int64_t>(source.size()) / outputs; ++i) {
    const int64_t from = i / inputs * inputs + (inputs - 1 - i % inputs);
    std::copy_n(source.begin() + from * outputs, outputs, w + i * outputs);
  }
  std::vector<ValueId> in = layer.in;
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(layer.in[0])];
  in[0] = reversal->in[0];
  in[1] = rw.add_constant(rw.value(layer.in[1]).name, weights);
  GRAUPEL_DO(rw.replace(id, layer.op, in, std::span(&absorbed, 1)));
  return true;
}

}  // namespace graupel
