// BoundInstr: an instruction with its kernel, its pointers and its split over threads, ready for a flat loop.
#pragma once

#include <string>

#include "program/program.h"

namespace graupel {

struct BoundInstr {
  using AnyFunction = void (*)();

  void (*call)(const BoundInstr&, const KernelArgs&, const Tile&) = nullptr;
  void (*pack)(const BoundInstr&, std::byte* packed) = nullptr;  ///< needs args.constants; null: nothing to pack
  const void* params = nullptr;                                  ///< of the family that `call` and `pack` know
  AnyFunction kernel = nullptr, packer = nullptr;                ///< the kernel's own functions
  KernelArgs args;                                               ///< but for scratch, which is each worker's own
  Work work;
  int32_t row_parts = 1, block_parts = 1;  ///< rectangles; at most one per thread
  std::size_t packed_bytes = 0, scratch_bytes = 0;
  std::string kernel_name;

  int32_t parts() const { return row_parts * block_parts; }
  Tile tile(int64_t part) const;
};

/// Chooses the kernel and the split of `instr`; pointers other than the parameters are left null. `instr` must outlive
/// the result.
BoundInstr bind(const Instr& instr, Isa isa, int threads);

}  // namespace graupel
