// validate(): every instruction, port and tap of a program lies where it may.
#include "program/validate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "program/expect.h"

namespace graupel {
namespace {

Result<Region> placed(const Program& program, const Place& place, Region region) {
  const bool in_arena = place.space == Place::Space::kArena;
  const int64_t limit = in_arena ? program.arena_size : static_cast<int64_t>(program.constants.size());
  region.low += place.offset;
  region.high += place.offset;
  region.phase += place.offset;
  if (place.offset % region.alignment != 0)
    return corrupt("it begins at byte ", place.offset, ", not at a multiple of ", region.alignment);
  if (region.low >= 0 && region.high <= limit) return region;
  return corrupt("bytes ", region.low, " to ", region.high, " of ", limit, " bytes of ",
                 in_arena ? "arena" : "constants");
}

Result<> check_instr(const Program& program, const Instr& instr) {
  GRAUPEL_TRY(const Touched touched,
              std::visit([&](const auto& p) { return prove(p, program.constants.bytes()); }, instr.params));
  if (instr.src.size() != touched.src.size())
    return corrupt(instr.src.size(), " sources; ", touched.src.size(), " are needed");
  if (instr.dst.space != Place::Space::kArena) return corrupt("the destination is not in the arena");
  GRAUPEL_TRY(const Region dst, placed(program, instr.dst, touched.dst).within("destination"));
  for (std::size_t i = 0; i < instr.src.size(); ++i) {
    GRAUPEL_TRY(const Region src, placed(program, instr.src[i], touched.src[i]).within("source ", i));
    // Workers write while others read; and a table index computed from bytes that change would leave the table.
    if (instr.src[i].space == Place::Space::kArena && !disjoint(src, dst))
      return corrupt("source ", i, " (bytes ", src.low, " to ", src.high, ") overlaps the destination (bytes ", dst.low,
                     " to ", dst.high, ")");
  }
  return {};
}

std::string_view family(const Instr& instr) {
  return std::visit([](const auto& p) { return std::remove_cvref_t<decltype(p)>::kName; }, instr.params);
}

/// A tensor of codes with elements and one usable scale, `stride` elements between its innermost runs, in the arena.
Result<> check_tensor(const Program& program, const TensorType& type, uint32_t offset, int64_t stride) {
  const Result<> shape = validate(type.shape);
  if (!shape.ok()) return corrupt(shape.error().message);
  if (element_count(type.shape) < 1) return corrupt("shape ", to_string(type.shape), " has no elements");
  GRAUPEL_DO(expect_codes("it", type.dtype));
  if (!type.quant || type.quant->axis != -1 || type.quant->scale.size() != 1 || type.quant->zero_point.size() != 1)
    return corrupt("it must have one scale and one zero point");
  const float scale = type.quant->scale[0];
  if (!(scale > 0) || !std::isfinite(scale)) return corrupt("its scale is ", scale, " (accepted: above 0)");
  GRAUPEL_DO(expect_zero_point("zero point", type.quant->zero_point[0], most_code(type.dtype)));
  const int64_t inner = type.shape.empty() ? 1 : type.shape.back();
  const int64_t runs = element_count(type.shape) / inner;
  GRAUPEL_DO(expect_range("pixel_stride", stride, inner, std::numeric_limits<int32_t>::max() / runs));
  const int64_t bytes = code_bytes(type.dtype), end = offset + ((runs - 1) * stride + inner) * bytes;
  if (offset % bytes != 0) return corrupt("it begins at byte ", offset, ", not at a multiple of ", bytes);
  if (end > program.arena_size) return corrupt("it ends at byte ", end, " of an arena of ", program.arena_size);
  return {};
}

Result<> check_preprocess(const Preprocess& preprocess, const Shape& shape) {
  GRAUPEL_DO(expect_range("fill", preprocess.fill, 0, 255));
  GRAUPEL_DO(expect_range("short_side", preprocess.short_side, 0, 1 << 16));
  if (!std::isfinite(preprocess.scale) || preprocess.scale == 0) return corrupt("scale is ", preprocess.scale);
  const std::size_t channels = shape.empty() ? 1 : static_cast<std::size_t>(shape.back());
  for (const auto* values : {&preprocess.mean, &preprocess.std}) {
    if (!values->empty() && values->size() != channels)
      return corrupt(values->size(), " values of mean or std for ", channels, " channels");
    for (float value : *values)
      if (!std::isfinite(value) || (values == &preprocess.std && value == 0)) return corrupt("mean or std is ", value);
  }
  return {};
}

Result<> check_port(const Program& program, const Port& port, bool input) {
  if (port.name.empty()) return corrupt("it has no name");
  std::vector<int32_t> axes = port.order;
  std::sort(axes.begin(), axes.end());
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes.size() != port.type.shape.size() || axes[i] != static_cast<int32_t>(i))
      return corrupt("its order does not permute shape ", to_string(port.type.shape));
  GRAUPEL_DO(check_tensor(program, port.type, port.offset, port.type.shape.empty() ? 1 : port.type.shape.back()));
  std::vector<int32_t> order = port.order;
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order.size() != port.type.shape.size() || order[i] != static_cast<int32_t>(i))
      return corrupt("its order of extents is no permutation of ", port.type.shape.size());
  if (!input) return {};
  return check_preprocess(port.preprocess, port.type.shape).within("preprocess");
}

Result<> check_tap(const Program& program, const Tap& tap) {
  if (tap.layer >= program.layer_names.size() || tap.last_instr >= program.instrs.size())
    return corrupt("layer ", tap.layer, " of ", program.layer_names.size(), ", instruction ", tap.last_instr, " of ",
                   program.instrs.size());
  return check_tensor(program, tap.type, tap.offset, tap.pixel_stride);
}

}  // namespace

Result<> validate(const Program& program) {
  GRAUPEL_DO(expect_range("arena_size", program.arena_size, 0, std::numeric_limits<int32_t>::max()));
  if (program.inputs.empty() || program.outputs.empty())
    return corrupt("a program with ", program.inputs.size(), " inputs and ", program.outputs.size(),
                   " outputs (each needs one)");
  for (std::size_t i = 0; i < program.instrs.size(); ++i) {
    const Instr& instr = program.instrs[i];
    if (instr.layer >= program.layer_names.size())
      return corrupt("instruction ", i, " is of layer ", instr.layer, " of ", program.layer_names.size());
    GRAUPEL_DO(
        check_instr(program, instr)
            .within("instruction ", i, " (", family(instr), ", layer '", program.layer_names[instr.layer], "')"));
  }
  for (const Port& port : program.inputs) GRAUPEL_DO(check_port(program, port, true).within("input '", port.name, "'"));
  for (const Port& port : program.outputs)
    GRAUPEL_DO(check_port(program, port, false).within("output '", port.name, "'"));
  for (std::size_t i = 0; i < program.taps.size(); ++i)
    GRAUPEL_DO(check_tap(program, program.taps[i]).within("tap ", i));
  return validate_host_steps(program);
}

}  // namespace graupel
