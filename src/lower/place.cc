#include "lower/place.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace graupel {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// Part of a dense tensor: `rows` runs of `run` elements from `offset` on, `stride` apart.
struct Slot {
  int64_t offset = 0, rows = 1, run = 1, stride = 1;
  int64_t elements() const { return rows * run; }
};

/// A copy between a whole dense tensor and a slot of another.
struct SlotCopy {
  std::size_t operand = 0;  ///< of the part that copies
  Slot slot;
};

/// Reads `step` as a copy whose one side is all `elements` of a dense tensor; the slot is on the other side.
std::optional<SlotCopy> slot_copy(const Step& step, bool slot_is_source, int64_t elements) {
  const auto* copy = std::get_if<CopyParams>(&step.params);
  if (copy == nullptr || step.src[0].input < 0) return {};
  const int64_t dense_offset = slot_is_source ? copy->dst_offset : copy->src_offset;
  Slot slot;
  slot.offset = slot_is_source ? copy->src_offset : copy->dst_offset;
  std::vector<CopyDim> dims = joined_dims(*copy);
  if (!dims.empty() && dims.back().src == 1 && dims.back().dst == 1) {
    slot.run = dims.back().extent;
    dims.pop_back();
  }
  slot.stride = slot.run;
  if (dims.size() == 1) {
    slot.rows = dims[0].extent;
    slot.stride = slot_is_source ? dims[0].src : dims[0].dst;
    if ((slot_is_source ? dims[0].dst : dims[0].src) != slot.run || slot.stride < slot.run) return {};
  }
  if (dims.size() > 1 || dense_offset != 0 || slot.elements() != elements) return {};
  return SlotCopy{static_cast<std::size_t>(step.src[0].input), slot};
}

/// Values that share all their bytes: reshapes of one another.
struct Block {
  std::vector<ValueId> values;
  std::vector<std::size_t> parts;  ///< that read or write it
  int64_t elements = 0;
  int32_t run = 0;  ///< the innermost extent of all its values, or 0 when they differ
  bool is_input = false, is_output = false;
  uint32_t slice_of = kNone;  ///< its one step copies a slot of that block
  Slot slice;
  uint32_t host = kNone;  ///< the block it lies in
  int64_t offset = 0;     ///< in the outermost host
  int64_t stride = 0;     ///< between its runs; equal to `run` when dense
  bool dense = true;
};

class Placer {
 public:
  explicit Placer(Draft& draft) : draft_(draft), block_of_(draft.graph.values.size(), kNone) {}

  Result<Placement> run() {
    GRAUPEL_DO(make_blocks());
    find_slices();
    for (std::size_t i = draft_.parts.size(); i-- > 0;) host_operands(draft_.parts[i]);
    for (Part& part : draft_.parts) host_slice(part);
    for (Part& part : draft_.parts) GRAUPEL_DO(restride(part));
    return homes();
  }

