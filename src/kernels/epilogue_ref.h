// The definition of the epilogue that conv, depthwise and deconv share (N2.1, N3.2, N4.2, N8.3), and how their
// references choose the types they run with.
#pragma once

#include <cstdint>

#include "kernels/kernel.h"

namespace graupel {

/// Writes `count` codes of type `out` of one pixel, channels [first_channel, first_channel + count), to `dst`.
/// `acc` holds the s32 accumulators modulo 2^32, or the s64 accumulators; `residual` points at the residual code of the
/// first channel and is read only when the epilogue has one.
void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const uint32_t* acc, const std::byte* residual, DType out, std::byte* dst);
void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const int64_t* acc, const std::byte* residual, DType out, std::byte* dst);

namespace {  // internal linkage: compiled per ISA

/// The types of a linear reference: codes and weights in memory, and what they are widened to before they are
/// multiplied; s32 products never overflow.
template <class InT, class WeightT>
struct LinearTypes {
  using In = InT;
  using Weight = WeightT;
  static constexpr bool kWide = sizeof(In) == 2 || sizeof(Weight) == 2;
  using Factor = std::conditional_t<kWide, int32_t, int16_t>;
  using Sum = std::conditional_t<kWide, int64_t, uint32_t>;
  using Bias = std::conditional_t<kWide, int64_t, int32_t>;
};

/// Calls f with the LinearTypes of `params`.
template <class Params, class F>
void with_linear_types(const Params& params, F&& f) {
  with_codes(params.in.element, [&]<class In>(In) {
    if (params.weight == DType::kS16)
      f(LinearTypes<In, int16_t>{});
    else
      f(LinearTypes<In, int8_t>{});
  });
}

/// requantize_ref() of output pixel `pixel` (y * w + x), channels from `first` on.
template <class Params, class Sum>
void finish_pixel_ref(const Params& params, const KernelArgs& args, std::ptrdiff_t pixel, int first, int count,
                      const Sum* acc) {
  const Epilogue& epilogue = params.epilogue;
  const std::byte* residual = args.src[1];
  if (epilogue.residual)
    residual += (pixel * epilogue.residual_pixel_stride + first) * code_bytes(epilogue.residual_element);
  requantize_ref(epilogue, args.constants, first, count, acc, residual, params.out.element,
                 args.dst + (pixel * params.out.pixel_stride + first) * code_bytes(params.out.element));
}

}  // namespace
}  // namespace graupel
