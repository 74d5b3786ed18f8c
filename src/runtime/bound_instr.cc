#include "runtime/bound_instr.h"

#include <algorithm>

#include "runtime/session.h"

namespace graupel {
namespace {

/// Waking threads costs about as much as this many bytes moved by one of them.
constexpr int64_t kWorthSplitting = 32 * 1024;
constexpr int64_t kMacsPerByte = 32;

template <class P>
using RunFunction = void (*)(const P&, const KernelArgs&, const Tile&);
template <class P>
using PackFunction = void (*)(const P&, const std::byte*, std::byte*);

/// Bytes written, about.
int64_t bytes_written(const Instr& instr) {
  return std::visit(
      [](const auto& p) -> int64_t {
        if constexpr (requires { p.out.pixel_stride; })
          return int64_t{p.out.h} * p.out.w * p.out.c;
        else if constexpr (requires { p.matrices(); })
          return int64_t{p.matrices()} * p.m * p.n;
        else if constexpr (requires { p.extent; }) {
          int64_t elements = 1;
          for (int32_t extent : p.extent) elements *= extent;
          return elements;
        } else if constexpr (requires { p.runs; })
          return int64_t{p.runs} * p.count;
        else if constexpr (requires { p.out_stride; })
          return int64_t{p.outer} * p.rows * p.groups * p.channels;
        else
          return int64_t{p.outer} * p.n * p.inner;
      },
      instr.params);
}

/// The grid of at most `threads` rectangles whose largest is smallest; whole rows rather than blocks when equal.
void split(BoundInstr& bound, int threads) {
  int64_t best = INT64_MAX;
  for (int32_t blocks = 1; blocks <= std::min<int32_t>(threads, bound.work.blocks); ++blocks) {
    const int32_t rows = std::min<int32_t>(threads / blocks, bound.work.rows);
    const int64_t largest = int64_t{(bound.work.rows + rows - 1) / rows} * ((bound.work.blocks + blocks - 1) / blocks);
    if (largest >= best) continue;
    best = largest;
    bound.row_parts = rows;
    bound.block_parts = blocks;
  }
}

template <class P>
void bind_kernel(const P& params, Isa isa, BoundInstr& bound) {
  const Kernel<P>& kernel = pick_kernel(params, isa);
  bound.params = &params;
  bound.kernel = reinterpret_cast<BoundInstr::AnyFunction>(kernel.run);
  bound.call = [](const BoundInstr& self, const KernelArgs& args, const Tile& tile) {
    reinterpret_cast<RunFunction<P>>(self.kernel)(*static_cast<const P*>(self.params), args, tile);
  };
  bound.work = params.work();
  if (kernel.pack != nullptr) {
    bound.packer = reinterpret_cast<BoundInstr::AnyFunction>(kernel.pack);
    bound.pack = [](const BoundInstr& self, std::byte* packed) {
      reinterpret_cast<PackFunction<P>>(self.packer)(*static_cast<const P*>(self.params), self.args.constants, packed);
    };
  }
  if (kernel.packed_bytes != nullptr) bound.packed_bytes = kernel.packed_bytes(params);
  if (kernel.scratch_bytes != nullptr) bound.scratch_bytes = kernel.scratch_bytes(params);
  bound.kernel_name = cat(P::kName, "_", kernel.name);
}

}  // namespace

Tile BoundInstr::tile(int64_t part) const {
  const auto cut = [](int64_t count, int64_t index, int64_t parts) {
    return static_cast<int32_t>(count * index / parts);
  };
  const int64_t row = part / block_parts, block = part % block_parts;
  return {cut(work.rows, row, row_parts), cut(work.rows, row + 1, row_parts), cut(work.blocks, block, block_parts),
          cut(work.blocks, block + 1, block_parts)};
}

BoundInstr bind(const Instr& instr, Isa isa, int threads) {
  BoundInstr bound;
  std::visit([&](const auto& params) { bind_kernel(params, isa, bound); }, instr.params);
  if (macs(instr) / kMacsPerByte + bytes_written(instr) >= kWorthSplitting) split(bound, threads);
  return bound;
}

}  // namespace graupel