 private:
  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }
  Block& block(ValueId id) { return blocks_[block_of_[index(id)]]; }
  const TensorType& type(ValueId id) const { return draft_.graph[id].type; }

  void add_block(ValueId id) {
    block_of_[index(id)] = static_cast<uint32_t>(blocks_.size());
    blocks_.emplace_back();
    blocks_.back().elements = element_count(type(id).shape);
    join(id, block_of_[index(id)]);
  }

  void join(ValueId id, uint32_t number) {
    Block& joined = blocks_[number];
    block_of_[index(id)] = number;
    const Shape& shape = type(id).shape;
    const auto run = static_cast<int32_t>(shape.empty() ? 1 : shape.back());
    joined.run = joined.values.empty() || joined.run == run ? run : 0;
    joined.values.push_back(id);
  }

  /// One block per value, but whole copies join their operand's.
  Result<> make_blocks() {
    for (ValueId id : draft_.graph.inputs) {
      add_block(id);
      blocks_.back().is_input = true;
    }
    for (Part& part : draft_.parts) {
      const std::optional<ValueId> same = whole_copy_of(part);
      if (same)
        join(part.out, block_of_[index(*same)]);
      else
        add_block(part.out);
      if (same) part.steps.clear();
    }
    for (ValueId id : draft_.graph.outputs) {
      if (block_of_[index(id)] == kNone)
        return unsupported("output '", draft_.graph[id].name, "' is a constant; remove it from the outputs");
      block(id).is_output = true;
    }
    for (std::size_t i = 0; i < draft_.parts.size(); ++i) note_part(i);
    return {};
  }

  void note_part(std::size_t number) {
    const Part& part = draft_.parts[number];
    if (part.steps.empty()) return;
    block(part.out).parts.push_back(number);
    for (ValueId id : part.in)
      if (!draft_.is_constant(id)) block(id).parts.push_back(number);
  }

  /// The operand of which `part` is a copy, all elements in the same order.
  std::optional<ValueId> whole_copy_of(const Part& part) const {
    const int64_t elements = element_count(type(part.out).shape);
    if (part.steps.size() != 1) return {};
    const auto copy = slot_copy(part.steps[0], true, elements);
    if (!copy || copy->slot.offset != 0 || copy->slot.stride != copy->slot.run) return {};
    const ValueId operand = part.in[copy->operand];
    if (draft_.is_constant(operand) || element_count(type(operand).shape) != elements) return {};
    return operand;
  }

  void find_slices() {
    for (const Part& part : draft_.parts) {
      if (part.steps.size() != 1) continue;
      Block& out = block(part.out);
      const auto copy = slot_copy(part.steps[0], true, out.elements);
      if (!copy || draft_.is_constant(part.in[copy->operand]) || out.is_output) continue;
      out.slice_of = block_of_[index(part.in[copy->operand])];
      out.slice = copy->slot;
    }
  }

  /// Lays `guest` into `slot` of `host` if host's own layout and everything that touches guest allow it.
  bool try_host(uint32_t guest_number, uint32_t host_number, const Slot& slot) {
    Block& guest = blocks_[guest_number];
    const Block& host = blocks_[host_number];
    const Block before = guest;
    guest.host = host_number;
    if (lay(guest, host, slot) && (guest.dense || all_accept(guest))) return true;
    guest = before;
    return false;
  }

  static bool lay(Block& guest, const Block& host, const Slot& slot) {
    const int64_t run = host.run;
    if (host.dense) {
      guest.offset = host.offset + slot.offset;
      guest.stride = slot.stride;
      guest.dense = slot.rows == 1;
      return guest.dense || guest.run == slot.run;
    }
    guest.offset = host.offset + slot.offset / run * host.stride + slot.offset % run;
    const bool within_runs = slot.offset % run + slot.run <= run;
    if (slot.rows == 1) {
      guest.dense = within_runs;
      guest.stride = host.stride;
      return within_runs || (slot.offset % run == 0 && slot.run % run == 0 && guest.run == run);
    }
    guest.dense = false;
    guest.stride = slot.stride / run * host.stride;
    return within_runs && slot.stride % run == 0 && guest.run == slot.run;
  }

  /// Whether every step that touches `guest` can follow the layouts as they are now.
  bool all_accept(const Block& guest) {
    if (guest.is_input || guest.is_output || guest.run == 0) return false;
    return std::all_of(guest.parts.begin(), guest.parts.end(), [&](std::size_t number) {
      const Part& part = draft_.parts[number];
      // A slice that becomes a view has no step of its own.
      if (guest.slice_of != kNone && &guest == &block(part.out)) return true;
      return std::all_of(part.steps.begin(), part.steps.end(), [&](const Step& step) {
        Params params = step.params;
        return restride_step(part, step, params);
      });
    });
  }

  Runs runs_of(const Block& one) const { return {one.run, static_cast<int32_t>(one.dense ? one.run : one.stride)}; }

  /// `params`, written for dense operands, for the layouts as they are now.
  bool restride_step(const Part& part, const Step& step, Params& params) {
    for (std::size_t i = 0; i < step.src.size(); ++i) {
      if (step.src[i].input < 0) continue;
      const ValueId id = part.in[static_cast<std::size_t>(step.src[i].input)];
      if (draft_.is_constant(id) || block(id).dense) continue;
      if (!restride_source(params, i, runs_of(block(id)))) return false;
    }
    return block(part.out).dense || restride_destination(params, runs_of(block(part.out)));
  }

  Result<> restride(Part& part) {
    for (Step& step : part.steps)
      if (!restride_step(part, step, step.params))
        return unsupported("layer '", draft_.graph.layers[part.layer].name, "' cannot follow its operands' strides");
    return {};
  }

  /// For a part that copies whole operands into slots of its output (a concatenation): lets each operand live there.
  void host_operands(Part& part) {
    const uint32_t host = block_of_[index(part.out)];
    if (!writes_each_element_once(part)) return;
    for (std::size_t i = 0; i < part.steps.size();) {
      if (!host_whole(part, i, host) && !host_sliced(part, i, host)) ++i;
    }
  }

  /// True when `part` only copies, and nothing over anything else: then its steps need no order.
  bool writes_each_element_once(const Part& part) {
    int64_t elements = 0;
    for (const Step& step : part.steps) {
      const auto* copy = std::get_if<CopyParams>(&step.params);
      if (copy == nullptr) return false;
      elements += std::accumulate(copy->extent.begin(), copy->extent.end(), int64_t{1}, std::multiplies<>());
    }
    return part.steps.size() > 1 && elements == block(part.out).elements;
  }

  std::optional<SlotCopy> copy_into(const Part& part, const Step& step) {
    if (step.src.empty() || step.src[0].input < 0) return {};
    const ValueId operand = part.in[static_cast<std::size_t>(step.src[0].input)];
    if (draft_.is_constant(operand)) return {};
    return slot_copy(step, false, block(operand).elements);
  }

  bool may_move(const Block& guest) const {
    return !guest.is_input && !guest.is_output && guest.host == kNone && guest.slice_of == kNone;
  }

  /// Step `i` copies a block that can as well be produced in place; removes the step.
  bool host_whole(Part& part, std::size_t i, uint32_t host) {
    const auto copy = copy_into(part, part.steps[i]);
    if (!copy) return false;
    const uint32_t guest = block_of_[index(part.in[copy->operand])];
    if (guest == host || !may_move(blocks_[guest]) || !try_host(guest, host, copy->slot)) return false;
    part.steps.erase(part.steps.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }

  /// Step `i` and others copy slices that together are all of one block, to where they would lie if that block were in
  /// place; then it is the block that is produced there (as after a split of which everything is concatenated again).
  bool host_sliced(Part& part, std::size_t i, uint32_t host) {
    const auto first = copy_into(part, part.steps[i]);
    if (!first) return false;
    const Block& slice = block(part.in[first->operand]);
    const uint32_t guest = slice.slice_of;
    if (guest == kNone || guest == host || !may_move(blocks_[guest])) return false;
    const Slot whole = slot_of_whole(blocks_[guest], slice.slice, first->slot);
    std::vector<std::size_t> steps;
    int64_t covered = 0;
    for (std::size_t k = 0; k < part.steps.size(); ++k) {
      const auto copy = copy_into(part, part.steps[k]);
      if (!copy) continue;
      const Block& one = block(part.in[copy->operand]);
      if (one.slice_of != guest || !same_slot(slot_of_whole(blocks_[guest], one.slice, copy->slot), whole)) continue;
      steps.push_back(k);
      covered += one.elements;
    }
    if (whole.offset < 0 || covered != blocks_[guest].elements || !try_host(guest, host, whole)) return false;
    for (std::size_t k = steps.size(); k-- > 0;)
      part.steps.erase(part.steps.begin() + static_cast<std::ptrdiff_t>(steps[k]));
    return true;
  }

  /// The slot of all of `whole`, given that its part `from` lies at `to`; rows 0 when there is none.
  static Slot slot_of_whole(const Block& whole, const Slot& from, const Slot& to) {
    if (from.run != to.run || from.rows != to.rows) return {0, 0, 0, 0};
    if (from.rows == 1) return {to.offset - from.offset, 1, whole.elements, whole.elements};
    if (from.stride != whole.run) return {0, 0, 0, 0};
    return {to.offset - from.offset, from.rows, whole.run, to.stride};
  }
  static bool same_slot(const Slot& a, const Slot& b) {
    return a.rows != 0 && a.offset == b.offset && a.rows == b.rows && a.run == b.run && a.stride == b.stride;
  }

  void host_slice(Part& part) {
    if (part.steps.empty()) return;
    const uint32_t guest = block_of_[index(part.out)];
    const Block& slice = blocks_[guest];
    if (slice.slice_of == kNone || slice.slice_of == guest) return;
    if (try_host(guest, slice.slice_of, slice.slice)) part.steps.clear();
  }

  Placement homes() {
    Placement placement;
    placement.homes.resize(block_of_.size());
    std::vector<uint32_t> buffer(blocks_.size(), kNone);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].host != kNone) continue;
      buffer[i] = static_cast<uint32_t>(placement.buffer_bytes.size());
      placement.buffer_bytes.push_back(blocks_[i].elements * code_bytes(type(blocks_[i].values[0]).dtype));
    }
    for (std::size_t value = 0; value < block_of_.size(); ++value) {
      if (block_of_[value] == kNone) continue;
      const Block& own = blocks_[block_of_[value]];
      uint32_t root = block_of_[value];
      while (blocks_[root].host != kNone) root = blocks_[root].host;
      const Shape& shape = draft_.graph.values[value].type.shape;
      const auto run = static_cast<int32_t>(shape.empty() ? 1 : shape.back());
      placement.homes[value] =
          Home{buffer[root], own.offset, {run, own.dense ? run : static_cast<int32_t>(own.stride)}};
    }
    return placement;
  }

  Draft& draft_;
  std::vector<uint32_t> block_of_;  ///< by value
  std::vector<Block> blocks_;
};

}  // namespace

Result<Placement> place_values(Draft& draft) { return Placer(draft).run(); }

}  // namespace graupel
