#include "ops/depth_to_space.h"

#include <algorithm>

#include "ops/image_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// Whether channels come before the place in a block (CRD) rather than after it.
Result<bool> is_crd(const onnx::Node& node) {
  GRAUPEL_TRY(const std::string mode, node.text("mode", "DCR"));
  if (mode != "DCR" && mode != "CRD") return invalid("attribute mode is '", mode, "' (accepted: DCR, CRD)");
  return mode == "CRD";
}

Result<> import_depth_to_space(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.size() != 4) return invalid("input of shape ", to_string(x.shape), "; N, C, H, W is needed");
  GRAUPEL_TRY(const int64_t block, context.node().integer("blocksize", 0));
  if (block < 1 || block * block > x.shape[1] || block > 65535)
    return invalid("attribute blocksize is ", block, " for ", x.shape[1], " channels");
  GRAUPEL_TRY(const bool crd, is_crd(context.node()));
  return finish_same_order(context, context.channels_last(x), DepthToSpace{static_cast<int32_t>(block), crd});
}

/// SpaceToDepth, on N, H, W, C: rows and columns part from their place in a block, which becomes the outer part of C,
/// or in CRD order the inner one.
Result<> import_space_to_depth(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  if (x.shape.size() != 4) return invalid("input of shape ", to_string(x.shape), "; N, C, H, W is needed");
  GRAUPEL_TRY(const int64_t block, context.node().integer("blocksize", 0));
  const int64_t n = x.shape[0], c = x.shape[1], h = x.shape[2], w = x.shape[3];
  if (block < 1 || block > std::min(h, w) || h % block != 0 || w % block != 0)
    return invalid("attribute blocksize is ", block, " for an image of ", h, "x", w, "; it must divide both");
  GRAUPEL_TRY(const bool crd, is_crd(context.node()));
  const std::vector<int> six = {0, 1, 2, 3, 4, 5};
  const Reshape apart{{n, h / block, block, w / block, block, c}};
  GRAUPEL_TRY(x, context.emit(apart, std::vector{context.channels_last(x)}, six));
  const std::vector<int32_t> order = {0, 1, 3, crd ? 5 : 2, crd ? 2 : 4, crd ? 4 : 5};
  GRAUPEL_TRY(x, context.emit(Transpose{order}, std::vector{x}, six));
  const Reshape together{{n, h / block, w / block, block * block * c}};
  GRAUPEL_TRY(x, context.emit(together, std::vector{x}, {0, 2, 3, 1}));
  context.set_output(0, x);
  return {};
}

/// Axes: frame, input row, row in block, input column, column in block, channel.
Move move_of(const DepthToSpace& op, const Shape& in) {
  const int64_t h = in[1], w = in[2], block = op.block, c = in[3] / (block * block);
  const int64_t out_row = w * block * c;
  const int64_t of_channel = op.crd ? block * block : 1, of_column = op.crd ? 1 : c;
  Move move;
  move.axes = {{in[0], h * w * in[3], h * block * out_row},
               {h, w * in[3], block * out_row},
               {block, block * of_column, out_row},
               {w, in[3], block * c},
               {block, of_column, c},
               {c, of_channel, 1}};
  return move;
}

}  // namespace

QuantRule DepthToSpace::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> DepthToSpace::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  const Shape& x = in[0].shape;
  const int64_t pixels = int64_t{block} * block;
  if (block < 1 || x[3] % pixels != 0)
    return invalid("block ", block, " with ", x[3], " channels; the channels must be a multiple of block * block");
  TensorType out{in[0].dtype, {x[0], x[1] * block, x[2] * block, x[3] / pixels}, in[0].quant};
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> DepthToSpace::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  move_floats(context, move_of(*this, in[0].type.shape), in[0].as<float>().data(), dst);
  return result;
}

Result<std::vector<Step>> DepthToSpace::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  GRAUPEL_TRY(Step step, move_step(move_of(*this, context.in[0].shape), 0, context.out.dtype));
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> DepthToSpace::imports() {
  static constexpr OnnxImport kImports[] = {{"DepthToSpace", import_depth_to_space},
                                            {"SpaceToDepth", import_space_to_depth}};
  return kImports;
}

std::span<const Constraint<DepthToSpace>> DepthToSpace::constraints() { return {}; }

static_assert(OpType<DepthToSpace>);

}  // namespace graupel
