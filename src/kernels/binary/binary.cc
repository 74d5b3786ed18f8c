// The table of element-wise kernels, best first.
#include "kernels/binary/binary.h"

#include "kernels/binary/binary_kernels.h"

namespace graupel {

bool binary_in_vector_range(const BinaryParams& p) {
  const auto fits_s16 = [](int32_t x) { return x >= INT16_MIN && x <= INT16_MAX; };
  const auto is_code = [](int32_t x) { return x >= 0 && x <= 255; };
  const bool bytes = p.a_element == DType::kU8 && p.b_element == DType::kU8 && p.out_element == DType::kU8;
  return bytes && fits_s16(p.ma) && fits_s16(p.mb) && p.shift >= 0 && p.shift < 32 && is_code(p.za) && is_code(p.zb) &&
         is_code(p.z) && is_code(p.lo) && is_code(p.hi);
}

template <>
std::span<const Kernel<BinaryParams>> kernel_table<BinaryParams>() {
  static const Kernel<BinaryParams> kTable[] = {
#if defined(__x86_64__)
    kBinaryAvx512,
    kBinaryAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = binary_ref},
  };
  return kTable;
}

}  // namespace graupel
