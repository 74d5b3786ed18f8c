// What every kernel family shares: the argument block, the tile of work, and the table row.
//
// A family is one folder: `foo.h` declares FooParams (plain numbers, the contract, clause numbers), `foo.cc` holds the
// table best first, `foo_ref.cc` is the definition, `foo_avx2.cc`/`foo_avx512.cc` equal it bit for bit. A kernel does
// not allocate, throw, lock, log or read globals; it gets pointers, parameters and a tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/cpu.h"
#include "base/fields.h"
#include "tensor/dtype.h"

namespace graupel {

/// Bytes inside a program's constants. Offsets are multiples of 64. size 0: absent.
struct ConstRef {
  uint32_t offset = 0;
  uint32_t size = 0;

  explicit operator bool() const { return size != 0; }
  static constexpr auto fields() {
    return std::tuple{Field{"offset", &ConstRef::offset}, Field{"size", &ConstRef::size}};
  }
  bool operator==(const ConstRef&) const = default;
};

/// An NHWC image of one frame whose pixels lie `pixel_stride` elements apart (>= c when part of a concatenation), rows
/// densely after each other: element (y, x, ch) is at (y * w + x) * pixel_stride + ch.
struct View {
  int32_t h = 1, w = 1, c = 1;
  int32_t pixel_stride = 1;
  DType element = DType::kU8;  ///< u8 or u16 codes

  static constexpr auto fields() {
    return std::tuple{Field{"h", &View::h}, Field{"w", &View::w}, Field{"c", &View::c},
                      Field{"pixel_stride", &View::pixel_stride}, Field{"element", &View::element}};
  }
  bool operator==(const View&) const = default;
};

/// A sliding window. Trailing padding is what the output extent implies; it is not stored.
struct Window2d {
  int32_t kernel_h = 1, kernel_w = 1;
  int32_t stride_h = 1, stride_w = 1;
  int32_t dilation_h = 1, dilation_w = 1;
  int32_t pad_top = 0, pad_left = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"kernel_h", &Window2d::kernel_h},     Field{"kernel_w", &Window2d::kernel_w},
                      Field{"stride_h", &Window2d::stride_h},     Field{"stride_w", &Window2d::stride_w},
                      Field{"dilation_h", &Window2d::dilation_h}, Field{"dilation_w", &Window2d::dilation_w},
                      Field{"pad_top", &Window2d::pad_top},       Field{"pad_left", &Window2d::pad_left}};
  }
  bool operator==(const Window2d&) const = default;
};

/// How an accumulator becomes a code. Narrow ones, of s32 (N2.1, N3.2, N4.2):
/// t = fl(fl32(acc) * scale[c]); with a residual t = fl(t + fl(fl(r - residual_zero_point) * residual_scale));
/// q = clamp(R(t) + zero_point, lo, hi); with a table q = table[q]. Wide ones, of s64: the same in binary64 (N8.3).
struct Epilogue {
  ConstRef scale;  ///< f32, one per output channel
  int32_t zero_point = 0;
  int32_t lo = 0, hi = 255;
  ConstRef table;         ///< of 256 or 65536 elements of the output, more than `hi`; or absent
  bool residual = false;  ///< source 1 is an image like the output
  int32_t residual_zero_point = 0;
  float residual_scale = 0;
  int32_t residual_pixel_stride = 0;
  DType residual_element = DType::kU8;

  static constexpr auto fields() {
    return std::tuple{Field{"scale", &Epilogue::scale},
                      Field{"zero_point", &Epilogue::zero_point},
                      Field{"lo", &Epilogue::lo},
                      Field{"hi", &Epilogue::hi},
                      Field{"table", &Epilogue::table},
                      Field{"residual", &Epilogue::residual},
                      Field{"residual_zero_point", &Epilogue::residual_zero_point},
                      Field{"residual_scale", &Epilogue::residual_scale},
                      Field{"residual_pixel_stride", &Epilogue::residual_pixel_stride},
                      Field{"residual_element", &Epilogue::residual_element}};
  }
  bool operator==(const Epilogue&) const = default;
};

constexpr int kMaxSources = 3;

struct KernelArgs {
  const std::byte* src[kMaxSources] = {};
  std::byte* dst = nullptr;
  const std::byte* constants = nullptr;  ///< base that every ConstRef is relative to
  const std::byte* packed = nullptr;     ///< what pack() wrote, or null
  std::byte* scratch = nullptr;          ///< scratch_bytes() of this worker's own, 64-byte aligned, any content
};

/// The part of an instruction one worker does: rows x blocks of the family's own units. A result never depends on it.
struct Tile {
  int32_t row_begin = 0, row_end = 1;
  int32_t block_begin = 0, block_end = 1;
};

/// How an instruction may be split: `rows` x `blocks` independent units.
struct Work {
  int32_t rows = 1;
  int32_t blocks = 1;
};

/// One way to compute a family. Null functions mean: accepts all, packs nothing, needs no scratch.
template <class Params>
struct Kernel {
  std::string_view name;
  Isa isa = Isa::kRef;
  void (*run)(const Params&, const KernelArgs&, const Tile&) = nullptr;
  bool (*accepts)(const Params&) = nullptr;
  std::size_t (*packed_bytes)(const Params&) = nullptr;
  void (*pack)(const Params&, const std::byte* constants, std::byte* packed) = nullptr;
  std::size_t (*scratch_bytes)(const Params&) = nullptr;
};

/// Whether a linear family's accumulators are wide: s64, with s64 biases (N8.2, N8.3).
template <class Params>
[[gnu::always_inline]] constexpr bool has_wide_sums(const Params& params) {
  return params.in.element == DType::kU16 || params.weight == DType::kS16;
}
/// Whether a linear family is 8-bit throughout, as its narrow kernels take for granted.
template <class Params>
[[gnu::always_inline]] constexpr bool is_narrow(const Params& params) {
  return !has_wide_sums(params) && params.out.element == DType::kU8 && params.epilogue.residual_element == DType::kU8 &&
         params.epilogue.hi <= 255 && params.epilogue.zero_point <= 255 && params.epilogue.table.size <= 256;
}

/// The family's table, best first, the reference last (it accepts everything). Specialized in each `foo.cc`;
/// Params also has `static constexpr std::string_view kName`, `fields()` and `Work work() const`.
template <class Params>
std::span<const Kernel<Params>> kernel_table();

/// The best row that this ISA level has and that accepts `params`.
template <class Params>
const Kernel<Params>& pick_kernel(const Params& params, Isa isa) {
  const auto table = kernel_table<Params>();
  for (const Kernel<Params>& kernel : table)
    if (kernel.isa <= isa && (kernel.accepts == nullptr || kernel.accepts(params))) return kernel;
  return table.back();
}

template <class T>
const T* at(const std::byte* base, ConstRef ref) {
  return reinterpret_cast<const T*>(base + ref.offset);
}

}  // namespace graupel
